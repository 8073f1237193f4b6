"""The rows of `routing_facts` made into what rules ask for: the caller and their past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from cxcall.customers.segments import segment
from cxcall.routing.facts import Caller, Mood, Past
from cxcall.speech.sentiment import CLEAR
from cxcall.surveys.score import SCALES
from cxcall.surveys.script import Measure

WEEK = timedelta(days=7)
_BEFORE: tuple[Measure, ...] = ("csat", "nps", "ces")
"""Which score of a survey counts, where it asked for several."""


class Found(NamedTuple):
    """A row: what it is, and columns that mean something else in each."""

    kind: str
    at: datetime | None
    a: str | None
    b: str | None
    c: str | None
    d: str | None
    e: str | None
    f: str | None
    x: float | None


def caller(rows: Sequence[Found], now: datetime) -> Caller | None:
    """The customer; None for a number nobody has, and for a profile nobody has looked at that has no call yet."""
    row = next(_of(rows, "customer"), None)
    contacts = [_at(call) for call in _of(rows, "call")]
    if row is None or (not contacts and row.f is not None):
        return None
    zone = now.tzinfo
    first = min(contacts, default=None) if row.at is None else row.at
    return Caller(
        id=row.a or "",
        name=row.b or "",
        tier=row.c,
        language=row.d,
        manager=row.e,
        value=row.x,
        tags=tuple(tag.a or "" for tag in sorted(_of(rows, "tag"), key=lambda tag: tag.x or 0.0)),
        segment=segment(
            (contact.astimezone(zone).date() for contact in contacts),
            first=first.astimezone(zone).date() if first and contacts else None,
            today=now.date(),
        ),
    )


def past(rows: Sequence[Found], *, now: datetime, owners: Mapping[tuple[str, str], str]) -> Past:
    """The caller's past. Counts and the last call are of calls they made; we talked with them in ours, too."""
    made = sorted((call for call in _of(rows, "call") if call.b != "outbound"), key=_at, reverse=True)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = [call for call in made if _at(call) >= midnight]
    last = made[0] if made else None
    talks = [(user, talk) for talk in _newest(_of(rows, "talk")) if (user := _user(talk, owners))]
    agents = tuple(dict.fromkeys(user for user, _ in talks))
    with_last = {talk.a for user, talk in talks if user == agents[0]}
    scores = _scores(_of(rows, "answer"))
    tasks = {row.a: int(row.x or 0) for row in _of(rows, "task")}
    mood = next(_newest(_of(rows, "mood")), None)
    return Past(
        calls_today=len(today),
        abandoned_today=sum(call.c == "abandoned" for call in today),
        calls_week=sum(_at(call) >= now - WEEK for call in made),
        last_call_at=_at(last).astimezone(now.tzinfo) if last else None,
        last_outcome=last.c if last else None,
        last_queue=last.d if last else None,
        last_agent=agents[0] if agents else None,
        last_agent_at=_at(talks[0][1]).astimezone(now.tzinfo) if talks else None,
        known_agents=agents,
        last_score=next((score for _, score in scores), None),
        last_agent_score=next((score for call, score in scores if call in with_last), None),
        last_mood=None if mood is None else _mood(mood.x or 0.0),
        open_tasks=sum(tasks.values()),
        call_back_promised="call_back" in tasks or any(_of(rows, "call_back")),
    )


def _of(rows: Iterable[Found], kind: str) -> Iterator[Found]:
    return (row for row in rows if row.kind == kind)


def _at(row: Found) -> datetime:
    assert row.at is not None  # noqa: S101 - of kinds that have a time
    return row.at


def _newest(rows: Iterable[Found]) -> Iterator[Found]:
    return iter(sorted(rows, key=_at, reverse=True))


def _user(talk: Found, owners: Mapping[tuple[str, str], str]) -> str:
    """Who talked: as it was written down then, else whose phone it is now."""
    return talk.d if talk.d is not None else owners.get((talk.b or "", talk.c or ""), "")


def _scores(answers: Iterable[Found]) -> list[tuple[str | None, float]]:
    """One score for each call, in per cent of its scale, the newest first."""
    by_call: dict[str | None, dict[str, Found]] = {}
    for answer in _newest(answers):
        if answer.b is not None and answer.b in SCALES:
            by_call.setdefault(answer.a, {}).setdefault(answer.b, answer)
    return [(call, _percent(next(given[name] for name in _BEFORE if name in given))) for call, given in by_call.items()]


def _percent(answer: Found) -> float:
    lowest, highest = SCALES[cast("Measure", answer.b)]
    return min(max(((answer.x or 0.0) - lowest) / (highest - lowest), 0.0), 1.0) * 100


_MOODS: tuple[tuple[Callable[[float], bool], Mood], ...] = (
    (lambda value: value >= CLEAR, "positive"),
    (lambda value: value <= -CLEAR, "negative"),
)


def _mood(value: float) -> Mood:
    return next((mood for holds, mood in _MOODS if holds(value)), "neutral")
