"""What a card's form asks for, carried out on a script: `do` names the act, the card's fields come with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from cxcall.surveys import editing
from cxcall.surveys.editing import KINDS, Kind
from cxcall.surveys.script import Branch, Case, Condition, Key, Part, Question, Script
from cxcall.web.pages.survey_form import Written, read_part, read_survey
from cxcall.web.pages.survey_words import title_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The draft after an act; with `errors` it was not done. `focus` is the card it was about.

    `typed` are the card's fields as sent. `speak` is a field that a new prompt is to be made for.
    """

    draft: Script
    focus: str = ""
    done: str = ""
    typed: Mapping[str, Written] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    speak: str = ""
    title: str = ""

    def with_prompt(self, prompt_id: str) -> Edited:
        """The prompt that was made, in the field it was made for."""
        part = self.draft.part(self.focus)
        if part is None:
            return replace(self, draft=msgspec.structs.replace(self.draft, opt_out_prompt=prompt_id))
        return replace(self, draft=editing.replace(self.draft, msgspec.structs.replace(part, prompt=prompt_id)))


def edit(script: Script, written: Written) -> Edited:
    """Save the fields of the card `part` ("": the survey's own), then do `do`. Raises `editing.CannotEdit`."""
    do, _, more = written.get("do", "save").partition(":")
    part = script.part(written.get("part", ""))
    if do == "insert":
        kind: Kind = next((known for known in KINDS if known == more), "say")
        draft, made = editing.insert(script, kind, written.get("after", ""))
        return Edited(draft=draft, focus=made)
    if part is None:
        draft = read_survey(script, written) if "first" in written else script
        return Edited(draft=draft, speak=more if do == "make" else "")
    if do == "remove":
        return Edited(draft=editing.remove(script, part.id), focus=_beside(script, part), done="removed")
    saved, errors = read_part(part, written)
    if errors:
        return Edited(draft=script, focus=part.id, typed={part.id: written}, errors=errors)
    saved = _row(script, saved, do, more)
    draft, focus = editing.replace(script, saved), part.id
    if do in ("up", "down"):
        draft = editing.move(draft, part.id, -1 if do == "up" else 1)
    elif do == "duplicate":
        draft, focus = editing.duplicate(draft, part.id)
    speak = more if do == "make" else ""
    return Edited(draft=draft, focus=focus, typed={part.id: written}, speak=speak, title=title_of(saved))


def _row(script: Script, part: Part, do: str, more: str) -> Part:
    """A key or a condition more, or one less."""
    n = int(more) if more.isascii() and more.isdecimal() and len(more) < 4 else -1
    if isinstance(part, Question) and do == "add-key":
        return msgspec.structs.replace(part, keys=(*part.keys, Key(key=_free_key(part))))
    if isinstance(part, Question) and do == "drop-key":
        return msgspec.structs.replace(part, keys=tuple(key for at, key in enumerate(part.keys) if at != n))
    if isinstance(part, Branch) and do == "add-case":
        asked = [one.id for one in script.parts[: _place(script, part)] if isinstance(one, Question)]
        case = Case(
            when=Condition(of="answer", part=asked[-1] if asked else ""),
            next=script.after(script.parts[_place(script, part)]),
        )
        return msgspec.structs.replace(part, cases=(*part.cases, case))
    if isinstance(part, Branch) and do == "drop-case":
        return msgspec.structs.replace(part, cases=tuple(case for at, case in enumerate(part.cases) if at != n))
    return part


def _free_key(question: Question) -> str:
    used = {key.key for key in question.keys}
    return next((key for key in "1234567890*" if key not in used), "")


def _place(script: Script, part: Part) -> int:
    return next(n for n, one in enumerate(script.parts) if one.id == part.id)


def _beside(script: Script, part: Part) -> str:
    place = script.parts.index(part)
    others = (*script.parts[place + 1 : place + 2], *script.parts[max(place - 1, 0) : place])
    return others[0].id if others else ""
