"""Tables of queues as spreadsheets write them, read without surprises, and written so that they come back the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cxcall.cells import harmless, plain
from cxcall.letters import ascii_digits, tidy

MOST_BYTES = 5 << 20
MOST_LINES = 20_000
_DELIMITERS = ",;\t"

SENTENCES: Mapping[str, str] = {
    "too_large": "The file is larger than 5 MB or has more than 20,000 lines. Split it.",
    "empty": "The file is empty.",
    "broken": "This is no table that can be read: {reason}.",
    "missing_column": "There is no column “{column}”.",
    "unknown_column": "There is no field “{column}”.",
    "column_twice": "The column “{column}” comes twice.",
    "too_many_cells": "This line has more cells than the header.",
    "not_a_number": "“{value}” is not a whole number.",
    "not_a_figure": "“{value}” is not a number.",
    "out_of_range": "This must be from {low} to {high}.",
    "not_yes_or_no": "“{value}” is neither yes nor no.",
    "not_one_of": "“{value}” is none of: {words}.",
    "destination_form": "“{value}” is no destination, such as: queue night, number 1001, prompt sorry, hangup.",
    "step_form": "“{value}” is no step, such as: 30 s up to 5.",
    "name_form": "A queue’s name has two or more letters, digits, - or _ and begins with a letter or a digit.",
    "name_twice": "The queue “{name}” is in this file twice.",
    "unknown_hours": "There are no hours “{value}”.",
    "unknown_queue": "There is no queue “{name}”.",
    "unknown_who": "There is nobody and nothing “{value}” of this kind.",
    "ambiguous_who": "There are several “{value}”. Use the id: {ids}.",
    "no_who": "Say who answers.",
}
"""What can be wrong with a file, by code; pages translate them."""


class LineError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line (the header is line 1), in which column ("" the whole line)."""

    line: int
    column: str
    code: str
    values: Mapping[str, str] = {}

    @property
    def sentence(self) -> str:
        """The English sentence with its {braces}."""
        return SENTENCES[self.code]

    @property
    def text(self) -> str:
        """The English sentence with its values."""
        return self.sentence.format(**self.values)


class WrongCell(ValueError):
    """A cell that can't be read: the code of its sentence and its values."""

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(SENTENCES[code].format(**self.values))


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A file as read: the header as keys, the lines with their numbers and cells; empty lines are left out."""

    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def key(name: str) -> str:
    """A column's name as it is compared: “Wrap-up” and `wrap_up` are one."""
    return re.sub(r"[\s_-]+", "_", tidy(name).lower()).strip("_")


def read_table(data: bytes | str) -> Table:
    """The table in a CSV file: UTF-8, UTF-16 or Windows-1256; comma, semicolon or tab. Raises `WrongCell`."""
    if len(data) > MOST_BYTES:
        raise WrongCell("too_large")
    text = data if isinstance(data, str) else _decoded(data)
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise WrongCell("empty")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [(reader.line_num, tuple(plain(tidy(cell)) for cell in row)) for row in reader]
    except csv.Error as error:
        raise WrongCell("broken", reason=error) from None
    rows = [(line, cells) for line, cells in rows if any(cells)]
    if not rows:
        raise WrongCell("empty")
    if len(rows) > MOST_LINES:
        raise WrongCell("too_large")
    return Table(header=tuple(key(name) for name in rows[0][1]), lines=tuple(rows[1:]))


def header_errors(table: Table, known: Iterable[str], required: Sequence[str]) -> tuple[LineError, ...]:
    """Columns nobody knows, columns that come twice, and those that are missing."""
    known = frozenset(known)
    found = [
        LineError(line=1, column=name, code="unknown_column", values={"column": name})
        for name in table.header
        if name and name not in known
    ]
    found += [
        LineError(line=1, column=name, code="column_twice", values={"column": name})
        for n, name in enumerate(table.header)
        if name and name in table.header[:n]
    ]
    found += [
        LineError(line=1, column=name, code="missing_column", values={"column": name})
        for name in required
        if name not in table.header
    ]
    return tuple(found)


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV file of UTF-8 that spreadsheets open: no cell can be run as a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([name.replace("_", " ") for name in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def number(cell: str) -> int:
    """A whole number in any digits. Raises `WrongCell`."""
    text = ascii_digits(cell)
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise WrongCell("not_a_number", value=cell)
    return int(text)


def figure(cell: str) -> float:
    """A number with a decimal point or comma, in any digits. Raises `WrongCell`."""
    text = ascii_digits(cell).replace("٫", ".").replace(",", ".").rstrip("%٪ ")
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise WrongCell("not_a_figure", value=cell)
    return float(text)


def yes_or_no(cell: str) -> bool:
    """yes, true, 1, بله; no, false, 0, خیر. Raises `WrongCell`."""
    word = ascii_digits(cell).lower()
    if word in ("yes", "true", "1", "y", "بله", "بلی"):
        return True
    if word in ("no", "false", "0", "n", "خیر", "نه"):
        return False
    raise WrongCell("not_yes_or_no", value=cell)


def listed(cell: str) -> tuple[str, ...]:
    """Several values in one cell, with ; between them."""
    return tuple(part for piece in re.split(r"[;؛|\n]", cell) if (part := piece.strip()))


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("cp1256", errors="replace")
