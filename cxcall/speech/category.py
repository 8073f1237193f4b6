"""Categories: what people look for in talks, as data. Who edits them and what finds them share these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Texts = Mapping[str, str]
"""Words by language (`en`, `fa`); a missing language falls back to the other."""

Kind = Literal["topic", "signal", "required"]
"""What the talk is about; something that happened in it; something the agent has to say."""

Tone = Literal["neutral", "good", "warn", "bad"]
Where = Literal["any", "opening", "closing"]
"""The whole talk, or its first or last seconds (spotting says how many)."""


def worded(texts: Texts, language: str) -> str:
    """The words in `language`, or in another one that has some; empty when there are none."""
    return texts.get(language) or next((words for words in texts.values() if words), "")


class Term(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any of `phrases`, said by `speaker`.

    A phrase is one or more words; `*` at the end of a word stands for any ending (`cancel*`, `لغو*`). Words are
    compared whole, as `cxcall.letters.search_key` folds them.
    """

    phrases: tuple[str, ...]
    speaker: Literal["customer", "agent", "either"] = "either"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`says` is said; with `then`, that too, after it (`ordered`) or around it; with `unless`, that not after it.

    `within`: seconds between the end of the one and the beginning of the other, None: anywhere in the talk.
    """

    says: Term
    then: Term | None = None
    unless: Term | None = None
    within: float | None = None
    ordered: bool = True


class Hint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agent is told when the category is found (or, of a required one, not yet said)."""

    title: Texts
    text: Texts = {}
    action: Texts = {}
    article_id: str = ""


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One category; any of `rules` finds it. `queues` empty: all. `alerts`: tell a supervisor when it is found."""

    id: str
    name: Texts
    kind: Kind = "topic"
    tone: Tone = "neutral"
    rules: tuple[Rule, ...] = ()
    where: Where = "any"
    queues: tuple[str, ...] = ()
    hint: Hint | None = None
    alerts: bool = False
    enabled: bool = True


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A category found in turn `n` of the transcript, at `start` seconds; `spans` are the pieces of its text."""

    category: str
    n: int
    start: float
    quote: str
    spans: tuple[tuple[int, int], ...] = ()


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article of the knowledge base, offered to the agent when one of its `phrases` is said.

    `language` empty: in talks of any language. `queues` empty: all. `body` is not looked at by what finds it.
    """

    id: str
    title: str
    phrases: tuple[str, ...] = ()
    language: str = ""
    queues: tuple[str, ...] = ()
    body: str = ""
    enabled: bool = True
