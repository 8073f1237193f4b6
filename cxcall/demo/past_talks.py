"""What was said in the calls of the demo's past: talks that suit how the caller rated the call and how long it was.

Each talk is understood once, by the parts that understand real ones, and then laid into every call that gets it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec

from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.demo.dialogues import PERSIAN, SPOKEN, WAITS, Dialogue, Line
from cxcall.demo.past_surveys import NOBODY, Whose
from cxcall.demo.staff import AGENTS, login_at
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Hit, worded
from cxcall.speech.figures import figures
from cxcall.speech.hinting import Suggestion
from cxcall.speech.sentiment import of_call
from cxcall.speech.transcript import Turn
from cxcall.speech.understanding import Said, Talk, Understood
from cxcall.store.hints import NewHint, Outcome
from cxcall.store.speech_seed import PastTalk
from cxcall.store.transcripts import NewTranscript
from cxcall.store.turns import NewTurn

_FORGETS = {
    "sara": 0.06, "reza": 0.22, "maryam": 0.1, "omid": 0.5, "nasrin": 0.3, "hamed": 0.15, "shirin": 0.25,
}  # fmt: skip
"""How often an agent forgets to ask whether there is anything else; half as often who it is that calls."""

_LETTERS_A_SECOND = {"en": 12.5, "fa": 11.0}
"""Slower than the demo's voices say it, so that a sound made of a talk fits between its times."""

_SHORTEST, _LONGEST = 0.9, 270.0
"""Of the talk's own length, and in seconds: other calls were not listened to."""

_WAIT = 45.0
"""Seconds, at most, that somebody looks something up, if there is a limit."""
_HINT_AFTER = 1.5
_LATELY, _RISE = timedelta(days=6), 4
"""Lately people are charged twice, so many times more often than before: something new for the demo to show."""

