"""Staffing as the API gives it: agents a load needs, what to expect of a day, who kept to the roster."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from cxcall.staffing.adherence import Adherence, Doing, Kind
from cxcall.staffing.erlang import Outcome
from cxcall.staffing.forecast import Miss
from cxcall.staffing.plan import Interval, Plan
from cxcall.staffing.shift import Activity
from cxcall.store.staffing import Whole
from cxcall.web.api.wire import Time

MOST_CALLS = 100_000
MOST_ERLANGS = 10_000
Share = Annotated[float, msgspec.Meta(ge=0.001, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=36_000)]
Patience = Annotated[float, msgspec.Meta(ge=1, le=36_000, description="Seconds until a caller gives up, on average.")]
Shrinkage = Annotated[float, msgspec.Meta(ge=0, le=0.9, description="Share of paid time people are not there.")]
Agents = Annotated[int, msgspec.Meta(ge=0, le=5000, description="What to expect of so many.")]
Answered = Annotated[float, msgspec.Meta(ge=0.01, le=0.999, description="Share of calls answered within the goal.")]
Within = Annotated[float, msgspec.Meta(ge=0, le=3600, description="Seconds of the goal.")]
Occupancy = Annotated[float, msgspec.Meta(ge=0.1, le=1, description="At most this share of their time agents talk.")]


class ErlangQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`calls` in `seconds`, each keeping an agent busy for `handle` seconds. Shares are parts of one."""

    calls: Annotated[float, msgspec.Meta(ge=0, le=MOST_CALLS)]
    handle: Seconds
    seconds: Annotated[float, msgspec.Meta(ge=60, le=86_400)] = 900.0
    within: Within = 20.0
    answered: Answered = 0.8
    occupancy: Occupancy = 1.0
    abandoned: Share = 1.0
    patience: Patience | None = None
    shrinkage: Shrinkage = 0.0
    agents: Agents | None = None

    def __post_init__(self) -> None:
        if self.calls * self.handle / self.seconds > MOST_ERLANGS:
            raise ValueError(f"This load would keep more than {MOST_ERLANGS} agents busy at once; ask for less")


class ExpectedOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What to expect of so many agents: shares of all calls, `asa` seconds, null where the line grows without end."""

    agents: int
    waits: float
    service: float
    asa: float | None
    occupancy: float
    abandoned: float


class ErlangAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The fewest agents that reach the goal, by Erlang A where a `patience` is given, else by Erlang C. `to_roster`:
    with shrinkage. `reached`: false where even the most that are tried do not. `with_agents`: of those asked about."""

    erlangs: float
    formula: Literal["erlang_a", "erlang_c"]
    reached: bool
    needed: ExpectedOutcome
    to_roster: int
    with_agents: ExpectedOutcome | None


class ForecastQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`day` of either calendar, without it tomorrow; `view` week: the week it is in. `queue`: names with commas between
    them, none: all. What is left out of the goal is as the queues have it, `patience` as their callers were. `volume`
    and `handle`: what calls and handle times are multiplied by."""

    queue: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    day: Annotated[str, msgspec.Meta(max_length=20)] = ""
    view: Literal["day", "week"] = "day"
    calendar: Literal["gregorian", "jalali"] | None = None
    within: Within | None = None
    answered: Answered | None = None
    occupancy: Occupancy | None = None
    abandoned: Share | None = None
    patience: Patience | None = None
    shrinkage: Shrinkage | None = None
    agents: Agents | None = None
    volume: Annotated[float, msgspec.Meta(ge=0, le=10)] | None = None
    handle: Annotated[float, msgspec.Meta(ge=0.1, le=10)] | None = None


class ForecastInterval(msgspec.Struct, frozen=True, kw_only=True):
    """A quarter of an hour. `low` to `high` holds 80 of 100. `handle` seconds. `erlang_c`, `erlang_a`: agents needed at
    the phones; `to_roster` with shrinkage; `rostered` on average, null without a roster. `with_them`: what to expect of
    those who are there, or of the `agents` asked about."""

    at: Time
    calls: float
    low: float
    high: float
    handle: float
    erlang_c: int
    erlang_a: int
    to_roster: int
    rostered: float | None
    difference: float | None
    with_them: ExpectedOutcome | None


class ForecastDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day: calls, agent hours to roster and rostered, service level and abandonment with those who are there.
    `known`: whether there was enough to go by; `weeks`: of how many past days it is made."""

    day: date
    holiday: bool
    known: bool
    weeks: int
    calls: float
    low: float
    high: float
    handle: float
    hours: float
    rostered_hours: float | None
    service: float | None
    abandoned: float | None
    intervals: list[ForecastInterval]


