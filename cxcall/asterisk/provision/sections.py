"""Sections of a configuration file: as Asterisk tells them, and compared with what we wrote. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cxcall.asterisk.ami.message import Headers
from cxcall.bus.queues import FoundSection
from cxcall.queues.differences import SectionDiff, diff_file
from cxcall.queues.line import Line, Section

_KINDS = frozenset({"Category", "IsTemplate", "Templates", "Line"})


@dataclass(slots=True)
class _Section:
    name: str = ""
    lines: list[Line] = field(default_factory=list)
    template: bool = False
    inherits: tuple[str, ...] = ()


def read(answer: Headers) -> tuple[FoundSection, ...]:
    """The sections of a GetConfig answer, in their order, as its headers are; two of one name stay two.

    Headers: `Category-000001: support`, `Templates-000001: common`, `Line-000001-000000: timeout=12`. A file of ten
    thousand members has as many of these, so nothing is done twice here.
    """
    found: dict[str, _Section] = {}
    for header, value in answer.items():
        kind, _, place = header.partition("-")
        if kind not in _KINDS or not isinstance(value, str):
            continue
        number = place.partition("-")[0]
        section = found.get(number)
        if section is None:
            section = found[number] = _Section()
        if kind == "Line":
            var, _, rest = value.partition("=")
            section.lines.append(Line(var.strip(), rest.strip()))
        elif kind == "Category":
            section.name = value
        elif kind == "IsTemplate":
            section.template = True
        else:
            section.inherits = tuple(part.strip() for part in value.strip('"').split(",") if part.strip())
    return tuple(
        FoundSection(
            name=section.name, lines=tuple(section.lines), template=section.template, inherits=section.inherits
        )
        for section in found.values()
    )


def plain(found: Iterable[FoundSection]) -> tuple[Section, ...]:
    """Sections without what only a hand-written file has."""
    return tuple(Section(name=section.name, lines=section.lines) for section in found)


def own_lines(section: FoundSection, among: Sequence[FoundSection]) -> tuple[Line, ...]:
    """The lines a section has beyond those its templates begin it with."""
    by_name = {one.name: one for one in among if one.template}
    skip = sum(len(by_name[name].lines) for name in section.inherits if name in by_name)
    return section.lines[skip:]


def same(one: Iterable[Section], other: Iterable[Section]) -> bool:
    """Whether two files say the same: the same sections with the same lines, in whatever order the sections are."""
    return sorted(map(_key, one)) == sorted(map(_key, other))


def compare(wrote: Iterable[Section], there: Iterable[Section]) -> tuple[SectionDiff, ...]:
    """The sections that are not as they were written: `-` what was written, `+` what is there."""
    return tuple(section for section in diff_file(wrote, there) if section.state != "same")


def _key(section: Section) -> tuple[str, tuple[tuple[str, str], ...]]:
    return section.name, tuple((line.var.lower(), line.value) for line in section.lines)