_SCORES, _WEIGHTS = (1, 2, 3, 4, 5), (6, 9, 15, 34, 36)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A talk that was understood: its lines with what was made of each, and the hints after which line they came."""

    lines: tuple[Line, ...]
    seconds: float
    whole: Understood
    hints: tuple[tuple[int, Suggestion], ...]


_ABOUT = {
    "billing": "duplicate_charge", "technical_support": "fault", "cancellation": "leaving", "refund": "refund",
    "complaint": "complaint",
}  # fmt: skip
"""The category that a talk comes to when its caller said to want this."""


class PastTalks:
    """Gives talks to calls; the same seed, the same ones."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._catalogue = catalogue
        self._chance = random.Random(f"talks-{seed}")
        self._understood: dict[tuple[str, int, tuple[str, ...]], _Known] = {}

    def of(
        self,
        past: Sequence[CallRecord],
        whose: Mapping[str, Whose],
        scores: Mapping[str, float],
        wanted: Mapping[str, str] = MappingProxyType({}),
    ) -> Iterator[PastTalk]:
        """A talk for most answered calls of queues. By call: `scores`, how satisfied callers said they were; `wanted`,
        the intent of what they said before the queue."""
        last = max((record.started_at for record in past if record.started_at is not None), default=None)
        for record in past:
            visit = next((one for one in record.queue_visits if one.result == "answered"), None)
            ended = [talk.to for talk in record.talks if talk.to is not None]
            if visit is None or record.answered_at is None or not ended:
                continue
            length = (max(ended) - record.answered_at).total_seconds()
            held = _held(record, record.answered_at)
            lately = last is not None and record.answered_at > last - _LATELY
            who, about = whose.get(record.id, NOBODY), _ABOUT.get(wanted.get(record.id, ""), "")
            known = self._known(visit, who.language, scores.get(record.id), lately, about)
            spoken = length - sum(until - since for since, until in held)
            if spoken >= known.seconds * _SHORTEST and length <= _LONGEST:
                yield self._talk(record, visit, who, known, length)

    def _known(self, visit: QueueVisit, language: str, score: float | None, lately: bool, about: str) -> _Known:
        rated = round(score) if score is not None else self._chance.choices(_SCORES, _WEIGHTS)[0]
        there = [
            one for one in (SPOKEN if language == "en" else PERSIAN) if not one.queues or visit.queue in one.queues
        ]
        asked = [one for one in (SPOKEN if language == "en" else PERSIAN) if about in one.finds]
        fitting = asked or [one for one in there if one.scores[0] <= rated <= one.scores[1]]
        weights = [_RISE if lately and "duplicate_charge" in one.finds else 1 for one in fitting or there]
        dialogue = self._chance.choices(fitting or there, weights)[0]
        careless = _FORGETS.get(login_at(visit.interface), 0.2)
        forgotten = tuple(
            duty
            for duty, chance in (("identity", careless / 2), ("anything_else", careless))
            if self._chance.random() < chance
        )
        key = (dialogue.id, self._chance.randrange(len(dialogue.slots)), forgotten)
        if key not in self._understood:
            self._understood[key] = understood(dialogue.variant(key[1]).without(forgotten), self._catalogue)
        return self._understood[key]

    def _talk(self, record: CallRecord, visit: QueueVisit, who: Whose, known: _Known, length: float) -> PastTalk:
        began = record.answered_at or record.started_at
        assert began is not None  # noqa: S101 - the call was answered
        language = "en" if who.language == "en" else "fa"
        held = _held(record, began)
        laid = self._laid(known, language, length, held)
        turns = [replace(new, turn=self._by(record, began, new.turn)) for _, new in laid]
        places = {n: new.turn for n, new in laid if n is not None}
        hits = [_moved(hit, places[hit.n]) for hit in known.whole.hits]
        feeling = of_call([new.turn for new in turns])
        return PastTalk(
            new=NewTranscript(
                kind="call", subject=record.id, began_at=began, state="done", source="live", call_id=record.id,
                server=record.server, queue=visit.queue or "", agent=visit.interface or "",
                agent_name=visit.agent or "", customer_id=who.customer_id, number=who.number, language=language,
                consent="not_needed", ended_at=began + timedelta(seconds=length),
            ),
            turns=turns,
            hits=hits,
            said={check.category: check.said for check in known.whole.checks},
            sentiment=feeling.score,
            trend=feeling.trend,
            figures=msgspec.to_builtins(figures([new.turn for new in turns], talk=(0.0, length), held=held)),
            hints=[self._hint(one, visit, language, places[n].end) for n, one in known.hints],
        )  # fmt: skip

    def _laid(
        self, known: _Known, language: str, length: float, held: Sequence[tuple[float, float]]
    ) -> list[tuple[int | None, NewTurn]]:
        """The turns in their places, with time in between while something is looked up; each with its line's number."""
        said = {one.turn.n: one for one in known.whole.said}
        left = length - known.seconds - sum(until - since for since, until in held)
        one_wait = max(sum(_seconds(line, language) + line.after for line in wait) for wait in WAITS[language])
        last = len(known.lines) - 3  # nobody looks anything up after the goodbye
        places = [n for n, line in enumerate(known.lines, 1) if 3 < n <= last and line.by == "agent"]
        count = min(len(places), max(0, int(left / (one_wait + _WAIT / 2))))
        waits = dict(zip(self._chance.sample(places, count), self._waits(language), strict=False))
        idle = (left - count * one_wait) / (count or len(known.lines))
        at, laid = 0.3, list[tuple[int | None, NewTurn]]()

        def add(n: int | None, line: Line, before: float) -> None:
            nonlocal at
            start = at + before
            for since, until in held:
                if start < until and start + _seconds(line, language) > since:
                    start = until + line.after
            at = start + _seconds(line, language)
            laid.append((n, self._turn(len(laid) + 1, line, said[n] if n else None, start, at)))

        for n, line in enumerate(known.lines, 1):
            if n in waits:
                ask, answer, back = waits[n]
                add(None, ask, ask.after)
                add(None, answer, answer.after)
                add(None, back, idle * 0.9)
            add(n, line, line.after + (idle * 0.9 if not count and idle < 4 else 0.0))
        return laid

    def _waits(self, language: str) -> Iterator[tuple[Line, Line, Line]]:
        """Reasons to wait, as many as are wanted, none twice before all were there."""
        while True:
            yield from self._chance.sample(WAITS[language], len(WAITS[language]))

    def _turn(self, n: int, line: Line, said: Said | None, start: float, end: float) -> NewTurn:
        turn = Turn(
            n=n, speaker=line.by, start=round(start, 2), end=round(end, 2), text=line.text,
            confidence=round(self._chance.uniform(0.84, 0.98), 2),
            sentiment=said.turn.sentiment if said else None,
        )  # fmt: skip
        if said is None:
            return NewTurn(turn=turn)
        return NewTurn(turn=turn, shown=said.shown, hidden=tuple((h.start, h.end, h.kind) for h in said.hidden))

    def _by(self, record: CallRecord, began: datetime, turn: Turn) -> Turn:
        """The turn with the agent who talked then."""
        if turn.speaker != "agent":
            return turn
        at = began + timedelta(seconds=turn.start)
        talk = next((one for one in reversed(record.talks) if one.from_ and one.from_ <= at), record.talks[0])
        phones = [f"PJSIP/{number}" for number in talk.numbers if any(number == worker.phone for worker in AGENTS)]
        return msgspec.structs.replace(turn, agent=phones[-1] if phones else "")

    def _hint(self, one: Suggestion, visit: QueueVisit, language: str, at: float) -> tuple[NewHint, Outcome, str]:
        outcome: Outcome = self._chance.choices(("used", "dismissed", "expired"), (48, 14, 38))[0]
        by = login_at(visit.interface)
        hint = NewHint(
            transcript_id="", call_id=None, kind=one.kind, at=round(at + _HINT_AFTER, 2),
            title=worded(one.title, language), reason=worded(one.reason, language), quote=one.quote,
            category_id=one.category, article_id=one.article, shown_to=visit.interface or "", queue=visit.queue or "",
        )  # fmt: skip
        return hint, outcome, by if outcome != "expired" else ""


def understood(dialogue: Dialogue, catalogue: Catalogue) -> _Known:
    """The talk at its own pace, with all that would have been made of it live."""
    talk = Talk(catalogue, language=dialogue.language, queue="", began=0.0)
    at, hints = 0.3, list[tuple[int, Suggestion]]()
    for n, line in enumerate(dialogue.lines, 1):
        start = at + line.after
        at = start + _seconds(line, dialogue.language)
        news = talk.turn(Turn(n=n, speaker=line.by, start=start, end=at, text=line.text))
        hints += [(n, one) for one in news.came]
    return _Known(lines=dialogue.lines, seconds=at, whole=talk.finish(at), hints=tuple(hints))


def _held(record: CallRecord, began: datetime) -> list[tuple[float, float]]:
    return [
        ((hold.from_ - began).total_seconds(), (hold.to - began).total_seconds())
        for hold in record.holds
        if hold.from_ is not None and hold.to is not None
    ]


def _seconds(line: Line, language: str) -> float:
    return 0.4 + len(line.text) / _LETTERS_A_SECOND[language]


def _moved(hit: Hit, turn: Turn) -> Hit:
    return msgspec.structs.replace(hit, n=turn.n, start=turn.start)
