"""A report as its form has it: read from what was sent, with the rows of figures moved as its buttons say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from multidict import MultiMapping

from cxcall.letters import tidy
from cxcall.reports.definition import Compare, Definition, Narrowing, Row, Short
from cxcall.store.own_reports import LONGEST_NAME, OwnReport
from cxcall.store.sharing import Shared, shared_of
from cxcall.web.digits import typed
from cxcall.web.pages.own_reports import periods

_UNSAFE = re.compile(r"[^\w-]+")
MOST = 500
"""Values read of one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form."""

    name: str = ""
    shared: Shared = "nobody"
    period: periods.Asked = field(default_factory=periods.Asked)
    definition: Definition = field(default_factory=Definition)
    version: int = 0


def stem(name: str) -> str:
    """The beginning of a file's name, in letters any system takes."""
    return _UNSAFE.sub("-", name).strip("-")[:60] or "report"


def of_report(report: OwnReport) -> Typed:
    """The form of a kept report."""
    return Typed(
        name=report.name, shared=report.shared, period=periods.asked(report.period), definition=report.definition,
        version=report.version,
    )  # fmt: skip


def of_address(query: MultiMapping[str], definition: Definition, name: str) -> Typed:
    """The form of a report that is looked at: `by`, `measures`, `queue`, `agent`, `short`, `compare`, `when`, `from`,
    `to`, as addresses of reports have them, over `definition`."""
    by, measures = _words(query, "by"), _words(query, "measures")
    only = definition.narrowing
    return Typed(
        name=name,
        period=periods.Asked(
            when="" if query.get("from") else query.get("when", periods.USUAL), since=query.get("from", ""),
            until=query.get("to", ""),
        ),
        definition=Definition(
            by=_rows(by) or definition.by,
            measures=tuple(measures) or definition.measures,
            narrowing=Narrowing(
                servers=only.servers, queues=tuple(_words(query, "queue")) or only.queues,
                agents=tuple(_all(query, "agent")) or only.agents, dids=only.dids, directions=only.directions,
                weekdays=only.weekdays, hours=only.hours,
            ),
            short=_one(query.get("short", ""), Short, definition.short),
            compare=_one(query.get("compare", ""), Compare, definition.compare),
            other_queue=definition.other_queue,
        ),
    )  # fmt: skip


def of_form(form: MultiMapping[Any]) -> Typed:
    """What was sent, with the buttons `add`, `up:N`, `down:N`, `out:N` done."""
    version = typed(_text(form, "version"))
    return Typed(
        name=tidy(_text(form, "name"))[:LONGEST_NAME],
        shared=shared_of(_text(form, "shared")),
        period=periods.Asked(when=_text(form, "when"), since=_text(form, "from"), until=_text(form, "to")),
        definition=Definition(
            by=_rows([_text(form, "by1"), _text(form, "by2")]),
            measures=tuple(moved(_all(form, "measure"), _text(form, "do"), _text(form, "add"))),
            narrowing=Narrowing(
                queues=tuple(_all(form, "queue")),
                agents=tuple(_all(form, "agent")),
                dids=tuple(_commas(_text(form, "dids"))),
                directions=tuple(_all(form, "direction")),
                weekdays=tuple(_numbers(_all(form, "weekday"), 6)),
                hours=_hours(_text(form, "hour_from"), _text(form, "hour_to")),
            ),
            short=_one(_text(form, "short"), Short, "out"),
            compare=_one(_text(form, "compare"), Compare, ""),
            other_queue=_text(form, "other_queue")[:128],
        ),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
    )


def moved(measures: Sequence[str], do: str, add: str = "") -> list[str]:
    """The figures in the order a button asks for; a figure stands once."""
    found = list(dict.fromkeys(measures))
    act, _colon, place = do.partition(":")
    n = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else -1
    if act == "add" and add and add not in found:
        found.append(add)
    if not 0 <= n < len(found):
        return found
    if act == "out":
        del found[n]
    other = {"up": n - 1, "down": n + 1}.get(act, -1)
    if 0 <= other < len(found):
        found[n], found[other] = found[other], found[n]
    return found


def _hours(first: str, last: str) -> tuple[int, ...]:
    """Hours from `first` up to and with `last`, over midnight where the last is earlier; all: none."""
    given = _numbers([typed(first), typed(last)], 23)
    if len(given) != 2:
        return ()
    begin, end = given
    hours = tuple(hour % 24 for hour in range(begin, (end if end >= begin else end + 24) + 1))
    return () if len(hours) == 24 else hours


def _rows(words: Sequence[str]) -> tuple[Row, ...]:
    return tuple(dict.fromkeys(cast("Row", word) for word in words if word in get_args(Row)))


def _one(word: str, kind: Any, usual: Any) -> Any:
    return word if word in get_args(kind) else usual


def _numbers(words: Sequence[str], most: int) -> list[int]:
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 4 and int(word) <= most]


def _words(query: MultiMapping[str], name: str) -> list[str]:
    return [word for value in query.getall(name, []) for word in _commas(value)][:MOST]


def _commas(text: str) -> list[str]:
    return [word.strip()[:128] for word in text.replace("،", ",").split(",") if word.strip()][:MOST]


def _all(form: MultiMapping[Any], name: str) -> list[str]:
    return [value[:128] for value in form.getall(name, []) if isinstance(value, str) and value][:MOST]


def _text(form: MultiMapping[Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
