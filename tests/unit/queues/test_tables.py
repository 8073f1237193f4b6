"""Queues and their members as tables."""

from __future__ import annotations

import csv

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.queues.csv_table import read_table, write_table
from cxcall.queues.definition import Announcements, Destination, MemberChoice, PenaltyStep, QueueDefinition, Targets
from cxcall.queues.member_tables import read_members, write_members
from cxcall.queues.membership import People, Person
from cxcall.queues.tables import Row, read_queues, write_queues

BILLING = QueueDefinition(
    name="billing",
    title={"en": "=Billing", "fa": "صورت‌حساب"},
    numbers=("+982140001234", "200"),
    join_empty=("paused", "invalid"),
    announcements=Announcements(place="limit", every=45, periodic=("Sorry, wait", "-x")),
    rule=(PenaltyStep(after=30, most=3), PenaltyStep(after=60, least=2, most=9), PenaltyStep(after=90, least=0)),
    longest_wait=300,
    then=Destination(kind="queue", value="night"),
    when_closed=Destination(kind="voicemail"),
    calendar="c1",
    targets=Targets(answer_share=82.5, csat=4.2),
    extra=(("membergosub", "x"),),
)
MEMBERS = (
    MemberChoice(kind="agent", value="1", penalty=2),
    MemberChoice(kind="agent", value="3"),
    MemberChoice(kind="skill", value="b", level=3, by_level=True),
    MemberChoice(kind="team", value="t"),
    MemberChoice(kind="interface", value="Local/5@q/n", name="Desk", state_interface="hint:5@ext-local"),
)
PEOPLE = People(
    persons={
        "1": Person(id="1", name="Sara"),
        "2": Person(id="2", name="Omid"),
        "3": Person(id="3", name="Omid"),
    },
    teams={"t": "Front"},
    skills={"b": "Billing"},
)
HOURS = {"c1": "Office"}


def test_queues_come_back_from_a_spreadsheet_as_they_were() -> None:
    plain = QueueDefinition(name="plain")
    text = write_queues([BILLING, plain], HOURS)
    assert "'=Billing" in text  # no spreadsheet runs it
    again = read_queues(text.encode("utf-8-sig"), {"billing": BILLING}, HOURS)
    assert again.rows == (Row(line=2, queue="billing", state="same"), Row(line=3, queue="plain", state="new"))
    assert again.queues == (plain,)
    new = read_queues(text.replace(",", "\t").replace("Sorry\t wait", "Sorry, wait"), {}, HOURS)
    assert new.errors == ()
    assert new.queues == (msgspec.structs.replace(BILLING, extra=()), plain)


def test_a_column_left_out_stays_and_an_empty_cell_means_the_usual() -> None:
    found = read_queues("NAME,Wrap-up,join empty,timeout\nBilling,۱۵,,25\n", {"billing": BILLING})
    (after,) = found.queues
    assert after == msgspec.structs.replace(BILLING, wrap_up=15, join_empty=None, ring=25)
    assert found.rows == (Row(line=2, queue="billing", state="changed", changed=("ring", "wrap_up", "join_empty")),)


def test_what_is_wrong_is_told_by_line_and_column_and_the_rest_is_taken() -> None:
    found = read_queues(
        "name,ring,strategy,then,steps,autofill,target csat,hours\n"
        "ok,20,ringall,hangup,,yes,,\n"
        "x,soon,fastest,queue,soon,maybe,good,Never\n"
        "\n"
        "many,999,linear,number 12,30 s up to 5,no,4٫5,,more\n"
        "ok,20,,,,,,\n",
        {},
    )
    assert [queue.name for queue in found.queues] == ["ok"]
    assert [(error.line, error.column, error.code) for error in found.errors] == [
        (3, "name", "name_form"),
        (3, "ring", "not_a_number"),
        (3, "strategy", "not_one_of"),
        (3, "then", "destination_form"),
        (3, "steps", "step_form"),
        (3, "autofill", "not_yes_or_no"),
        (3, "target_csat", "not_a_figure"),
        (3, "hours", "unknown_hours"),
        (5, "", "too_many_cells"),
        (5, "ring", "out_of_range"),
        (6, "name", "name_twice"),
    ]
    assert all("{" not in error.text for error in found.errors)


