"""Hints to the agent while the talk goes on: what could be shown now, and what is.

`candidates` says what the talk gives reason for at a moment; it remembers nothing. `Hints` remembers what was shown and
what became of it: at most two at a time, what is urgent before what is new, and what was used or dismissed is not shown
again in that talk. Times are seconds of the transcript.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from cxcall.speech import hint_words as words
from cxcall.speech.category import Article, Category, Hit, Texts
from cxcall.speech.required import Check, missing
from cxcall.speech.spotting import Found
from cxcall.speech.wishes import Wish

AT_MOST = 2
LASTS = 120.0
"""Seconds a hint is shown after the words that gave reason for it."""
COOL_DOWN = 60.0
"""Seconds before a hint that ran out is shown for a new reason."""
OPENING_DUE = 30.0
"""Seconds after the agent answered when what belongs to the opening should have been said."""
LOW = -0.3
FALL = 0.3
"""The customer's last two turns with feeling are LOW on average, and by FALL lower than the three before."""

Kind = Literal["category", "required", "feeling", "article", "intent"]
Outcome = Literal["used", "dismissed"]
Gone = Literal["used", "dismissed", "expired"]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """One hint as it is shown.

    `id` names it within the talk: `category:ID`, `article:ID`, `intent:NAME`, `opening`, `closing`, `feeling`. `at`:
    when it came up. `reason` is a sentence; `quote` what was said, with numbers hidden, at `quote_at` in turn
    `quote_n`. `checks`: what is to be ticked off (required). `transfer`: what to dial to get the customer where they
    want; then `category` is the name of the intent. `hot`: it is about something going wrong.
    """

    id: str
    kind: Kind
    at: float
    title: Texts
    text: Texts = {}
    action: Texts = {}
    reason: Texts = {}
    category: str = ""
    article: str = ""
    transfer: str = ""
    quote: str = ""
    quote_at: float | None = None
    quote_n: int | None = None
    checks: tuple[Check, ...] = ()
    hot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """A customer turn with its feeling (-1…+1) and its words, hidden as they are shown."""

    n: int
    start: float
    end: float
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known `at` a moment. `began`: when the agent answered, None: nobody has spoken yet."""

    at: float
    began: float | None
    hits: Sequence[Hit] = ()
    found: Sequence[Found] = ()
    checks: tuple[Check, ...] = ()
    feelings: Sequence[Felt] = ()
    farewell: float | None = None
    wishes: Sequence[Wish] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an update did to what is shown."""

    came: tuple[Suggestion, ...] = ()
    gone: tuple[tuple[Suggestion, Gone], ...] = ()


def candidates(
    facts: Facts, categories: Mapping[str, Category], articles: Mapping[str, Article]
) -> dict[str, Suggestion]:
    """What there is reason to show at that moment, by id."""
    found = [*_of_categories(facts, categories), *_of_required(facts), *_of_feeling(facts), *_of_wishes(facts)]
    linked = {one.article for one in found if one.article}
    found += [one for one in _of_articles(facts, articles) if one.article not in linked]
    return {one.id: one for one in found}


class Hints:
    """The hints of one talk."""

    def __init__(self, categories: Mapping[str, Category], articles: Mapping[str, Article]) -> None:
        self._categories = categories
        self._articles = articles
        self._alive: dict[str, Suggestion] = {}
        self._decided: set[str] = set()
        self._ran_out: dict[str, float] = {}
        self._announced: set[str] = set()
        self.shown: tuple[Suggestion, ...] = ()
        self.revision = 0

    def update(self, facts: Facts) -> Change:
        """What is shown at that moment."""
        now = candidates(facts, self._categories, self._articles)
        gone: list[tuple[Suggestion, Gone]] = []
        for one in [one for one in self._alive.values() if one.id not in now]:
            self._end(one, facts.at)
            if one.id in self._announced:
                gone.append((one, "expired"))
        for one in now.values():
            if one.id not in self._decided and self._ready(one):
                before = self._alive.get(one.id)
                self._alive[one.id] = one if before is None else _kept(before, one, facts)
        return Change(came=self._show(), gone=tuple(gone))

    def decide(self, id_: str, outcome: Outcome, at: float) -> Change:
        """The agent used or dismissed a hint; one that is not shown any more changes nothing."""
        one = next((one for one in self.shown if one.id == id_), None)
        if one is None:
            return Change()
        self._decided.add(id_)
        self._end(one, at)
        return Change(came=self._show(), gone=((one, outcome),))

    def _ready(self, one: Suggestion) -> bool:
        """Not a moment after it ran out: the reason has to be a new one."""
        return one.id not in self._ran_out or one.at >= self._ran_out[one.id] + COOL_DOWN

    def _end(self, one: Suggestion, at: float) -> None:
        del self._alive[one.id]
        if one.id in self._announced:
            self._ran_out[one.id] = at

    def _show(self) -> tuple[Suggestion, ...]:
        first = sorted(self._alive.values(), key=lambda one: (_rank(one), -one.at, one.id))[:AT_MOST]
        shown = tuple(sorted(first, key=lambda one: (-one.at, one.id)))
        came = tuple(one for one in shown if one.id not in {before.id for before in self.shown})
        if shown != self.shown:
            self.shown = shown
            self.revision += 1
        # One that stood back for another and returns is not told of twice.
        new = tuple(one for one in came if one.id not in self._announced)
        self._announced = {one for one in self._announced if one in self._alive} | {one.id for one in shown}
        return new


