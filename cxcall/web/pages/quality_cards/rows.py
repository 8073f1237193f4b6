"""What the buttons of a scorecard's form do to its rows: more, elsewhere, less, and back again."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from cxcall.store.ids import new_id
from cxcall.web.pages.quality_cards.form import (
    MOST_GONE,
    MOST_ITEMS,
    MOST_SECTIONS,
    Given,
    Gone,
    ItemRow,
    SectionRow,
)


class _Took(TypedDict):
    gone: tuple[Gone, ...]
    focus: str


def changed(given: Given, act: str) -> Given:
    """The form after one of its buttons: add-section, add-item:0, up:0, down:0.1, out:0.1, back:0 (what was
    removed last); the rest stays."""
    what, _colon, where = act.partition(":")
    if what == "back":
        return _back(given, where)
    if not given.room and what.startswith("add-"):
        return given
    sections = [list(row.items) for row in given.sections]
    heads = list(given.sections)
    place = [int(part) for part in where.split(".") if part.isascii() and part.isdigit()]
    if what == "add-section" and len(heads) < MOST_SECTIONS:
        heads.append(SectionRow(id=new_id()))
        sections.append([ItemRow(id=new_id())])
        return _again(given, heads, sections, f"s{len(heads) - 1}.title.en")
    if not place or place[0] >= len(heads):
        return given
    s = place[0]
    if what == "add-item" and len(sections[s]) < MOST_ITEMS:
        sections[s].append(ItemRow(id=new_id()))
        return _again(given, heads, sections, f"s{s}.i{len(sections[s]) - 1}.title.en")
    if len(place) == 1:
        return _of_section(given, what, s)
    if place[1] >= len(sections[s]):
        return given
    return _of_item(given, what, s, place[1])


def _of_section(given: Given, what: str, s: int) -> Given:
    rows = list(given.sections)
    row = rows.pop(s)
    if what == "out":
        return replace(given, sections=tuple(rows), **_took(given, Gone(section=row, at=s)))
    if what not in ("up", "down"):
        return given
    to = max(s - 1, 0) if what == "up" else s + 1
    rows.insert(to, row)
    return replace(given, sections=tuple(rows), focus=f"s{min(to, len(rows) - 1)}.title.en")


def _of_item(given: Given, what: str, s: int, i: int) -> Given:
    """Over the edge of its section an item goes to the next one."""
    sections = [list(row.items) for row in given.sections]
    item, heads = sections[s].pop(i), list(given.sections)
    if what == "out":
        took = _took(given, Gone(item=item, at=i, of=heads[s].id))
        return replace(_again(given, heads, sections, ""), **took)
    if what == "up":
        to, at = (s, i - 1) if i else (s - 1, len(sections[s - 1])) if s else (0, 0)
    elif what == "down":
        to, at = (s, i + 1) if i < len(sections[s]) else (s + 1, 0) if s + 1 < len(heads) else (s, i)
    else:
        return given
    if len(sections[to]) >= MOST_ITEMS:
        return given
    sections[to].insert(at, item)
    return _again(given, heads, sections, f"s{to}.i{at}.title.en")


def _again(given: Given, heads: list[SectionRow], items: list[list[ItemRow]], focus: str) -> Given:
    rows = tuple(replace(head, items=tuple(some)) for head, some in zip(heads, items, strict=True))
    return replace(given, sections=rows, focus=focus)


def _took(given: Given, gone: Gone) -> _Took:
    """What was removed can be brought back by the button that has the focus now."""
    return {"gone": (gone, *given.gone)[:MOST_GONE], "focus": "g0"}


def _back(given: Given, where: str) -> Given:
    """A removed row in its place again, as near as what else changed allows."""
    n = int(where) if where.isascii() and where.isdigit() and len(where) < 3 else MOST_GONE
    if n >= len(given.gone):
        return given
    gone = given.gone[n]
    later = tuple(
        replace(one, at=one.at + 1) if one.of == gone.of and one.at >= gone.at else one for one in given.gone[:n]
    )  # they were taken from rows without this one
    rest = later + given.gone[n + 1 :]
    sections = list(given.sections)
    if gone.section:
        if len(sections) >= MOST_SECTIONS or len(gone.section.items) > given.room:
            return given
        at = min(gone.at, len(sections))
        sections.insert(at, gone.section)
        return replace(given, sections=tuple(sections), gone=rest, focus=f"s{at}.title.en")
    s = next((s for s, section in enumerate(sections) if section.id == gone.of), -1)
    if s < 0 or gone.item is None or len(sections[s].items) >= MOST_ITEMS or not given.room:
        return given
    items = list(sections[s].items)
    at = min(gone.at, len(items))
    items.insert(at, gone.item)
    sections[s] = replace(sections[s], items=tuple(items))
    return replace(given, sections=tuple(sections), gone=rest, focus=f"s{s}.i{at}.title.en")
