"""What callers of the demo's past answered: whom they talked with and how long they waited moves what they say."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from cxcall.calls.record import CallId, CallRecord, QueueVisit
from cxcall.demo.records import seconds
from cxcall.demo.staff import login_at
from cxcall.demo.surveys import DemoSurvey
from cxcall.store.survey_facts import REPEAT
from cxcall.store.survey_responses import NewResponse
from cxcall.store.survey_seed import PastResponse
from cxcall.surveys import dialogue
from cxcall.surveys.asking import Reason
from cxcall.surveys.dialogue import Digit, Done, Facts, Given, HangUp, Input, Listen, Record, Recorded, Timeout
from cxcall.surveys.handover import why_not
from cxcall.surveys.script import Comment, Question

_KIND = {
    "sara": 0.5, "reza": -0.1, "maryam": 0.25, "omid": -0.6, "nasrin": 0.05, "hamed": 0.15, "shirin": -0.15,
}  # fmt: skip
"""How an agent's callers feel, in keys of 1 to 5, against the others'."""

_BUSY_ELSEWHERE = 0.22
"""Callers who hang up before the first question."""

_LEAVES = "hangs up"

_SPEAKS = 0.3
_SHORTEST_TALK = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Who called: the customer's id, number (E.164), language and tier, empty where there is none."""

    customer_id: str | None = None
    number: str = ""
    language: str = ""
    tier: str = ""


NOBODY = Whose()

Heard = tuple[Given, Question | Comment, datetime]


def past_responses(
    survey: DemoSurvey,
    past: Sequence[CallRecord],
    whose: Mapping[str, Whose],
    seed: int,
    speaking: datetime,
    talked: Mapping[CallId, QueueVisit] = MappingProxyType({}),
) -> Iterator[PastResponse]:
    """One response for each of the `past` calls (oldest first) that visited a queue; the same seed, the same ones.

    `whose` has who made each call, by its id; `talked` the talks of those who were put through before the queue. From
    `speaking` on some say something after the beep.
    """
    chance = random.Random(f"surveys-{seed}")
    called: dict[str, datetime] = {}
    for record in past:
        who, at = whose.get(record.id, NOBODY), record.started_at
        last = called.get(who.customer_id or "")
        repeat = at is not None and last is not None and at - last <= REPEAT
        if who.customer_id is not None and at is not None:
            called[who.customer_id] = at
        visit = record.queue_visits[-1] if record.queue_visits else talked.get(record.id)
        if visit is not None and record.direction == "inbound":
            yield _response(survey, record, visit, who, repeat, speaking, chance)


def _response(
    survey: DemoSurvey,
    record: CallRecord,
    visit: QueueVisit,
    who: Whose,
    repeat: bool,
    speaking: datetime,
    chance: random.Random,
) -> PastResponse:
    reason = _reason(record, visit)
    at = record.ended_at or record.started_at
    assert at is not None  # noqa: S101 - every made-up call has ended
    language = who.language or "fa"
    new = NewResponse(
        server=record.server,
        unique_id=record.linked_ids[0],
        queue=visit.queue,
        at=at,
        survey_id=survey.id,
        survey_version=survey.version,
        call_id=record.id,
        agent=visit.interface or "",
        agent_name=visit.agent or "",
        customer_id=who.customer_id,
        number=who.number,
        language=language,
        wait=visit.wait,
        talk=visit.talk,
        transferred=bool(record.transfers),
        repeat=repeat,
    )
    if reason != "ask":
        return PastResponse(new=new, reason=reason)
    mood = _mood(visit, transferred=bool(record.transfers), repeat=repeat, chance=chance)
    speaks = record.started_at is not None and record.started_at >= speaking and chance.random() < _SPEAKS
    facts = Facts(queue=visit.queue, language=language, tier=who.tier)
    given, done, over = _talk(survey, facts, mood, at, speaks, chance)
    handed_to = done.to if done.end == "handed_over" else ""
    return PastResponse(new=new, given=tuple(given), end=done.end, ended_at=over, handed_to=handed_to)


def _reason(record: CallRecord, visit: QueueVisit) -> Reason:
    kinds = tuple(move.kind for move in record.transfers)
    why = why_not(visit=visit.result, ended_by=record.ended_by, transfers=kinds)
    asked = why == "unavailable" or (why == "transferred" and record.ended_by != "caller" and "blind" not in kinds)
    if not asked:
        return why
    return "ask" if visit.talk >= _SHORTEST_TALK else "too_short"


def _mood(visit: QueueVisit, *, transferred: bool, repeat: bool, chance: random.Random) -> float:
    """How content somebody is, about 1 to 5: waiting, being passed on and calling again cost, agents differ."""
    mood = 4.35 + _KIND.get(login_at(visit.interface), 0.0) - min(1.6, (visit.wait or 0.0) / 75)
    mood -= 0.5 * transferred + 0.35 * repeat
    return chance.gauss(mood, 0.95) if chance.random() < 0.93 else chance.uniform(1, 2)


def _talk(
    survey: DemoSurvey, facts: Facts, mood: float, at: datetime, speaks: bool, chance: random.Random
) -> tuple[list[Heard], Done, datetime]:
    """Walk the dialogue as a caller of this mood would; what was given with the moment it was."""
    step, heard, now, typing = dialogue.begin(survey.script, facts), list[Heard](), at, ""
    leaves_at_once = chance.random() < _BUSY_ELSEWHERE
    while not isinstance(step.command, Done):
        now += seconds(chance.uniform(4, 11))
        if not typing and not step.state.keys and isinstance(step.command, Listen):
            typing = _keys(survey.script.part(step.command.part), mood, chance)
        happened: Input = Timeout()
        if leaves_at_once or typing == _LEAVES:
            happened = HangUp()
        elif isinstance(step.command, Record):
            happened = Recorded(seconds=4.0 if speaks else 0.0, ended_by="key")
        elif typing:
            happened, typing = Digit(typing[0]), typing[1:]
        before = len(step.state.given)
        step = dialogue.step(survey.script, facts, step.state, happened)
        for given in step.state.given[before:]:
            answered = survey.script.part(given.part)
            if isinstance(answered, Question | Comment):
                heard.append((given, answered, now))
    return heard, step.command, now + timedelta(seconds=3)


def _keys(part: object, mood: float, chance: random.Random) -> str:
    """What is pressed at a part, "" for nothing."""
    if not isinstance(part, Question):
        return ""
    fate = chance.choices(("answers", "leaves", "silent", "never"), (91.5, 5, 3, 0.5))[0]
    if fate == "leaves":
        return _LEAVES
    if fate == "silent":
        return ""
    if fate == "never" and part.kind != "nps":
        return "9"
    if part.kind == "nps":
        return str(max(0, min(10, round(chance.gauss(2.35 * mood - 1.6, 1.5)))))
    if part.kind == "yes_no":
        return "1" if chance.random() < 0.55 else "2"
    return str(max(1, min(5, round(mood))))
