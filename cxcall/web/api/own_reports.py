"""`/reports/own`: reports people put together, made, changed and read with the names pages use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import BadReport, problems
from cxcall.reports.definition import Definition
from cxcall.store import own_reports
from cxcall.store.errors import Conflict
from cxcall.store.own_reports import LONGEST_NAME, NoSuchReport, OwnReport
from cxcall.store.reporting.run import run
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.reports import reader_of, refused
from cxcall.web.api.reports_shapes import ShownReport, shown
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import SETTINGS
from cxcall.web.pages.own_reports import periods
from cxcall.web.problems import Problem
from cxcall.web.report_making import calendar_of, clock_of
from cxcall.web.report_words import problem_text

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
Period = Annotated[str, msgspec.Meta(max_length=40)]
Shares = Literal["nobody", "supervisors", "overseers"]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType
TOO_LONG = 500
"""Values of one part of a definition."""


class NewReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report to make. `period`: today, yesterday, week, last_week, month, last_month, quarter, year, last_year, or
    days as `2026-11-01..2026-11-30`. `shared` with nobody, supervisors, or overseers (administrators too)."""

    name: Name
    definition: Definition
    period: Period = periods.USUAL
    shared: Shares = "nobody"


class ReportChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    definition: Definition | msgspec.UnsetType = msgspec.UNSET
    period: Period | msgspec.UnsetType = msgspec.UNSET
    shared: Shares | msgspec.UnsetType = msgspec.UNSET


class ShownOwnReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept; `owner` is a user's name."""

    id: str
    version: int
    name: str
    owner: str
    shared: str
    definition: Definition
    period: str
    updated_at: Time


class OwnReportList(msgspec.Struct, frozen=True, kw_only=True):
    """Reports by name; `next` is null on the last page."""

    items: list[ShownOwnReport]
    next: str | None


class FiguresQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`period` in place of the report's own, in its words; `calendar` that months and weeks are of."""

    period: Period | None = None
    calendar: Literal["gregorian", "jalali"] | None = None


async def list_own_reports(asked: Asked[PageQuery, None]) -> OwnReportList:
    async with asked.engine.connect() as conn:
        found = await own_reports.listed(conn, reader_of(asked))
    rows, following = part(found, asked.query, lambda one: one.id)
    return OwnReportList(items=[_shown(one) for one in rows], next=following)


async def create_own_report(asked: Asked[None, NewReport]) -> Answer:
    given = asked.body
    _check(asked, given.definition, given.period)
    async with asked.engine.begin() as conn:
        made = await own_reports.create(
            conn, name=given.name, owner_id=asked.who.id, definition=given.definition, period=given.period,
            shared=given.shared, by=asked.who.name, now=asked.now,
        )  # fmt: skip
        await note_act(asked, conn, "report.create", f"report:{made.id}", {"name": made.name})
    return _answer(made, {"Location": f"{ROOT}/reports/own/{made.id}"})


async def get_own_report(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _found(asked, conn))


async def get_own_report_figures(asked: Asked[FiguresQuery, None]) -> ShownReport:
    """The report now, or 422 with what is wrong with it."""
    site = asked.request.app[SETTINGS].site
    calendar = asked.query.calendar or calendar_of(site)
    clock = clock_of(site, calendar)
    async with asked.engine.connect() as conn:
        report = await _found(asked, conn)
        period = report.period if asked.query.period is None else asked.query.period
        _check_period(period)
        span = periods.span_of(period, asked.now, clock.zone, calendar)
        try:
            made = await run(conn, report.definition, span, site=clock, now=asked.now)
        except BadReport as error:
            raise refused(error) from error
    return shown(report.name, made, calendar)


async def change_own_report(asked: Asked[None, ReportChange]) -> Answer:
    """409 or 412 when it was changed since `version`; 404 also for a report of somebody else."""
    version = expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        given = {
            name: getattr(known, name) if value is msgspec.UNSET else value
            for name in ("name", "definition", "period", "shared")
            for value in (getattr(asked.body, name),)
        }
        _check(asked, given["definition"], given["period"])
        try:
            saved = await own_reports.save(
                conn, known.id, version=version.number, by=asked.who.name, now=asked.now, **given
            )
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchReport as error:
            raise _gone() from error
        await note_act(asked, conn, "report.change", f"report:{saved.id}", {"name": saved.name})
    return _answer(saved)


