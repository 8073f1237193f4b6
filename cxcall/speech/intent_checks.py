"""What is wrong with an intent, before anybody is sent somewhere by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from cxcall.speech.intents import Intent
from cxcall.speech.phrases import compile_phrase

NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
"""What the dialplan takes as CX_INTENT."""
KEY = re.compile(r"[0-9*#]?")
NUMBER = re.compile(r"[0-9*#+]{0,40}")
LANGUAGES = ("fa", "en")
MOST_TEXTS, LONGEST_TEXT, LONGEST_TITLE = 200, 200, 80

Field = Literal["name", "title", "phrases", "examples", "key", "queue", "number"]
Code = Literal[
    "name",
    "no_title",
    "long_title",
    "nothing_said",
    "wordless",
    "long_text",
    "too_many",
    "key",
    "key_taken",
    "queue",
    "number",
]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend. `language` of a phrase or example, `at` its place, `value` what was written or whose it is."""

    field: Field
    code: Code
    language: str = ""
    at: int = 0
    value: str = ""


def faults(intent: Intent, others: Iterable[Intent] = (), queues: Collection[str] = frozenset()) -> tuple[Fault, ...]:
    """Why it can't be kept as it is; `others`: the intents beside it, `queues`: those there are, none: not known."""
    found: list[Fault] = []
    if not NAME.fullmatch(intent.name):
        found.append(Fault(field="name", code="name", value=intent.name))
    titles = [title.strip() for title in intent.title.values()]
    if not any(titles):
        found.append(Fault(field="title", code="no_title"))
    found += [Fault(field="title", code="long_title", value=one[:20]) for one in titles if len(one) > LONGEST_TITLE]
    found += _of_texts(intent)
    if not KEY.fullmatch(intent.key):
        found.append(Fault(field="key", code="key", value=intent.key))
    taken = next((one.name for one in others if intent.key and one.key == intent.key and one.name != intent.name), "")
    if taken:
        found.append(Fault(field="key", code="key_taken", value=taken))
    if intent.queue and queues and intent.queue not in queues:
        found.append(Fault(field="queue", code="queue", value=intent.queue))
    if not NUMBER.fullmatch(intent.number):
        found.append(Fault(field="number", code="number", value=intent.number))
    return tuple(found)


def _of_texts(intent: Intent) -> list[Fault]:
    found: list[Fault] = []
    fields: tuple[Literal["phrases", "examples"], ...] = ("phrases", "examples")
    said = 0
    for name in fields:
        for language, texts in getattr(intent, name).items():
            said += len(texts)
            if len(texts) > MOST_TEXTS:
                found.append(Fault(field=name, code="too_many", language=language))
            for at, text in enumerate(texts):
                if len(text) > LONGEST_TEXT:
                    found.append(Fault(field=name, code="long_text", language=language, at=at, value=text[:30]))
                elif compile_phrase(text) is None:
                    found.append(Fault(field=name, code="wordless", language=language, at=at, value=text))
    if not said and not intent.key:
        found.append(Fault(field="phrases", code="nothing_said"))
    return found
