"""The map of transfers: a row for where callers came from, a column for where they went, darker where more did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.reports.answer import FEW
from cxcall.store.reporting.passed_on import From, Way
from cxcall.web.digits import digits, number_text
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.heat import LEVELS
from cxcall.web.queue_titles import titled
from cxcall.web.report_words import figure_text
from cxcall.web.words import gettext as _

MOST_COLUMNS = 10
"""Targets that have a column unless all of them are asked for; the others are told together."""
MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCell:
    """`share` of its row; `level` 0 to LEVELS − 1; `said`: the whole of it, for who hears the page.
    `url` "": nobody went that way."""

    text: str
    share: str
    level: int
    url: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    name: str
    cells: Sequence[MapCell]
    total: MapCell


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedMap:
    """`columns`: what targets are called; `more`: how many targets have no column, `more_url` shows them. `sums`: of
    each column, then of all."""

    columns: Sequence[str]
    rows: Sequence[MapRow]
    sums: Sequence[MapCell]
    more: int
    more_url: str


def row_title(value: str, by: From) -> str:
    """A queue, or an agent; callers who were passed on from neither."""
    return (titled(value) if by == "queue" else value) or (_("Not through a queue") if by == "queue" else _("Unknown"))


def to_title(value: str) -> str:
    """An agent's name, an extension or a phone as the call has it."""
    return titled(value) or _("Unknown")


def to_shown(value: str) -> str:
    """The same on a page: extensions and numbers in the reader's digits."""
    text = to_title(value)
    return digits(text) if text.lstrip("+").isdecimal() else text


def drawn(ways: Sequence[Way], asked: Asked, by: From, *, everything: bool) -> PassedMap:
    """All ways of a period; those to rare targets together in a last column."""
    from_, to = Counter[str](), Counter[str]()
    cells: dict[tuple[str, str], int] = {}
    for way in ways:
        from_[way.from_] += way.n
        to[way.to] += way.n
        cells[way.from_, way.to] = way.n
    targets = sorted(to, key=lambda one: (-to[one], one))
    shown = targets if everything or len(targets) <= MOST_COLUMNS + 1 else targets[:MOST_COLUMNS]
    top = max(cells.values(), default=0)

    def cell(n: int, of: int, name: str, source: str | None, target: str | None, *, shade: bool = True) -> MapCell:
        words = {"source": "" if source is None else f"={source}", "target": "" if target is None else f"={target}"}
        share = figure_text("share", n / of) if of else ""
        return MapCell(
            text=number_text(n) if n else "",
            share=share if n else "",
            level=max(1, round(n / top * (LEVELS - 1))) if n and top and shade else 0,
            url=asked.address("/calls", **words) if n else "",
            said=f"{name}: {number_text(n)} {share}" if n else _("%(place)s: nothing") % {"place": name},
        )

    whole = sum(from_.values())

    def row(source: str) -> MapRow:
        name = row_title(source, by)
        several = [
            cell(
                cells.get((source, target), 0), from_[source],
                _("from %(one)s to %(other)s") % {"one": name, "other": to_shown(target)}, source, target,
            )
            for target in shown
        ]  # fmt: skip
        return MapRow(name=name, cells=several, total=cell(from_[source], whole, name, source, None, shade=False))

    return PassedMap(
        columns=[to_shown(target) for target in shown],
        rows=[row(source) for source in sorted(from_, key=lambda one: (-from_[one], one))[:MOST_ROWS]],
        sums=[
            *(cell(to[target], whole, to_shown(target), None, target, shade=False) for target in shown),
            cell(whole, whole, _("Total"), None, None, shade=False),
        ],
        more=len(targets) - len(shown),
        more_url=asked.address(all="1") if len(targets) > len(shown) else "",
    )


def finding(ways: Sequence[Way], by: From) -> str:
    """Where most of them went. Of few transfers nothing is claimed."""
    total = sum(way.n for way in ways)
    if not total:
        return _("Nobody was passed on in this time.")
    if total < FEW:
        return _("There are too few transfers to say what stands out.")
    first = ways[0]
    return _("Most went from %(one)s to %(other)s: %(n)s of %(all)s, %(share)s.") % {
        "one": row_title(first.from_, by), "other": to_shown(first.to), "n": number_text(first.n),
        "all": number_text(total), "share": figure_text("share", first.n / total),
    }  # fmt: skip
