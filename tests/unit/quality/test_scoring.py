"""Scorecards and scores, worked by hand."""

from __future__ import annotations

import msgspec
import pytest

from cxcall.quality.from_speech import Heard, fill
from cxcall.quality.scorecard import Item, Problem, Rule, Scorecard, Section, check
from cxcall.quality.scoring import Answer, BadAnswer, Unanswered, score

T = {"en": "x"}
GREETED = Item(id="greeted", title=T, weight=1, na=True)
LISTENED = Item(id="listened", title=T, weight=2, highest=5, na=True)
IDENTIFIED = Item(id="identified", title={"fa": "هویت"}, weight=1, critical=True)
CARD = Scorecard(
    title=T,
    sections=(
        Section(id="opening", title=T, items=(GREETED,)),
        Section(id="talk", title=T, items=(LISTENED, IDENTIFIED)),
    ),
)


def answers(greeted: int | None, listened: int | None, identified: int | None) -> dict[str, Answer]:
    given = {"greeted": greeted, "listened": listened, "identified": identified}
    return {id_: Answer(value=value) for id_, value in given.items()}


def card(*items: Item) -> Scorecard:
    return Scorecard(title=T, sections=(Section(id="s", title=T, items=items),))


def test_a_score_is_what_was_reached_of_all_weights():
    # Scale 3 of 5 is half: (1*1 + 2*0.5 + 1*1) / 4 = 0.75; the second section (1 + 1) / 3.
    found = score(CARD, answers(1, 3, 1))
    assert (found.whole, found.missed) == (0.75, ())
    assert found.sections == {"opening": 1.0, "talk": pytest.approx(2 / 3)}


def test_what_does_not_apply_takes_its_weight_along():
    # (1*0 + 1*1) / 2: the scale's weight of 2 is gone.
    assert score(CARD, answers(0, None, 1)).whole == 0.5
    assert score(CARD, answers(None, 5, 1)).sections["opening"] is None


def test_nothing_that_applies_is_no_score():
    assert score(card(GREETED), {"greeted": Answer(value=None)}).whole is None


def test_a_missed_critical_item_makes_the_whole_nothing_and_is_named():
    found = score(CARD, answers(1, 5, 0))
    assert (found.whole, found.missed) == (0.0, ("identified",))
    assert found.sections["opening"] == 1.0


def test_items_without_an_answer_are_named():
    with pytest.raises(Unanswered) as refused:
        score(CARD, {"listened": Answer(value=1)})
    assert refused.value.items == ("greeted", "identified")


@pytest.mark.parametrize(
    "given", [answers(2, 3, 1), answers(1, 0, 1), answers(1, 6, 1), answers(1, 3, None), {"other": Answer(value=1)}]
)
def test_an_answer_the_item_cannot_have_is_refused(given):
    with pytest.raises(BadAnswer):
        score(CARD, given)


def test_a_sound_scorecard_has_no_problems():
    assert check(CARD) == ()


def test_each_problem_is_told_with_its_place():
    wrong = card(
        Item(id="a", title={"en": " "}), Item(id="b", title=T, weight=0), Item(id="c", title=T, weight=1e308),
        Item(id="d", title=T, highest=1), Item(id="e", title=T, highest=5, critical=True), Item(id="s", title=T),
    )  # fmt: skip
    assert [(one.where, one.misfit) for one in check(wrong)] == [
        ("a", "title"), ("b", "weight"), ("c", "weight"), ("d", "highest"), ("e", "critical_scale"), ("s", "same_id"),
    ]  # fmt: skip
    assert check(Scorecard(title={})) == (Problem(where="", misfit="title"), Problem(where="", misfit="no_items"))
    assert check(Scorecard(title={}))[1].sentence == "A scorecard needs at least one item."


def ruled(**rules: Rule) -> Scorecard:
    """The card with rules of its items."""
    sections = tuple(
        msgspec.structs.replace(
            section, items=tuple(msgspec.structs.replace(item, rule=rules.get(item.id)) for item in section.items)
        )
        for section in CARD.sections
    )
    return msgspec.structs.replace(CARD, sections=sections)


def test_rules_that_can_not_hold_are_named():
    phrase, much = Rule(what="phrase"), Rule(what="silence", limit=1.5)
    assert [one.misfit for one in check(ruled(greeted=phrase, listened=phrase, identified=much))] == [
        "rule_phrase", "rule_scale", "rule_limit",
    ]  # fmt: skip


def test_items_are_answered_from_what_was_heard_and_marked():
    rules = {
        "greeted": Rule(what="phrase", phrase="hello"), "identified": Rule(what="silence", limit=0.2),
        "listened": Rule(what="interruptions", limit=1),
    }  # fmt: skip
    found = fill(ruled(**rules), Heard(said=frozenset({"hello"}), silence=0.21, interruptions=0))
    assert found == {"greeted": Answer(value=1, from_speech=True), "identified": Answer(value=0, from_speech=True)}


def test_a_limit_that_is_just_reached_holds_and_what_was_not_measured_stays_open():
    rules = {"greeted": Rule(what="phrase", phrase="hello"), "identified": Rule(what="silence", limit=0.2)}
    assert fill(ruled(**rules), Heard(silence=0.2)) == {"identified": Answer(value=1, from_speech=True)}
