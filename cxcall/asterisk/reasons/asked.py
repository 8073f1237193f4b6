"""One caller who is asked why they call, from the question to what is known in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cxcall.speech import redact
from cxcall.speech.intents import Match
from cxcall.speech.marks import Shown
from cxcall.speech.sentence import Heard
from cxcall.speech.transcript import Turn
from cxcall.store.reasons import How, Reason

_LONGEST = 200
_LONGEST_TEXT = 2_000


NOTHING = Match()


@dataclass(slots=True, kw_only=True)
class Asked:
    """`call`: unique id of the caller's channel; `intent` "" until it is known."""

    token: str
    server: str
    call: str
    at: datetime
    queue: str = ""
    language: str = ""
    refuses: bool = False
    """They do not agree to be listened to."""
    text: str = ""
    """Numbers hidden."""
    match: Match = NOTHING
    intent: str = ""
    confidence: float = 0.0
    keys: str = ""
    how: How = "none"
    why: str = ""
    ms: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once they were heard, or can't be."""
    asking: bool = False
    """Whether they were asked "did you mean …"."""

    @property
    def call_id(self) -> str:
        """The call's id in its record."""
        return f"{self.server}-{self.call}"

    def heard(self, heard: Heard, match: Match) -> None:
        """They said something, or not."""
        self.text, self.match, self.ms = hidden(heard.text[:_LONGEST_TEXT], self.language), match, heard.ms
        if match.verdict == "sure":
            self.intent, self.confidence, self.how, self.why = match.intent, match.confidence, "sure", ""
        else:
            self.confidence = match.confidence
            self.why = "not_understood" if heard.why == "said" else heard.why
        self.over.set()

    def pressed(self, key: str, of_menu: str) -> None:
        """They answered by a key: at the question, else at the menu, where it stands for the intent `of_menu`."""
        if self.asking:
            self.asking = False
            yes = key == "1"
            self.how, self.why = ("confirmed" if yes else "refused"), ""
            self.intent, self.confidence = (self.match.intent, 1.0) if yes else ("", 0.0)
            return
        self.keys = (self.keys + key)[:_LONGEST]
        if of_menu:
            self.intent, self.confidence, self.how, self.why = of_menu, 1.0, "keyed", ""

    def told(self) -> dict[str, Any]:
        """What the decision is told of it."""
        return {
            "intent": self.intent, "text": self.text, "confidence": self.confidence, "keys": self.keys, "how": self.how,
        }  # fmt: skip

    def kept(self) -> Reason:
        """What is kept with the call."""
        return Reason(
            id=self.token, at=self.at, call_id=self.call_id, queue=self.queue, language=self.language,
            text=self.text, keys=self.keys, intent=self.intent,
            guess="" if self.intent else self.match.intent, confidence=self.confidence, how=self.how, why=self.why,
            ms=self.ms,
        )  # fmt: skip


def clean(said: Mapping[str, Any], name: str) -> str:
    """A value of the dialplan as any database takes it; "" where it is missing."""
    return str(said.get(name) or "").replace("\0", "").encode("utf-8", "replace").decode().strip()[:_LONGEST]


def hidden(text: str, language: str) -> str:
    """The words without card numbers, phones and the like."""
    turn = Turn(n=1, speaker="customer", start=0.0, end=1.0, text=text.replace("\0", ""))
    return Shown(turn.text, redact.find([turn], language or "en").get(1, ())).text
