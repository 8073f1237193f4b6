"""What differs between two scorecards, part by part: what publishing a draft changes, or what two people wrote.

Parts are the same when their ids are; what they are called may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from cxcall.quality.scorecard import LANGUAGES, Item, Rule, Scorecard, Section

Kind = Literal[
    "title", "section_added", "section_removed", "section_title", "section_moved", "item_added", "item_removed",
    "item_title", "item_moved", "item_section", "weight", "highest", "critical", "na", "rule", "shares",
]  # fmt: skip
Title = Mapping[str, str]
_FIELDS: tuple[Kind, ...] = ("weight", "highest", "critical", "na", "rule")
"""Fields of an item, by what their change is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `part`: the id of the section or item, "" the scorecard. `section`, `item`: the part's titles as
    they are afterwards, as they were where it is gone.

    `language` of a title that differs. `before`, `after`: what it is, by kind: a title's text ("": none), a weight, the
    highest answer (0: yes or no), critical or not, a rule, the titles of the section an item leaves and comes to; of
    `shares` how many items. `shares`: what a weight is of the whole, 0 to 1.
    """

    kind: Kind
    part: str = ""
    section: Title
    item: Title | None = None
    language: str = ""
    before: str | float | bool | Title | Rule | None = None
    after: str | float | bool | Title | Rule | None = None
    shares: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An item where it stands, and what it weighs of the whole."""

    item: Item
    section: Section
    share: float


def differences(before: Scorecard, after: Scorecard) -> tuple[Change, ...]:
    """What comes and changes in the order of `after`, then what is gone in the order of `before`."""
    old, new = _items(before), _items(after)
    sections = {section.id: section for section in before.sections}
    moved = _moved(list(sections), [section.id for section in after.sections])
    found = list(_titles("title", before.title, after.title, section={}))
    for section in after.sections:
        found += _of_section(sections.get(section.id), section, section.id in moved)
        found += _of_items(section, old, new)
    found += _gone(before, new, frozenset(section.id for section in after.sections))
    return (*found, *_shares(old, new))


def _items(card: Scorecard) -> dict[str, _Place]:
    whole = sum(item.weight for item in card.items())
    return {
        item.id: _Place(item=item, section=section, share=item.weight / whole if whole > 0 else 0.0)
        for section in card.sections
        for item in section.items
    }


def _of_section(was: Section | None, section: Section, moved: bool) -> Iterator[Change]:
    if was is None:
        yield Change(kind="section_added", part=section.id, section=section.title)
        return
    yield from _titles("section_title", was.title, section.title, part=section.id, section=section.title)
    if moved:
        yield Change(kind="section_moved", part=section.id, section=section.title)


def _of_items(section: Section, old: Mapping[str, _Place], new: Mapping[str, _Place]) -> Iterator[Change]:
    here = [item.id for item in section.items if item.id in old and old[item.id].section.id == section.id]
    then = [id_ for id_, place in old.items() if place.section.id == section.id and id_ in here]
    moved = _moved(then, here)
    for item in section.items:
        was, now = old.get(item.id), new[item.id]
        if was is None:
            yield Change(kind="item_added", part=item.id, section=section.title, item=item.title, after=item.weight,
                         shares=(0.0, now.share))  # fmt: skip
            continue
        yield from _of_item(was, now)
        if was.section.id != section.id:
            yield Change(kind="item_section", part=item.id, section=section.title, item=item.title,
                         before=was.section.title, after=section.title)  # fmt: skip
        elif item.id in moved:
            yield Change(kind="item_moved", part=item.id, section=section.title, item=item.title)


def _of_item(was: _Place, now: _Place) -> Iterator[Change]:
    before, after, section = was.item, now.item, now.section.title
    yield from _titles("item_title", before.title, after.title, part=after.id, section=section, item=after.title)
    for kind in _FIELDS:
        old, new = getattr(before, kind), getattr(after, kind)
        if old != new:
            shares = (was.share, now.share) if kind == "weight" else (0.0, 0.0)
            yield Change(kind=kind, part=after.id, section=section, item=after.title, before=old, after=new,
                         shares=shares)  # fmt: skip


def _titles(
    kind: Kind, before: Title, after: Title, *, section: Title, item: Title | None = None, part: str = ""
) -> Iterator[Change]:
    for language in LANGUAGES:
        was, now = before.get(language, ""), after.get(language, "")
        if was != now:
            yield Change(kind=kind, part=part, section=section, item=item, language=language, before=was, after=now)


def _gone(before: Scorecard, new: Mapping[str, _Place], stay: frozenset[str]) -> Iterator[Change]:
    """Sections and items that are gone; items of a section that is gone may stand in another now."""
    for section in before.sections:
        gone = [item for item in section.items if item.id not in new]
        if section.id not in stay:
            yield Change(kind="section_removed", part=section.id, section=section.title)
        yield from (Change(kind="item_removed", part=item.id, section=section.title, item=item.title) for item in gone)


def _shares(old: Mapping[str, _Place], new: Mapping[str, _Place]) -> Iterator[Change]:
    """That items nobody touched weigh more or less of the whole, for others weigh otherwise or came or went."""
    moved = [
        id_
        for id_, place in new.items()
        if id_ in old and old[id_].item.weight == place.item.weight and abs(old[id_].share - place.share) >= 0.005
    ]
    if moved:
        yield Change(kind="shares", section={}, after=float(len(moved)))


def _moved(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """Which stand elsewhere among the others: as few as tell the new order."""
    both = set(old) & set(new)
    first, second = [one for one in old if one in both], [one for one in new if one in both]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    stay = {one for block in blocks for one in second[block.b : block.b + block.size]}
    return frozenset(second) - stay
