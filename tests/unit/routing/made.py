"""Calls and rules made for tests: a call centre with four queues, and rule sets of any kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st

from cxcall.routing.facts import AgentNow, Caller, Facts, Mood, Past, QueueNow, Said, Segment
from cxcall.routing.names import COMPARISONS, HIGHEST_LEVEL, NAMES, TIERS, Name
from cxcall.routing.rule import (
    MOST_PRIORITY,
    Comparison,
    Condition,
    Overflow,
    Preferred,
    Rule,
    RuleSet,
    SkillStep,
    Then,
    Trial,
)
from cxcall.routing.text import from_text

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""A Tuesday."""
PEOPLE = {"u-sara": "sara", "u-reza": "reza"}

SARA = AgentNow(user="u-sara", name="Sara", interface="PJSIP/1001", state="ready")
REZA = AgentNow(user="u-reza", name="Reza", interface="PJSIP/1002", state="on_call")
MINA = Caller(
    id="c-mina", name="مینا", tier="gold", segment="loyal", value=1200.0, language="fa", tags=("VIP", "بازار"),
    manager="u-reza",
)  # fmt: skip
KNOWN = Past(
    calls_today=2, abandoned_today=1, calls_week=3, last_call_at=NOON - timedelta(hours=5), last_outcome="answered",
    last_queue="support", last_agent="u-sara", known_agents=("u-sara", "u-reza"), last_score=80.0,
    last_agent_score=75.0, last_mood="neutral", open_tasks=1, call_back_promised=True,
)  # fmt: skip
QUEUES = {
    queue.name: queue
    for queue in (
        QueueNow(
            name="support", waiting=6, longest=95.0, free=1, signed_in=3, expected_wait=240.0,
            free_by_skill={"English": (3, 2, 1)},
        ),
        QueueNow(name="gold", waiting=0, free=2, signed_in=2, expected_wait=5.0),
        QueueNow(name="sales", waiting=9, longest=30.0, signed_in=2, expected_wait=400.0),
        QueueNow(name="night", open=False),
    )
}  # fmt: skip


def call(**fields: Any) -> Facts:
    """A call of Mina to the queue support, with some facts of its own."""
    facts = Facts(
        at=NOON, server="lab", call="1700000000.1", number="+989121234567", called="+982149309000", queue="support",
        customer=MINA, past=KNOWN, queues=QUEUES, agents={"u-sara": SARA, "u-reza": REZA},
        said=Said(intent="cancel", text="می‌خواهم اشتراکم را لغو کنم", confidence=0.8, keys="2"),
    )  # fmt: skip
    return msgspec.structs.replace(facts, **fields)


def rules(text: str, people: dict[str, str] = PEOPLE) -> RuleSet:
    """Rules as people write them."""
    read = from_text(text, people)
    assert read.rules is not None, [f"{one.line}:{one.column} {one.text}" for one in read.errors]
    return read.rules


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
NAMED = st.sampled_from(["support", "gold", "english", "زبان انگلیسی", "two words", "then", "12", "a-b", ""]) | WORDS
NUMBERS = st.integers(-5, 500).map(float) | st.floats(allow_nan=False, allow_infinity=False)
DATES = st.dates(date(2026, 1, 1), date(2027, 12, 31))
MOMENTS = st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(NOON.__add__)
CLOCKS = st.times().map(lambda time: f"{time:%H:%M}")


def _facts(name: Name) -> st.SearchStrategy[str]:
    if not name.takes:
        return st.just(name.name)
    of = NAMED.filter(bool).map(lambda argument: f"{name.name}:{argument}")
    return of | st.just(name.name) if name.takes == "queue?" else of


def _proper(name: Name) -> st.SearchStrategy[str | float]:
    """Values a fact can have."""
    if name.choices:
        return st.sampled_from(name.choices)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "number": st.integers(0, 300).map(float), "clock": CLOCKS, "date": DATES.map(str),
        "phone": st.from_regex(r"\+98[0-9]{3,10}", fullmatch=True),
    }  # fmt: skip
    return kinds.get(name.kind, st.sampled_from(["support", "gold", "cancel", "answered", "fa", "u-sara", "2"]))


@st.composite
def proper_conditions(draw: st.DrawFn) -> Condition:
    """Conditions as the page lets people make them."""
    name = draw(st.sampled_from(list(NAMES.values())))
    op = draw(st.sampled_from(COMPARISONS[name.kind]))
    fact = draw(st.just(name.name) if not name.takes else _facts(name))
    if op in ("holds", "known"):
        return Condition(fact=fact, op=op, value=draw(st.sampled_from([(), ("no",)])))
    several = op in ("one_of", "none_of", "contains", "begins")
    low, high = (2, 2) if op == "between" else (1, 3 if several else 1)
    return Condition(fact=fact, op=op, value=tuple(draw(st.lists(_proper(name), min_size=low, max_size=high))))


