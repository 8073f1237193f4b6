"""`/reports`: figures of a period with their meaning and their n, also as files."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import msgspec
from aiohttp import web

from cxcall.reports.answer import Answer
from cxcall.reports.checking import BadReport
from cxcall.reports.definition import Definition
from cxcall.reports.measures import MEASURES
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import sheet
from cxcall.settings import Site
from cxcall.web import report_files, report_words
from cxcall.web.access import Forbidden
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.reports_shapes import ReportList, ReportQuery, ShownReport, listed, shown, shown_measure
from cxcall.web.api.scopes import Scope
from cxcall.web.keys import SETTINGS
from cxcall.web.problems import Problem
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_making import answer, clock_of, question, word_of
from cxcall.web.report_reading import Question

OWN = ("agents", "agent-time")
"""Reports an agent may read, of themselves."""


class ReportFileQuery(ReportQuery, frozen=True, kw_only=True):
    """`format`: the same as a file, with ids as headings."""

    format: Literal["json", "csv", "xlsx"] = "json"


async def list_reports(asked: Asked[None, None]) -> ReportList:
    """Names and sentences are in the language asked for."""
    return ReportList(items=listed(), measures=[shown_measure(name) for name in MEASURES])


async def get_report(asked: Asked[ReportFileQuery, None]) -> ShownReport | web.Response:
    """Agents get `agents` and `agent-time` of themselves. With `format` a file; the names of its columns are those of
    the figures, with `.n`, `.before` and `.before_n`."""
    name = asked.path["name"]
    site = asked.request.app[SETTINGS].site
    wanted = question_of(asked, name, site)
    try:
        async with asked.engine.connect() as conn:
            made = await answer(conn, wanted, site=site, now=asked.now)
    except BadReport as error:
        raise refused(error) from error
    if asked.query.format == "json":
        return shown(name, made, wanted.calendar)
    return await _file(name, made, wanted, site, asked.query.format)


def question_of(asked: Asked[Any, None], name: str, site: Site) -> Question:
    """What is asked for, of who may ask for it. Raises Problem 404 and 422, Forbidden."""
    try:
        wanted = question(_definition(name), asked.query.said(), site=site, now=asked.now)
    except BadReport as error:
        raise refused(error) from error
    if asked.who.oversees:
        return wanted
    if name not in OWN:
        raise Forbidden("This report is for supervisors.")
    own = (asked.who.shown_name, *asked.who.phones)
    if not set(wanted.definition.narrowing.agents) <= set(own):
        raise Forbidden("Agents read their own figures.")
    narrowing = msgspec.structs.replace(wanted.definition.narrowing, agents=own)
    own_figures = msgspec.structs.replace(wanted.definition, narrowing=narrowing, other_queue="")
    return Question(definition=own_figures, span=wanted.span, calendar=wanted.calendar, when=wanted.when)


def _definition(name: str) -> Definition:
    if name not in READY_MADE:
        raise Problem(404, f"There is no report {name}. See /api/v1/reports.")
    return READY_MADE[name]


def refused(error: BadReport) -> Problem:
    """Each problem with the parameter it is about."""
    found = [
        {"detail": report_words.problem_text(problem), "parameter": word_of(problem)} for problem in error.problems
    ]
    return Problem(422, "The report can't be made as it is asked for, see errors.", errors=found)


async def _file(name: str, made: Answer, wanted: Question, site: Site, kind: str) -> web.Response:
    clock = clock_of(site, wanted.calendar)
    title = report_words.report_name(name)
    table = sheet(made, title, words=FileWords(ids=True), zone=clock.zone, calendar=clock.calendar)
    body = report_files.csv_bytes(table) if kind == "csv" else await asyncio.to_thread(report_files.xlsx_bytes, table)
    headers = {
        "Content-Disposition": f'attachment; filename="{report_files.file_name(name, made.span, kind)}"',
        "Cache-Control": "no-store",
    }
    if kind == "csv":
        return web.Response(body=body, content_type=report_files.CSV_TYPE, charset="utf-8", headers=headers)
    return web.Response(body=body, content_type=report_files.XLSX_TYPE, headers=headers)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/reports", handler=list_reports, summary="Ready-made reports and their figures",
        tag="reports", scope=Scope.REPORTS_READ, gives=ReportList,
    ),
    Endpoint(
        method="GET", path="/reports/{name}", handler=get_report, summary="A report over a period", tag="reports",
        scope=Scope.REPORTS_READ, query=ReportFileQuery, gives=ShownReport,
    ),
)  # fmt: skip
