"""The text of an article in its few forms: headings, lists and paragraphs; pure. Everything else stays plain text.

A line that begins with `#` is a heading (`##` a smaller one), with `-`, `*` or `•` a point of a list, with `1.` or
`1)` a numbered one. An empty line ends a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["h2", "h3", "p", "ul", "ol"]
_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_POINT = re.compile(r"[-*•]\s+(.+)")
_NUMBERED = re.compile(r"[0-9۰-۹]{1,3}[.)]\s+(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading or a paragraph (its lines), or a list (its points)."""

    kind: Kind
    lines: Sequence[str]


def blocks(text: str) -> list[Block]:
    """The parts of a text, in order."""
    found: list[tuple[Kind, list[str]]] = []
    goes_on = False
    for written in text.splitlines():
        line = written.strip()
        kind, said = _read(line)
        if not line:
            goes_on = False
        elif goes_on and kind not in ("h2", "h3") and found[-1][0] == kind:
            found[-1][1].append(said)
        else:
            found.append((kind, [said]))
            goes_on = kind not in ("h2", "h3")
    return [Block(kind=kind, lines=lines) for kind, lines in found]


def beginning(text: str, most: int = 160) -> str:
    """The first words, for lists."""
    plain = " ".join(line for block in blocks(text) if block.kind not in ("h2", "h3") for line in block.lines)
    if len(plain) <= most:
        return plain
    return plain[:most].rsplit(None, 1)[0] + "…"


def _read(line: str) -> tuple[Kind, str]:
    if heading := _HEADING.match(line):
        return ("h2" if len(heading[1]) == 1 else "h3"), heading[2]
    if point := _POINT.match(line):
        return "ul", point[1]
    if numbered := _NUMBERED.match(line):
        return "ol", numbered[1]
    return "p", line
