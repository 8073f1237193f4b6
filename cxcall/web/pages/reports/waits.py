"""How waits are spread: callers by how long they waited, as a table that is drawn as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.tally import Tally
from cxcall.reports.waits import edges
from cxcall.settings import Site
from cxcall.store.reporting import reading
from cxcall.store.reporting.reading import CannotSplit
from cxcall.web.digits import number_text
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.report_words import duration_text, figure_text
from cxcall.web.words import gettext as _

STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
"""Seconds up to which a bar goes, edges of buckets all of them; the last bar has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Callers who waited longer than the bar before and up to this one. `within`: the share of all who had waited no
    longer; `label`: short, for the picture."""

    name: str
    label: str
    n: int
    text: str
    share: str
    within: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`n`: all callers of the bars."""

    bars: Sequence[Bar]
    n: int


async def spread(conn: AsyncConnection, asked: Asked, site: Site) -> Spread | None:
    """How the waits of a report are spread that asks for percentiles of them; None of any other."""
    definition = asked.definition
    if not any(one.startswith("wait_p") for one in definition.measures):
        return None
    try:
        found = await reading.tallies(
            conn, span=asked.question.span, by=(), narrowing=definition.narrowing, families=frozenset({"visits"}),
            zone=ZoneInfo(site.timezone), calendar=asked.question.calendar,
        )  # fmt: skip
    except CannotSplit:
        return None
    return drawn(found.get((), Tally()).waits)


def drawn(waits: Mapping[int, int]) -> Spread:
    """Counts of buckets as bars, from the first to the last that has callers."""
    counts = [0] * (len(STEPS) + 1)
    for number, many in waits.items():
        _above, upto = edges(number)
        counts[next((n for n, step in enumerate(STEPS) if upto is not None and upto <= step), len(STEPS))] += many
    whole = sum(counts)
    bars, seen = [], 0
    last = max((n for n, many in enumerate(counts) if many), default=-1)
    for n, many in enumerate(counts[: last + 1]):
        seen += many
        bars.append(Bar(
            name=_name(n), label=_label(n), n=many, text=number_text(many), share=figure_text("share", many / whole),
            within=figure_text("share", seen / whole),
        ))  # fmt: skip
    return Spread(bars=bars, n=whole)


def _name(n: int) -> str:
    if n == len(STEPS):
        return _("Longer than %(low)s") % {"low": duration_text(STEPS[-1])}
    low, high = STEPS[n - 1] if n else 0, STEPS[n]
    return _("%(low)s to %(high)s") % {"low": duration_text(low), "high": duration_text(high)}


def _label(n: int) -> str:
    if n == len(STEPS):
        return _("longer")
    return _("to %(high)s") % {"high": duration_text(STEPS[n])}
