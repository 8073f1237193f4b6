"""Changes of a script as pure functions: each act of an editor takes a script and gives the next one.

An id that other cards point at never dangles by an act: who pointed at a removed card goes where that card went on to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from cxcall.surveys.script import (
    END,
    MOST_PARTS,
    Branch,
    Comment,
    HandOver,
    Key,
    Part,
    Question,
    Say,
    Script,
    Thank,
)

Kind = Literal["say", "scale", "nps", "yes_no", "choice", "comment", "branch", "thank", "hand_over"]
"""What can be added: a question by its kind, everything else by its type."""

KINDS: tuple[Kind, ...] = ("say", "scale", "nps", "yes_no", "choice", "comment", "branch", "thank", "hand_over")


class CannotEdit(Exception):
    """The act does not fit the script, such as one part more than a survey may have; the text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two scripts: of a part, or of the survey itself (`part` None). `fields` when changed."""

    what: Literal["added", "removed", "moved", "changed"]
    part: Part | None
    fields: tuple[str, ...] = ()


def new_part(kind: Kind, part_id: str) -> Part:
    """A part to begin with: keys of a scale count 1–5, yes is 1 and no is 2."""
    match kind:
        case "say":
            return Say(id=part_id)
        case "comment":
            return Comment(id=part_id)
        case "branch":
            return Branch(id=part_id)
        case "thank":
            return Thank(id=part_id)
        case "hand_over":
            return HandOver(id=part_id)
        case "scale":
            keys = tuple(Key(key=str(value), value=float(value)) for value in range(1, 6))
            return Question(id=part_id, kind="scale", measure="csat", keys=keys)
        case "nps":
            return Question(id=part_id, kind="nps", measure="nps")
        case "yes_no":
            labels = ({"fa": "بله", "en": "Yes"}, {"fa": "خیر", "en": "No"})
            keys = tuple(Key(key=str(n), label=label) for n, label in enumerate(labels, start=1))
            return Question(id=part_id, kind="yes_no", keys=keys)
        case "choice":
            return Question(id=part_id, kind="choice", keys=(Key(key="1"), Key(key="2")))


def insert(script: Script, kind: Kind, after: str = "") -> tuple[Script, str]:
    """A new part below the card `after` (unknown or "": at the end, before a last word of thanks); with its id."""
    part = new_part(kind, free_id(script, kind))
    ids = [one.id for one in script.parts]
    last = len(ids) - 1 if ids and isinstance(script.parts[-1], Thank) and kind != "thank" else len(ids)
    place = ids.index(after) + 1 if after in ids else last
    return _put(script, part, place), part.id


def put_in(script: Script, part: Part, place: int) -> Script:
    """The script with `part` as card `place`. Raises `CannotEdit` for an id that is taken."""
    if script.part(part.id) is not None:
        raise CannotEdit("Two parts can’t have one id.")
    return _put(script, part, max(0, min(place, len(script.parts))))


def move(script: Script, part_id: str, by: int) -> Script:
    """The card `by` places further down (up when negative), as far as there are cards; unknown: the same script."""
    part = script.part(part_id)
    if part is None:
        return script
    place = script.parts.index(part)
    others = (*script.parts[:place], *script.parts[place + 1 :])
    to = max(0, min(place + by, len(others)))
    return msgspec.structs.replace(script, parts=(*others[:to], part, *others[to:]))


def duplicate(script: Script, part_id: str) -> tuple[Script, str]:
    """A copy below the card, with its id; unknown: the same script and "". Nothing points at the copy."""
    part = script.part(part_id)
    if part is None:
        return script, ""
    copy = msgspec.structs.replace(part, id=free_id(script, part_id))
    return _put(script, copy, script.parts.index(part) + 1), copy.id


def remove(script: Script, part_id: str) -> Script:
    """Without the card; ways that led to it lead to where it went on to. Unknown: the same script."""
    part = script.part(part_id)
    if part is None:
        return script
    heir = script.goes_on(part)
    heir = END if heir == part_id else heir
    parts = tuple(_redirected(one, part_id, heir) for one in script.parts if one is not part)
    return msgspec.structs.replace(script, parts=parts)


def replace(script: Script, part: Part) -> Script:
    """The card of the same id becomes `part`; unknown: the same script."""
    parts = tuple(part if one.id == part.id else one for one in script.parts)
    return msgspec.structs.replace(script, parts=parts)


def free_id(script: Script, base: str) -> str:
    """An id that no part has: `base`, else base_2, base_3…"""
    stem, _, number = base.rpartition("_")
    stem = stem if stem and number.isascii() and number.isdecimal() else base
    taken = {part.id for part in script.parts} | {END}
    n = 1
    while (found := stem if n == 1 else f"{stem}_{n}") in taken:
        n += 1
    return found


def changes(before: Script | None, after: Script) -> list[Change]:
    """What is different: the survey itself, then the cards in order, then those that are gone."""
    before = before or msgspec.structs.replace(after, parts=())
    known = {part.id: part for part in before.parts}
    stayed = [part.id for part in after.parts if part.id in known]
    still = _in_order([part.id for part in before.parts if part.id in stayed], stayed)
    found = [Change(what="changed", part=None, fields=fields) for fields in [_fields(before, after)] if fields]
    for part in after.parts:
        former = known.get(part.id)
        if former is None:
            found.append(Change(what="added", part=part))
            continue
        fields = ("type",) if type(former) is not type(part) else _fields(former, part)
        if fields:
            found.append(Change(what="changed", part=part, fields=fields))
        if part.id not in still:
            found.append(Change(what="moved", part=part))
    left = {part.id for part in after.parts}
    return [*found, *(Change(what="removed", part=part) for part in before.parts if part.id not in left)]


def _put(script: Script, part: Part, place: int) -> Script:
    if len(script.parts) >= MOST_PARTS:
        raise CannotEdit("A survey can’t have more parts than this.")
    return msgspec.structs.replace(script, parts=(*script.parts[:place], part, *script.parts[place:]))


def _redirected(part: Part, gone: str, heir: str) -> Part:
    changed: dict[str, Any] = {}
    if getattr(part, "next", None) == gone:
        changed["next"] = heir
    if isinstance(part, Question):
        changed["keys"] = tuple(_elsewhere(key, gone, heir) for key in part.keys)
    if isinstance(part, Branch):
        changed["cases"] = tuple(_elsewhere(case, gone, heir) for case in part.cases)
    return msgspec.structs.replace(part, **changed)


def _elsewhere(piece: Any, gone: str, heir: str) -> Any:
    return msgspec.structs.replace(piece, next=heir) if piece.next == gone else piece


def _fields(before: msgspec.Struct, after: msgspec.Struct) -> tuple[str, ...]:
    names = [name for name in after.__struct_fields__ if name not in ("id", "parts")]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _in_order(before: list[str], after: list[str]) -> set[str]:
    """Ids that did not move: a longest run that stands in the same order in both."""
    place: Mapping[str, int] = {part_id: n for n, part_id in enumerate(before)}
    best: list[list[str]] = []
    for part_id in after:
        runs = [run for run in best if place[run[-1]] < place[part_id]]
        kept = max(runs, key=lambda run: len(run)) if runs else []
        best.append([*kept, part_id])
    return set(max(best, key=lambda run: len(run), default=()))
