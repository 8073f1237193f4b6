"""/admin/routing/replay: what the draft would have changed on a past day, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing import explain
from cxcall.routing.decision import Result
from cxcall.routing.phrases import RESULTS, fact_told, steps_told
from cxcall.store import routing_decisions, routing_lists
from cxcall.web.access import Role, needs, user_of
from cxcall.web.dates import date_text
from cxcall.web.keys import ENGINE
from cxcall.web.pages.calls_filter import read_date
from cxcall.web.pages.forms import field
from cxcall.web.pages.routing import words
from cxcall.web.pages.routing.loading import Around, around, done_of, rule_of, today
from cxcall.web.pages.routing.replays import MOST_SHOWN, REPLAYS, Run
from cxcall.web.pages.routing.rows import day_text
from cxcall.web.pages.routing.words import Reader
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = words.PATH + "/replay"
NO_DAY = N_("Write a day like 1405/09/02 or 2026-11-23, today or before.")
BUSY = N_("Another day is being played through. Wait until it is done.")
MOST_COUNTED = 100_000

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call that the draft would have treated otherwise; `parts`: name, before, after of what differs."""

    at: datetime
    call_id: str | None
    customer_id: str | None
    name: str
    number: str
    parts: Sequence[tuple[str, str, str]]
    why: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """The page; `run` None before anything was played."""

    day: str
    around: Around
    run: Run | None
    rows: Sequence[Row] = ()
    rules: Sequence[tuple[str, str, int, int]] = ()
    fields: Sequence[tuple[str, int]] = ()
    unknown: Sequence[tuple[str, int]] = ()
    message: str = ""
    most: int = MOST_SHOWN

    @property
    def run_day(self) -> str:
        return date_text(self.run.day, weekday=True) if self.run else ""

    @property
    def outdated(self) -> bool:
        """Whether the draft was changed since."""
        return self.run is not None and self.run.rules != self.around.draft.rules


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    day = day_text((today() - timedelta(days=1)).isoformat())
    return page(request, "routing/replay.html", await _view(request, day), done=done_of(request))


@routes.get(PATH + "/progress")
@needs(Role.ADMIN)
async def progress(request: web.Request) -> web.Response:
    """How far it is, for pages that wait."""
    return fragment(request, "routing/replayed.html", await _view(request, ""))


@routes.post(PATH)
@needs(Role.ADMIN)
async def begin(request: web.Request) -> web.StreamResponse:
    """Play a day through the draft as it is now."""
    said = field(await request.post(), "day")[:40]
    day = read_date(said)
    if day is None or day > today():
        return page(request, "routing/replay.html", await _view(request, said, _(NO_DAY)), status=422)
    since = datetime.combine(day, time(), current().zone)
    until = datetime.combine(day + timedelta(days=1), time(), current().zone)
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        total = await routing_lists.total(conn, since=since, until=until, most=MOST_COUNTED)
    run = Run(day=day, by=user_of(request).name, version=here.draft.version, total=total, rules=here.draft.rules)
    if not request.app[REPLAYS].begin(run, since=since, until=until):
        return page(request, "routing/replay.html", await _view(request, said, _(BUSY)), status=409)
    raise web.HTTPSeeOther(PATH)


async def _view(request: web.Request, day: str, message: str = "") -> ReplayView:
    run = request.app[REPLAYS].last
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        if run is None:
            return ReplayView(day=day, around=here, run=None, message=message)
        rows = [] if run.running else await _rows(conn, run, here.reader)
    ids = [rule.id for rule in run.rules.rules]
    ids += [rule for rule in run.before if rule not in ids]
    return ReplayView(
        day=day,
        around=here,
        run=run,
        rows=rows,
        rules=[(id_, _name(here, run, id_), run.before.get(id_, 0), run.by_rule.get(id_, 0)) for id_ in ids],
        fields=[(_(words.FIELDS[name]), n) for name, n in sorted(run.by_field.items(), key=lambda each: -each[1])],
        unknown=[(fact_told(fact, here.reader), n) for fact, n in run.unknown.items()],
        message=message,
    )


def _name(here: Around, run: Run, rule_id: str) -> str:
    rule = rule_of(run.rules, rule_id) or rule_of(here.published, rule_id)
    return rule.name if rule else rule_id


async def _rows(conn: AsyncConnection, run: Run, reader: Reader) -> list[Row]:
    linked = await routing_decisions.calls_of(conn, [past.id for past, _changed in run.rows])
    return [
        Row(
            at=past.at,
            call_id=linked.get(past.id),
            customer_id=past.facts.customer.id if past.facts.customer else None,
            name=past.facts.customer.name if past.facts.customer else "",
            number=past.facts.number,
            parts=[
                (_(words.FIELDS[name]), part_told(changed.before, name, reader),
                 part_told(changed.after.result, name, reader))
                for name in changed.fields
            ],
            why=[one.rule_name for one in explain.story(changed.after, reader) if one.rule],
        )
        for past, changed in run.rows
    ]  # fmt: skip


def part_told(result: Result, name: str, reader: Reader) -> str:
    """One part of a result, in words; nothing is a dash."""
    value: Any = getattr(result, name)
    kinds: Mapping[str, str] = {
        "queue": "queue",
        "agent_user": "user",
        "language": "language",
        "announcement": "prompt",
    }
    if name == "skills":
        return steps_told(value, reader) or "–"
    if name == "treat":
        return _(RESULTS[value])
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "priority":
        return reader.value(value, "number")
    return reader.value(value, kinds[name]) if value else "–"
