"""`/reports/schedules`: reports sent at set times, with the log of every run. Who made one, and administrators, change
it; overseers read all of them."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import report_schedules
from cxcall.store.errors import Conflict
from cxcall.store.report_schedules import NoSuchSchedule, Plan, Run, Schedule
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.own_reports import Name, Version
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.reports import reader_of
from cxcall.web.api.schedule_plans import checked
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS, SETTINGS
from cxcall.web.pages.schedules.pages import CHANNEL
from cxcall.web.problems import Problem
from cxcall.web.report_making import calendar_of, clock_of

MOST_RUNS = 1000
T = TypeVar("T")


class NewSchedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A schedule to make. `plan.report`: a ready-made report's name, or `own:ID`. `enabled` false: it waits."""

    name: Name
    plan: Plan
    enabled: bool = True


class ScheduleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    plan: Plan | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class ScheduleRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `due_at`: the moment it stands for; `asked`: by a person, out of turn; `reached`: who has it
    (`mail:ADDRESS`, `folder`); `problem`: why it did not succeed, `said` what was said about it."""

    id: str
    due_at: Time
    state: Literal["waiting", "running", "done", "failed"]
    asked: bool
    tries: int
    next_at: Time | None
    ended_at: Time | None
    reached: list[str]
    files: list[str]
    problem: str
    said: str


class ShownSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule; `owner` is a user's name, `next_at` null while it is paused."""

    id: str
    version: int
    name: str
    owner: str
    plan: Plan
    enabled: bool
    next_at: Time | None
    updated_at: Time
    last_run: ScheduleRun | None


class ScheduleList(msgspec.Struct, frozen=True, kw_only=True):
    """Schedules by name; `next` is null on the last page."""

    items: list[ShownSchedule]
    next: str | None


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """Runs, the newest first; `next` is null on the last page."""

    items: list[ScheduleRun]
    next: str | None


async def list_schedules(asked: Asked[PageQuery, None]) -> ScheduleList:
    async with asked.engine.connect() as conn:
        rows, following = part(await report_schedules.everything(conn), asked.query, lambda one: one.id)
        items = [await _shown(conn, one) for one in rows]
    return ScheduleList(items=items, next=following)


async def create_schedule(asked: Asked[None, NewSchedule]) -> Answer:
    given, zone = asked.body, _zone(asked)
    async with asked.engine.begin() as conn:
        plan = await checked(conn, given.plan, reader_of(asked))
        made = await report_schedules.create(
            conn, name=given.name, owner_id=asked.who.id, plan=plan, zone=zone, by=asked.who.name, now=asked.now
        )
        if not given.enabled:
            made = await report_schedules.pause(
                conn, made.id, paused=True, version=made.version, zone=zone, by=asked.who.name, now=asked.now
            )
        await _note(asked, conn, "create", made, to=list(plan.mail))
        return await _answer(conn, made, {"Location": f"{ROOT}/reports/schedules/{made.id}"})


