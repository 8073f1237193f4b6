"""Customers from a table (CSV, in Persian or English): which column is what, and what each line says.

Pure: rows in, candidates and problems out. Reading the file and writing the customers are done elsewhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cxcall.cells import harmless, plain
from cxcall.customers.profile import Problem, Profile, Written, read_profile, value_text
from cxcall.letters import search_key, tidy

Field = Literal["name", "numbers", "emails", "company", "city", "tier", "language", "tags", "value", "manager", "note"]
FIELDS: tuple[Field, ...] = get_args(Field)
Mapping_ = Mapping[int, Field]
"""Column (from 0) → what it holds; several columns may hold numbers, names are then joined by a space."""

_MOST_BYTES = 50 << 20
_LONGEST_LINE = 20_000
_HEADERS: dict[Field, str] = {
    "name": "name, full name, customer, customer name, first name, last name, contact, surname, family, نام,"
    "نام خانوادگی, نام و نام خانوادگی, نام مشتری, مشتری, فامیل",
    "numbers": "number, numbers, phone, phones, phone number, mobile, cell, cellphone, tel, telephone, landline,"
    "شماره, شماره تلفن, تلفن, تلفن همراه, موبایل, همراه, شماره موبایل, شماره همراه, شماره تماس, تلفن ثابت, شماره ها",
    "emails": "email, e mail, emails, mail, ایمیل, رایانامه, پست الکترونیک, پست الکترونیکی",
    "company": "company, company name, organization, organisation, firm, شرکت, نام شرکت, سازمان, موسسه",
    "city": "city, town, شهر, شهرستان",
    "tier": "tier, level, class, سطح, سطح مشتری, رده",
    "language": "language, lang, زبان",
    "tags": "tag, tags, label, labels, برچسب, برچسب ها",
    "value": "value, customer value, worth, revenue, turnover, points, lifetime value, clv, ارزش, ارزش مشتری,"
    "گردش مالی, مبلغ خرید, امتیاز",
    "manager": "manager, account manager, looked after by, caretaker, مسئول, مسئول مشتری, مدیر حساب, کارشناس مشتری",
    "note": "note, notes, comment, comments, remark, remarks, یادداشت, توضیح, توضیحات, ملاحظات",
}


class UnreadableTable(ValueError):
    """The file is no table cxcall can read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A line that may become a customer: `line` counts from 1 with the header; `note` is one to be added."""

    line: int
    profile: Profile
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblems:
    """A line that can't be taken, and every reason."""

    line: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """A file as read: its header, and its lines with their numbers; empty lines are left out."""

    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(data: bytes) -> SourceTable:
    """The table in a CSV file: UTF-8 (with or without mark), UTF-16 or Windows-1256; comma, semicolon or tab.

    Raises `UnreadableTable`.
    """
    if len(data) > _MOST_BYTES:
        raise UnreadableTable("The file is larger than 50 MB. Split it.")
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise UnreadableTable("The file is empty.")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        rows = [(reader.line_num, tuple(plain(cell.strip()) for cell in row)) for row in reader]
    except csv.Error as error:
        raise UnreadableTable(f"Line {reader.line_num} of the file is no CSV: {error}.") from None
    filled = [(line, cells) for line, cells in rows if any(cells)]
    if not filled:
        raise UnreadableTable("The file is empty.")  # nothing but separators and quotes
    return SourceTable(header=filled[0][1], lines=tuple(filled[1:]))


def guess(header: Sequence[str]) -> dict[int, Field]:
    """What each column holds, by its name in English or Persian; columns of other names are left out."""
    named = {column: _HEADERS_FOLDED.get(_header_key(name)) for column, name in enumerate(header)}
    return {column: field for column, field in named.items() if field is not None}


def read_lines(
    lines: Iterable[tuple[int, Sequence[str]]],
    mapping: Mapping_,
    region: str,
    managers: Mapping[str, str] | None = None,
) -> Iterator[Candidate | LineProblems]:
    """Each line as a candidate, or as what is wrong with it: a line is taken whole or not at all.

    A number that an earlier line of the same file has is a problem of the later line. `managers` as for `read_profile`.
    """
    seen: dict[str, int] = {}
    for line, cells in lines:
        profile, problems = read_profile(_fields(cells, mapping), region, managers)
        again = [
            Problem(field="numbers", sentence="{value} is in an earlier line already.", value=number)
            for number in profile.numbers
            if number in seen
        ]
        if problems or again:
            yield LineProblems(line=line, cells=tuple(cells), problems=(*problems, *again))
            continue
        seen.update(dict.fromkeys(profile.numbers, line))
        yield Candidate(line=line, profile=profile, note=_note(cells, mapping))


def table_row(profile: Profile, names: Mapping[str, str] | None = None) -> list[str]:
    """A profile as a line of an export: the columns of `EXPORT_HEADER`, readable by `read_table` again.

    `names`: login name of each user who looks after somebody.
    """
    return [
        harmless(profile.name),
        "; ".join(profile.numbers),
        harmless("; ".join(profile.emails)),
        harmless(profile.company),
        harmless(profile.city),
        profile.tier or "",
        profile.language or "",
        harmless("; ".join(profile.tags)),
        value_text(profile.value),
        harmless((names or {}).get(profile.manager or "", "")),
    ]


EXPORT_HEADER = ("name", "numbers", "emails", "company", "city", "tier", "language", "tags", "value", "manager")


def _decoded(data: bytes) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if marked else ("utf-8-sig", "cp1256")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableTable("The file is no text. Save it as CSV in UTF-8.")


def _fields(cells: Sequence[str], mapping: Mapping_) -> dict[str, Written]:
    parts: dict[str, list[str]] = {}
    for column, field in sorted(mapping.items()):
        if column < len(cells) and cells[column]:
            parts.setdefault(field, []).append(cells[column][:_LONGEST_LINE])
    return dict(parts)


def _note(cells: Sequence[str], mapping: Mapping_) -> str:
    texts = [cells[column] for column, field in sorted(mapping.items()) if field == "note" and column < len(cells)]
    return "\n".join(tidy(text) for text in texts if text)


def _header_key(name: str) -> str:
    letters = "".join(letter if letter.isalnum() else " " for letter in search_key(name.replace("\u200c", " ")))
    return " ".join(letters.rstrip("0123456789 ").split())


_HEADERS_FOLDED = {_header_key(name): field for field, names in _HEADERS.items() for name in names.split(",")}
