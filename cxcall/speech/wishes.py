"""What the customer turns out to want while they talk, and where it is done: offers to transfer them there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from cxcall.speech.category import Texts, worded
from cxcall.speech.intents import Intents
from cxcall.speech.quotes import Piece
from cxcall.speech.transcript import Turn

LEAST_WORDS = 3
"""A turn of fewer says too little to send anybody anywhere."""

Quote = Callable[[int, tuple[Piece, ...]], str]
"""What was said in a turn, numbers hidden."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """An intent heard in turn `n`, at `start` seconds. `to`: the queue that does it, `number`: what the agent dials to
    get there."""

    intent: str
    title: Texts
    to: str
    number: str
    n: int
    start: float
    quote: str = ""
    spans: tuple[Piece, ...] = ()

    def place(self, language: str) -> str:
        """What it is called: the queue, else what is wanted."""
        return self.to or worded(self.title, language) or self.intent


class Wishes:
    """Those of one talk of `queue`: what is done here anyway, or nowhere that can be dialled, is not offered."""

    def __init__(self, intents: Intents, *, queue: str, language: str) -> None:
        self._intents = intents
        self._language = language
        self._offered = {
            one.name: one for one in intents.by_name.values() if one.offered and one.number and one.queue != queue
        }
        self._of_turn: dict[int, Wish] = {}

    def heard(self, turn: Turn) -> None:
        """A turn, or what one says now."""
        self._of_turn.pop(turn.n, None)
        if not self._offered or turn.speaker != "customer" or len(turn.text.split()) < LEAST_WORDS:
            return
        match = self._intents.match(turn.text, self._language)
        intent = self._offered.get(match.intent)
        if intent is not None and match.verdict == "sure":
            self._of_turn[turn.n] = Wish(
                intent=intent.name, title=intent.title, to=intent.queue, number=intent.number, n=turn.n,
                start=turn.start, spans=match.spans,
            )  # fmt: skip

    def found(self, quote: Quote) -> Sequence[Wish]:
        """Of each intent the last, by when it was said."""
        last = {wish.intent: wish for wish in sorted(self._of_turn.values(), key=lambda wish: wish.start)}
        return [msgspec.structs.replace(wish, quote=quote(wish.n, wish.spans)) for wish in last.values()]
