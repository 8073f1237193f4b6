"""What a talk means: feeling, hidden numbers, categories, hints and figures, live and afterwards.

`Talk` takes turns one by one and says what each of them changes; `understand` takes all of them at once, after the call
and after a correction. Both end in `Talk.finish`, so what was seen live is what is kept.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence

import msgspec

from cxcall.speech import redact
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category, Hit, Texts, Tone
from cxcall.speech.conversation import Span, order
from cxcall.speech.figures import Figures, figures
from cxcall.speech.hinting import Change, Facts, Felt, Gone, Hints, Outcome, Suggestion
from cxcall.speech.intents import Intents
from cxcall.speech.marks import Mark, MarkKind, Shown, marks, of_tone
from cxcall.speech.quotes import Piece, quoted
from cxcall.speech.required import Check, checks
from cxcall.speech.sentiment import CallFeeling, Trend, of_call, of_turn
from cxcall.speech.spotting import Found, Spotter
from cxcall.speech.transcript import Turn
from cxcall.speech.wishes import Wishes

NO_INTENTS = Intents(())

MOOD_TURNS = 3
"""Customer turns with feeling that the mood of the moment is the mean of."""
MOOD_LINE = 60
_LATELY = 12
"""Customer turns that a falling mood is looked for in."""
CLEAR_WEIGHT = 1.5
"""What weighs less than this in a turn is not underlined: every "please" would be."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A category that was found and is no requirement."""

    id: str
    name: Texts
    tone: Tone


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A turn with what was made of it. `turn.text` is what was said, `shown` what is shown; `marks` are of `shown`."""

    turn: Turn
    shown: str
    hidden: tuple[redact.Hidden, ...] = ()
    marks: tuple[Mark, ...] = ()


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn, or time that passed, changed, and where the talk stands.

    `said`: the new turn, then earlier ones that are shown differently now. `hits`: the new ones, with numbers hidden.
    `mood`: -1…+1 of the customer's last turns, None before any; `mood_line`: of each, at most MOOD_LINE. `share`: of
    the agent and the customer in what was said so far. `came`, `gone`: hints, for what is kept of them.
    """

    said: tuple[Said, ...]
    hits: tuple[Hit, ...]
    mood: float | None
    trend: Trend | None
    mood_line: tuple[float, ...]
    topics: tuple[Topic, ...]
    share: tuple[float, float]
    checks: tuple[Check, ...]
    hints: tuple[Suggestion, ...]
    revision: int
    came: tuple[Suggestion, ...] = ()
    gone: tuple[tuple[Suggestion, Gone], ...] = ()


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """A whole talk. `said` and `hits` by when they began, quotes with numbers hidden."""

    said: tuple[Said, ...]
    hits: tuple[Hit, ...]
    feeling: CallFeeling
    figures: Figures
    checks: tuple[Check, ...]
    topics: tuple[Topic, ...]
    articles: tuple[Found, ...]


