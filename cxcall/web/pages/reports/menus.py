"""The filters above a report: period, queue, agent, rows, figures, comparison. Every link keeps all the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.definition import Row
from cxcall.reports.measures import MEASURES, SHORT_COUNTS, find
from cxcall.store import lists
from cxcall.web.digits import digits
from cxcall.web.pages.labels import DIRECTIONS
from cxcall.web.pages.own_reports import weekdays
from cxcall.web.pages.own_reports.periods import QUICK
from cxcall.web.pages.reports.asking import SHOW, Asked
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.report_words import name, row_name, sentence
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

COMPARISONS = (
    ("", N_("Compared with nothing")),
    ("before", N_("The period before")),
    ("year", N_("A year before")),
    ("goal", N_("The goal")),
)
OTHER = "queue:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A figure that may be a column."""

    id: str
    name: str
    sentence: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Menus:
    """`since` and `until` as the person wrote them; `hidden`: words the form of days and that of figures keep. `short`:
    None where no figure depends on it."""

    periods: Sequence[Choice]
    queues: Sequence[Choice]
    agents: Sequence[Choice]
    rows: Sequence[Choice]
    comparisons: Sequence[Choice]
    boxes: Sequence[Box]
    short: Choice | None
    since: str
    until: str
    example: str
    hidden_days: Sequence[tuple[str, str]]
    hidden_figures: Sequence[tuple[str, str]]

    @staticmethod
    def chosen(choices: Sequence[Choice]) -> str:
        return next((choice.name for choice in choices if choice.current), "")


async def menus(conn: AsyncConnection, asked: Asked) -> Menus:
    """All of them, for what is asked."""
    queues, agents = await lists.queues(conn), await lists.agents(conn)
    definition, words = asked.definition, asked.words
    queue, agent = ",".join(definition.narrowing.queues), ",".join(definition.narrowing.agents)
    compare = OTHER + definition.other_queue if definition.other_queue else definition.compare
    return Menus(
        periods=[_choice(asked, _(text), asked.question.when == when, when=when) for when, text in QUICK.items()],
        queues=_several(asked, "queue", _("All queues"), queue, [(one, titled(one)) for one in queues]),
        agents=_several(asked, "agent", _("All agents"), agent, [(one, one) for one in agents]),
        rows=_rows(asked),
        comparisons=[
            *(_choice(asked, _(text), compare == key, compare=key) for key, text in COMPARISONS),
            *_other_queues(asked, compare, queues),
        ],
        boxes=_boxes(asked),
        short=_short(asked) if SHORT_COUNTS.intersection(definition.measures) else None,
        since=words.get("from", ""),
        until=words.get("to", ""),
        example="1405/08/30" if current().calendar == "jalali" else "2026-11-21",
        hidden_days=_kept(asked, "when", "from", "to"),
        hidden_figures=_kept(asked, "measures"),
    )


def narrowed(asked: Asked) -> list[str]:
    """What a report is narrowed to that no menu shows."""
    only = asked.definition.narrowing
    found = [", ".join(weekdays.name(day) for day in only.weekdays)] if only.weekdays else []
    if only.hours:
        found.append(", ".join(digits(f"{hour:02}:00") for hour in only.hours))
    if only.directions:
        found.append(", ".join(_(DIRECTIONS[one].text) if one in DIRECTIONS else one for one in only.directions))
    return found + [", ".join(several) for several in (only.dids, only.servers) if several]


def _short(asked: Asked) -> Choice:
    on = asked.definition.short == "in"
    return _choice(asked, _("Count short abandons"), on, short="" if on else "in")


def _kept(asked: Asked, *without: str) -> list[tuple[str, str]]:
    """What a form keeps beside the words it asks for."""
    kept = [(word, text) for word, text in asked.words.items() if word not in without]
    return [*kept, (SHOW, asked.show)] if asked.show else kept


def _choice(asked: Asked, text: str, current_: bool, **changes: str) -> Choice:
    return Choice(name=text, url=asked.address(**changes), current=current_)


def _several(asked: Asked, word: str, all_: str, chosen: str, known: Iterable[tuple[str, str]]) -> list[Choice]:
    options = dict(known)
    if chosen and chosen not in options:
        options[chosen] = chosen
    pairs = [("", all_), *sorted(options.items(), key=lambda pair: pair[1].casefold())]
    return [_choice(asked, text, chosen == key, **{word: key}) for key, text in pairs]


def _rows(asked: Asked) -> list[Choice]:
    """Kinds of rows that every figure of the report can be told by."""
    measures = [measure for one in asked.definition.measures if (measure := find(one)) is not None]
    known: tuple[Row, ...] = get_args(Row)
    fit = [row for row in known if all(row in measure.rows for measure in measures)]
    by = asked.definition.by
    found = [_choice(asked, row_name(row), by == (row,), by=row) for row in fit]
    found.append(_choice(asked, _("The total alone"), by == (), by="total"))
    if len(by) == 2:
        both = _("%(one)s and %(other)s") % {"one": row_name(by[0]), "other": row_name(by[1])}
        found.insert(0, _choice(asked, both, True, by=",".join(by)))
    return found


def _other_queues(asked: Asked, compare: str, queues: Iterable[str]) -> Iterable[Choice]:
    """Another queue to compare with, where one queue is chosen and rows are not queues."""
    chosen = asked.definition.narrowing.queues
    if len(chosen) != 1 or "queue" in asked.definition.by:
        return
    for queue in queues:
        if queue not in chosen:
            yield _choice(asked, titled(queue), compare == OTHER + queue, compare=OTHER + queue)


def _boxes(asked: Asked) -> list[Box]:
    definition = asked.definition
    fit = [one for one, measure in MEASURES.items() if all(row in measure.rows for row in definition.by)]
    names = [*definition.measures, *(one for one in fit if one not in definition.measures)]
    return [
        Box(id=one, name=name(one), sentence=sentence(one, definition.short), on=one in definition.measures)
        for one in names
    ]
