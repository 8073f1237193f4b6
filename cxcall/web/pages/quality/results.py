"""/quality/results: scores by agent, queue, scorecard, item or week, beside what callers said; each opens its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import BadReport
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import Cell, Column, Sheet
from cxcall.store import lists
from cxcall.store.paging import BadCursor
from cxcall.store.quality import results, scorecards
from cxcall.store.quality.evaluations import Evaluation
from cxcall.store.quality.results import BY, NO_QUEUE, By, Only, Result
from cxcall.web import report_reading
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.dates import date_text
from cxcall.web.digits import digits
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.own_reports.periods import QUICK
from cxcall.web.pages.quality.shared import FEW, PATH, Known, in_language, known
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.report_files import CSV_TYPE, XLSX_TYPE, csv_bytes, file_name, xlsx_bytes
from cxcall.web.report_reading import Question
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ROWS = 50
ADDRESS = PATH + "/results"
USUAL = "month"
BASE = READY_MADE["queues"]
BY_WORDS: Mapping[By, str] = {
    "agent": N_("Agent"), "queue": N_("Queue"), "scorecard": N_("Scorecard"), "item": N_("Item"), "week": N_("Week"),
}  # fmt: skip
TOLD = ("when", "from", "to", "queue", "agent")
ASKED = (*TOLD, "by", "card")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for; `error`: of what can't be read."""

    question: Question
    by: By
    card: str
    typed: Mapping[str, str]
    error: str

    @property
    def only(self) -> Only:
        narrowing = self.question.definition.narrowing
        return Only(agents=narrowing.agents, queues=narrowing.queues, scorecard_id=self.card)

    def of_card(self, card: str) -> Asked:
        return replace(self, card=card)

    def address(self, end: str = "", **changes: str) -> str:
        given = {name: value for name, value in {**self.typed, **changes}.items() if value}
        return f"{ADDRESS}{end}" + (f"?{urlencode(given)}" if given else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row with its name in words, and where its evaluations are, all and those with a critical item missed; `few`:
    its mean says little."""

    result: Result
    name: str
    url: str
    missed_url: str

    @property
    def few(self) -> bool:
        return self.result.n < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsView:
    asked: Asked
    rows: Sequence[Row]
    finding: str
    queues: Sequence[str]
    agents: Sequence[str]
    cards: Sequence[tuple[str, str]]

    @property
    def by_word(self) -> str:
        return _(BY_WORDS[self.asked.by])

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        return [(key, self.asked.address(by=key), _(words)) for key, words in BY_WORDS.items()]

    @property
    def quick(self) -> list[tuple[str, str]]:
        return [(key, _(words)) for key, words in QUICK.items()]

    @property
    def with_csat(self) -> bool:
        return self.asked.by in ("agent", "queue", "week")


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindView:
    asked: Asked
    name: str
    rows: Sequence[Evaluation]
    known: Known
    count: int
    missed: bool
    older: str
    newer: str


@routes.get(ADDRESS)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    asked = asked_of(request)
    async with request.app[ENGINE].connect() as conn:
        rows = await _rows(conn, request, asked)
        view = ResultsView(
            asked=asked, rows=rows, finding=_finding(rows, asked.by), queues=await lists.queues(conn),
            agents=await lists.agents(conn), cards=list((await known(conn)).cards.items()),
        )  # fmt: skip
    return page(request, "quality/results.html", view, status=422 if asked.error else 200)


@routes.get(ADDRESS + "/behind")
@needs(*OVERSEERS)
async def behind(request: web.Request) -> web.Response:
    """The evaluations a row counts."""
    asked, key = asked_of(request), request.query.get("key", "")[:300]
    missed = request.query.get("missed") == "1"
    here = {"key": key, "missed": "1" if missed else ""}
    after = request.query.get("after")
    async with request.app[ENGINE].connect() as conn:
        rows = {row.result.key: row for row in await _rows(conn, request, asked)}
        about: dict[str, Any] = {
            "by": asked.by, "key": key, "only": asked.only, "missed": missed, **_reader(request)
        }  # fmt: skip
        try:
            found = await results.evaluations_behind(conn, asked.question.span, **about, after=after, limit=ROWS)
        except BadCursor:
            raise web.HTTPNotFound from None
        view = BehindView(
            asked=asked, name=rows[key].name if key in rows else "", rows=found.rows, known=await known(conn),
            count=_count(rows[key].result, missed=missed) if key in rows else 0, missed=missed,
            older=asked.address("/behind", **here, after=found.next) if found.next else "",
            newer=asked.address("/behind", **here, after=found.previous) if found.previous else "",
        )  # fmt: skip
    return page(request, "quality/behind.html", view)


def _count(result: Result, *, missed: bool) -> int:
    return result.critical if missed else result.n


@routes.get(ADDRESS + "/export.{kind:csv|xlsx}")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    asked, kind = asked_of(request), request.match_info["kind"]
    if asked.error:
        raise web.HTTPUnprocessableEntity(text=asked.error)
    async with request.app[ENGINE].connect() as conn:
        sheet = _sheet(await _rows(conn, request, asked), asked.by)
    body = csv_bytes(sheet) if kind == "csv" else await asyncio.to_thread(xlsx_bytes, sheet)
    name = file_name("quality", asked.question.span, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, headers=headers, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)


def asked_of(request: web.Request) -> Asked:
    """What an address of results or calibration asks for."""
    here, typed = current(), {name: request.query.get(name, "")[:200] for name in ASKED}
    said = {name: typed[name] for name in TOLD if typed[name]}
    if said.get("when") or not (said.get("from") or said.get("to")):
        said = {**{name: value for name, value in said.items() if name not in ("from", "to")},
                "when": said.get("when", USUAL)}  # fmt: skip
    today, error = request.app[CLOCK]().astimezone(here.zone).date(), ""
    try:
        question = report_reading.read(BASE, said, today=today, zone=here.zone, calendar=here.calendar)
    except BadReport as wrong:
        error = " ".join(problem.text for problem in wrong.problems)
        usual = {"when": USUAL}
        question = report_reading.read(BASE, usual, today=today, zone=here.zone, calendar=here.calendar)
    by: By = next((one for one in BY if one == typed["by"]), "agent")
    return Asked(question=question, by=by, card=typed["card"], typed=typed, error=error)


def _reader(request: web.Request) -> dict[str, Any]:
    here = current()
    return {"reader": user_of(request).id, "zone": here.zone, "calendar": here.calendar}


async def _rows(conn: AsyncConnection, request: web.Request, asked: Asked) -> list[Row]:
    here = current()
    found = await results.results(
        conn, asked.question.span, by=asked.by, only=asked.only, reader=user_of(request).id, zone=here.zone,
        calendar=here.calendar,
    )  # fmt: skip
    names = await _names(conn, asked.by, found)
    rows = [
        Row(
            result=one,
            name=names.get(one.key, one.key),
            url=asked.address("/behind", key=one.key),
            missed_url=asked.address("/behind", key=one.key, missed="1"),
        )
        for one in found
    ]
    if asked.by == "week":
        return rows
    return sorted(rows, key=lambda row: (row.result.score is None, row.result.score or 0.0, row.name))


async def _names(conn: AsyncConnection, by: By, found: Sequence[Result]) -> dict[str, str]:
    here = current()
    if by == "week":
        return {one.key: date_text(date.fromisoformat(one.key)) for one in found}
    if by == "queue":
        return {one.key: here.queues.get(one.key, one.key) for one in found} | {NO_QUEUE: _("No queue")}
    if by not in ("scorecard", "item"):
        return {}
    kept = {one.id: one for one in await scorecards.everything(conn)}
    if by == "scorecard":
        return {id_: in_language(one.draft.title) for id_, one in kept.items()}
    names: dict[str, str] = {}
    for id_, one in kept.items():
        for n in range(1, (one.published or 0) + 1):  # the newest version's words go last, and stay
            card = await scorecards.published(conn, id_, n)
            for item in card.items() if card else ():
                names[f"{id_}/{item.id}"] = f"{in_language(one.draft.title)}: {in_language(item.title)}"
    return names


def _finding(rows: Sequence[Row], by: By) -> str:
    """Where scores are lowest, of rows with enough evaluations to say so."""
    told = [row for row in rows if not row.few and row.result.score is not None]
    if by == "week" or len(told) < 2:
        return ""
    worst = min(told, key=lambda row: row.result.score or 0.0)
    rest = [row for row in told if row is not worst]
    others = sum((row.result.score or 0.0) * row.result.n for row in rest) / sum(row.result.n for row in rest)
    lower = round((others - (worst.result.score or 0.0)) * 100)
    if lower < 5:
        return ""
    return _("%(name)s is %(points)s points below the others (%(n)s evaluations).") % {
        "name": worst.name, "points": digits(str(lower)), "n": digits(str(worst.result.n)),
    }  # fmt: skip


def _sheet(rows: Sequence[Row], by: By) -> Sheet:
    columns = (
        Column(id="name", title=_(BY_WORDS[by]), kind="text"),
        Column(id="n", title=_("Evaluations"), kind="count"),
        Column(id="score", title=_("Score"), kind="share"),
        Column(id="critical", title=_("Critical item missed"), kind="count"),
        Column(id="csat", title="CSAT", kind="share"),
        Column(id="csat_n", title=_("CSAT answers"), kind="count"),
    )
    cells: list[tuple[Cell, ...]] = [
        (row.name, float(row.result.n), row.result.score, float(row.result.critical), row.result.csat,
         float(row.result.csat_n))
        for row in rows
    ]  # fmt: skip
    n = float(sum(row.result.n for row in rows)) if by != "item" else None
    total: tuple[Cell, ...] = (_("Total"), n, None, None, None, None)
    return Sheet(title=_("Quality"), about=(), columns=columns, rows=tuple(cells), total=total, notes=(), meanings=())