class Talk:
    """A talk that goes on. Times are seconds of its transcript; `began`: when the agent answered, None: not known."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        language: str,
        queue: str = "",
        began: float | None = None,
        intents: Intents = NO_INTENTS,
    ) -> None:
        self._catalogue = catalogue
        self._language = language
        self._categories: Sequence[Category] = catalogue.of(queue)
        self._spotter = Spotter(catalogue, queue=queue, language=language, began=began)
        self._hints = Hints(catalogue.categories, catalogue.articles)
        self._wishes = Wishes(intents, queue=queue, language=language)
        self._turns: list[tuple[float, int]] = []
        self._customers: list[tuple[float, int]] = []
        self._trend: Trend | None = None
        self._held: list[Span] = []
        self._hidden: dict[int, tuple[redact.Hidden, ...]] = {}
        self._hits: dict[tuple[str, int], Hit] = {}
        self._checks = checks(self._categories, ())
        self._seconds = {"agent": 0.0, "customer": 0.0, "unknown": 0.0}
        self._now = 0.0
        self.said: dict[int, Said] = {}

    def answered(self, at: float) -> None:
        """The agent answered; what belongs to the opening is counted from then on."""
        self._spotter.began = at

    def hold(self, start: float, end: float) -> None:
        """The caller was on hold."""
        self._held.append((start, end))

    def turn(self, turn: Turn) -> News:
        """What a turn changes. The same `n` again takes the place of what it said before."""
        new = self.take(turn)
        changed = self._hide(turn.n)
        self._trend = of_call(self._of(self._customers)).word
        return self._news((turn.n, *changed), new)

    def take(self, turn: Turn) -> list[Hit]:
        """A turn of which nobody is told yet, but for what it was the first to hit."""
        turn = self._felt(turn)
        self._place(turn)
        self._wishes.heard(turn)
        return self._spotter.feed(turn)

    def wait(self, at: float) -> News:
        """Nobody has said anything until `at`: what was due may have become late."""
        self._now = max(self._now, at)
        return self._news((), self._spotter.wait(at))

    def decide(self, suggestion: str, outcome: Outcome, at: float) -> News:
        """The agent used or dismissed a hint."""
        self._now = max(self._now, at)
        return self._told((), (), self._hints.decide(suggestion, outcome, at))

    def news(self) -> News:
        """Where the talk stands, for somebody who opens a page now; it tells of no turns."""
        return self._told((), (), Change())

    def finish(self, end: float | None = None, missing: Iterable[Span] = ()) -> Understood:
        """The talk is over, at `end` or with its last word. `missing`: what was not heard."""
        self._spotter.finish(end)
        turns = self._of(self._turns)
        self._merge(redact.find(turns, self._language))
        self._hits = {(hit.category, hit.n): self._quoted(hit) for hit in self._spotter.hits}
        for n in self.said:
            self._show(n)
        hits = tuple(self._quoted(hit) for hit in self._spotter.hits)
        over = max(end or 0.0, self._now)
        return Understood(
            said=tuple(self.said[n] for _, n in self._turns),
            hits=hits,
            feeling=of_call(turns),
            figures=figures(
                turns, talk=(self._spotter.beginning, over) if turns else None, held=self._held, missing=missing
            ),
            checks=checks(self._categories, hits),
            topics=self._topics(),
            articles=self._articles(),
        )

    def _felt(self, turn: Turn) -> Turn:
        if turn.speaker != "customer" or turn.sentiment is not None:
            return turn
        feeling = of_turn(turn.text, self._language)
        return msgspec.structs.replace(turn, sentiment=feeling.value) if feeling else turn

    def _place(self, turn: Turn) -> None:
        before = self.said.get(turn.n)
        if before is not None:
            for places in (self._turns, self._customers):
                if (before.turn.start, turn.n) in places:
                    places.remove((before.turn.start, turn.n))
            self._seconds[before.turn.speaker] -= before.turn.seconds
            self._hidden.pop(turn.n, None)
        insort(self._turns, (turn.start, turn.n))
        if turn.speaker == "customer":
            insort(self._customers, (turn.start, turn.n))
        self._seconds[turn.speaker] += turn.seconds
        self._now = max(self._now, turn.end)
        self.said[turn.n] = Said(turn=turn, shown=turn.text)

    def _hide(self, n: int) -> tuple[int, ...]:
        """Looks for numbers in the turns around the new one; the earlier turns that hide more than before."""
        at = self._turns.index((self.said[n].turn.start, n)) + 1
        window = self._turns[max(0, at - redact.WINDOW) : at + 1]
        return tuple(sorted(self._merge(redact.find([self.said[m].turn for _, m in window], self._language)) - {n}))

    def _merge(self, found: dict[int, tuple[redact.Hidden, ...]]) -> set[int]:
        changed = set()
        for n, pieces in found.items():
            now = redact.merged(self._hidden.get(n, ()), pieces)
            if now != self._hidden.get(n):
                self._hidden[n] = now
                changed.add(n)
        return changed

    def _news(self, turns: Sequence[int], new: Sequence[Hit]) -> News:
        """`turns`: those to be shown again."""
        spotted = {(hit.category, hit.n): hit for hit in self._spotter.hits}
        moved = {
            key[1]
            for key in spotted.keys() | self._hits.keys()
            if key not in spotted or key not in self._hits or spotted[key].spans != self._hits[key].spans
        }
        again = dict.fromkeys((*turns, *sorted(moved)))
        self._hits = spotted
        for n in again:
            self._show(n)
        self._checks = checks(self._categories, spotted.values())
        return self._told(tuple(again), tuple(map(self._quoted, new)), self._hints.update(self._facts()))

    def _told(self, turns: Sequence[int], hits: tuple[Hit, ...], change: Change) -> News:
        line = tuple(self._sentiments(MOOD_LINE))
        mood = [value for value in line if value][-MOOD_TURNS:]
        spoken = self._seconds["agent"] + self._seconds["customer"]
        agent = self._seconds["agent"] / spoken if spoken > 0 else 0.0
        return News(
            said=tuple(self.said[n] for n in turns),
            hits=hits,
            mood=round(sum(mood) / len(mood), 3) if mood else 0.0 if line else None,
            trend=self._trend,
            mood_line=line,
            topics=self._topics(),
            share=(agent, 1.0 - agent if spoken > 0 else 0.0),
            checks=self._checks,
            hints=self._hints.shown,
            revision=self._hints.revision,
            came=change.came,
            gone=change.gone,
        )

    def _facts(self) -> Facts:
        felt = [
            Felt(n=turn.n, start=turn.start, end=turn.end, value=turn.sentiment, text=self.said[turn.n].shown)
            for turn in self._of(self._customers[-_LATELY:])
            if turn.sentiment is not None
        ]
        return Facts(
            at=self._now,
            began=self._spotter.beginning if self._turns else None,
            hits=[self._quoted(hit) for hit in self._spotter.hits],
            found=self._articles(),
            checks=self._checks,
            feelings=felt,
            farewell=self._spotter.farewell,
            wishes=self._wishes.found(self._quote),
        )

    def _show(self, n: int) -> None:
        turn, hidden = self.said[n].turn, self._hidden.get(n, ())
        shown = Shown(turn.text, hidden)
        self.said[n] = Said(turn=turn, shown=shown.text, hidden=hidden, marks=marks(shown, self._pieces(turn)))

    def _pieces(self, turn: Turn) -> list[tuple[Piece, MarkKind]]:
        pieces: list[tuple[Piece, MarkKind]] = []
        if turn.speaker == "customer":
            feeling = of_turn(turn.text, self._language)
            found = feeling.found if feeling else ()
            pieces += [
                ((one.start, one.end), "bad" if one.weight < 0 else "good")
                for one in found
                if abs(one.weight) >= CLEAR_WEIGHT
            ]
        for (category_id, n), hit in self._hits.items():
            category = self._catalogue.categories[category_id]
            if n == turn.n and category.kind != "required":
                pieces += [(span, of_tone(category.tone)) for span in hit.spans]
        return pieces

    def _quoted(self, hit: Hit) -> Hit:
        return msgspec.structs.replace(hit, quote=self._quote(hit.n, hit.spans)) if hit.n in self._hidden else hit

    def _quote(self, n: int, spans: tuple[Piece, ...]) -> str:
        shown = Shown(self.said[n].turn.text, self._hidden.get(n, ()))
        return quoted(shown.text, tuple(shown.span(span) for span in spans))

    def _articles(self) -> tuple[Found, ...]:
        return tuple(
            msgspec.structs.replace(found, quote=self._quote(found.n, found.spans))
            if found.n in self._hidden
            else found
            for found in self._spotter.articles
        )

    def _topics(self) -> tuple[Topic, ...]:
        """In the order in which they came up."""
        found = dict.fromkeys(hit.category for hit in sorted(self._hits.values(), key=lambda hit: hit.start))
        categories = [self._catalogue.categories[category] for category in found]
        return tuple(Topic(id=one.id, name=one.name, tone=one.tone) for one in categories if one.kind != "required")

    def _sentiments(self, most: int) -> list[float]:
        return [turn.sentiment for turn in self._of(self._customers[-most:]) if turn.sentiment is not None]

    def _of(self, places: Iterable[tuple[float, int]]) -> list[Turn]:
        return [self.said[n].turn for _, n in places]


def understand(
    turns: Iterable[Turn],
    *,
    language: str,
    catalogue: Catalogue,
    queue: str = "",
    holds: Sequence[Span] = (),
    missing: Sequence[Span] = (),
    began: float | None = None,
    end: float | None = None,
) -> Understood:
    """A talk that is over. A turn that brings its sentiment keeps it: a person corrected it."""
    talk = Talk(catalogue, language=language, queue=queue, began=began)
    for start, stop in holds:
        talk.hold(start, stop)
    for turn in order(turns):
        talk.take(turn)
    return talk.finish(end, missing)