class ForecastError(msgspec.Struct, frozen=True, kw_only=True):
    """How far such forecasts were off in the past weeks: `share` (WAPE) of intervals, `day_share` of days, `mean_share`
    (MAPE), `lean` too high (+) or too low, `handle_share` of handle times. `inside`: how many of `n` intervals were in
    their range."""

    share: float
    day_share: float
    mean_share: float
    lean: float
    handle_share: float | None
    inside: int
    n: int
    days: int


class ForecastGoal(msgspec.Struct, frozen=True, kw_only=True):
    """What was planned for. `patience_known`: whether it was measured or given."""

    within: float
    answered: float
    occupancy: float
    abandoned: float
    shrinkage: float
    patience: float
    patience_known: bool


class ShownForecast(msgspec.Struct, frozen=True, kw_only=True):
    """Days to come. `trend`: growth a week in the forecast. `error` null: too few weeks to try it on. `roster`: of
    whom: none, everybody, or those who answer in the queues."""

    queues: list[str]
    days: list[ForecastDay]
    error: ForecastError | None
    trend: float
    goal: ForecastGoal
    roster: Literal["none", "everybody", "queues"]


class AdherenceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Days of either calendar, both included; without them today."""

    from_: Annotated[str, msgspec.Meta(max_length=20)] = msgspec.field(default="", name="from")
    to: Annotated[str, msgspec.Meta(max_length=20)] = ""


class AdherenceDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A minute or more in which somebody did otherwise than the roster says."""

    kind: Kind
    since: Time
    until: Time
    planned: Activity | None


class AdherencePiece(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which neither roster nor doing changed; `planned` null: nothing was."""

    since: Time
    until: Time
    planned: Activity | None
    doing: Doing
    adheres: bool


class AgentAdherence(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds; `share`: adherence, `conformance`: worked of what was to be worked, null where nothing was. `unknown`:
    nobody knows what they did then. `agent`: id of a user."""

    agent: str
    name: str
    scheduled: float
    adhered: float
    share: float | None
    to_work: float
    worked: float
    conformance: float | None
    unknown: float
    differences: list[AdherenceDifference]


class AdherenceList(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on the roster on these days, by name; `share` of all of them together."""

    first: date
    last: date
    share: float | None
    items: list[AgentAdherence]


class AgentAdherenceDays(msgspec.Struct, frozen=True, kw_only=True):
    """One agent with every piece of their time."""

    first: date
    last: date
    whole: AgentAdherence
    pieces: list[AdherencePiece]


def outcome_of(agents: int, found: Outcome) -> ExpectedOutcome:
    return ExpectedOutcome(
        agents=agents, waits=found.waits, service=found.service, asa=found.asa if math.isfinite(found.asa) else None,
        occupancy=found.occupancy, abandoned=found.abandoned,
    )  # fmt: skip


def day_of(plan: Plan, agents: int | None, shrinkage: float) -> ForecastDay:
    """A day of the plan; `agents` as they were asked about."""
    of = plan.forecast
    return ForecastDay(
        day=of.day, holiday=of.holiday, known=of.known, weeks=of.weeks, calls=plan.calls, low=plan.low, high=plan.high,
        handle=plan.handle, hours=plan.hours, rostered_hours=plan.rostered_hours, service=plan.service,
        abandoned=plan.abandoned, intervals=[_interval(one, agents, shrinkage) for one in plan.intervals],
    )  # fmt: skip


def _interval(one: Interval, agents: int | None, shrinkage: float) -> ForecastInterval:
    there = agents if agents is not None else int((one.rostered or 0.0) * (1.0 - shrinkage) + 1e-9)
    return ForecastInterval(
        at=one.at, calls=one.expected.calls, low=one.expected.low, high=one.expected.high, handle=one.expected.handle,
        erlang_c=one.erlang_c, erlang_a=one.erlang_a, to_roster=one.to_roster, rostered=one.rostered,
        difference=one.difference, with_them=None if one.with_them is None else outcome_of(there, one.with_them),
    )  # fmt: skip


def error_of(miss: Miss | None) -> ForecastError | None:
    if miss is None:
        return None
    return ForecastError(**{name: getattr(miss, name) for name in ForecastError.__struct_fields__})


def adherence_of(one: Whole) -> AgentAdherence:
    found = one.found
    return AgentAdherence(
        agent=one.id, name=one.name, scheduled=found.scheduled, adhered=found.adhered, share=found.share,
        to_work=found.to_work, worked=found.worked, conformance=found.conformance, unknown=found.unknown,
        differences=[
            AdherenceDifference(kind=other.kind, since=other.since, until=other.until, planned=other.planned)
            for other in found.exceptions
        ],
    )  # fmt: skip


def pieces_of(found: Adherence, now: datetime) -> list[AdherencePiece]:
    """What is over by now."""
    return [
        AdherencePiece(
            since=one.since, until=one.until, planned=one.planned, doing=one.doing, adheres=one.adheres
        )
        for one in found.pieces
        if one.since < now
    ]  # fmt: skip
