"""What would change in Asterisk's files, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from cxcall.queues.line import Line, Section

Sign = Literal[" ", "+", "-"]
LEFT_OUT = "…"
"""The text of a line that stands for unchanged ones."""


class Diff(msgspec.Struct, frozen=True):
    """A line that stays (` `), comes (`+`) or goes (`-`). `var`: the setting it is about, "" for lines left out."""

    sign: Sign
    text: str
    var: str = ""


class SectionDiff(msgspec.Struct, frozen=True):
    """A section of the file: made, gone, changed or as it was, with its lines."""

    name: str
    state: Literal["new", "gone", "changed", "same"]
    lines: tuple[Diff, ...]

    @property
    def changes(self) -> int:
        """How many changes, a setting with another value counted once."""
        return changes(self.lines)


def diff(before: Iterable[Line], after: Iterable[Line]) -> tuple[Diff, ...]:
    """Lines of one section before and after; where they differ, what goes stands above what comes."""
    old, new = tuple(before), tuple(after)
    return tuple(_blocks(old, new))


def changes(lines: Iterable[Diff]) -> int:
    """How many changes: a setting that goes with one value and comes with another is one, each member is one."""
    gone: Counter[str] = Counter()
    come: Counter[str] = Counter()
    for line in lines:
        if line.sign != " ":
            (gone if line.sign == "-" else come)[_what(line)] += 1
    return sum(max(gone[what], come[what]) for what in gone.keys() | come.keys())


def short(lines: Sequence[Diff], context: int = 1) -> tuple[Diff, ...]:
    """Changed lines with `context` unchanged ones around them; `…` stands for the others."""
    near = {place for n, line in enumerate(lines) if line.sign != " " for place in range(n - context, n + context + 1)}
    kept: list[Diff] = []
    for n, line in enumerate(lines):
        if n in near:
            kept.append(line)
        elif not kept or kept[-1].text != LEFT_OUT:
            kept.append(Diff(" ", LEFT_OUT))
    return tuple(kept)


def diff_file(before: Iterable[Section], after: Iterable[Section]) -> tuple[SectionDiff, ...]:
    """A whole file: its sections as they will be, those that go at the end."""
    old = {section.name: section for section in before}
    new = {section.name: section for section in after}
    names = [*new, *(name for name in old if name not in new)]
    return tuple(_section(name, old.get(name), new.get(name)) for name in names)


def _section(name: str, old: Section | None, new: Section | None) -> SectionDiff:
    lines = diff(old.lines if old else (), new.lines if new else ())
    if old is None:
        return SectionDiff(name, "new", lines)
    if new is None:
        return SectionDiff(name, "gone", lines)
    return SectionDiff(name, "changed" if any(line.sign != " " for line in lines) else "same", lines)


def _blocks(old: tuple[Line, ...], new: tuple[Line, ...]) -> Iterator[Diff]:
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (Diff(" ", line.text, line.var) for line in old[old_from:old_to])
        else:
            yield from _paired(old[old_from:old_to], new[new_from:new_to])


def _paired(old: tuple[Line, ...], new: tuple[Line, ...]) -> Iterator[Diff]:
    """Each old line above the new one of the same setting; members in their blocks."""
    rest = list(new)
    for line in old:
        while rest and rest[0].var != line.var and all(other.var != rest[0].var for other in old):
            yield _come(rest.pop(0))
        yield Diff("-", line.text, line.var)
        if rest and rest[0].var == line.var and sum(other.var == line.var for other in old) == 1:
            yield _come(rest.pop(0))
    yield from map(_come, rest)


def _come(line: Line) -> Diff:
    return Diff("+", line.text, line.var)


def _what(line: Diff) -> str:
    """A setting is one thing whatever its value; of members and steps each line is one."""
    return line.var if line.var not in ("member", "penaltychange", "number") else _member(line)


def _member(line: Diff) -> str:
    """A member is one thing by its interface, whatever its penalty or name."""
    value = line.text.partition("=")[2].strip()
    return f"{line.var} {value.partition(',')[0]}"
