"""Scorecards as people set them up: a draft that is worked on, and versions that stay as they were published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scorecard import Problem, Scorecard, check
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.quality import versioned
from cxcall.store.quality.tables import scorecard_versions, scorecards

_card = msgspec.json.Decoder(Scorecard)
_its = scorecards.c


class NoSuchScorecard(Exception):
    """There is no such scorecard (any more)."""


class NotReady(Exception):
    """The scorecard can't be published as it is."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(NotReady.__doc__)
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScorecard:
    """A scorecard; `version` counts its changes. `published`: the version calls are scored by, None before the
    first. `retired_at`: since when it is not used any more."""

    id: str
    version: int
    draft: Scorecard
    published: int | None
    retired_at: datetime | None
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """That a scorecard was published as version `n`."""

    n: int
    published_at: datetime
    by: str


async def create(conn: AsyncConnection, draft: Scorecard, *, by: str, now: datetime) -> KeptScorecard:
    """A new scorecard, not published yet."""
    row = {"id": new_id(), "version": 1, "draft": _json(draft), "updated_at": now, "updated_by": by}
    return _of_row((await conn.execute(scorecards.insert().values(row).returning(*_its))).one())


async def copy(conn: AsyncConnection, scorecard_id: str, *, by: str, now: datetime) -> KeptScorecard:
    """A new scorecard with another's draft. Raises `NoSuchScorecard`."""
    if (source := await get(conn, scorecard_id)) is None:
        raise NoSuchScorecard(NoSuchScorecard.__doc__)
    return await create(conn, source.draft, by=by, now=now)


async def get(conn: AsyncConnection, scorecard_id: str) -> KeptScorecard | None:
    """A scorecard by id."""
    row = (await conn.execute(select(scorecards).where(_its.id == scorecard_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[KeptScorecard]:
    """All scorecards, retired ones too, the last changed first."""
    query = select(scorecards).order_by(_its.updated_at.desc(), _its.id.desc())
    return [_of_row(row) for row in await conn.execute(query)]


async def published(conn: AsyncConnection, scorecard_id: str, n: int) -> Scorecard | None:
    """A scorecard as version `n` was published."""
    where = (scorecard_versions.c.scorecard_id == scorecard_id, scorecard_versions.c.n == n)
    body = await conn.scalar(select(scorecard_versions.c.card).where(*where))
    return None if body is None else _card.decode(body)


async def versions(conn: AsyncConnection, scorecard_id: str) -> list[PublishedVersion]:
    """What was published of a scorecard, the newest first."""
    its = scorecard_versions.c
    query = select(its.n, its.published_at, its.by).where(its.scorecard_id == scorecard_id).order_by(its.n.desc())
    return [
        PublishedVersion(n=row.n, published_at=row.published_at, by=row.by) for row in await conn.execute(query)
    ]  # fmt: skip


async def save(
    conn: AsyncConnection, scorecard_id: str, draft: Scorecard, *, version: int, by: str, now: datetime
) -> KeptScorecard:
    """Save the draft over `version`. Raises `Conflict` (with the scorecard now), `NoSuchScorecard`."""
    return await _change(conn, scorecard_id, {"draft": _json(draft)}, version=version, by=by, now=now)


async def publish(conn: AsyncConnection, scorecard_id: str, *, version: int, by: str, now: datetime) -> KeptScorecard:
    """Make the draft of `version` the next version calls are scored by. Raises `NotReady` (with what is wrong),
    `Conflict`, `NoSuchScorecard`; roll back then."""
    number = {"published": func.coalesce(_its.published, 0) + 1}
    made = await _change(conn, scorecard_id, number, version=version, by=by, now=now)
    if problems := check(made.draft):
        raise NotReady(problems)
    row = {"scorecard_id": made.id, "n": made.published, "card": _json(made.draft), "published_at": now, "by": by}
    await conn.execute(scorecard_versions.insert().values(row))
    return made


async def retire(conn: AsyncConnection, scorecard_id: str, *, version: int, by: str, now: datetime) -> KeptScorecard:
    """Use it no more; its versions stay. Raises `Conflict`, `NoSuchScorecard`."""
    return await _change(conn, scorecard_id, {"retired_at": now}, version=version, by=by, now=now)


async def restore(conn: AsyncConnection, scorecard_id: str, *, version: int, by: str, now: datetime) -> KeptScorecard:
    """Use it again. Raises `Conflict`, `NoSuchScorecard`."""
    return await _change(conn, scorecard_id, {"retired_at": None}, version=version, by=by, now=now)


async def _change(
    conn: AsyncConnection, scorecard_id: str, values: dict[str, Any], *, version: int, by: str, now: datetime
) -> KeptScorecard:
    row = await versioned.change(conn, scorecards, scorecard_id, values, version=version, by=by, now=now)
    if row is not None:
        return _of_row(row)
    current = await get(conn, scorecard_id)
    raise NoSuchScorecard(NoSuchScorecard.__doc__) if current is None else Conflict(current)


def _json(card: Scorecard) -> str:
    return msgspec.json.encode(card).decode()


def _of_row(row: Row[Any]) -> KeptScorecard:
    return KeptScorecard(
        id=row.id, version=row.version, draft=_card.decode(row.draft), published=row.published,
        retired_at=row.retired_at, updated_at=row.updated_at, updated_by=row.updated_by,
    )  # fmt: skip
