"""Rules: "when all of this holds, then that". A rule set is what an admin writes, and what is published of it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Comparison = Literal[
    "is", "is_not", "one_of", "none_of", "contains", "begins",
    "over", "at_least", "under", "at_most", "between", "holds", "known",
]  # fmt: skip
"""`between`: from the first to the second value, both included; times of day go past midnight (22:00–06:00).
`holds`: a fact that is true or false; `known`: there is a value. The last two with value "no" ask the opposite."""

OWN_LANGUAGE = "customer"
"""As the language of a result: the one of the customer's profile."""

MOST_PRIORITY = 20
"""No rule gives more: ageing lifts old callers above it."""


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact compared. `fact`: a name of `names.NAMES`, with a queue, skill or tag after it where it needs one
    (`queue.waiting`: of the queue asked for; `queue.waiting:billing`: of that queue)."""

    fact: str
    op: Comparison
    value: tuple[str | float, ...] = ()


class Preferred(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is rung first: the last agent the caller knows (whose last call went well), the customer's account manager,
    or a named user; for `wait` seconds at most, then the queue goes on as if nobody had been asked."""

    who: Literal["last", "manager", "user"]
    user: str = ""
    wait: int = 15
    days: int = 30
    """`last`: only when they talked within so many days."""


class SkillStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `after` seconds of waiting on, agents with `skill` of at least `level` (1–5) are asked; 0: everybody."""

    skill: str
    level: int
    after: int = 0


class Overflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the queue's figure is over `limit` the caller goes to another queue at once."""

    figure: Literal["expected_wait", "per_agent", "waiting", "longest"]
    limit: float
    to: str


class Then(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule gives; None and empty: no opinion, left to the rules below and to the dialplan.

    `language` may be OWN_LANGUAGE. `announcement`: a prompt played before the queue. `treat`: `block` plays it and
    hangs up, `challenge` asks for a key a machine does not press. `call_back`: offered while waiting. `survey`: asked
    afterwards or not.
    """

    queue: str | None = None
    priority: int | None = None
    agent: Preferred | None = None
    skills: tuple[SkillStep, ...] = ()
    overflow: tuple[Overflow, ...] = ()
    language: str | None = None
    announcement: str | None = None
    treat: Literal["accept", "challenge", "block"] | None = None
    call_back: bool | None = None
    survey: bool | None = None


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as an experiment: `share` per cent of the customers it holds for get it, the rest are the control.

    Who is in which group follows from `name` and the customer alone. `measure`: what is compared (METRICS.md);
    `stop_worse`: ended by itself when the measure is worse beyond doubt."""

    name: str
    share: float
    measure: Literal["csat", "nps", "wait", "abandoned", "repeat", "handle"] = "csat"
    stop_worse: bool = True
    began: date | None = None
    ended: date | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`when`: all hold (none: always). Rules are read from the top; each that holds gives what those above left open.
    `stop`: no rule below it is read. `owner`: user id. `expires`: the last day it is read; None: for good."""

    id: str
    name: str
    when: tuple[Condition, ...] = ()
    then: Then = Then()
    stop: bool = False
    enabled: bool = True
    owner: str = ""
    expires: date | None = None
    note: str = ""
    trial: Trial | None = None


class RuleSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The site's rules in their order. Priority grows by one for each `age_every` seconds of waiting up to
    `age_most`, whatever a rule gave, so that nobody waits for good behind those who come later (0: does not grow)."""

    rules: tuple[Rule, ...] = ()
    age_every: int = 60
    age_most: int = 30
