"""Cards of the survey builder as forms: a part as the text of its fields, and the part that a sent form describes.

Fields of a list are numbered (`keys.0.key`, `cases.1.next`). What can't be read is told by field and nothing is lost:
the page is shown again with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from cxcall.surveys.script import (
    Branch,
    Case,
    Comment,
    Condition,
    HandOver,
    Key,
    Part,
    Question,
    Say,
    Script,
    Texts,
    Thank,
)
from cxcall.web.digits import typed
from cxcall.web.words import N_

Written = dict[str, str]
LONGEST = 200
NOT_A_NUMBER = N_("Write a number.")
NOT_WHOLE = N_("Write a whole number.")
LANGUAGES = ("fa", "en")


@dataclass(slots=True)
class Reading:
    """A form being read: its texts, and the problems found, by field."""

    written: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return _plain(self.written.get(name, "")).strip()[:LONGEST]

    def texts(self, name: str) -> Texts:
        return {code: said for code in LANGUAGES if (said := self.text(f"{name}.{code}"))}

    def number(self, name: str) -> float | None:
        """None when empty, or when it is none (told in `errors`)."""
        said = typed(self.text(name)).replace("٫", ".").replace("−", "-")
        if not said:
            return None
        try:
            value = float(said)
        except ValueError:
            value = float("nan")
        if not -1e6 < value < 1e6:
            self.errors[name] = NOT_A_NUMBER
            return None
        return value

    def needed(self, name: str) -> float:
        value = self.number(name)
        if value is None:
            self.errors[name] = NOT_A_NUMBER
        return value or 0.0

    def whole(self, name: str) -> int:
        value = self.needed(name)
        if value != int(value):
            self.errors[name] = NOT_WHOLE
        return int(value)

    def way(self, name: str) -> str | None:
        return self.text(name) or None

    def words(self, name: str) -> tuple[str, ...]:
        parts = self.text(name).replace("،", ",").split(",")
        return tuple(word for part in parts if (word := typed(part).strip()))

    def rows(self, name: str) -> list[str]:
        """Prefixes of the rows of a list, in order: keys.0, keys.1…"""
        numbers = {key.split(".")[1] for key in self.written if key.startswith(name + ".") and key.count(".") >= 2}
        return [f"{name}.{n}" for n in sorted((n for n in numbers if n.isascii() and n.isdecimal()), key=int)]


def written_of(part: Part) -> Written:
    """The fields of a part's card as text."""
    said = _flat(msgspec.to_builtins(part), "")
    if isinstance(part, Question | Comment):
        said = {f"title.{code}": "" for code in LANGUAGES} | said
    return said


def read_part(part: Part, written: Mapping[str, str]) -> tuple[Part, dict[str, str]]:
    """The part a form describes, and problems by field; with problems the part is not to be kept."""
    reading = Reading(written)
    changed = _READERS[type(part)](reading)
    return msgspec.structs.replace(part, **changed), reading.errors


def read_survey(script: Script, written: Mapping[str, str]) -> Script:
    """The script with the survey's own fields from its form."""
    reading = Reading(written)
    chosen = tuple(code for code in LANGUAGES if f"languages.{code}" in written)
    first = reading.text("first")
    languages = tuple(sorted(chosen, key=lambda code: (code != first, LANGUAGES.index(code))))
    return msgspec.structs.replace(
        script,
        languages=languages,
        opt_out_key=typed(reading.text("opt_out_key"))[:1],
        opt_out_prompt=reading.text("opt_out_prompt"),
    )


def _say(said: Reading) -> dict[str, Any]:
    return {"prompt": said.text("prompt"), "next": said.way("next")}


def _question(said: Reading) -> dict[str, Any]:
    kind = said.text("kind")
    measure = said.text("measure")
    return {
        "title": said.texts("title"),
        "kind": kind if kind in ("scale", "nps", "nps_key", "yes_no", "choice") else "scale",
        "measure": measure if measure in ("csat", "nps", "ces") else None,
        "prompt": said.text("prompt"),
        "keys": tuple(_key(said, row) for row in said.rows("keys")) if kind != "nps" else (),
        "seconds": said.needed("seconds"),
        "pause": said.needed("pause") if "pause" in said.written else 2.5,
        "retries": said.whole("retries"),
        "wrong_key_prompt": said.text("wrong_key_prompt"),
        "no_input_prompt": said.text("no_input_prompt"),
        "skip_key": typed(said.text("skip_key"))[:1],
        "next": said.way("next"),
    }


def _key(said: Reading, row: str) -> Key:
    return Key(
        key=typed(said.text(f"{row}.key"))[:2],
        label=said.texts(f"{row}.label"),
        value=said.number(f"{row}.value"),
        next=said.way(f"{row}.next"),
    )


def _comment(said: Reading) -> dict[str, Any]:
    return {
        "title": said.texts("title"),
        "prompt": said.text("prompt"),
        "seconds": said.whole("seconds"),
        "silence": said.whole("silence"),
        "beep": bool(said.text("beep")),
        "next": said.way("next"),
    }


def _branch(said: Reading) -> dict[str, Any]:
    return {"cases": tuple(_case(said, row) for row in said.rows("cases")), "next": said.way("next")}


def _case(said: Reading, row: str) -> Case:
    """The question of an `answer` is chosen together with it: "answer:csat"."""
    of, _, part = said.text(f"{row}.of").partition(":")
    answer = of not in ("tier", "queue", "language")
    when = Condition(
        of="answer" if answer else cast("Any", of),
        part=part if answer else "",
        at_least=said.number(f"{row}.at_least") if answer else None,
        at_most=said.number(f"{row}.at_most") if answer else None,
        one_of=said.words(f"{row}.one_of"),
    )
    return Case(when=when, next=said.text(f"{row}.next"))


def _thank(said: Reading) -> dict[str, Any]:
    return {"prompt": said.text("prompt")}


def _hand_over(said: Reading) -> dict[str, Any]:
    to = said.text("to")
    known = to in ("queue", "number", "call_back")
    return {"prompt": said.text("prompt"), "to": to if known else "call_back", "target": typed(said.text("target"))}


_READERS: Mapping[type[Any], Callable[[Reading], dict[str, Any]]] = {
    Say: _say,
    Question: _question,
    Comment: _comment,
    Branch: _branch,
    Thank: _thank,
    HandOver: _hand_over,
}


def _flat(value: Any, name: str) -> Written:
    if isinstance(value, Mapping):
        pairs = [(f"{name}.{key}" if name else str(key), inner) for key, inner in value.items()]
    elif name.endswith("one_of"):
        return {name: ", ".join(value)}
    elif isinstance(value, list | tuple):
        pairs = [(f"{name}.{n}", inner) for n, inner in enumerate(value)]
    else:
        return {name: text_of(value)}
    return {key: said for inner_name, inner in pairs for key, said in _flat(inner, inner_name).items()}


def text_of(value: Any) -> str:
    """A value as its field shows it."""
    if value is None or value is False:
        return ""
    if isinstance(value, float):
        return format(value, "g")
    return "1" if value is True else str(value)


def _plain(text: str) -> str:
    """Without the letters no database takes."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\u200c")
