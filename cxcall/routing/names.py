"""The vocabulary of rules: each fact's name, what kind of value it has, what can be asked of it, and how it is read.

A name may have more after a colon: `queue.waiting:billing` (of that queue; without, of the queue the dialplan asked
for), `customer.tag:vip`, `queue.skilled:english:3` (free agents with at least that level).
Readers give None where a value is not known. What a name is called in words is English and a key of the catalogues.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from cxcall.letters import search_key
from cxcall.routing.facts import Caller, Facts, Mood, QueueNow, Segment
from cxcall.routing.rule import Comparison

Kind = Literal["word", "text", "phone", "number", "yes_no", "clock", "weekday", "date"]
Unit = Literal["", "seconds", "percent", "hours"]
Refers = Literal["", "queue", "user", "skill", "intent", "language", "tag"]
Value = str | float | bool | None

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIERS = ("bronze", "silver", "gold")
HIGHEST_LEVEL = 5
"""The highest level of a skill."""

_WORDS: tuple[Comparison, ...] = ("is", "is_not", "one_of", "none_of", "known")
_ORDERED: tuple[Comparison, ...] = ("over", "at_least", "under", "at_most", "between")
COMPARISONS: Mapping[Kind, tuple[Comparison, ...]] = {
    "word": _WORDS,
    "text": (*_WORDS, "contains", "begins"),
    "phone": (*_WORDS, "begins"),
    "number": (*_ORDERED, "is", "is_not", "known"),
    "yes_no": ("holds",),
    "clock": ("between", "at_least", "under"),
    "weekday": ("is", "is_not", "one_of", "none_of"),
    "date": ("is", "one_of", "none_of", "at_least", "at_most", "between"),
}
"""What can be asked of each kind, the most used first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A fact. `words`: what it is called in a sentence; of yes_no the whole sentence, `words_no` its opposite.

    `choices`: all values there are, () any. `takes`: what stands after the colon, with "?" where it may be left out.
    `refers`: what the values name. `whole`: only whole numbers.
    """

    name: str
    kind: Kind
    words: str
    read: Callable[[Facts, str], Value]
    words_no: str = ""
    unit: Unit = ""
    choices: tuple[str, ...] = ()
    takes: Literal["", "queue?", "tag", "skill"] = ""
    refers: Refers = ""
    whole: bool = False

    @property
    def group(self) -> str:
        """What it is about: customer, past, call, time, queue, said."""
        return self.name.partition(".")[0]

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return COMPARISONS[self.kind]


@lru_cache(maxsize=1024)
def split_fact(fact: str) -> tuple[Name | None, str]:
    """The name and what stands after its colon; None for a name there is none of, or that takes nothing."""
    base, colon, argument = fact.partition(":")
    name = NAMES.get(base)
    if name is None or (colon and not name.takes) or (name.takes in ("tag", "skill") and not argument):
        return None, argument
    return name, argument


def split_skill(argument: str) -> tuple[str, int]:
    """A skill and the level asked, 1 where none is given."""
    skill, colon, level = argument.rpartition(":")
    if colon and level.isdecimal() and 1 <= int(level) <= HIGHEST_LEVEL:
        return skill, int(level)
    return argument, 1


def value_of(fact: str, facts: Facts) -> Value:
    """What a fact is for this call; None: not known, or no such fact."""
    name, argument = split_fact(fact)
    return None if name is None else name.read(facts, argument)


def _customer(read: Callable[[Caller], Value]) -> Callable[[Facts, str], Value]:
    return lambda facts, _: None if facts.customer is None else read(facts.customer)


def _queue(read: Callable[[QueueNow], Value]) -> Callable[[Facts, str], Value]:
    def of(facts: Facts, argument: str) -> Value:
        queue = queue_named(facts.queues, argument or facts.queue)
        return None if queue is None else read(queue)

    return of


def queue_named(queues: Mapping[str, QueueNow], name: str) -> QueueNow | None:
    """A queue by its name; as for Asterisk, capital letters are the same as small ones."""
    found = queues.get(name)
    if found is not None or not name:
        return found
    wanted = name.lower()
    return next((queue for queue in queues.values() if queue.name.lower() == wanted), None)


def _skilled(facts: Facts, argument: str) -> Value:
    queue = queue_named(facts.queues, facts.queue)
    if queue is None:
        return None
    skill, level = split_skill(argument)
    wanted = search_key(skill)
    free = next((counts for name, counts in queue.free_by_skill.items() if search_key(name) == wanted), ())
    return free[level - 1] if level <= len(free) else 0


def _hours_since(facts: Facts, _: str) -> Value:
    last = facts.past.last_call_at
    return None if last is None else max((facts.at - last).total_seconds() / 3600, 0.0)


def _tagged(tag: str, customer: Caller) -> bool:
    wanted = search_key(tag)
    return any(search_key(one) == wanted for one in customer.tags)


def _said(what: Literal["intent", "text", "keys"]) -> Callable[[Facts, str], Value]:
    return lambda facts, _: None if facts.said is None else getattr(facts.said, what) or None


_ALL = (
    Name(
        name="customer.known", kind="yes_no", words="the customer is known", words_no="the customer is not known",
        read=lambda facts, _: facts.customer is not None,
    ),
    Name(name="customer.name", kind="text", words="the customer’s name", read=_customer(lambda one: one.name or None)),
    Name(
        name="customer.tier", kind="word", words="the customer’s tier", choices=TIERS,
        read=_customer(lambda one: one.tier),
    ),
    Name(
        name="customer.segment", kind="word", words="the customer’s segment", choices=get_args(Segment),
        read=_customer(lambda one: one.segment),
    ),
    Name(name="customer.value", kind="number", words="the customer’s value", read=_customer(lambda one: one.value)),
    Name(
        name="customer.language", kind="word", words="the customer’s language", refers="language",
        read=_customer(lambda one: one.language),
    ),
    Name(
        name="customer.tag", kind="yes_no", words="the customer has the tag “{of}”", takes="tag", refers="tag",
        words_no="the customer does not have the tag “{of}”",
        read=lambda facts, tag: None if facts.customer is None else _tagged(tag, facts.customer),
    ),
    Name(
        name="customer.manager", kind="word", words="the customer’s account manager", refers="user",
        read=_customer(lambda one: one.manager),
    ),
    Name(
        name="past.calls_today", kind="number", words="the number of the caller’s calls today", whole=True,
        read=lambda facts, _: facts.past.calls_today,
    ),
    Name(
        name="past.abandoned_today", kind="number", words="the number of calls abandoned today", whole=True,
        read=lambda facts, _: facts.past.abandoned_today,
    ),
    Name(
        name="past.calls_week", kind="number", words="the number of the caller’s calls in 7 days", whole=True,
        read=lambda facts, _: facts.past.calls_week,
    ),
    Name(
        name="past.hours_since", kind="number", unit="hours", words="the time since the last call", read=_hours_since
    ),
    Name(
        name="past.last_outcome", kind="word", words="the outcome of the last call",
        read=lambda facts, _: facts.past.last_outcome,
    ),
    Name(
        name="past.last_queue", kind="word", words="the queue of the last call", refers="queue",
        read=lambda facts, _: facts.past.last_queue,
    ),
    Name(
        name="past.last_agent", kind="word", words="the agent of the last call", refers="user",
        read=lambda facts, _: facts.past.last_agent or None,
    ),
    Name(
        name="past.last_score", kind="number", unit="percent", words="the last score",
        read=lambda facts, _: facts.past.last_score,
    ),
    Name(
        name="past.last_agent_score", kind="number", unit="percent", words="the last agent’s score",
        read=lambda facts, _: facts.past.last_agent_score,
    ),
    Name(
        name="past.last_mood", kind="word", words="the mood of the last call", choices=get_args(Mood),
        read=lambda facts, _: facts.past.last_mood,
    ),
    Name(
        name="past.open_tasks", kind="number", words="the number of the customer’s open tasks", whole=True,
        read=lambda facts, _: facts.past.open_tasks,
    ),
    Name(
        name="past.call_back_promised", kind="yes_no", words="a call-back is promised",
        words_no="no call-back is promised", read=lambda facts, _: facts.past.call_back_promised,
    ),
    Name(name="call.number", kind="phone", words="the caller’s number", read=lambda facts, _: facts.number or None),
    Name(name="call.called", kind="phone", words="the number dialled", read=lambda facts, _: facts.called or None),
    Name(
        name="call.queue", kind="word", words="the queue asked for", refers="queue",
        read=lambda facts, _: facts.queue or None,
    ),
    Name(name="call.server", kind="word", words="the Asterisk server", read=lambda facts, _: facts.server or None),
    Name(name="time.clock", kind="clock", words="the time of day", read=lambda facts, _: f"{facts.at:%H:%M}"),
    Name(
        name="time.weekday", kind="weekday", words="the day of the week", choices=WEEKDAYS,
        read=lambda facts, _: WEEKDAYS[facts.at.weekday()],
    ),
    Name(name="time.date", kind="date", words="the date", read=lambda facts, _: facts.at.date().isoformat()),
    Name(
        name="time.holiday", kind="yes_no", words="today is a holiday", words_no="today is not a holiday",
        read=lambda facts, _: facts.holiday,
    ),
    Name(
        name="queue.open", kind="yes_no", words="{queue} is open", words_no="{queue} is closed", takes="queue?",
        read=_queue(lambda one: one.open),
    ),
    Name(
        name="queue.waiting", kind="number", words="the number of callers waiting in {queue}", takes="queue?",
        whole=True, read=_queue(lambda one: one.waiting),
    ),
    Name(
        name="queue.longest", kind="number", unit="seconds", words="the longest wait in {queue}", takes="queue?",
        read=_queue(lambda one: one.longest),
    ),
    Name(
        name="queue.free", kind="number", words="the number of free agents in {queue}", takes="queue?", whole=True,
        read=_queue(lambda one: one.free),
    ),
    Name(
        name="queue.signed_in", kind="number", words="the number of agents signed in to {queue}", takes="queue?",
        whole=True, read=_queue(lambda one: one.signed_in),
    ),
    Name(
        name="queue.expected_wait", kind="number", unit="seconds", words="the expected wait in {queue}",
        takes="queue?", read=_queue(lambda one: one.expected_wait),
    ),
    Name(
        name="queue.per_agent", kind="number", words="the number of callers per agent in {queue}", takes="queue?",
        read=_queue(lambda one: one.per_agent),
    ),
    Name(
        name="queue.skilled", kind="number", words="the number of free agents with {skill} from level {level}",
        takes="skill", refers="skill", whole=True, read=_skilled,
    ),
    Name(
        name="said.intent", kind="word", words="what the caller wants", refers="intent",
        read=_said("intent"),
    ),
    Name(name="said.text", kind="text", words="what the caller said", read=_said("text")),
    Name(
        name="said.confidence", kind="number", unit="percent", words="how surely it was understood",
        read=lambda facts, _: None if facts.said is None else facts.said.confidence * 100,
    ),
    Name(name="said.keys", kind="text", words="what the caller keyed", read=_said("keys")),
)  # fmt: skip

NAMES: Mapping[str, Name] = {name.name: name for name in _ALL}
"""All facts a rule can ask for, in the order pages show them."""
