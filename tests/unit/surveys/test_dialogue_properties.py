"""Whatever a caller does, in drafts with rings and holes too: it ends, and only what was given is kept and scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.surveys import checking, closing, estimate
from cxcall.surveys.answering import MOST
from cxcall.surveys.dialogue import MOST_VISITS, begin, step
from cxcall.surveys.script import (
    END,
    Branch,
    Case,
    Comment,
    Condition,
    HandOver,
    Key,
    Part,
    Question,
    Say,
    Script,
    Thank,
    read,
    write,
)
from cxcall.surveys.steps import Digit, Done, Facts, HangUp, Input, Recorded, State, Timeout
from tests.unit.surveys.scripts import TWELVE

KEYS = "0123456789*#"
T = TypeVar("T")


def _input() -> st.SearchStrategy[Input]:
    seconds = st.floats(0, 300)
    ended_by = st.sampled_from(("key", "silence", "limit", "hang_up"))
    return st.one_of(
        st.sampled_from(KEYS + "A").map(Digit),
        st.sampled_from("1205").map(Digit),
        st.builds(Timeout),
        st.builds(Recorded, seconds=seconds, ended_by=ended_by),
        st.builds(HangUp),
    )


def _next() -> st.SearchStrategy[str | None]:
    return st.sampled_from((None, None, "0", "1", "2", "3", "4", "5", END, "nowhere"))


def _condition() -> st.SearchStrategy[Condition]:
    return st.builds(
        Condition,
        of=st.sampled_from(("answer", "tier", "queue", "language")),
        part=st.sampled_from("012345"),
        at_least=st.none() | st.floats(0, 5),
        at_most=st.none() | st.floats(0, 10),
        one_of=st.lists(st.sampled_from(("1", "5", "gold", "en")), max_size=2).map(tuple),
    )


def _question(part_id: str) -> st.SearchStrategy[Question]:
    key = st.builds(Key, key=st.sampled_from(KEYS), value=st.none() | st.integers(0, 10).map(float), next=_next())
    return st.builds(
        Question,
        id=st.just(part_id),
        kind=st.sampled_from(("scale", "nps", "nps", "nps_key", "yes_no", "choice")),
        measure=st.sampled_from((None, "csat", "nps", "ces")),
        keys=st.lists(key, max_size=6, unique_by=lambda one: one.key).map(tuple),
        retries=st.integers(-1, 3),
        skip_key=st.sampled_from(("", "*", "#", "0")),
        next=_next(),
    )


def _part(part_id: str) -> st.SearchStrategy[Part]:
    case = st.builds(Case, when=_condition(), next=_next().map(lambda target: target or END))
    return st.one_of(
        _question(part_id),
        _question(part_id),
        st.builds(Say, id=st.just(part_id), prompt=st.sampled_from(("", "p")), next=_next()),
        st.builds(Comment, id=st.just(part_id), next=_next()),
        st.builds(Branch, id=st.just(part_id), cases=st.lists(case, max_size=2).map(tuple), next=_next()),
        st.builds(Thank, id=st.just(part_id)),
        st.builds(HandOver, id=st.just(part_id), to=st.sampled_from(("queue", "number", "call_back"))),
    )


def _script() -> st.SearchStrategy[Script]:
    drafts = st.builds(
        Script,
        parts=st.tuples(*(_part(str(n)) for n in range(6))),
        opt_out_key=st.sampled_from(("9", "", "*")),
    )
    return drafts | st.just(TWELVE)


FACTS = st.builds(Facts, tier=st.sampled_from(("", "gold")), language=st.sampled_from(("fa", "en")))
MUCH = st.lists(_input(), max_size=60)


def quickly(test: Callable[..., None]) -> Callable[..., None]:
    return settings(max_examples=60, deadline=None)(test)


@quickly
@given(_script(), FACTS, MUCH)
def test_whatever_a_caller_does_only_what_was_given_is_kept(script: Script, facts: Facts, much: list[Input]) -> None:
    here = begin(script, facts)
    for happened in much:
        before = here.state
        here = step(script, facts, before, happened)
        _keeps_what_was_given(before, here.state)
        assert isinstance(here.command, Done) == here.state.over
        if isinstance(happened, HangUp):
            assert here.state.over
    _given_fits_the_path(script, here.state)
    for one in here.state.given:
        assert one.value is None or one.value in _values(script, one.part, one.keys)
    _scores_what_was_given(script, here.state)


@quickly
@given(_script(), FACTS, st.lists(_input(), min_size=1, max_size=4))
def test_any_doing_over_and_over_ends(script: Script, facts: Facts, habit: list[Input]) -> None:
    """The bound: parts × visits × tries × the digits of a number."""
    bound = len(script.parts) * MOST_VISITS * 4 * 2 + 1
    here = begin(script, facts)
    for n in range(bound):
        here = step(script, facts, here.state, habit[n % len(habit)])
    assert here.state.over


@quickly
@given(_script(), FACTS, MUCH)
def test_a_step_depends_on_nothing_but_what_it_is_given(script: Script, facts: Facts, much: list[Input]) -> None:
    again = read(write(script))
    here, there = begin(script, facts), begin(again, facts)
    for happened in much:
        here, there = step(script, facts, here.state, happened), step(again, facts, there.state, happened)
    assert here == there


@quickly
@given(_script())
def test_any_draft_can_be_checked_and_timed(script: Script) -> None:
    for problem in checking.problems(script, {"p": ("fa", "en")}):
        assert problem.text
        assert problem.part in {"", *(part.id for part in script.parts)}
    took = estimate.seconds(script, {"p": 3.0})
    assert 0 <= took.shortest <= took.longest
    assert took.usual <= took.longest


def _scores_what_was_given(script: Script, state: State) -> None:
    came = closing.outcome(script, state.given)
    answered = [one for one in state.given if one.result == "answered"]
    assert set(came.measures.values()) <= {one.value for one in answered}
    assert came.has_comment == any(one.seconds > 0 for one in answered)


def _keeps_what_was_given(before: State, after: State) -> None:
    assert after.given[: len(before.given)] == before.given
    assert len(after.given) <= len(before.given) + 1
    assert after.path[: len(before.path)] == before.path


def _given_fits_the_path(script: Script, state: State) -> None:
    """One Given for each question or comment reached, in its order; the one being asked has none yet."""
    asked = [one for one in state.path if isinstance(script.part(one), Question | Comment)]
    open_now = not state.over and isinstance(script.part(state.part), Question | Comment)
    assert [one.part for one in state.given] == (asked[:-1] if open_now else asked)


def _values(script: Script, part_id: str, keys: str) -> set[float | None]:
    part = script.part(part_id)
    assert isinstance(part, Question)
    own = {key.value for key in part.keys if key.key == keys}
    numbers = {float(n) for n in range(MOST + 1) if str(n) == keys} if part.kind == "nps" else set()
    return own | numbers
