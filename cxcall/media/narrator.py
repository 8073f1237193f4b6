"""Tells what is said in one talk and what it means: to the pages that watch it, to overseers, and to the store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from cxcall.bus import speech as bus
from cxcall.media import cards, telling
from cxcall.media.keeping import Opened, Shown, Step
from cxcall.media.partials import PARTIAL, WITH, hidden_partial, with_partial
from cxcall.media.room import Room
from cxcall.media.throttle import Throttle
from cxcall.speech.category import Hit, worded
from cxcall.speech.hint_words import MOOD_FALLS
from cxcall.speech.hinting import Suggestion
from cxcall.speech.stream import Stream
from cxcall.speech.transcript import Turn
from cxcall.speech.understanding import News, Said, Talk
from cxcall.store.alerts import NewAlert
from cxcall.store.ids import new_id

PARTIALS_EVERY_S = 0.2
STATE_EVERY_S = 1.0
OVERVIEW_EVERY_S = 2.0

RECENT = 40
"""Turns a page that is opened in the middle gets from us, in case they are not written yet."""


class Narrator:
    """`write` takes what is to be written; times are seconds of the transcript, but for `now` (since 1970)."""

    def __init__(self, first: Stream, language: str, room: Room, write: Callable[[Step], None]) -> None:
        self.call_id = first.call_id
        self._first = first
        self._language = language
        self._room = room
        self._write = write
        self._names = {first.agent: first.agent_name}
        self._talk = self._new_talk()
        self._hits: dict[tuple[str, int], Hit] = {}
        self._hint_ids: dict[str, str] = {}
        self._alerted = False
        self._recent: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._partials: dict[str, bus.Partial] = {}
        self._slow_partials: Throttle[dict[str, Any]] = Throttle(PARTIALS_EVERY_S)
        self._slow_state: Throttle[dict[str, Any]] = Throttle(STATE_EVERY_S)
        self._slow_overview: Throttle[dict[str, Any]] = Throttle(OVERVIEW_EVERY_S)
        self._state: dict[str, Any] | None = None

    def begin(self, opened: Opened) -> None:
        """Begin with what the store has of this talk; pages know it already."""
        self._talk = self._new_talk()
        for said in opened.said:
            self._talk.turn(said.turn)
        for hint in opened.hints:
            name = _suggestion_of(hint.kind, hint.category_id or hint.article_id)
            self._hint_ids.setdefault(name, hint.id)
            if hint.outcome in ("used", "dismissed"):
                self._talk.decide(name, hint.outcome, hint.at)
        came = [self._shown(one) for one in self._talk.news().hints if one.id not in self._hint_ids]
        if came:
            self._write(Step(came=came))

    def joined(self, stream: Stream) -> None:
        """Somebody else takes part."""
        self._names[stream.agent] = stream.agent_name

    def turn(self, turn: Turn) -> None:
        """Somebody has said something."""
        news = self._talk.turn(turn)
        self._tell(news)
        hidden = any(piece.kind in cards.KINDS for said in news.said for piece in said.hidden)
        if hidden or cards.being_said(self._last_turns(), turn.n, self._language):
            self._room.card(self.call_id)

    def wait(self, at: float) -> None:
        """Nobody has said anything until `at`."""
        self._tell(self._talk.wait(at))

    def hold(self, start: float, end: float) -> None:
        """The caller was on hold."""
        self._talk.hold(start, end)

    def decide(self, hint_id: str, outcome: Literal["used", "dismissed"], at: float) -> bool:
        """The agent used or dismissed a hint; False when it is not before their eyes."""
        for suggestion in self._talk.news().hints:
            if self._hint_ids.get(suggestion.id) == hint_id:
                self._tell(self._talk.decide(suggestion.id, outcome, at))
                return True
        return False

    def partial(self, stream: Stream, start: float, text: str) -> None:
        """What is being said, as it may be shown; an empty text withdraws it."""
        if not text:
            self.spoke(stream)
            self.publish(telling.partial(stream.speaker, stream.agent_name, start, ""))
            return
        before = self._last_turns()
        shown = hidden_partial(text, before, stream.speaker, self._language)
        if cards.being_said(with_partial(text, before, stream.speaker), PARTIAL, self._language):
            self._room.card(self.call_id)
        message = telling.partial(stream.speaker, stream.agent_name, start, shown)
        self._partials[stream.id] = bus.Partial(
            speaker=stream.speaker, agent_name=stream.agent_name, start=round(start, 2), text=shown
        )
        if self._slow_partials.offer(stream.id, message, self._room.clock()):
            self.publish(message)

    def spoke(self, stream: Stream) -> None:
        """What a speaker was saying is a turn now, or nothing."""
        self._partials.pop(stream.id, None)
        self._slow_partials.drop(stream.id)

    def tick(self, now: float) -> None:
        """What was held back goes out when it is due."""
        for throttle in (self._slow_partials, self._slow_state):
            for _, message in throttle.due(now):
                self.publish(message)
        for _, message in self._slow_overview.due(now):
            self._room.bus.publish(bus.SPEECH, message)

    def publish(self, message: dict[str, Any]) -> None:
        """Tell the pages that watch this talk."""
        self._room.bus.publish(bus.transcript_channel(self.call_id), message)

    def snapshot(
        self, *, transcript_id: str, began_at: datetime, last_n: int, held: bool, later: bool
    ) -> bus.LiveSnapshot:
        """For a page that is opened now."""
        news = self._talk.news()
        shown = [(self._hint_ids.get(hint.id), hint) for hint in news.hints]
        return bus.LiveSnapshot(
            call_id=self.call_id, transcript_id=transcript_id, began_at=began_at, language=self._language,
            partials=tuple(self._partials.values()),
            hints=tuple(telling.shown_hint(hint_id, hint) for hint_id, hint in shown if hint_id),
            state=telling.state(news), last_n=last_n, held=held, later=later,
            checks=telling.hint_checks(news.checks),
            marks={n: said.marks for n, said in self._talk.said.items() if said.marks},
            turns=tuple(self._recent.values()),
        )  # fmt: skip

    def _new_talk(self) -> Talk:
        room = self._room
        return Talk(room.catalogue, language=self._language, queue=self._first.queue, intents=room.intents)

    def _last_turns(self) -> list[Turn]:
        said = self._talk.said
        return [said[n].turn for n in sorted(said)[-WITH:]]

    def _tell(self, news: News) -> None:
        for said in news.said:
            self._tell_turn(said)
        for hit in news.hits:
            self._hits[hit.category, hit.n] = hit
        came = [self._shown(suggestion) for suggestion in news.came]
        gone = [(self._hint_ids[one.id], outcome) for one, outcome in news.gone if one.id in self._hint_ids]
        alert = self._alert(news)
        if news.said or news.hits or came or gone or alert:
            hits = tuple(self._hits.values()) if news.hits else None
            self._write(Step(said=news.said, hits=hits, came=came, gone=gone, alert=alert))
        state, now = telling.state(news), self._room.clock()
        if state != self._state:
            self._state = state
            if self._slow_state.offer("", state, now):
                self.publish(state)
            overview = telling.overview(self.call_id, news)
            if self._slow_overview.offer("", overview, now):
                self._room.bus.publish(bus.SPEECH, overview)

    def _tell_turn(self, said: Said) -> None:
        message = telling.turn(said, self._names.get(said.turn.agent, ""))
        self._recent[said.turn.n] = message
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        self.publish(message)

    def _shown(self, suggestion: Suggestion) -> Shown:
        self._hint_ids[suggestion.id] = hint_id = new_id()
        language = self._room.page_language
        title, reason = worded(suggestion.title, language), worded(suggestion.reason, language)
        return Shown(id=hint_id, title=title, reason=reason, suggestion=suggestion)

    def _alert(self, news: News) -> NewAlert | None:
        """Once a call: somebody should look."""
        categories = self._room.catalogue.categories
        why = None if self._alerted else telling.needs_somebody(news, {id_: c.alerts for id_, c in categories.items()})
        if why is None:
            return None
        self._alerted = True
        title = worded(MOOD_FALLS if why == "feeling" else categories[why].name, self._room.page_language)
        params = {"call": self.call_id, "speech": why, "queue": self._first.queue, "agent": self._first.agent_name}
        return NewAlert(key=f"speech:{self.call_id}", title=title, link=f"/live/{self.call_id}", params=params)


def _suggestion_of(kind: str, of: str) -> str:
    """What a talk calls a hint that the store has."""
    return f"{kind}:{of}" if of else kind
