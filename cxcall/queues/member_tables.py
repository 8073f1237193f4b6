"""Members of queues as a table: one line a choice. A queue named in a file gets exactly the members of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cxcall.letters import search_key
from cxcall.queues.csv_table import (
    LineError,
    Table,
    WrongCell,
    header_errors,
    number,
    read_table,
    write_table,
    yes_or_no,
)
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.queues.member_checks import HIGHEST_PENALTY
from cxcall.queues.membership import HIGHEST_LEVEL, People
from cxcall.queues.tables import Import, Row

_HEADER = ("queue", "kind", "who", "priority", "level", "by_level", "name", "state_interface")
_KINDS = {"agent": "agent", "team": "team", "skill": "skill", "phone": "interface", "interface": "interface"}
_FIELDS = {"who": "value", "priority": "penalty"}
_ALSO = {"penalty": "priority", "value": "who", "member": "who", "interface": "who"}


class _Names:
    """Names of one kind by id, and back: capital letters and forms of a letter do not tell names apart."""

    def __init__(self, by_id: Mapping[str, str]) -> None:
        self.by_id = by_id
        self._ids: dict[str, list[str]] = {}
        for each, name in by_id.items():
            self._ids.setdefault(search_key(name), []).append(each)

    def ids(self, name: str) -> list[str]:
        """Ids of a name, in order."""
        return sorted(self._ids.get(search_key(name), []))

    def written(self, key: str) -> str:
        """The name, where it is nobody else's; the id otherwise."""
        name = self.by_id.get(key, "")
        return name if self.ids(name) == [key] and name not in self.by_id else key


def _all_names(people: People) -> Mapping[str, _Names]:
    persons = {person.id: person.name for person in people.persons.values()}
    return {"agent": _Names(persons), "team": _Names(people.teams), "skill": _Names(people.skills)}


def write_members(definitions: Iterable[QueueDefinition], people: People) -> str:
    """A table of who answers in which queue; agents, teams and skills by their names where those tell them apart."""
    names = _all_names(people)
    return write_table(
        _HEADER,
        (_written(definition.name, choice, names) for definition in definitions for choice in definition.members),
    )


def read_members(data: bytes | str, existing: Mapping[str, QueueDefinition], people: People) -> Import:
    """What the table would make of the members. Nothing raises; a queue with a mistake in one of its lines stays."""
    try:
        table = read_table(data)
    except WrongCell as wrong:
        return Import(errors=(LineError(line=1, column="", code=wrong.code, values=wrong.values),))
    table = msgspec.structs.replace(table, header=tuple(_ALSO.get(name, name) for name in table.header))
    if errors := header_errors(table, _HEADER, ("queue", "kind", "who")):
        return Import(errors=errors)
    return _read_lines(table, existing, _all_names(people))


def _written(queue: str, choice: MemberChoice, names: Mapping[str, _Names]) -> Sequence[str]:
    return (
        queue,
        "phone" if choice.kind == "interface" else choice.kind,
        names[choice.kind].written(choice.value) if choice.kind in names else choice.value,
        str(choice.penalty),
        str(choice.level) if choice.kind == "skill" else "",
        ("yes" if choice.by_level else "no") if choice.kind == "skill" else "",
        choice.name,
        choice.state_interface,
    )


def _read_lines(table: Table, existing: Mapping[str, QueueDefinition], names: Mapping[str, _Names]) -> Import:
    by_name = {name.lower(): definition for name, definition in existing.items()}
    chosen: dict[str, list[MemberChoice]] = {}
    first_lines: dict[str, int] = {}
    wrong: set[str] = set()
    errors: list[LineError] = []
    for line, cells in table.lines:
        values = dict.fromkeys(_HEADER, "") | dict(zip(table.header, cells, strict=False))
        queue = values["queue"].lower()
        if queue not in by_name:
            named = {"name": values["queue"]}
            errors.append(LineError(line=line, column="queue", code="unknown_queue", values=named))
            continue
        first_lines.setdefault(queue, line)
        choice, misread = _choice(line, values, names)
        chosen.setdefault(queue, []).append(choice)
        if misread:
            wrong.add(queue)
            errors += misread
    right = {queue: tuple(choices) for queue, choices in chosen.items() if queue not in wrong}
    after = {queue: msgspec.structs.replace(by_name[queue], members=members) for queue, members in right.items()}
    changed = {queue for queue, definition in after.items() if definition.members != by_name[queue].members}
    return Import(
        queues=tuple(definition for queue, definition in after.items() if queue in changed),
        rows=tuple(
            Row(line=first_lines[queue], queue=definition.name, state="changed", changed=("members",))
            if queue in changed
            else Row(line=first_lines[queue], queue=definition.name, state="same")
            for queue, definition in after.items()
        ),
        errors=tuple(errors),
    )


def _choice(line: int, values: Mapping[str, str], names: Mapping[str, _Names]) -> tuple[MemberChoice, list[LineError]]:
    choice = MemberChoice(kind="interface", value=values["who"])
    errors: list[LineError] = []
    for column in _HEADER[1:]:
        try:
            value = _value(column, values[column], choice.kind, names)
        except WrongCell as problem:
            errors.append(LineError(line=line, column=column, code=problem.code, values=problem.values))
            if column == "kind":
                break
        else:
            choice = msgspec.structs.replace(choice, **{_FIELDS.get(column, column): value})
    return choice, errors


def _value(column: str, cell: str, kind: str, names: Mapping[str, _Names]) -> str | int | bool:
    """The value in a cell; an empty one means the usual. Raises `WrongCell`."""
    match column:
        case "kind" if cell.lower() not in _KINDS:
            raise WrongCell("not_one_of", value=cell, words="agent, team, skill, phone")
        case "kind":
            return _KINDS[cell.lower()]
        case "who":
            return _who(cell, names.get(kind))
        case "priority":
            return _within(cell or "0", 0, HIGHEST_PENALTY)
        case "level":
            return _within(cell or "1", 1, HIGHEST_LEVEL)
        case "by_level":
            return yes_or_no(cell) if cell else False
        case _:
            return cell


def _within(cell: str, low: int, high: int) -> int:
    value = number(cell)
    if not low <= value <= high:
        raise WrongCell("out_of_range", low=low, high=high)
    return value


def _who(cell: str, names: _Names | None) -> str:
    """The id somebody or something has, by id or name; a phone is its own. Raises `WrongCell`."""
    if not cell:
        raise WrongCell("no_who")
    if names is None or cell in names.by_id:
        return cell
    ids = names.ids(cell)
    if not ids:
        raise WrongCell("unknown_who", value=cell)
    if len(ids) > 1:
        raise WrongCell("ambiguous_who", value=cell, ids=", ".join(ids))
    return ids[0]