async def get_schedule(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return await _answer(conn, await _found(asked, conn))


async def change_schedule(asked: Asked[None, ScheduleChange]) -> Answer:
    """409 or 412 when it was changed since `version`. It runs next at its next moment from now."""
    body, zone = asked.body, _zone(asked)
    expected = expected_version(asked.request, body.version)
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        plan = known.plan
        if not isinstance(body.plan, msgspec.UnsetType):
            plan = await checked(conn, body.plan, reader_of(asked), kept=known.plan.report)
        enabled, by = _or(body.enabled, known.enabled), asked.who.name
        try:
            saved = await report_schedules.save(
                conn, known.id, version=expected.number, name=_or(body.name, known.name), plan=plan, zone=zone, by=by,
                now=asked.now,
            )  # fmt: skip
            if enabled != saved.enabled:
                saved = await report_schedules.pause(
                    conn, known.id, paused=not enabled, version=saved.version, zone=zone, by=by, now=asked.now
                )
        except Conflict as error:
            raise expected.outdated() from error
        except NoSuchSchedule as error:
            raise _gone() from error
        await _note(asked, conn, "change", saved, to=list(plan.mail))
        return await _answer(conn, saved)


async def delete_schedule(asked: Asked[None, None]) -> Answer:
    """What waits to be sent is not sent. It comes back by `restore` for some days."""
    expected = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        try:
            await report_schedules.remove(conn, known.id, version=expected.number, now=asked.now)
        except Conflict as error:
            raise expected.outdated() from error
        except NoSuchSchedule as error:
            raise _gone() from error
        await _note(asked, conn, "remove", known)
    return Answer(status=204)


async def restore_schedule(asked: Asked[None, None]) -> Answer:
    """What was removed, by who may change it; 404 where there is nothing to bring back."""
    async with asked.engine.begin() as conn:
        if not await report_schedules.restore(conn, asked.path["id"], zone=_zone(asked), now=asked.now):
            raise _gone()
        known = await _mine(asked, conn)  # what it raises takes the restoring back
        await _note(asked, conn, "restore", known)
        return await _answer(conn, known)


async def list_schedule_runs(asked: Asked[PageQuery, None]) -> RunList:
    async with asked.engine.connect() as conn:
        known = await _found(asked, conn)
        found = await report_schedules.runs(conn, known.id, limit=MOST_RUNS)
    rows, following = part(found, asked.query, lambda one: one.id)
    return RunList(items=[_run(one) for one in rows], next=following)


async def run_schedule(asked: Asked[None, None]) -> Answer:
    """Now, out of turn; what becomes of it is in the log."""
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        made = await report_schedules.run_now(conn, known.id, now=asked.now)
        await _note(asked, conn, "run", known)
    asked.request.app[BUS].publish(CHANNEL, {"id": known.id})
    return Answer(value=_run(made))


async def retry_schedule_run(asked: Asked[None, None]) -> Answer:
    """A run that failed, to those it has not reached; 409 when it has not failed."""
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        log = await report_schedules.runs(conn, known.id, limit=MOST_RUNS)
        if asked.path["run"] not in {one.id for one in log}:
            raise Problem(404, "There is no such run of this schedule.")
        if not await report_schedules.again(conn, asked.path["run"], now=asked.now):
            raise Problem(409, "This run has not failed.")
        await _note(asked, conn, "run", known)
        (again,) = [
            one
            for one in await report_schedules.runs(conn, known.id, limit=MOST_RUNS)
            if one.id == asked.path["run"]
        ]  # fmt: skip
    asked.request.app[BUS].publish(CHANNEL, {"id": known.id})
    return Answer(value=_run(again))


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Schedule:
    kept = await report_schedules.get(conn, asked.path["id"])
    if kept is None:
        raise _gone()
    return kept


async def _mine(asked: Asked[Any, Any], conn: AsyncConnection) -> Schedule:
    kept = await _found(asked, conn)
    if kept.owner_id != asked.who.id and asked.who.role is not Role.ADMIN:
        raise Problem(403, "Only who made the schedule, and administrators, change it.")
    return kept


def _or(given: T | msgspec.UnsetType, known: T) -> T:
    return known if isinstance(given, msgspec.UnsetType) else given


def _zone(asked: Asked[Any, Any]) -> Any:
    site = asked.request.app[SETTINGS].site
    return clock_of(site, calendar_of(site)).zone


def _gone() -> Problem:
    return Problem(404, "There is no such schedule.")


async def _note(asked: Asked[Any, Any], conn: AsyncConnection, act: str, of: Schedule, **details: Any) -> None:
    await note_act(asked, conn, f"schedule.{act}", f"schedule:{of.id}", {"name": of.name, **details})


async def _shown(conn: AsyncConnection, kept: Schedule) -> ShownSchedule:
    last = await report_schedules.runs(conn, kept.id, limit=1)
    return ShownSchedule(
        id=kept.id, version=kept.version, name=kept.name, owner=kept.owner, plan=kept.plan, enabled=kept.enabled,
        next_at=kept.next_at, updated_at=kept.updated_at, last_run=_run(last[0]) if last else None,
    )  # fmt: skip


def _run(run: Run) -> ScheduleRun:
    return ScheduleRun(
        id=run.id, due_at=run.due_at, state=run.state, asked=run.asked, tries=run.tries, next_at=run.next_at,
        ended_at=run.ended_at, reached=list(run.reached), files=list(run.files), problem=run.problem, said=run.said,
    )  # fmt: skip


async def _answer(conn: AsyncConnection, kept: Schedule, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=await _shown(conn, kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="reports", scope=Scope.REPORTS_READ, roles=tuple(OVERSEERS), **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="reports", scope=Scope.REPORTS_WRITE, roles=tuple(OVERSEERS), **fields)


_ALL, _ONE = "/reports/schedules", "/reports/schedules/{id}"
ENDPOINTS = (
    _read(path=_ALL, handler=list_schedules, summary="Reports that are sent", query=PageQuery, gives=ScheduleList),
    _write(method="POST", path=_ALL, handler=create_schedule, summary="Have a report sent", body=NewSchedule,
           gives=ShownSchedule, status=201, gives_headers=("Location", "ETag")),
    _read(path=_ONE, handler=get_schedule, summary="One schedule", gives=ShownSchedule, gives_headers=("ETag",)),
    _write(method="PATCH", path=_ONE, handler=change_schedule, summary="Change, pause or resume a schedule",
           body=ScheduleChange, gives=ShownSchedule, problems=(403, 409, 412, 428), headers=("If-Match",),
           gives_headers=("ETag",)),
    _write(method="DELETE", path=_ONE, handler=delete_schedule, summary="Remove a schedule", status=204,
           problems=(403, 409, 412, 428), headers=("If-Match",)),
    _write(method="POST", path=_ONE + "/restore", handler=restore_schedule, summary="Bring back a schedule",
           gives=ShownSchedule, problems=(403,), gives_headers=("ETag",)),
    _read(path=_ONE + "/runs", handler=list_schedule_runs, summary="The log of a schedule", query=PageQuery,
          gives=RunList),
    _write(method="POST", path=_ONE + "/runs", handler=run_schedule, summary="Make and send a report now",
           gives=ScheduleRun, status=202, problems=(403,)),
    _write(method="POST", path=_ONE + "/runs/{run}/again", handler=retry_schedule_run, status=202,
           summary="Try a failed run again", gives=ScheduleRun, problems=(403, 409)),
)  # fmt: skip
