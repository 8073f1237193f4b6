"""Tables of customers as people export them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.customers.profile import Profile
from cxcall.customers.table_import import (
    EXPORT_HEADER,
    Candidate,
    LineProblems,
    UnreadableTable,
    guess,
    read_lines,
    read_table,
    table_row,
)

PERSIAN = "نام,نام خانوادگی,موبایل,تلفن ثابت,شرکت,توضیحات\nمریم,حسینی,۰۹۱۲۳۴۵۶۷۸۹,02188341190,آرش,بعد از ظهر\n"


def test_a_persian_table_is_understood_by_its_header() -> None:
    table = read_table(PERSIAN.encode())
    mapping = guess(table.header)
    assert mapping == {0: "name", 1: "name", 2: "numbers", 3: "numbers", 4: "company", 5: "note"}
    (candidate,) = read_lines(table.lines, mapping, "IR")
    assert candidate == Candidate(
        line=2,
        profile=Profile(name="مریم حسینی", numbers=("+989123456789", "+982188341190"), company="آرش"),
        note="بعد از ظهر",
    )


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["Full Name", "Phone 1", "Phone 2", "E-mail", "Shoe"], {0: "name", 1: "numbers", 2: "numbers", 3: "emails"}),
        (["MOBILE", "company_name", "City", "Tags", "Tier", "Language"],
         {0: "numbers", 1: "company", 2: "city", 3: "tags", 4: "tier", 5: "language"}),
        (["شماره‌ها", "برچسب‌ها", "پست الكترونيك"], {0: "numbers", 1: "tags", 2: "emails"}),
    ],
)  # fmt: skip
def test_headers_are_known_in_both_languages(header: list[str], fields: dict[int, str]) -> None:
    assert guess(header) == fields


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_spreadsheets_are_read(encoding: str, separator: str) -> None:
    table = read_table(f"name{separator}phone\nسارا{separator}0912\n\n".encode(encoding))
    assert table.header == ("name", "phone")
    assert table.lines == ((2, ("سارا", "0912")),)


def test_a_line_with_any_problem_is_not_taken_and_says_why() -> None:
    table = read_table(b"name,phone\nA,09123456789\nB,12\n,\nC,00989123456789\nD,09351112233")
    good, wrong, again, last = read_lines(table.lines, guess(table.header), "IR")
    assert isinstance(good, Candidate)
    assert isinstance(wrong, LineProblems)
    assert (wrong.line, str(wrong.problems[0])) == (3, "12 is not a phone number.")
    assert isinstance(again, LineProblems)
    assert (again.line, str(again.problems[0])) == (5, "+989123456789 is in an earlier line already.")
    assert isinstance(last, Candidate)


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"\n \n", "empty"), (b"\x89PNG\r\n\0\0", "no text"), (b'a,b\n"x', "Line 2")],
)
def test_a_file_that_is_no_table_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableTable, match=says):
        read_table(data)


def test_an_export_reads_back_and_runs_nothing_in_a_spreadsheet() -> None:
    profile = Profile(name="=cmd()", numbers=("+989123456789", "+982188341190"), tags=("a", "b"), tier="gold",
                      value=-1250000.5, manager="u1")  # fmt: skip
    row = table_row(profile, {"u1": "sara"})
    assert row[0] == "'=cmd()"
    text = "\n".join(",".join(cells) for cells in (EXPORT_HEADER, row))
    table = read_table(text.encode())
    (candidate,) = read_lines(table.lines, guess(table.header), "IR", {"sara": "u1"})
    assert isinstance(candidate, Candidate)
    assert candidate.profile == profile


@pytest.mark.parametrize("data", [b"", b" \n", b",", b";;\n;", b'""'])
def test_a_file_without_a_word_is_called_empty(data: bytes) -> None:
    with pytest.raises(UnreadableTable, match="empty"):
        read_table(data)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    try:
        table = read_table(data)
    except UnreadableTable:
        return
    list(read_lines(table.lines, guess(table.header), "IR"))
