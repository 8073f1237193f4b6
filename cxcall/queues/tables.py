"""Queues as a table: written for a spreadsheet, read back as a proposal that says line by line what would change.

A column that is not there leaves its field as it is; an empty cell means the field's usual value. Lines with a mistake
are not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from cxcall.queues.checks import NAME
from cxcall.queues.columns import ALSO, COLUMNS
from cxcall.queues.csv_table import LineError, Table, WrongCell, header_errors, read_table, write_table
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.settings import value_of, with_value

LANGUAGES = ("en", "fa")
_TITLES = {f"title_{language}": language for language in LANGUAGES}
_USUAL = QueueDefinition(name="")
_HEADER = ("name", *_TITLES, "hours", *COLUMNS)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What a line would do to a queue; `changed`: the columns."""

    line: int
    queue: str
    state: Literal["new", "changed", "same"]
    changed: tuple[str, ...] = ()


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """What a file would do: queues as they would be (only new and changed ones), what each line says, what is wrong."""

    queues: tuple[QueueDefinition, ...] = ()
    rows: tuple[Row, ...] = ()
    errors: tuple[LineError, ...] = ()


def write_queues(definitions: Iterable[QueueDefinition], calendars: Mapping[str, str] = {}) -> str:
    """A table of queues without their members. `calendars`: names of hours by id."""
    return write_table(_HEADER, (tuple(_written(definition, calendars)) for definition in definitions))


def read_queues(
    data: bytes | str, existing: Mapping[str, QueueDefinition], calendars: Mapping[str, str] = {}
) -> Import:
    """What the table would do to the existing queues (by name). Nothing raises: what is wrong is told by line."""
    try:
        table = read_table(data)
    except WrongCell as wrong:
        return Import(errors=(LineError(line=1, column="", code=wrong.code, values=wrong.values),))
    table = msgspec.structs.replace(table, header=tuple(ALSO.get(name, name) for name in table.header))
    if errors := header_errors(table, _HEADER, ("name",)):
        return Import(errors=errors)
    return _read_lines(table, existing, {name: key for key, name in calendars.items()})


def _written(definition: QueueDefinition, calendars: Mapping[str, str]) -> Iterator[str]:
    yield definition.name
    yield from (definition.title.get(language, "") for language in LANGUAGES)
    yield calendars.get(definition.calendar, definition.calendar)
    for column in COLUMNS.values():
        yield column.write(value_of(definition, column.field))


def _read_lines(table: Table, existing: Mapping[str, QueueDefinition], calendars: Mapping[str, str]) -> Import:
    queues: list[QueueDefinition] = []
    rows: list[Row] = []
    errors: list[LineError] = []
    seen: set[str] = set()
    by_name = {name.lower(): definition for name, definition in existing.items()}
    for line, cells in table.lines:
        values = {"name": "", **dict(zip(table.header, cells, strict=False))}
        wrong = list(_line_errors(line, cells, values["name"], table, seen))
        seen.add(values["name"].lower())
        before = by_name.get(values["name"].lower())
        after, misread = _queue(line, values, before or QueueDefinition(name=values["name"]), calendars)
        errors += (*wrong, *misread)
        if wrong or misread:
            continue
        rows.append(_row(line, before, after))
        if rows[-1].state != "same":
            queues.append(after)
    return Import(queues=tuple(queues), rows=tuple(rows), errors=tuple(errors))


def _line_errors(line: int, cells: Sequence[str], name: str, table: Table, seen: set[str]) -> Iterator[LineError]:
    if any(cells[len(table.header) :]):
        yield LineError(line=line, column="", code="too_many_cells")
    if not NAME.fullmatch(name):
        yield LineError(line=line, column="name", code="name_form")
    elif name.lower() in seen:
        yield LineError(line=line, column="name", code="name_twice", values={"name": name})


def _queue(
    line: int, values: Mapping[str, str], definition: QueueDefinition, calendars: Mapping[str, str]
) -> tuple[QueueDefinition, list[LineError]]:
    errors: list[LineError] = []
    for name, cell in values.items():
        if name in ("", "name"):
            continue
        try:
            definition = _with_cell(definition, name, cell, calendars)
        except WrongCell as wrong:
            errors.append(LineError(line=line, column=name, code=wrong.code, values=wrong.values))
    return definition, errors


def _with_cell(definition: QueueDefinition, name: str, cell: str, calendars: Mapping[str, str]) -> QueueDefinition:
    """The queue with one cell read. Raises `WrongCell`."""
    if language := _TITLES.get(name):
        title = {**definition.title, language: cell}
        return with_value(definition, "title", {each: text for each, text in title.items() if text})
    if name == "hours":
        if cell and cell not in calendars and cell not in calendars.values():
            raise WrongCell("unknown_hours", value=cell)
        return with_value(definition, "calendar", calendars.get(cell, cell))
    column = COLUMNS[name]
    usual = value_of(_USUAL, column.field)
    value: Any = column.read(cell) if cell else usual
    if not value and not usual:  # no states and none at all are the same
        value = usual
    return with_value(definition, column.field, value)


def _row(line: int, before: QueueDefinition | None, after: QueueDefinition) -> Row:
    if before is None:
        return Row(line=line, queue=after.name, state="new")
    changed = [name for name, column in COLUMNS.items() if _differs(before, after, column.field)]
    changed += ["hours"] * (before.calendar != after.calendar)
    changed += [name for name, language in _TITLES.items() if _title(before, language) != _title(after, language)]
    return Row(line=line, queue=after.name, state="changed" if changed else "same", changed=tuple(changed))


def _differs(before: QueueDefinition, after: QueueDefinition, field: str) -> bool:
    return bool(value_of(before, field) != value_of(after, field))


def _title(definition: QueueDefinition, language: str) -> str:
    return definition.title.get(language, "")