async def delete_own_report(asked: Asked[None, None]) -> Answer:
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        try:
            await own_reports.remove(conn, known.id, version=version.number, now=asked.now)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchReport as error:
            raise _gone() from error
        await note_act(asked, conn, "report.remove", f"report:{known.id}", {"name": known.name})
    return Answer(status=204)


def _check(asked: Asked[Any, Any], definition: Definition, period: str) -> None:
    """Raises Problem 422 for a report that could never be made."""
    _check_period(period)
    only = definition.narrowing
    if any(len(getattr(only, name)) > TOO_LONG for name in only.__struct_fields__):
        error = {"detail": f"At most {TOO_LONG} of each.", "pointer": "#/definition/narrowing"}
        raise Problem(422, "The report can't be kept as it is, see errors.", errors=[error])
    site = asked.request.app[SETTINGS].site
    clock = clock_of(site, calendar_of(site))
    span = periods.span_of(period, asked.now, clock.zone, clock.calendar)
    errors = [
        {"detail": problem_text(one), "pointer": "#/definition/" + one.field.replace(".", "/")}
        for one in problems(definition, span)
    ]
    if errors:
        raise Problem(422, "The report can't be kept as it is, see errors.", errors=errors)


def _check_period(period: str) -> None:
    if not periods.is_kept(period):
        detail = f"Give one of {', '.join(periods.QUICK)}, or days as 2026-11-01..2026-11-30."
        raise Problem(422, "There is no such period.", errors=[{"detail": detail, "pointer": "#/period"}])


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> OwnReport:
    report = await own_reports.get(conn, asked.path["id"], reader_of(asked))
    if report is None:
        raise _gone()
    return report


async def _mine(asked: Asked[Any, Any], conn: AsyncConnection) -> OwnReport:
    report = await _found(asked, conn)
    if report.owner_id != asked.who.id:
        raise Problem(403, "Only who made the report changes it. Make a copy of it.")
    return report


def _gone() -> Problem:
    return Problem(404, "There is no such report.")


def _shown(kept: OwnReport) -> ShownOwnReport:
    return ShownOwnReport(**{name: getattr(kept, name) for name in ShownOwnReport.__struct_fields__})


def _answer(kept: OwnReport, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=_shown(kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(tag="reports", scope=Scope.REPORTS_READ, roles=tuple(OVERSEERS), **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="reports", scope=Scope.REPORTS_WRITE, roles=tuple(OVERSEERS), **fields)


ENDPOINTS = (
    _read(method="GET", path="/reports/own", handler=list_own_reports, summary="List reports people put together",
          query=PageQuery, gives=OwnReportList),
    _write(method="POST", path="/reports/own", handler=create_own_report, summary="Make a report of one's own",
           body=NewReport, gives=ShownOwnReport, status=201, problems=(422,), gives_headers=("Location", "ETag")),
    _read(method="GET", path="/reports/own/{id}", handler=get_own_report, summary="One report of somebody's own",
          gives=ShownOwnReport, problems=(404,), gives_headers=("ETag",)),
    _read(method="GET", path="/reports/own/{id}/figures", handler=get_own_report_figures, query=FiguresQuery,
          summary="The figures of a report of somebody's own", gives=ShownReport, problems=(404, 422)),
    _write(method="PATCH", path="/reports/own/{id}", handler=change_own_report, body=ReportChange,
           summary="Change a report of one's own", gives=ShownOwnReport, problems=(403, 404, 409, 412, 422, 428),
           headers=("If-Match",), gives_headers=("ETag",)),
    _write(method="DELETE", path="/reports/own/{id}", handler=delete_own_report, status=204,
           summary="Remove a report of one's own", problems=(403, 404, 409, 412, 428), headers=("If-Match",)),
)  # fmt: skip
