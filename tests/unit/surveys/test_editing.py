"""Each act of the editor: what it makes of a script, and that no way dangles after it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.surveys import editing
from cxcall.surveys.flow import ways
from cxcall.surveys.script import END, MOST_PARTS, Branch, Case, Condition, Key, Question, Say, Script, Thank
from cxcall.surveys.template import default_script


def ids(script: Script) -> list[str]:
    return [part.id for part in script.parts]


def dangling(script: Script) -> list[str]:
    known = {*ids(script), END}
    return [way.to for part in script.parts for way in ways(script, part) if way.to not in known]


THREE = Script(parts=(Say(id="a"), Say(id="b"), Thank(id="c")))


def test_a_new_part_stands_below_the_chosen_card() -> None:
    script, made = editing.insert(THREE, "nps", "a")
    assert (ids(script), made) == (["a", "nps", "b", "c"], "nps")
    question = script.part("nps")
    assert isinstance(question, Question)
    assert question.measure == "nps"


def test_a_new_part_without_a_place_stands_before_the_last_thanks() -> None:
    assert ids(editing.insert(THREE, "say")[0]) == ["a", "b", "say", "c"]
    assert ids(editing.insert(THREE, "thank")[0]) == ["a", "b", "c", "thank"]
    assert ids(editing.insert(Script(), "say", "unknown")[0]) == ["say"]


def test_every_kind_of_part_can_be_added_twice() -> None:
    script = Script()
    for kind in editing.KINDS * 2:
        script, _ = editing.insert(script, kind)
    assert len(set(ids(script))) == 2 * len(editing.KINDS)


def test_a_survey_takes_only_so_many_parts() -> None:
    full = Script(parts=tuple(Say(id=f"p{n}") for n in range(MOST_PARTS)))
    with pytest.raises(editing.CannotEdit):
        editing.insert(full, "say")
    with pytest.raises(editing.CannotEdit):
        editing.duplicate(full, "p0")


def test_cards_move_as_far_as_there_are_cards() -> None:
    assert ids(editing.move(THREE, "a", 1)) == ["b", "a", "c"]
    assert ids(editing.move(THREE, "a", -1)) == ["a", "b", "c"]
    assert ids(editing.move(THREE, "a", 9)) == ["b", "c", "a"]
    assert editing.move(THREE, "unknown", 1) is THREE


def test_a_copy_has_an_id_of_its_own() -> None:
    once, first = editing.duplicate(THREE, "a")
    twice, second = editing.duplicate(once, first)
    assert (first, second, ids(twice)) == ("a_2", "a_3", ["a", "a_2", "a_3", "b", "c"])


def test_who_pointed_at_a_removed_card_goes_where_it_went_on_to() -> None:
    script = Script(
        parts=(
            Question(id="q", keys=(Key(key="1", next="b"),), next="b"),
            Branch(id="way", cases=(Case(when=Condition(of="queue", one_of=("x",)), next="b"),)),
            Say(id="b", next="c"),
            Thank(id="c"),
        )
    )
    left = editing.remove(script, "b")
    question, branch = left.part("q"), left.part("way")
    assert isinstance(question, Question)
    assert isinstance(branch, Branch)
    assert (question.next, question.keys[0].next, branch.cases[0].next) == ("c", "c", "c")


def test_a_card_that_went_on_to_itself_leaves_the_end() -> None:
    script = Script(parts=(Say(id="a", next="b"), Say(id="b", next="b")))
    assert editing.remove(script, "b").parts == (Say(id="a", next=END),)


def test_a_part_is_put_back_where_it_was() -> None:
    part = THREE.parts[1]
    assert editing.put_in(editing.remove(THREE, "b"), part, 1) == THREE
    with pytest.raises(editing.CannotEdit):
        editing.put_in(THREE, part, 0)


def test_changes_name_what_was_added_removed_moved_and_changed() -> None:
    after = editing.replace(editing.move(THREE, "a", 1), Say(id="b", prompt="p", next="c"))
    after, _ = editing.insert(editing.remove(after, "c"), "comment")
    after = msgspec.structs.replace(after, languages=("en",))
    found = [(one.what, one.part.id if one.part else "", one.fields) for one in editing.changes(THREE, after)]
    assert ("changed", "", ("languages",)) in found
    assert ("changed", "b", ("prompt", "next")) in found
    assert ("added", "comment", ()) in found
    assert ("removed", "c", ()) in found
    assert sum(what == "moved" for what, _, _ in found) == 1
    assert editing.changes(THREE, THREE) == []


def test_all_of_a_first_version_is_new() -> None:
    assert {one.what for one in editing.changes(None, THREE)} == {"added"}


ACTS = st.lists(
    st.tuples(st.sampled_from(["insert", "move", "copy", "remove"]), st.integers(0, 12), st.integers(-9, 9)),
    max_size=40,
)


@given(ACTS)
def test_no_row_of_acts_leaves_a_way_to_nowhere_or_two_of_one_id(acts: list[tuple[str, int, int]]) -> None:
    script = default_script()
    for act, place, by in acts:
        at = script.parts[place % len(script.parts)].id if script.parts else ""
        if act == "insert":
            script, _ = editing.insert(script, editing.KINDS[by % len(editing.KINDS)], at)
        elif act == "move":
            script = editing.move(script, at, by)
        elif act == "copy":
            script, _ = editing.duplicate(script, at)
        else:
            script = editing.remove(script, at)
        assert dangling(script) == []
        assert len(set(ids(script))) == len(script.parts)
