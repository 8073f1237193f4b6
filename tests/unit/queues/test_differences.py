"""What would change, line by line."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.queues.conf import lines
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.differences import changes, diff, diff_file, short
from cxcall.queues.line import Line, Section
from cxcall.queues.membership import Member

some_lines = st.lists(
    st.builds(Line, st.sampled_from(["strategy", "timeout", "member"]), st.sampled_from(["1", "2", "3,0,A"])),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(before=some_lines, after=some_lines)
def test_old_and_new_lines_can_be_read_from_a_difference(before: list[Line], after: list[Line]) -> None:
    found = diff(before, after)
    assert [line.text for line in found if line.sign != "+"] == [line.text for line in before]
    assert [line.text for line in found if line.sign != "-"] == [line.text for line in after]


def test_a_setting_that_changes_stands_under_its_old_value_and_counts_once() -> None:
    one = Member(interface="PJSIP/204", name="Sara")
    before = lines(QueueDefinition(name="billing", strategy="rrmemory", ring=20), [one])
    after = lines(
        QueueDefinition(name="billing", ring=25, most_callers=40),
        [one, Member(interface="PJSIP/221", penalty=2, name="Babak")],
    )
    found = diff(before, after)
    assert [f"{line.sign}{line.text}" for line in short(found, context=0)] == [
        "-strategy = rrmemory",
        "+strategy = leastrecent",
        "-timeout = 20",
        "+timeout = 25",
        " …",
        "-maxlen = 0",
        "+maxlen = 40",
        " …",
        "+member = PJSIP/221,2,Babak",
    ]
    assert changes(found) == 4


def test_a_member_with_another_penalty_is_one_change() -> None:
    assert changes(diff([Line("member", "PJSIP/1,0,A")], [Line("member", "PJSIP/1,3,A")])) == 1
    assert changes(diff([Line("member", "PJSIP/1,0,A")], [Line("member", "PJSIP/2,0,A")])) == 2


def test_a_files_difference_tells_what_comes_goes_changes_and_stays() -> None:
    old, new = (Line("timeout", "1"),), (Line("timeout", "2"),)
    found = diff_file(
        [Section("gone", old), Section("other", old), Section("same", old)],
        [Section("new", new), Section("other", new), Section("same", old)],
    )
    assert [(section.name, section.state, section.changes) for section in found] == [
        ("new", "new", 1), ("other", "changed", 1), ("same", "same", 0), ("gone", "gone", 1),
    ]  # fmt: skip
