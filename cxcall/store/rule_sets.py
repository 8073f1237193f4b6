"""The site's routing rules: the draft people work on, and every version that was published, the newest of which holds.

Nothing published is ever changed: going back publishes an older version's rules again, as the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.rule import RuleSet
from cxcall.store.errors import Conflict
from cxcall.store.routing_tables import routing_drafts, routing_versions
from cxcall.store.upsert import insert_into

_SITE = "site"
_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_its = routing_versions.c
_rules = msgspec.json.Decoder(RuleSet)


class NoSuchVersion(Exception):
    """No rules were published under this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is worked on. `version` counts its changes, 0: nobody has written any yet; `base`: the published version it
    began from, 0: none."""

    version: int
    rules: RuleSet
    base: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Rules as they were published. `restores`: the older version they bring back."""

    n: int
    made_at: datetime
    by: str
    note: str
    rules: RuleSet
    restores: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version as a history lists it; `count`: how many rules it has."""

    n: int
    made_at: datetime
    by: str
    note: str
    count: int
    restores: int | None


async def draft(conn: AsyncConnection) -> Draft:
    """The draft; before anybody wrote one, what is published."""
    row = (await conn.execute(select(routing_drafts).where(routing_drafts.c.id == _SITE))).first()
    if row is not None:
        return _draft(row)
    now = await standing(conn)
    if now is None:
        return Draft(version=0, rules=RuleSet(), base=0, updated_at=_NEVER, updated_by="")
    return Draft(version=0, rules=now.rules, base=now.n, updated_at=now.made_at, updated_by=now.by)


async def save_draft(conn: AsyncConnection, rules: RuleSet, *, version: int, by: str, now: datetime) -> Draft:
    """Save the draft over `version`. Raises `Conflict` (with the draft now)."""
    return await _write(conn, rules, version=version, by=by, now=now, base=None)


async def discard_draft(conn: AsyncConnection, *, version: int, by: str, now: datetime) -> Draft:
    """The draft is again what is published. Raises `Conflict` (with the draft now)."""
    stands = await standing(conn)
    rules, base = (stands.rules, stands.n) if stands else (RuleSet(), 0)
    return await _write(conn, rules, version=version, by=by, now=now, base=base)


async def publish(
    conn: AsyncConnection,
    rules: RuleSet,
    *,
    base: int,
    by: str,
    now: datetime,
    note: str = "",
    restores: int | None = None,
) -> Version:
    """These rules hold from now on, over the version `base` that stood when somebody decided it (0: none).

    Raises `Conflict` (with the version that stands) when it is another one by now. What the rules refer to is checked
    before.
    """
    if await standing_n(conn) != base:
        raise Conflict(await standing(conn))
    row = {
        "n": base + 1, "made_at": now, "by": by, "note": note.replace("\0", ""), "body": _text(rules),
        "rules": len(rules.rules), "restores": restores,
    }  # fmt: skip
    insert = insert_into(conn, routing_versions).values(row).on_conflict_do_nothing().returning(*_its)
    made = (await conn.execute(insert)).first()
    if made is None:
        raise Conflict(await standing(conn))
    await conn.execute(update(routing_drafts).where(routing_drafts.c.id == _SITE).values(base=base + 1))
    return _version(made)


async def roll_back(conn: AsyncConnection, n: int, *, base: int, by: str, now: datetime, note: str = "") -> Version:
    """The rules of version `n` hold again, as a new version; the draft is left alone.

    Raises `NoSuchVersion`, `Conflict` as `publish` does.
    """
    older = await get(conn, n)
    if older is None:
        raise NoSuchVersion(NoSuchVersion.__doc__)
    return await publish(conn, older.rules, base=base, by=by, now=now, note=note, restores=n)


async def standing(conn: AsyncConnection) -> Version | None:
    """The version that holds, None before the first."""
    row = (await conn.execute(select(routing_versions).order_by(_its.n.desc()).limit(1))).first()
    return _version(row) if row else None


async def standing_n(conn: AsyncConnection) -> int:
    """The number of the version that holds, 0 before the first; for those who keep it in memory."""
    return await conn.scalar(select(func.max(_its.n))) or 0


async def get(conn: AsyncConnection, n: int) -> Version | None:
    """A version by its number."""
    row = (await conn.execute(select(routing_versions).where(_its.n == n))).first()
    return _version(row) if row else None


async def history(conn: AsyncConnection, *, limit: int = 50, before: int | None = None) -> list[VersionLine]:
    """Versions, newest first, older than the one numbered `before`."""
    columns = (_its.n, _its.made_at, _its.by, _its.note, _its.rules.label("count"), _its.restores)
    query = select(*columns).order_by(_its.n.desc()).limit(limit)
    if before is not None:
        query = query.where(_its.n < before)
    return [VersionLine(**row._mapping) for row in await conn.execute(query)]


async def _write(
    conn: AsyncConnection, rules: RuleSet, *, version: int, by: str, now: datetime, base: int | None
) -> Draft:
    table = routing_drafts.c
    values = {"version": version + 1, "body": _text(rules), "updated_at": now, "updated_by": by}
    if version == 0:
        begun = await standing_n(conn) if base is None else base
        row = {"id": _SITE, "base": begun, **values}
        query = insert_into(conn, routing_drafts).values(row).on_conflict_do_nothing().returning(*table)
        written = (await conn.execute(query)).first()
    else:
        over = (table.id == _SITE, table.version == version)
        given = values if base is None else values | {"base": base}
        written = (await conn.execute(update(routing_drafts).where(*over).values(given).returning(*table))).first()
    if written is None:
        raise Conflict(await draft(conn))
    return _draft(written)


def _text(rules: RuleSet) -> str:
    return msgspec.json.encode(rules).decode()


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        version=row.version,
        rules=_rules.decode(row.body),
        base=row.base,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def _version(row: Row[Any]) -> Version:
    values = {name: value for name, value in row._mapping.items() if name not in ("body", "rules")}
    return Version(**values, rules=_rules.decode(row.body))
