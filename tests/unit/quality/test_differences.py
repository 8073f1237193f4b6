"""What publishing a draft changes: every part that differs, told once, whatever else is the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.quality.differences import Change, differences
from cxcall.quality.scorecard import Item, Rule, Scorecard, Section

A, B, C = (
    Item(id=id_, title={"en": id_.upper(), "fa": f"{id_}-fa"}, weight=weight)
    for id_, weight in (("a", 1.0), ("b", 1.0), ("c", 2.0))
)
OPENING, TALK = (
    Section(id="o", title={"en": "Opening"}, items=(A, B)),
    Section(id="t", title={"en": "Talk"}, items=(C,)),
)
CARD = Scorecard(title={"en": "Service", "fa": "خدمات"}, sections=(OPENING, TALK))


def but(part: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(part, **fields)


def card(*sections: Section, **fields: Any) -> Scorecard:
    return msgspec.structs.replace(CARD, sections=sections, **fields)


def kinds(found: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(one.kind, one.part) for one in found]


def with_b(**fields: Any) -> Scorecard:
    return card(but(OPENING, items=(A, but(B, **fields))), TALK)


def test_a_draft_that_is_what_was_published_changes_nothing() -> None:
    assert differences(CARD, CARD) == ()


@pytest.mark.parametrize(
    ("field", "value", "before"),
    [
        ("highest", 5, 0),
        ("critical", True, False),
        ("na", True, False),
        ("rule", Rule(what="phrase", phrase="x"), None),
    ],
)
def test_each_field_of_an_item_is_told_with_what_it_was_and_both_ways(field: str, value: Any, before: Any) -> None:
    (one,) = differences(CARD, with_b(**{field: value}))
    assert (one.kind, one.part, one.before, one.after, one.item) == (field, "b", before, value, B.title)
    (back,) = differences(with_b(**{field: value}), CARD)
    assert (back.before, back.after) == (value, before)


def test_titles_are_told_by_language() -> None:
    found = differences(CARD, but(with_b(title={"en": "Bee", "fa": "b-fa"}), title={"en": "Service"}))
    assert [(one.kind, one.language, one.before, one.after) for one in found] == [
        ("title", "fa", "خدمات", ""), ("item_title", "en", "B", "Bee"),
    ]  # fmt: skip
    (section,) = differences(CARD, card(but(OPENING, title={"en": "Opening", "fa": "آغاز"}), TALK))
    assert (section.kind, section.part, section.language, section.after) == ("section_title", "o", "fa", "آغاز")


def test_a_weight_is_told_with_its_share_and_that_others_weigh_less_of_the_whole() -> None:
    weight, others = differences(CARD, with_b(weight=5.0))
    assert (weight.kind, weight.before, weight.after, weight.shares) == ("weight", 1.0, 5.0, (0.25, 0.625))
    assert (others.kind, others.after) == ("shares", 2)


def test_what_comes_is_told_before_what_goes() -> None:
    new = Item(id="n", title={"en": "New"}, weight=1.0)
    found = differences(CARD, card(but(OPENING, items=(A, new)), TALK))
    assert kinds(found) == [("item_added", "n"), ("item_removed", "b")]
    assert found[0].shares == (0.0, 0.25)
    assert found[1].item == B.title


def test_a_section_that_goes_tells_its_items_and_one_that_comes_too() -> None:
    assert kinds(differences(CARD, card(TALK))) == [
        ("section_removed", "o"), ("item_removed", "a"), ("item_removed", "b"), ("shares", ""),
    ]  # fmt: skip
    assert kinds(differences(card(TALK), CARD)) == [
        ("section_added", "o"), ("item_added", "a"), ("item_added", "b"), ("shares", ""),
    ]  # fmt: skip


def test_as_few_parts_move_as_tell_the_new_order() -> None:
    four = but(OPENING, items=(A, B, C, but(A, id="d")))
    last_first = but(OPENING, items=(but(A, id="d"), A, B, C))
    assert kinds(differences(card(four), card(last_first))) == [("item_moved", "d")]
    assert len(differences(CARD, card(TALK, OPENING))) == 1
    assert differences(CARD, card(TALK, OPENING))[0].kind == "section_moved"


def test_what_moves_to_another_section_neither_goes_nor_comes() -> None:
    (one,) = differences(CARD, card(but(OPENING, items=(A,)), but(TALK, items=(B, C))))
    assert (one.kind, one.part, one.before, one.after) == ("item_section", "b", OPENING.title, TALK.title)


def test_cards_that_weigh_nothing_are_compared_too() -> None:
    none = card(but(OPENING, items=(but(A, weight=0.0),)))
    assert kinds(differences(none, none)) == []
    assert ("weight", "a") in kinds(differences(CARD, none))


_ITEMS = st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7)
_CARDS = st.builds(
    lambda order, cut, weights, critical: Scorecard(
        title={"en": "x"},
        sections=tuple(
            Section(id=id_, title={"en": id_},
                    items=tuple(Item(id=one, title={"en": one}, weight=weights, critical=critical) for one in part))
            for id_, part in (("s1", order[:cut]), ("s2", order[cut:]))
        ),
    ),
    _ITEMS, st.integers(0, 7), st.sampled_from([1.0, 2.0]), st.booleans(),
)  # fmt: skip


@given(_CARDS, _CARDS)
def test_two_cards_differ_exactly_when_something_is_told(first: Scorecard, second: Scorecard) -> None:
    assert bool(differences(first, second)) == (first != second)
    there = {item.id for item in second.items()} - {item.id for item in first.items()}
    assert {one.part for one in differences(first, second) if one.kind == "item_added"} == there
