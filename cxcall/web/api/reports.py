"""`/reports`: figures of a period with their meaning and their n, also as files."""

from __future__ import annotations

import asyncio
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from aiohttp import web

from cxcall.reports.answer import Answer
from cxcall.reports.checking import BadReport
from cxcall.reports.measures import MEASURES
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import sheet
from cxcall.settings import Site
from cxcall.store import own_reports
from cxcall.store.sharing import Reader
from cxcall.web import report_files, report_words
from cxcall.web.access import Forbidden
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.reports_shapes import (
    ReportList,
    ReportQuery,
    SavedReport,
    ShownReport,
    listed,
    saved_report,
    shown,
    shown_measure,
)
from cxcall.web.api.scopes import Scope
from cxcall.web.keys import SETTINGS
from cxcall.web.problems import Problem
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_found import FoundReport, SeveralReports, find_report
from cxcall.web.report_making import answer, clock_of, question, word_of
from cxcall.web.report_reading import Question

OWN = ("agents", "agent-time")
"""Reports an agent may read, of themselves."""


class ReportFileQuery(ReportQuery, frozen=True, kw_only=True):
    """`format`: the same as a file, with ids as headings."""

    format: Literal["json", "csv", "xlsx"] = "json"


async def list_reports(asked: Asked[None, None]) -> ReportList:
    """Names and sentences are in the language asked for."""
    saved: list[SavedReport] = []
    if asked.who.oversees:
        async with asked.engine.connect() as conn:
            saved = [saved_report(one) for one in await own_reports.listed(conn, reader_of(asked))]
    return ReportList(items=listed(), saved=saved, measures=[shown_measure(name) for name in MEASURES])


async def get_report(asked: Asked[ReportFileQuery, None]) -> ShownReport | web.Response:
    """`name`: of a ready-made report, or name or id of a saved one, which has its own days where none are given. Agents
    get `agents` and `agent-time` of themselves. With `format` a file; the names of its columns are those of the
    figures, with `.n`, `.before` and `.before_n`."""
    site = asked.request.app[SETTINGS].site
    found, wanted = await asked_for(asked, site)
    try:
        async with asked.engine.connect() as conn:
            made = await answer(conn, wanted, site=site, now=asked.now)
    except BadReport as error:
        raise refused(error) from error
    if asked.query.format == "json":
        return shown(found.name, made, wanted.calendar)
    return await _file(found, made, wanted, site, asked.query.format)


async def asked_for(asked: Asked[Any, None], site: Site) -> tuple[FoundReport, Question]:
    """The report of the address and what is asked of it, by who may. Raises Problem 404, 409 and 422, Forbidden."""
    found = await _find(asked)
    try:
        wanted = question(found.definition, found.said(asked.query.said()), site=site, now=asked.now)
    except BadReport as error:
        raise refused(error) from error
    if asked.who.oversees:
        return found, wanted
    if found.name not in OWN:
        raise Forbidden("This report is for supervisors.")
    own = (asked.who.shown_name, *asked.who.phones)
    if not set(wanted.definition.narrowing.agents) <= set(own):
        raise Forbidden("Agents read their own figures.")
    narrowing = msgspec.structs.replace(wanted.definition.narrowing, agents=own)
    own_figures = msgspec.structs.replace(wanted.definition, narrowing=narrowing, other_queue="")
    question_ = Question(definition=own_figures, span=wanted.span, calendar=wanted.calendar, when=wanted.when)
    return found, question_


async def _find(asked: Asked[Any, None]) -> FoundReport:
    """What was saved is for overseers; agents are told of it as of what there is not."""
    name = asked.path["name"]
    if asked.who.oversees or name in READY_MADE:
        try:
            async with asked.engine.connect() as conn:
                found = await find_report(conn, name, reader_of(asked))
        except SeveralReports as error:
            raise Problem(409, str(error)) from error
        if found is not None:
            return found
    raise Problem(404, f"There is no report {name}. See /api/v1/reports.")


def reader_of(asked: Asked[Any, Any]) -> Reader:
    """Who asks, to whom something may be shared."""
    return Reader(id=asked.who.id, role=asked.who.role.value)


def refused(error: BadReport) -> Problem:
    """Each problem with the parameter it is about."""
    found = [
        {"detail": report_words.problem_text(problem), "parameter": word_of(problem)} for problem in error.problems
    ]
    return Problem(422, "The report can't be made as it is asked for, see errors.", errors=found)


async def _file(found: FoundReport, made: Answer, wanted: Question, site: Site, kind: str) -> web.Response:
    clock = clock_of(site, wanted.calendar)
    table = sheet(made, found.title, words=FileWords(ids=True), zone=clock.zone, calendar=clock.calendar)
    body = report_files.csv_bytes(table) if kind == "csv" else await asyncio.to_thread(report_files.xlsx_bytes, table)
    headers = attached(report_files.file_name(found.stem, made.span, kind))
    if kind == "csv":
        return web.Response(body=body, content_type=report_files.CSV_TYPE, charset="utf-8", headers=headers)
    return web.Response(body=body, content_type=report_files.XLSX_TYPE, headers=headers)


def attached(name: str) -> dict[str, str]:
    """The headers of a file of this name, which may have letters of any script."""
    told = f'filename="{name}"' if name.isascii() else f"filename*=UTF-8''{quote(name)}"
    return {"Content-Disposition": f"attachment; {told}", "Cache-Control": "no-store"}


ENDPOINTS = (
    Endpoint(
        method="GET", path="/reports", handler=list_reports, summary="Reports and their figures",
        tag="reports", scope=Scope.REPORTS_READ, gives=ReportList,
    ),
    Endpoint(
        method="GET", path="/reports/{name}", handler=get_report, summary="A report over a period", tag="reports",
        scope=Scope.REPORTS_READ, query=ReportFileQuery, gives=ShownReport, problems=(409,),
    ),
)  # fmt: skip
