"""A survey as data: parts in the order of their cards, and where the dialogue goes from each.

A part goes on to its `next`; None means the card below, `END` ends the survey without thanks. Prompts are ids of
prompts (cxcall/prompts); texts that people read are given per language. The JSON form is msgspec's, with `type` naming
the kind of part; the same form is stored, sent by the API and drawn by the builder.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

END = "end"
"""As `next`: the survey ends here."""

MOST_PARTS = 200
"""More parts than callers would ever hear: a script from outside with more is refused when it is read."""

Measure = Literal["csat", "nps", "ces"]
QuestionKind = Literal["scale", "nps", "nps_key", "yes_no", "choice"]
"""`nps`: 0–10, two digits ended by # or a pause; `nps_key`: one key 0–9, mapped by the keys' values (METRICS.md)."""

Texts = dict[str, str]
"""A text per language: {"fa": …, "en": …}."""


class _Piece(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all pieces of a script share: unknown fields are errors."""

    @property
    def prompt_fields(self) -> tuple[str, ...]:
        """Names of the fields that hold ids of prompts."""
        return tuple(name for name in self.__struct_fields__ if name == "prompt" or name.endswith("_prompt"))


class Key(_Piece, frozen=True, kw_only=True):
    """A key that answers a question: its meaning, what it counts, and a way of its own if it has one."""

    key: str
    label: Texts = {}
    value: float | None = None
    next: str | None = None


class Say(_Piece, frozen=True, kw_only=True, tag_field="type", tag="say"):
    """Plays a prompt; any key cuts it short."""

    id: str
    prompt: str = ""
    next: str | None = None


class Question(_Piece, frozen=True, kw_only=True, tag_field="type", tag="question"):
    """Asks for a key (for `nps`: a number 0–10).

    `seconds` to begin after the prompt, `pause` seconds that end a two-digit number, `retries` more tries after a wrong
    key or none. `skip_key` goes on without an answer. Prompts for a wrong key and for silence come before a retry.
    """

    id: str
    title: Texts = {}
    kind: QuestionKind = "scale"
    measure: Measure | None = None
    prompt: str = ""
    keys: tuple[Key, ...] = ()
    seconds: float = 6.0
    pause: float = 2.5
    retries: int = 2
    wrong_key_prompt: str = ""
    no_input_prompt: str = ""
    skip_key: str = ""
    next: str | None = None


class Comment(_Piece, frozen=True, kw_only=True, tag_field="type", tag="comment"):
    """Records what the caller says: at most `seconds`, ended by #, or by `silence` seconds without a word."""

    id: str
    title: Texts = {}
    prompt: str = ""
    seconds: int = 60
    silence: int = 4
    beep: bool = True
    next: str | None = None


class Condition(_Piece, frozen=True, kw_only=True):
    """True when everything given in it holds. `part` names the question for `of="answer"`.

    `at_least`/`at_most` compare the answer's value; `one_of` its keys, or the tier, queue or language.
    """

    of: Literal["answer", "tier", "queue", "language"]
    part: str = ""
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()


class Case(_Piece, frozen=True, kw_only=True):
    """Where a branch goes when its condition holds."""

    when: Condition
    next: str


class Branch(_Piece, frozen=True, kw_only=True, tag_field="type", tag="branch"):
    """Goes on with the first case that holds, else with `next`. Nothing is heard."""

    id: str
    cases: tuple[Case, ...] = ()
    next: str | None = None


class Thank(_Piece, frozen=True, kw_only=True, tag_field="type", tag="thank"):
    """Thanks and ends."""

    id: str
    prompt: str = ""


class HandOver(_Piece, frozen=True, kw_only=True, tag_field="type", tag="hand_over"):
    """Ends the survey and sends the caller on: to a queue, to a number, or to a call-back that somebody owes them."""

    id: str
    prompt: str = ""
    to: Literal["queue", "number", "call_back"] = "call_back"
    target: str = ""


Part = Say | Question | Comment | Branch | Thank | HandOver


class Script(_Piece, frozen=True, kw_only=True):
    """A whole survey. `languages`: those it is asked in, the first for callers whose language is not known.

    `opt_out_key`, in every question that does not use it: never ask me again; "" = none. At most MOST_PARTS parts.
    """

    languages: tuple[str, ...] = ("fa", "en")
    parts: Annotated[tuple[Part, ...], msgspec.Meta(max_length=MOST_PARTS)] = ()
    opt_out_key: str = "9"
    opt_out_prompt: str = ""

    def part(self, part_id: str) -> Part | None:
        """The part of this id."""
        return next((part for part in self.parts if part.id == part_id), None)

    def after(self, part: Part) -> str:
        """Id of the card below `part`, or END."""
        place = self.parts.index(part) + 1
        return self.parts[place].id if place < len(self.parts) else END

    def prompts(self) -> frozenset[str]:
        """Ids of all prompts that callers can hear."""
        pieces: tuple[_Piece, ...] = (self, *self.parts)
        return frozenset(getattr(piece, name) for piece in pieces for name in piece.prompt_fields) - {""}

    def goes_on(self, part: Part) -> str:
        """Where the dialogue goes from `part` when nothing says otherwise: its `next`, else the card below, or END."""
        if isinstance(part, Thank | HandOver):
            return END
        return self.after(part) if part.next is None else part.next


def read(text: str | bytes) -> Script:
    """A script from its JSON form. Raises msgspec.ValidationError or msgspec.DecodeError with the place in words."""
    return msgspec.json.decode(text, type=Script)


def write(script: Script) -> bytes:
    """The JSON form, without what is left at its default."""
    return msgspec.json.encode(script)