def test_a_file_that_is_no_table_of_queues_says_so() -> None:
    def codes(data: bytes | str) -> list[str]:
        return [error.code for error in read_queues(data, {}).errors]

    assert codes(b"") == ["empty"]
    assert codes("first,name,name,colour\n") == ["unknown_column", "column_twice"]
    assert codes("colour\nd1") == ["missing_column"]
    assert codes(b"x" * (6 << 20)) == ["too_large"]
    assert codes("name\n" + "x\n" * 20_001) == ["too_large"]
    assert codes('name\n"' + "x" * 200_000) == ["broken"]


@pytest.mark.parametrize("cell", ["=1", "@a", "-1+cmd|' /C calc'!A0", "+98+1", "- 5", "\uff1d1+1"])
def test_nothing_is_run_by_a_spreadsheet_and_comes_back_as_it_was(cell: str) -> None:
    text = write_table(("name", "note"), [("billing", cell), ("sales", "-5")])
    assert next(iter(csv.reader(text.splitlines()[1:])))[1] == f"'{cell}"
    assert [cells for _line, cells in read_table(text).lines] == [("billing", cell), ("sales", "-5")]


def test_members_come_back_by_name_where_a_name_tells_people_apart() -> None:
    definition = msgspec.structs.replace(BILLING, members=MEMBERS)
    text = write_members([definition], PEOPLE)
    assert text.splitlines()[1:4] == [
        "billing,agent,Sara,2,,,,", "billing,agent,3,0,,,,", "billing,skill,Billing,0,3,yes,,",
    ]  # fmt: skip
    assert read_members(text, {"billing": definition}, PEOPLE).rows == (Row(line=2, queue="billing", state="same"),)
    found = read_members(text, {"billing": BILLING}, PEOPLE)
    assert found.queues == (definition,)
    assert found.rows == (Row(line=2, queue="billing", state="changed", changed=("members",)),)


def test_a_queue_with_a_wrong_member_keeps_its_members() -> None:
    existing = {"billing": BILLING, "sales": QueueDefinition(name="sales")}
    found = read_members(
        "queue,kind,value,penalty,level\n"
        "sales,phone,PJSIP/1,1,\n"
        "billing,agent,Sara,,\n"
        "billing,agent,Nobody,many,9\n"
        "billing,agent,omid,,\n"
        "billing,robot,x,,\n"
        "billing,team,,,\n"
        "gone,agent,Sara,,\n",
        existing,
        PEOPLE,
    )
    (sales,) = found.queues
    assert sales.members == (MemberChoice(kind="interface", value="PJSIP/1", penalty=1),)
    assert [(error.line, error.column, error.code) for error in found.errors] == [
        (4, "who", "unknown_who"), (4, "priority", "not_a_number"), (4, "level", "out_of_range"),
        (5, "who", "ambiguous_who"), (6, "kind", "not_one_of"), (7, "who", "no_who"), (8, "queue", "unknown_queue"),
    ]  # fmt: skip
    assert all("{" not in error.text for error in found.errors)
    assert [error.code for error in read_members("", existing, PEOPLE).errors] == ["empty"]
    assert [error.code for error in read_members("queue,who", existing, PEOPLE).errors] == ["missing_column"]


@given(text=st.text(max_size=80) | st.text(alphabet="name,queue;who\t\"\n'=0٣", max_size=80))
@settings(max_examples=40, deadline=None)
def test_no_file_breaks_the_reading(text: str) -> None:
    for data in (text, text.encode("utf-16"), f"name,ring,then\n{text}", f"queue,kind,who\n{text}".encode()):
        read_queues(data, {"billing": BILLING})
        read_members(data, {"billing": BILLING}, PEOPLE)
