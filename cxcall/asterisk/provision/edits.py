"""What has to be changed in a file, as UpdateConfig's acts, packed into as few actions as can hold them. Pure.

An action of the manager interface has a limited number of headers, and an act takes up to five of them, so a file with
many members is written in several actions: into another file first, the last one into the real file (`files`).

Asterisk writes the whole file in each action, so a section that changes is changed line by line where that takes fewer
headers than all of its lines: most changes are then one action, however many queues there are (0348).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from cxcall.queues.line import Line, Section

MOST_HEADERS = 120
"""Of acts in one action. Asterisk takes 128 headers, ours and four or five more, and refuses a longer one (0311)."""

LONGEST_LINE = 1000
"""Bytes of one value. Asterisk reads lines of 1,024 bytes and refuses an action with a longer one (0311)."""

Fields = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One act on a file: NewCat, EmptyCat, DelCat a section; Append, Insert, Update or Delete a line of it.

    `match`: the value the line has now; Asterisk refuses the whole action when it has not. `line`: where one is put in.
    """

    act: str
    section: str
    var: str = ""
    value: str = ""
    match: str = ""
    line: int | None = None

    def fields(self, number: int) -> Fields:
        """Its headers as the `number`th act of an action."""
        found = {"Action": self.act, "Cat": self.section}
        if self.var:
            found["Var"] = self.var
        if self.var and self.act != "Delete":
            found["Value"] = self.value
        if self.match:
            found["Match"] = self.match
        if self.line is not None:
            found["Line"] = str(self.line)
        return {f"{name}-{number:06}": value for name, value in found.items()}


class TooLong(Exception):
    """A line is longer than Asterisk reads; the text says which."""


def edits(there: Sequence[Section], wanted: Sequence[Section]) -> tuple[Edit, ...]:
    """What makes a file with the sections `there` one with those `wanted`; sections that stay the same are not touched.

    A section that changes keeps its place. One that is there twice goes and comes back once.
    """
    before: dict[str, Section] = {}
    twice = set()
    for section in there:
        if section.name in before:
            twice.add(section.name)
        before[section.name] = section
    after = {section.name: section for section in wanted}
    gone = [section.name for section in there if section.name not in after or section.name in twice]
    found = [Edit(act="DelCat", section=name) for name in gone]
    for section in wanted:
        known = before.get(section.name) if section.name not in twice else None
        if known is None:
            found += _whole("NewCat", section)
        elif known != section:
            found += _changed(known, section)
    return tuple(found)


def _whole(first: str, section: Section) -> list[Edit]:
    lines = (Edit(act="Append", section=section.name, var=line.var, value=line.value) for line in section.lines)
    return [Edit(act=first, section=section.name), *lines]


def _changed(known: Section, wanted: Section) -> list[Edit]:
    whole, few = _whole("EmptyCat", wanted), _line_by_line(known, wanted)
    return few if few is not None and _headers(few) < _headers(whole) else whole


def _headers(acts: Iterable[Edit]) -> int:
    return sum(len(act.fields(0)) for act in acts)


def _line_by_line(known: Section, wanted: Section) -> list[Edit] | None:
    """The acts on single lines, None where Asterisk would take one line for another.

    A line that goes or changes is named by its value, so nothing is done to a line somebody else changed meanwhile.
    Acts are done from the first line on: where a new one is put in is its place in the end.
    """
    found: list[Edit] = []
    matcher = SequenceMatcher(None, known.lines, wanted.lines, autojunk=False)
    for kind, since, until, new, end in matcher.get_opcodes():
        old, fresh = known.lines[since:until], wanted.lines[new:end]
        if kind == "equal":
            continue
        if [line.var for line in old] == [line.var for line in fresh]:
            found += [
                Edit(act="Update", section=known.name, var=line.var, value=line.value, match=was.value)
                for was, line in zip(old, fresh, strict=True)
            ]
            continue
        found += [Edit(act="Delete", section=known.name, var=line.var, match=line.value) for line in old]
        act, last = ("Append", True) if until == len(known.lines) else ("Insert", False)
        found += [
            Edit(act=act, section=known.name, var=line.var, value=line.value, line=None if last else at)
            for at, line in enumerate(fresh, new)
        ]
    return found if _done(known.lines, found) == wanted.lines else None


def _done(lines: Iterable[Line], acts: Iterable[Edit]) -> tuple[Line, ...] | None:
    """The lines after such acts, as Asterisk finds them: without case, all to delete, the first to update. None where
    it would find no line and refuse."""
    now = list(lines)
    for act in acts:
        if act.act in ("Append", "Insert"):
            now.insert(len(now) if act.line is None else act.line, Line(act.var, act.value))
            continue
        meant = [line for line in now if _is(line, act)]
        if not meant:
            return None
        if act.act == "Update":
            now[now.index(meant[0])] = Line(act.var, act.value)
        else:
            now = [line for line in now if line not in meant]
    return tuple(now)


def _is(line: Line, act: Edit) -> bool:
    return line.var.casefold() == act.var.casefold() and (
        not act.match or line.value.casefold() == act.match.casefold()
    )


def packed(acts: Iterable[Edit]) -> Iterator[Fields]:
    """The acts as headers of as few actions as can hold them."""
    fields: Fields = {}
    number = 0
    for act in acts:
        more = act.fields(number)
        if len(fields) + len(more) > MOST_HEADERS:
            yield fields
            fields, number = {}, 0
            more = act.fields(number)
        fields |= more
        number += 1
    if fields:
        yield fields


def check(acts: Iterable[Edit]) -> None:
    """Raises TooLong when Asterisk could not read one of them whole."""
    for act in acts:
        for text in (act.section, act.var, act.value, act.match):
            if any(end in text for end in "\r\n"):
                raise TooLong(f"A line of [{act.section}] holds a line end.")
            if len(text.encode()) > LONGEST_LINE:
                raise TooLong(f"A line of [{act.section}] is longer than Asterisk reads: {text[:60]}")


def headers(fields: Mapping[str, str], source: str, target: str, *, reload: str = "") -> Fields:
    """A whole UpdateConfig action."""
    more = {"Reload": reload} if reload else {}
    return {"SrcFilename": source, "DstFilename": target, **more, **fields}