@st.composite
def any_conditions(draw: st.DrawFn) -> Condition:
    """Conditions as a program may send them: any comparison of any known fact with anything."""
    fact = draw(st.sampled_from(list(NAMES.values())).flatmap(_facts))
    values = draw(st.lists(NUMBERS | NAMED | CLOCKS | DATES.map(str), max_size=3))
    return Condition(fact=fact, op=draw(st.sampled_from(get_args(Comparison))), value=tuple(values))


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


PREFERRED = st.builds(
    Preferred,
    who=st.sampled_from(["last", "manager", "user"]),
    user=st.sampled_from(["", "u-sara", "u-reza", "u-gone", "id:x"]),
    wait=st.integers(-1, 90),
    days=st.integers(-1, 90),
)
STEPS = st.builds(
    SkillStep, skill=NAMED, level=st.integers(-1, HIGHEST_LEVEL + 1), after=st.integers(-1, 200)
)  # fmt: skip
OVERFLOW = st.builds(
    Overflow,
    figure=st.sampled_from(["expected_wait", "per_agent", "waiting", "longest"]),
    limit=NUMBERS,
    to=st.sampled_from(list(QUEUES)) | NAMED,
)
THEN = st.builds(
    Then,
    queue=_maybe(st.sampled_from(list(QUEUES)) | NAMED),
    priority=_maybe(st.integers(-5, 2 * MOST_PRIORITY)),
    agent=_maybe(PREFERRED),
    skills=st.lists(STEPS, max_size=3).map(tuple),
    overflow=st.lists(OVERFLOW, max_size=3).map(tuple),
    language=_maybe(NAMED),
    announcement=_maybe(NAMED),
    treat=_maybe(st.sampled_from(["accept", "challenge", "block"])),
    call_back=_maybe(st.booleans()),
    survey=_maybe(st.booleans()),
)
TRIALS = st.builds(
    Trial,
    name=NAMED,
    share=NUMBERS,
    measure=st.sampled_from(["csat", "nps", "wait", "abandoned", "repeat", "handle"]),
    stop_worse=st.booleans(),
    began=_maybe(DATES),
    ended=_maybe(DATES),
)


def any_rules(conditions: st.SearchStrategy[Condition]) -> st.SearchStrategy[RuleSet]:
    """Rule sets of such conditions, with ids that differ."""
    rule = st.builds(
        Rule,
        id=st.sampled_from(["gold", "r 1", "قاعده", "7", "x-1", "stop"]),
        name=WORDS,
        when=st.lists(conditions, max_size=3).map(tuple),
        then=THEN,
        stop=st.booleans(),
        enabled=st.booleans(),
        owner=st.sampled_from(["", "u-sara", "u-gone", "sara", "id:u-sara"]),
        expires=_maybe(DATES),
        note=WORDS,
        trial=_maybe(TRIALS),
    )
    made = st.lists(rule, max_size=4, unique_by=lambda one: one.id).map(tuple)
    return st.builds(RuleSet, rules=made, age_every=st.integers(0, 600), age_most=st.integers(0, 60))


CALLS = st.builds(
    call,
    at=MOMENTS,
    number=st.sampled_from(["", "+989121234567", "0912"]),
    queue=st.sampled_from(["", "support", "sales", "SUPPORT", "gone"]),
    holiday=st.booleans(),
    customer=_maybe(
        st.builds(
            Caller,
            id=st.just("c"),
            tier=_maybe(st.sampled_from(TIERS)),
            segment=_maybe(st.sampled_from(get_args(Segment))),
            value=_maybe(NUMBERS),
            language=_maybe(st.sampled_from(["fa", "en"])),
            tags=st.lists(NAMED, max_size=2).map(tuple),
            manager=_maybe(st.sampled_from(["", "u-sara", "u-gone"])),
        )
    ),
    past=st.builds(
        Past,
        last_call_at=_maybe(MOMENTS),
        last_agent=_maybe(st.sampled_from(["", "u-sara", "u-reza"])),
        last_agent_score=_maybe(NUMBERS),
        last_mood=_maybe(st.sampled_from(get_args(Mood))),
        known_agents=st.lists(st.sampled_from(["u-sara", "u-reza", ""]), max_size=2).map(tuple),
    ),
    queues=st.sampled_from([QUEUES, {}]),
    said=_maybe(st.builds(Said, intent=NAMED, text=WORDS)),
)
"""Calls of all kinds."""
