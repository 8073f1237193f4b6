"""Finding categories in a talk, turn by turn as it goes on, or in all of it afterwards: the result is the same.

What is said are events: a term, from when to when. A rule holds by the times of its events, so it does not matter in
which order the turns of the two speakers come, and a turn that is given again takes the place of what it said before.

* `then`: the first time after the end of `says` (or around it), at most `within` seconds away.
* `unless`: not within `within` seconds after the rule's last words, or never after them. While that time is not over,
  the rule does not hold yet.
* `opening`: begun within OPENING seconds after the agent answered; `closing`: within CLOSING seconds of the end, which
  in a talk that goes on is now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from cxcall.speech.catalogue import Catalogue, WantedRule
from cxcall.speech.category import Hit
from cxcall.speech.moments import Moments
from cxcall.speech.quotes import Piece, joined, quoted
from cxcall.speech.transcript import Turn

OPENING = 45.0
CLOSING = 60.0
_LONGEST = 60.0
"""Seconds a phrase may last; turns are cut at 25."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A term was said, from `start` to `end` seconds, in `span` of the text of turn `n`."""

    start: float
    end: float
    n: int
    span: Piece


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An article matches turn `n`."""

    article: str
    n: int
    start: float
    quote: str
    spans: tuple[Piece, ...]


@dataclass(slots=True)
class _Said:
    """All events of a term, by start."""

    events: list[Event] = field(default_factory=list)

    def add(self, events: list[Event]) -> None:
        self.events = sorted([*self.events, *events])

    def drop(self, n: int) -> None:
        self.events = [event for event in self.events if event.n != n]

    def after(self, at: float) -> Event | None:
        """The first that begins at `at` or later."""
        place = bisect_left(self.events, at, key=lambda event: event.start)
        return self.events[place] if place < len(self.events) else None

    def around(self, event: Event, within: float) -> list[Event]:
        """Those that may be no farther away; some are."""
        first = bisect_left(self.events, event.start - within - _LONGEST, key=lambda event: event.start)
        return self.events[first : bisect_right(self.events, event.end + within, key=lambda event: event.start)]


class Spotter:
    """The categories and articles of one talk; articles of another `language` are not looked for.

    `began`: when the agent answered, None: with the first words of the agent, or of anybody as long as the agent has
    said none.
    """

    def __init__(
        self, catalogue: Catalogue, *, queue: str = "", language: str = "", began: float | None = None
    ) -> None:
        self._catalogue = catalogue
        self._looked_for = {category.id: category for category in catalogue.of(queue)}
        self._articles = {
            article.id
            for article in catalogue.articles.values()
            if (not article.queues or queue in article.queues) and article.language in ("", language)
        }
        self.began = began
        self._now = 0.0
        self._over = False
        self._turns: dict[int, Turn] = {}
        self._terms: dict[int, list[int]] = {}
        self._said: dict[int, _Said] = {}
        self._open: dict[int, WantedRule] = {}
        self._done: dict[int, list[tuple[Event, ...]]] = {}
        self._hits: dict[tuple[str, int], Hit] = {}
        self._found: dict[tuple[str, int], Found] = {}
        self._ordered: list[Hit] | None = None

    @property
    def hits(self) -> list[Hit]:
        """What holds now: one hit for a category in a turn, by start."""
        if self._ordered is None:
            self._ordered = sorted(self._hits.values(), key=lambda hit: (hit.start, hit.n, hit.category))
        return list(self._ordered)

    @property
    def articles(self) -> list[Found]:
        """The articles that match, one for an article in a turn, by start."""
        return sorted(self._found.values(), key=lambda found: (found.start, found.n, found.article))

    @property
    def beginning(self) -> float:
        """When the talk began, for all that is known now."""
        if self.began is not None:
            return self.began
        agent = min((turn.start for turn in self._turns.values() if turn.speaker == "agent"), default=None)
        return agent if agent is not None else min((turn.start for turn in self._turns.values()), default=0.0)

    @property
    def farewell(self) -> float | None:
        """When somebody last said what talks end with."""
        said = self._events_of(self._catalogue.farewell)
        return said[-1].start if said else None

    def feed(self, turn: Turn) -> list[Hit]:
        """What this turn says; the hits that are new."""
        changed = {rule.number: rule for term in self._forget(turn.n) for rule in self._rules(term)}
        self._turns[turn.n] = turn
        self._now = max(self._now, turn.end)
        for term, events in self._events(turn).items():
            if term in self._catalogue.article_of:
                self._match(self._catalogue.article_of[term], events)
                continue
            self._said.setdefault(term, _Said()).add(events)
            self._terms.setdefault(turn.n, []).append(term)
            changed.update((rule.number, rule) for rule in self._rules(term))
        return self._judge(changed)

    def wait(self, at: float) -> list[Hit]:
        """Nobody has said anything until `at`."""
        self._now = max(self._now, at)
        return self._judge({})

    def finish(self, end: float | None = None) -> list[Hit]:
        """The talk is over, at `end` or with its last word."""
        self._now = max(self._now, end or 0.0)
        self._over = True
        return self._judge({})

    def _rules(self, term: int) -> Iterator[WantedRule]:
        return (rule for rule in self._catalogue.rules_of.get(term, ()) if rule.category in self._looked_for)

    def _match(self, article: str, events: list[Event]) -> None:
        if article in self._articles:
            for n, told, quote, spans in self._by_turn(events):
                self._found[article, n] = Found(article=article, n=n, start=told[0].start, quote=quote, spans=spans)

    def _forget(self, n: int) -> list[int]:
        for article in self._articles:
            self._found.pop((article, n), None)
        terms = self._terms.pop(n, [])
        for term in terms:
            self._said[term].drop(n)
        return terms

    def _events(self, turn: Turn) -> dict[int, list[Event]]:
        said, found = self._catalogue.look(turn.text, turn.speaker)
        if not found:
            return {}
        moments = Moments(turn)
        events: dict[int, list[Event]] = {}
        for term, places in found.items():
            for first, last in places:
                span = (said.spans[first][0], said.spans[last][1])
                event = Event(moments.at(span[0]), moments.at(span[1], end=True), turn.n, span)
                events.setdefault(term, []).append(event)
        return events

    def _judge(self, changed: dict[int, WantedRule]) -> list[Hit]:
        """Rules that time may have changed are looked at too: they are those that have something open."""
        asked = changed | self._open
        categories = set()
        for number, rule in asked.items():
            done = list(self._completed(rule))
            if self._depends_on_time(rule):
                self._open[number] = rule
            if done != self._done.get(number, []):
                self._done[number] = done
                categories.add(rule.category)
        return [hit for category in sorted(categories) for hit in self._renew(category)]

    def _depends_on_time(self, rule: WantedRule) -> bool:
        return rule.unless >= 0 or self._looked_for[rule.category].where != "any"

    def _completed(self, rule: WantedRule) -> Iterator[tuple[Event, ...]]:
        for event in self._events_of(rule.says):
            events = (event,) if rule.then < 0 else self._pair(rule, event)
            if events and self._in_place(rule, events[-1]) and not self._undone(rule, events[-1]):
                yield events

    def _events_of(self, term: int) -> list[Event]:
        return self._said[term].events if term in self._said else []

    def _pair(self, rule: WantedRule, event: Event) -> tuple[Event, ...]:
        """The event and what belongs to it, the last one last; empty when it was not said."""
        within = float("inf") if rule.within is None else rule.within
        if rule.ordered:
            after = self._said[rule.then].after(event.end) if rule.then in self._said else None
            return (event, after) if after is not None and after.start - event.end <= within else ()
        others = self._said[rule.then].around(event, within) if rule.then in self._said else []
        near = [(gap, other) for other in others if (gap := _apart(event, other)) is not None and gap <= within]
        return tuple(sorted((event, min(near)[1]))) if near else ()

    def _undone(self, rule: WantedRule, last: Event) -> bool:
        if rule.unless < 0:
            return False
        within = float("inf") if rule.within is None else rule.within
        after = self._said[rule.unless].after(last.end) if rule.unless in self._said else None
        if after is not None and after.start - last.end <= within:
            return True
        return not self._over and self._now <= last.end + within

    def _in_place(self, rule: WantedRule, last: Event) -> bool:
        where = self._looked_for[rule.category].where
        if where == "opening":
            return last.start - self.beginning <= OPENING
        return where == "any" or self._now - last.start <= CLOSING

    def _renew(self, category: str) -> Iterator[Hit]:
        """The hits of a category again; those in turns that had none are new."""
        rules = self._catalogue.rules_in[category]
        events = {event for number in rules for done in self._done.get(number, ()) for event in _in_last_turn(done)}
        before = {key for key in self._hits if key[0] == category}
        now = {
            (category, n): Hit(category=category, n=n, start=told[0].start, quote=quote, spans=spans)
            for n, told, quote, spans in self._by_turn(sorted(events))
        }
        for key in before - now.keys():
            del self._hits[key]
        self._hits |= now
        self._ordered = None
        return (hit for key, hit in now.items() if key not in before)

    def _by_turn(self, events: list[Event]) -> Iterator[tuple[int, list[Event], str, tuple[Piece, ...]]]:
        turns: dict[int, list[Event]] = {}
        for event in events:
            turns.setdefault(event.n, []).append(event)
        for n, told in turns.items():
            spans = joined(event.span for event in told)
            yield n, told, quoted(self._turns[n].text, spans), spans


def spot(
    turns: Iterable[Turn],
    catalogue: Catalogue,
    *,
    queue: str = "",
    began: float | None = None,
    end: float | None = None,
) -> list[Hit]:
    """All hits of a talk that is over."""
    spotter = Spotter(catalogue, queue=queue, began=began)
    for turn in turns:
        spotter.feed(turn)
    spotter.finish(end)
    return spotter.hits


def _apart(one: Event, other: Event) -> float | None:
    """Seconds between the two, None when the one is part of the other."""
    if one.n == other.n and one.span[0] < other.span[1] and other.span[0] < one.span[1]:
        return None
    return max(0.0, max(one.start, other.start) - min(one.end, other.end))


def _in_last_turn(events: tuple[Event, ...]) -> Iterator[Event]:
    return (event for event in events if event.n == events[-1].n)
