"""/reports/repeat: customers who called again in the period, and the calls counted; /reports/fcr/again: answered calls
after which the customer had to call again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.definition import Definition
from cxcall.reports.measures import find
from cxcall.reports.table import Cell, Column
from cxcall.store.paging import BadCursor, Slice
from cxcall.store.reporting import reading, repeaters
from cxcall.store.reporting.repeaters import Asked as Wanted
from cxcall.store.reporting.repeaters import Contact, Repeater
from cxcall.web import errors
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages.labels import OUTCOMES
from cxcall.web.pages.report_lists import shared
from cxcall.web.pages.report_lists.shared import MOST_EXPORTED, ROWS, Topics
from cxcall.web.pages.reports import menus, report
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.menus import Menus
from cxcall.web.pages.reports.report import days_text
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.render import page
from cxcall.web.report_words import figure_text, problem_text, report_name, report_sentence
from cxcall.web.words import gettext as _

PATH = "/reports/{name:repeat}"
UNSOLVED = "/reports/{name:fcr}/again"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatView:
    """`topics`: what categories are called. `customers`, `count` and `share` are of the whole period."""

    name: str
    title: str
    sentence: str
    period: str
    menus: Menus
    problems: Sequence[str]
    customers: int
    count: int
    share: str
    rows: Sequence[Repeater]
    topics: Topics
    address: Asked
    figures_url: str
    csv_url: str
    xlsx_url: str
    newer: str
    older: str

    @property
    def too_many(self) -> bool:
        """Whether a file would not hold all of the list."""
        return self.count > MOST_EXPORTED

    @property
    def most(self) -> int:
        return MOST_EXPORTED

    def calls_of(self, row: Repeater) -> str:
        return self.address.address("/calls", customer=row.customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsView:
    """Calls that were counted: of one customer, or those that solved nothing."""

    title: str
    sentence: str
    report: str
    period: str
    count: int
    rows: Sequence[Contact]
    topics: Topics
    customer_id: str
    back: str
    newer: str
    older: str

    @staticmethod
    def result(row: Contact) -> str:
        return _(OUTCOMES[row.outcome].text) if row.outcome in OUTCOMES else row.outcome


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.StreamResponse:
    if shared.wants_figures(request):
        return await report.report_page(request)
    asked = shared.asked_with(request)
    wanted = _wanted(asked)
    async with request.app[ENGINE].connect() as conn:
        found = await _page(conn, wanted, request.query.get("after"))
        everybody, again = await _counts(conn, asked)
        choices, topics = await menus.menus(conn, asked), await shared.topics(conn)
    view = RepeatView(
        name=asked.name,
        title=report_name(asked.name),
        sentence=report_sentence(asked.name),
        period=days_text(asked.question.span),
        menus=choices,
        problems=[problem_text(one) for one in asked.wrong],
        customers=everybody,
        count=again,
        share=figure_text("share", again / everybody if everybody else None),
        rows=found.rows,
        topics=topics,
        address=asked,
        figures_url=asked.address(by="queue"),
        csv_url=asked.address("/export.csv"),
        xlsx_url=asked.address("/export.xlsx"),
        newer=asked.address(after=found.previous) if found.previous else "",
        older=asked.address(after=found.next) if found.next else "",
    )
    return page(request, "report_lists/repeat.html", view)


@routes.get(PATH + "/calls")
@needs(*OVERSEERS)
async def of_customer(request: web.Request) -> web.StreamResponse:
    """The calls of a customer that were counted."""
    customer = request.query.get("customer", "")[:100]
    if not customer:
        raise web.HTTPNotFound
    return await _contacts(request, shared.asked_with(request), customer=customer)


@routes.get(UNSOLVED)
@needs(*OVERSEERS)
async def unsolved(request: web.Request) -> web.StreamResponse:
    """The answered calls that first-contact resolution lacks."""
    return await _contacts(request, shared.asked_with(request))


@routes.get(PATH + "/export.{kind:csv|xlsx}")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.StreamResponse:
    """All customers of the list, at most MOST_EXPORTED; what is left out is said in the file."""
    asked = shared.asked_with(request)
    if asked.wrong:
        return errors.answer(request, 422, " ".join(problem_text(one) for one in asked.wrong))
    rows: list[Repeater] = []
    after: str | None = None
    async with request.app[ENGINE].connect() as conn:
        topics = await shared.topics(conn)
        while len(rows) < MOST_EXPORTED:
            found = await repeaters.page(conn, _wanted(asked), limit=500, after=after)
            rows += found.rows
            after = found.next
            if after is None:
                break
    columns = (
        Column(id="customer", title=_("Customer"), kind="text"),
        Column(id="number", title=_("Number"), kind="text"),
        Column(id="answered", title=_("Answered"), kind="count"),
        Column(id="first_at", title=_("First call"), kind="moment"),
        Column(id="last_at", title=_("Last call"), kind="moment"),
        Column(id="last_queue", title=_("Last queue"), kind="text"),
        Column(id="last_agent", title=_("Last agent"), kind="text"),
        Column(id="topics", title=_("Topics"), kind="text"),
        Column(id="contacts", title=_("Contacts"), kind="count"),
    )
    cut = after is not None or len(rows) > MOST_EXPORTED
    rows = rows[:MOST_EXPORTED]
    made = shared.sheet(
        report_name(asked.name), columns, (_cells(row, topics) for row in rows), shared.cut_notes() if cut else ()
    )
    whole = float(sum(row.contacts for row in rows))
    return await shared.file(
        "repeat", asked, request.match_info["kind"], replace(made, total=(*made.total[:-1], whole))
    )


def _cells(row: Repeater, topics: Topics) -> tuple[Cell, ...]:
    return (
        row.customer, row.number, float(row.answered), _local(row.first_at), _local(row.last_at),
        titled(row.last_queue), row.last_agent, ", ".join(topics.of(row.topics)),
        float(row.contacts),
    )  # fmt: skip


def _local(at: datetime) -> datetime:
    return current().local(at).replace(tzinfo=None)


async def _contacts(request: web.Request, asked: Asked, *, customer: str = "") -> web.StreamResponse:
    if asked.wrong:
        raise web.HTTPNotFound
    wanted, after, lacking = _wanted(asked), request.query.get("after"), not customer
    async with request.app[ENGINE].connect() as conn:
        count = await repeaters.count_of(conn, wanted, customer_id=customer, unsolved=lacking)
        try:
            found = await repeaters.calls_of(
                conn, wanted, customer_id=customer, unsolved=lacking, limit=ROWS, after=after
            )
        except BadCursor:
            found = await repeaters.calls_of(conn, wanted, customer_id=customer, unsolved=lacking, limit=ROWS)
        topics = await shared.topics(conn)
    path, words = ("/again", {}) if lacking else ("/calls", {"customer": customer})
    whose = next((row.customer or row.number for row in found.rows), "")
    view = ContactsView(
        title=_("Not solved first time") if lacking else whose or _("Customer"),
        sentence=_("Answered calls after which the customer called again about the same within seven days.")
        if lacking
        else _("The calls of this customer that were counted."),
        report=report_name(asked.name),
        period=days_text(asked.question.span),
        count=count,
        rows=found.rows,
        topics=topics,
        customer_id=customer,
        back=asked.address(),
        newer=asked.address(path, **words, after=found.previous) if found.previous else "",
        older=asked.address(path, **words, after=found.next) if found.next else "",
    )
    return page(request, "report_lists/contacts.html", view)


def _wanted(asked: Asked) -> Wanted:
    return Wanted(span=asked.question.span, zone=current().zone, narrowing=asked.definition.narrowing)


async def _page(conn: AsyncConnection, wanted: Wanted, after: str | None) -> Slice[Repeater]:
    try:
        return await repeaters.page(conn, wanted, limit=ROWS, after=after)
    except BadCursor:
        return await repeaters.page(conn, wanted, limit=ROWS)


async def _counts(conn: AsyncConnection, asked: Asked) -> tuple[int, int]:
    """Customers, and those of them who called again, as the report has them."""
    question, shown = asked.question, current()
    definition: Definition = question.definition
    measure = find("repeat")
    assert measure is not None  # noqa: S101 - METRICS has it
    found = await reading.tallies(
        conn, span=question.span, by=(), narrowing=definition.narrowing, families=measure.families, zone=shown.zone,
        calendar=question.calendar, waits=False,
    )  # fmt: skip
    tally = found.get(())
    return (round(tally["customers"]), round(tally["repeat_customers"])) if tally else (0, 0)