def _rank(one: Suggestion) -> int:
    if one.hot or one.id == "closing":
        return 0
    return {"feeling": 1, "category": 2, "required": 2, "intent": 2, "article": 3}[one.kind]


def _kept(before: Suggestion, now: Suggestion, facts: Facts) -> Suggestion:
    """What is shown stays as it is, but for what was said or hidden since."""
    if before.kind == "required":
        return msgspec.structs.replace(now, at=before.at)
    quotes: dict[int, str] = {hit.n: hit.quote for hit in facts.hits if hit.category == before.category}
    if before.kind == "article":
        quotes = {found.n: found.quote for found in facts.found if found.article == before.article}
    if before.kind == "intent":
        quotes = {wish.n: wish.quote for wish in facts.wishes if wish.intent == before.category}
    if before.kind == "feeling":
        quotes = {felt.n: felt.text for felt in facts.feelings}
    quote = quotes.get(before.quote_n, before.quote) if before.quote_n is not None else before.quote
    return before if quote == before.quote else msgspec.structs.replace(before, quote=quote)


def _of_categories(facts: Facts, categories: Mapping[str, Category]) -> Iterator[Suggestion]:
    latest = {hit.category: hit for hit in facts.hits if facts.at - hit.start <= LASTS}
    for hit in latest.values():
        category = categories[hit.category]
        hint = category.hint
        if hint is None or category.kind == "required":
            continue
        yield Suggestion(
            id=f"category:{category.id}", kind="category", at=hit.start, title=hint.title or category.name,
            text=hint.text, action=hint.action, reason=words.heard(category.name), category=category.id,
            article=hint.article_id, quote=hit.quote, quote_at=hit.start, quote_n=hit.n,
            hot=category.tone in ("bad", "warn") or category.alerts,
        )  # fmt: skip


def _of_required(facts: Facts) -> Iterator[Suggestion]:
    lacking = missing(facts.checks)
    if facts.began is None or not lacking:
        return
    if facts.farewell is not None and facts.at - facts.farewell <= LASTS:
        yield Suggestion(
            id="closing", kind="required", at=facts.farewell, title=words.BEFORE_CLOSING, reason=words.SEEMS_OVER,
            checks=facts.checks,
        )  # fmt: skip
    elif 0 <= facts.at - (due := facts.began + OPENING_DUE) <= LASTS and any(one.where == "opening" for one in lacking):
        opening = tuple(check for check in facts.checks if check.where == "opening")
        yield Suggestion(
            id="opening", kind="required", at=due, title=words.NOT_YET_SAID, reason=words.OPENING_OVER, checks=opening
        )


def _of_feeling(facts: Facts) -> Iterator[Suggestion]:
    told = [felt for felt in facts.feelings if felt.value]
    if len(told) < 2 or facts.at - told[-1].end > LASTS:
        return
    *before, one, other = told
    now = (one.value + other.value) / 2
    usual = sum(felt.value for felt in before[-3:]) / len(before[-3:]) if before else 0.0
    if now <= LOW and usual - now >= FALL:
        yield Suggestion(
            id="feeling", kind="feeling", at=other.end, title=words.MOOD_FALLS, text=words.MOOD_ADVICE,
            reason=words.MOOD_REASON, quote=other.text, quote_at=other.start, quote_n=other.n, hot=True,
        )  # fmt: skip


def _of_articles(facts: Facts, articles: Mapping[str, Article]) -> Iterator[Suggestion]:
    latest = {found.article: found for found in facts.found if facts.at - found.start <= LASTS}
    for found in latest.values():
        article = articles[found.article]
        yield Suggestion(
            id=f"article:{article.id}", kind="article", at=found.start, title={article.language or "en": article.title},
            reason=words.ARTICLE_MATCHES, article=article.id, quote=found.quote, quote_at=found.start, quote_n=found.n,
        )  # fmt: skip


def _of_wishes(facts: Facts) -> Iterator[Suggestion]:
    for wish in facts.wishes:
        if facts.at - wish.start <= LASTS:
            yield Suggestion(
                id=f"intent:{wish.intent}", kind="intent", at=wish.start,
                title=words.transfer_to(wish.place("en"), wish.place("fa")), text=words.OFFER_TRANSFER,
                reason=words.heard(wish.title), category=wish.intent, transfer=wish.number, quote=wish.quote,
                quote_at=wish.start, quote_n=wish.n,
            )  # fmt: skip
