"""Rules of the floor: which figures of a queue raise an alert, how urgent it is, and when it is over by itself.

*Theory of operation.* Every look compares each rule with each figure it is about. A level (yellow, red) is reached when
its limit is passed for `hold` seconds without a break. It is left when the figure has been on the good side of the
limit, by `margin`, for `calm` seconds: between the two nothing changes, so that a figure which swings about its limit
raises one alert and not twenty. What stands is told again every RENEW seconds, with the value of now.
A figure that can't be told (nobody was asked yet, too few calls, Asterisk is away) neither raises nor clears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

Measure = Literal["waiting", "longest", "sl", "free", "abandoned", "csat", "mood", "pause", "wrap_up"]
"""What is looked at: callers who wait; the longest wait in seconds; the service level of today in per cent; free
agents; the share abandoned today in per cent; the mean score of today, 1…5; the mood of a talk, -1…1; by how many
seconds an agent's pause, or wrap-up, has passed its limit."""

Level = Literal["yellow", "red"]

FALLS: frozenset[Measure] = frozenset({"sl", "free", "csat", "mood"})
"""Measures of which less is worse."""

PERSONAL: frozenset[Measure] = frozenset({"pause", "wrap_up"})
"""Measures of an agent; told only while a limit is passed."""

COUNTED: frozenset[Measure] = frozenset({"sl", "abandoned", "csat"})
"""Measures that need some calls or answers before they mean anything."""

RENEW = 300.0
"""Seconds after which an alert that stands is told again."""


class FloorRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as people edit it. `queues`: keys `server:name`, none: all. A limit that is None is not asked.

    `least`: how many calls (or answers) of today a share needs. `people`: ids of users who hear of it by sound and
    notification, none: every supervisor and administrator; the page shows it to all of these in any case.
    """

    name: str
    measure: Measure
    yellow: float | None = None
    red: float | None = None
    queues: tuple[str, ...] = ()
    hold: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 0
    calm: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 30
    margin: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    least: Annotated[int, msgspec.Meta(ge=0)] = 10
    people: tuple[str, ...] = ()
    sound: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measure of one queue now; with `call` of one talk, with `agent` (a key of the board) of one agent, by `name`.

    `value` None: it can't be told. `queues`: those an agent is logged in to. `reason`: of a pause.
    """

    measure: Measure
    queue: str
    value: float | None
    n: int | None = None
    call: str = ""
    agent: str = ""
    name: str = ""
    reason: str = ""
    queues: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        if self.agent:
            return agent_subject(self.agent)
        return f"call:{self.call}" if self.call else self.queue

    def is_about(self, queues: tuple[str, ...]) -> bool:
        """Whether a rule of these queues, none: all, asks for it."""
        return not queues or not {self.queue, *self.queues}.isdisjoint(queues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert to raise, to renew or to make redder or milder. `key` names rule and subject."""

    key: str
    rule_id: str
    rule: FloorRule
    level: Level
    figure: Figure
    limit: float
    why: Literal["new", "worse", "better", "still"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """An alert that is over by itself."""

    key: str


Outcome = Raised | Cleared


@dataclass(slots=True, kw_only=True)
class _Watch:
    """A rule on a subject: the level that stands, since when each limit has been passed, since when it is calm."""

    level: Level | None = None
    told: float = 0.0
    passed: dict[Level, float]
    calm_since: float | None = None


def agent_subject(key: str) -> str:
    """How alerts name the agent of a key of the board."""
    return f"agent:{key}"


def key_of(rule_id: str, subject: str) -> str:
    """How the alert of a rule on a subject is called."""
    return f"floor:{rule_id}:{subject}"


class Alerting:
    """What stands, look by look."""

    def __init__(self) -> None:
        self._watches: dict[str, _Watch] = {}

    def stands(self, key: str, level: Level, at: float) -> None:
        """An alert was standing before we began."""
        self._watches[key] = _Watch(level=level, told=at, passed={})

    def look(
        self, rules: Mapping[str, FloorRule], figures: Iterable[Figure], now: float, *, absent: Iterable[str] = ()
    ) -> tuple[Outcome, ...]:
        """What is to be told now. `absent`: queues and agents' subjects that can't be seen now; theirs stays as it is.

        A rule that is no longer there, and a queue or talk that is gone, clears its alerts.
        """
        found: list[Outcome] = []
        seen: set[str] = set()
        by_measure: dict[Measure, list[Figure]] = {}
        for figure in figures:
            by_measure.setdefault(figure.measure, []).append(figure)
        for rule_id, rule in rules.items():
            for figure in by_measure.get(rule.measure, ()):
                if not figure.is_about(rule.queues):
                    continue
                key = key_of(rule_id, figure.subject)
                seen.add(key)
                outcome = self._judge(key, rule_id, rule, figure, now)
                if outcome is not None:
                    found.append(outcome)
        found += self._gone(rules, seen, frozenset(absent), now)
        return tuple(found)

    def _judge(self, key: str, rule_id: str, rule: FloorRule, figure: Figure, now: float) -> Outcome | None:
        value = _told(rule, figure)
        watch = self._watches.get(key)
        if value is None:
            if watch is not None:
                watch.passed.clear()
                watch.calm_since = None
            return None
        watch = watch or self._watches.setdefault(key, _Watch(passed={}))
        _note(watch, rule, value, now)
        reached = _reached(watch, rule, now)
        if _worse(reached, watch.level):
            why: Literal["new", "worse"] = "worse" if watch.level else "new"
            return self._tell(watch, key, rule_id, rule, reached or "red", figure, now, why)
        if watch.level is None:
            if not watch.passed:
                del self._watches[key]
            return None
        kept = _kept(rule, watch.level, value)
        if kept == watch.level:
            watch.calm_since = None
            if now - watch.told >= RENEW:
                return self._tell(watch, key, rule_id, rule, watch.level, figure, now, "still")
            return None
        watch.calm_since = now if watch.calm_since is None else watch.calm_since
        if now - watch.calm_since < rule.calm:
            return None
        watch.calm_since = None
        if kept is not None:
            return self._tell(watch, key, rule_id, rule, kept, figure, now, "better")
        del self._watches[key]
        return Cleared(key=key)

    def _tell(
        self, watch: _Watch, key: str, rule_id: str, rule: FloorRule, level: Level, figure: Figure, now: float,
        why: Literal["new", "worse", "better", "still"],
    ) -> Raised:  # fmt: skip
        watch.level, watch.told, watch.calm_since = level, now, None
        limit = dict(_limits(rule))[level]
        return Raised(key=key, rule_id=rule_id, rule=rule, level=level, figure=figure, limit=limit, why=why)

    def _gone(
        self, rules: Mapping[str, FloorRule], seen: set[str], absent: frozenset[str], now: float
    ) -> list[Outcome]:
        """What nothing is known of any more is over, but for queues nobody can see now; a talk and an agent after
        the calm, for a mood and a pause are told only while they are bad."""
        found: list[Outcome] = []
        for key in [key for key in self._watches if key not in seen]:
            rule_id, _, subject = key.removeprefix("floor:").partition(":")
            if rule_id in rules and (subject in absent or self._lingers(key, subject, rules[rule_id], now)):
                continue
            if self._watches.pop(key).level is not None:
                found.append(Cleared(key=key))
        return found

    def _lingers(self, key: str, subject: str, rule: FloorRule, now: float) -> bool:
        watch = self._watches[key]
        if not subject.startswith(("call:", "agent:")) or watch.level is None:
            return False
        watch.passed.clear()
        watch.calm_since = now if watch.calm_since is None else watch.calm_since
        return now - watch.calm_since < rule.calm


def passes(measure: Measure, value: float, limit: float) -> bool:
    """Whether a value has reached its limit."""
    return value <= limit if measure in FALLS else value >= limit


def faults(rule: FloorRule) -> tuple[str, ...]:
    """Fields of a rule that can't be right."""
    found = []
    if not rule.name.strip():
        found.append("name")
    if rule.yellow is None and rule.red is None:
        found.append("limits")
    if rule.yellow is not None and rule.red is not None:
        late = rule.yellow < rule.red if rule.measure in FALLS else rule.yellow > rule.red
        found += ["red"] if late else []
    least, most = RANGES[rule.measure]
    for name in ("yellow", "red"):
        limit = getattr(rule, name)
        if limit is not None and not least <= limit <= most:
            found.append(name)
    return tuple(dict.fromkeys(found))


RANGES: Mapping[Measure, tuple[float, float]] = {
    "waiting": (1, 10_000), "longest": (1, 86_400), "sl": (0, 100), "free": (0, 10_000), "abandoned": (0, 100),
    "csat": (1, 5), "mood": (-1, 1), "pause": (0, 86_400), "wrap_up": (0, 86_400),
}  # fmt: skip
"""Limits that make sense for each measure."""


def _told(rule: FloorRule, figure: Figure) -> float | None:
    if rule.measure in COUNTED and (figure.n or 0) < max(1, rule.least):
        return None
    return figure.value


def _limits(rule: FloorRule) -> Iterable[tuple[Level, float]]:
    if rule.red is not None:
        yield "red", rule.red
    if rule.yellow is not None:
        yield "yellow", rule.yellow


def _note(watch: _Watch, rule: FloorRule, value: float, now: float) -> None:
    """Since when each limit has been passed."""
    for level, limit in _limits(rule):
        if passes(rule.measure, value, limit):
            watch.passed.setdefault(level, now)
        else:
            watch.passed.pop(level, None)


def _reached(watch: _Watch, rule: FloorRule, now: float) -> Level | None:
    for level, _ in _limits(rule):
        since = watch.passed.get(level)
        if since is not None and now - since >= rule.hold:
            return level
    return None


def _kept(rule: FloorRule, standing: Level, value: float) -> Level | None:
    """The level that a value does not let go of yet: its limit, moved by the margin to the good side."""
    margin = rule.margin if rule.measure in FALLS else -rule.margin
    for level, limit in _limits(rule):
        if passes(rule.measure, value, limit + margin) and not _worse(level, standing):
            return level
    return None


def _worse(one: Level | None, other: Level | None) -> bool:
    order = {None: 0, "yellow": 1, "red": 2}
    return order[one] > order[other]
