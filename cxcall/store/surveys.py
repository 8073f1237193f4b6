"""Surveys: the script being worked on, the versions that were published and never change, the rules that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import sort_key
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.survey_tables import survey_versions, surveys
from cxcall.surveys import script as scripts
from cxcall.surveys.closing import Rule
from cxcall.surveys.script import Script

State = Literal["active", "archived"]

KEEP: Final = "keep"
"""As a goal: leave it as it is (None means no goal)."""


class NoSuchSurvey(Exception):
    """There is no such survey (any more)."""


class SurveyNameTaken(Exception):
    """Another survey has this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A survey. `version` counts its changes; `published` is the version of the script that callers hear, if any."""

    id: str
    version: int
    name: str
    draft: Script
    rules: tuple[Rule, ...]
    goal_nps: float | None
    state: State
    published: int | None
    created_at: datetime
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyVersion:
    """A script that was published: which one, when, by whom."""

    survey_id: str
    n: int
    published_at: datetime
    by: str


async def create(
    conn: AsyncConnection,
    *,
    name: str,
    draft: Script,
    by: str,
    now: datetime,
    rules: Sequence[Rule] = (),
    goal_nps: float | None = None,
) -> Survey:
    """A new survey that nobody is asked yet. Raises `SurveyNameTaken`."""
    survey = Survey(
        id=new_id(), version=1, name=name, draft=draft, rules=tuple(rules), goal_nps=goal_nps, state="active",
        published=None, created_at=now, updated_at=now, updated_by=by,
    )  # fmt: skip
    await _refuse_taken(conn, name)
    row = {column.name: getattr(survey, column.name) for column in surveys.c if column.name != "name_key"}
    row |= {"name_key": sort_key(name), "draft": _text(draft), "rules": _text(survey.rules)}
    try:
        await conn.execute(surveys.insert().values(row))
    except IntegrityError:
        raise SurveyNameTaken(SurveyNameTaken.__doc__) from None
    return survey


async def get(conn: AsyncConnection, survey_id: str) -> Survey | None:
    """A survey by id, archived ones too."""
    row = (await conn.execute(select(surveys).where(surveys.c.id == survey_id))).first()
    return _survey(row) if row else None


async def everything(conn: AsyncConnection, *, state: State | None = "active") -> list[Survey]:
    """All surveys of a state (None: of any), by name; a site has few."""
    query = select(surveys).order_by(surveys.c.name_key)
    if state is not None:
        query = query.where(surveys.c.state == state)
    return [_survey(row) for row in await conn.execute(query)]


async def change(
    conn: AsyncConnection,
    survey_id: str,
    *,
    version: int,
    by: str,
    now: datetime,
    name: str | None = None,
    draft: Script | None = None,
    rules: Sequence[Rule] | None = None,
    goal_nps: float | Literal["keep"] | None = KEEP,
) -> Survey:
    """Change what is given. Raises `Conflict` over another version, `NoSuchSurvey`, `SurveyNameTaken`."""
    values: dict[str, Any] = {}
    if name is not None:
        await _refuse_taken(conn, name, survey_id)
        values |= {"name": name, "name_key": sort_key(name)}
    if draft is not None:
        values["draft"] = _text(draft)
    if rules is not None:
        values["rules"] = _text(tuple(rules))
    if goal_nps != KEEP:
        values["goal_nps"] = goal_nps
    return await _write(conn, survey_id, version, by, now, values)


async def save_draft(
    conn: AsyncConnection, survey_id: str, draft: Script, *, version: int, by: str, now: datetime
) -> Survey:
    """`change` of the script being worked on."""
    return await change(conn, survey_id, version=version, by=by, now=now, draft=draft)


async def save_rules(
    conn: AsyncConnection, survey_id: str, rules: Sequence[Rule], *, version: int, by: str, now: datetime
) -> Survey:
    """`change` of the rules. They hold at once, for the published version too."""
    return await change(conn, survey_id, version=version, by=by, now=now, rules=rules)


async def publish(conn: AsyncConnection, survey_id: str, *, version: int, by: str, now: datetime) -> Survey:
    """Make the draft the script callers hear. What is published already makes no new version.

    Whether it may be published is for the caller to check. Raises `Conflict`, `NoSuchSurvey`.
    """
    survey = await _existing(conn, survey_id)
    if survey.version != version:
        raise Conflict(Conflict.__doc__)
    if survey.published is not None and await script_of(conn, survey_id, survey.published) == survey.draft:
        return survey
    n = (survey.published or 0) + 1
    written = await _write(conn, survey_id, version, by, now, {"published": n})
    await conn.execute(
        survey_versions.insert().values(survey_id=survey_id, n=n, script=_text(survey.draft), published_at=now, by=by)
    )
    return written


async def archive(conn: AsyncConnection, survey_id: str, *, version: int, by: str, now: datetime) -> Survey:
    """Nobody is asked any more; what was answered stays."""
    return await _write(conn, survey_id, version, by, now, {"state": "archived"})


async def restore(conn: AsyncConnection, survey_id: str, *, version: int, by: str, now: datetime) -> Survey:
    """Take an archived survey up again."""
    return await _write(conn, survey_id, version, by, now, {"state": "active"})


async def duplicate(conn: AsyncConnection, survey_id: str, *, name: str, by: str, now: datetime) -> Survey:
    """A new survey with the draft, rules and goal of another. Raises `NoSuchSurvey`, `SurveyNameTaken`."""
    model = await _existing(conn, survey_id)
    return await create(
        conn, name=name, draft=model.draft, by=by, now=now, rules=model.rules, goal_nps=model.goal_nps
    )  # fmt: skip


async def versions(conn: AsyncConnection, survey_id: str) -> list[SurveyVersion]:
    """What was published, newest first."""
    table = survey_versions.c
    query = (
        select(table.survey_id, table.n, table.published_at, table.by)
        .where(table.survey_id == survey_id)
        .order_by(table.n.desc())
    )
    return [SurveyVersion(**row._mapping) for row in await conn.execute(query)]


async def script_of(conn: AsyncConnection, survey_id: str, n: int) -> Script | None:
    """The script of one version."""
    query = select(survey_versions.c.script).where(survey_versions.c.survey_id == survey_id, survey_versions.c.n == n)
    text: str | None = await conn.scalar(query)
    return scripts.read(text) if text is not None else None


async def live(conn: AsyncConnection, survey_id: str) -> tuple[int, Script] | None:
    """The version callers hear now, and its script; None when none was published or the survey is archived."""
    query = (
        select(survey_versions.c.n, survey_versions.c.script)
        .join(surveys, (surveys.c.id == survey_versions.c.survey_id) & (surveys.c.published == survey_versions.c.n))
        .where(surveys.c.id == survey_id, surveys.c.state == "active")
    )
    row = (await conn.execute(query)).first()
    return (row.n, scripts.read(row.script)) if row else None


async def uses_of_prompt(conn: AsyncConnection, prompt_id: str) -> list[Survey]:
    """Surveys whose draft or published script plays this prompt, by name; archived ones too."""
    # Ids of prompts are found in the text first: hardly any script is then read.
    named = surveys.c.draft.contains(prompt_id, autoescape=True)
    published = survey_versions.c.script.contains(prompt_id, autoescape=True)
    query = (
        select(surveys)
        .outerjoin(
            survey_versions,
            (survey_versions.c.survey_id == surveys.c.id) & (survey_versions.c.n == surveys.c.published),
        )
        .where(named | published)
        .order_by(surveys.c.name_key)
    )
    return [_survey(row) for row in await conn.execute(query)]


async def used_by(conn: AsyncConnection, prompt_id: str) -> list[str]:
    """The names of `uses_of_prompt`."""
    return [survey.name for survey in await uses_of_prompt(conn, prompt_id)]


async def _write(
    conn: AsyncConnection, survey_id: str, version: int, by: str, now: datetime, values: dict[str, Any]
) -> Survey:
    try:
        done = await conn.execute(
            update(surveys)
            .where(surveys.c.id == survey_id, surveys.c.version == version)
            .values(**values, version=version + 1, updated_at=now, updated_by=by)
        )
    except IntegrityError:
        raise SurveyNameTaken(SurveyNameTaken.__doc__) from None
    survey = await _existing(conn, survey_id)
    if done.rowcount == 0:
        raise Conflict(Conflict.__doc__)
    return survey


async def _existing(conn: AsyncConnection, survey_id: str) -> Survey:
    survey = await get(conn, survey_id)
    if survey is None:
        raise NoSuchSurvey(NoSuchSurvey.__doc__)
    return survey


async def _refuse_taken(conn: AsyncConnection, name: str, own_id: str = "") -> None:
    """Say so before the database refuses: PostgreSQL ends the whole transaction then."""
    query = select(surveys.c.id).where(surveys.c.name_key == sort_key(name), surveys.c.id != own_id)
    if await conn.scalar(query) is not None:
        raise SurveyNameTaken(SurveyNameTaken.__doc__)


def _text(value: Script | tuple[Rule, ...]) -> str:
    return msgspec.json.encode(value).decode()


def _survey(row: Any) -> Survey:
    values = dict(row._mapping)
    del values["name_key"]
    values["draft"] = scripts.read(row.draft)
    values["rules"] = msgspec.json.decode(row.rules, type=tuple[Rule, ...])
    return Survey(**values)
