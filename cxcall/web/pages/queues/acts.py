"""What a button of the editor's form asks for, carried out on a draft: `do` names the act, all fields come with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from cxcall.queues.definition import Announcements, MemberChoice, PenaltyStep, QueueDefinition
from cxcall.web.pages.queues.form import INTERFACE, KINDS, Written, read
from cxcall.web.pages.queues.preview import DAY, TIME
from cxcall.web.words import N_

T = TypeVar("T")
PHONE_WRONG = N_("Write the phone as Asterisk names it, for example PJSIP/1001 or Local/1001@agents/n.")
NOBODY_CHOSEN = N_("Choose who is to answer.")
MOST_MEMBERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The draft after an act. `errors` by field: a sentence and its values. `typed`: the fields as sent.

    `focus`: id of what was made or moved, for the keyboard to go on there.
    """

    draft: QueueDefinition
    errors: Mapping[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    typed: Written = field(default_factory=dict)
    focus: str = ""


def edit(before: QueueDefinition, written: Written, adds: Sequence[str] = ()) -> Edited:
    """Take the fields, then do `do`. `adds`: members chosen to be added, `agent:ID`, `team:ID`, `skill:ID`."""
    draft, errors = read(before, written)
    do, _, more = written.get("do", "save").partition(":")
    n = int(more) if more.isascii() and more.isdecimal() and len(more) < 4 else -1
    if do == "add":
        return _added(Edited(draft=draft, errors=errors, typed=written), adds)
    focus = ""
    if do in ("up", "down") and n >= 0:
        place = n + (-1 if do == "up" else 1)
        draft = msgspec.structs.replace(draft, members=_moved(draft.members, n, place))
        focus = f"{do}-{place}"
    elif do == "remove":
        draft = msgspec.structs.replace(draft, members=_without(draft.members, n))
        focus = f"remove-{min(n, len(draft.members) - 1)}" if draft.members else "add-members"
    elif do in ("add-step", "drop-step"):
        rule = (*draft.rule, _next_step(draft.rule)) if do == "add-step" else _without(draft.rule, n)
        draft = msgspec.structs.replace(draft, rule=rule)
        focus = f"rule-{len(rule) - 1}-after" if do == "add-step" else "add-step"
    elif do == "drop-prompt":
        said = draft.announcements
        draft = _announcing(draft, msgspec.structs.replace(said, periodic=_without(said.periodic, n)))
        focus = "add-prompt"
    elif do == "add-prompt":
        new = written.get("new_prompt", "")[:200]
        said = draft.announcements
        if new:
            draft = _announcing(draft, msgspec.structs.replace(said, periodic=(*said.periodic, new)))
        focus = "add-prompt"
    typed = {DAY: written.get(DAY, ""), TIME: written.get(TIME, "")} if focus else written  # rows have other numbers
    return Edited(draft=draft, errors=errors, typed=typed, focus=focus)


def key_of(choice: MemberChoice) -> str:
    """One name of a member row in the page, the same wherever it stands."""
    return f"{choice.kind}:{choice.value}"


def _added(edited: Edited, adds: Sequence[str]) -> Edited:
    phone = " ".join(edited.typed.get("add_phone", "").split())
    known = {key_of(one) for one in edited.draft.members}
    fresh = [one for text in dict.fromkeys(adds) if (one := _chosen(text)) is not None and key_of(one) not in known]
    errors = dict(edited.errors)
    if phone and not INTERFACE.fullmatch(phone):
        errors["add_phone"] = (PHONE_WRONG, {})
        return Edited(draft=edited.draft, errors=errors, typed=edited.typed)
    if phone and f"interface:{phone}" not in known:
        state = " ".join(edited.typed.get("add_state", "").split())[:140]
        name = " ".join(edited.typed.get("add_name", "").replace(",", " ").split())[:80]
        fresh.append(MemberChoice(kind="interface", value=phone, name=name, state_interface=state))
    if not fresh and not phone and not adds:
        errors["add"] = (NOBODY_CHOSEN, {})
    members = (*edited.draft.members, *fresh)[:MOST_MEMBERS]
    focus = f"row-{len(edited.draft.members)}" if fresh else ""
    kept = {} if fresh else edited.typed
    return Edited(draft=msgspec.structs.replace(edited.draft, members=members), errors=errors, typed=kept, focus=focus)


def _chosen(text: str) -> MemberChoice | None:
    name, _, value = text.partition(":")
    kind = next((known for known in KINDS if known == name), None)
    if kind is None or kind == "interface" or not value or len(value) > 200:
        return None
    return MemberChoice(kind=kind, value=value, by_level=kind == "skill")


def _announcing(draft: QueueDefinition, said: Announcements) -> QueueDefinition:
    return msgspec.structs.replace(draft, announcements=said)


def _next_step(rule: Sequence[PenaltyStep]) -> PenaltyStep:
    """Half a minute later one priority more is asked."""
    if not rule:
        return PenaltyStep(after=30, most=1)
    return PenaltyStep(after=rule[-1].after + 30, most=(rule[-1].most or 0) + 1, least=rule[-1].least)


def _moved(rows: tuple[T, ...], n: int, place: int) -> tuple[T, ...]:
    if not (0 <= n < len(rows) and 0 <= place < len(rows)):
        return rows
    left = [*rows[:n], *rows[n + 1 :]]
    return (*left[:place], rows[n], *left[place:])


def _without(rows: tuple[T, ...], n: int) -> tuple[T, ...]:
    return tuple(row for at, row in enumerate(rows) if at != n)
