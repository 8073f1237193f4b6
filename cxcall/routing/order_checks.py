"""Rules beside each other: ageing, trials with one name, rules that are never read, overflow in circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from cxcall.routing.extents import implies
from cxcall.routing.problems import Problem, problem
from cxcall.routing.rule import MOST_PRIORITY, Rule, RuleSet, Then

SHORTEST_STEP, LONGEST_STEP = 10, 3600
"""Seconds in which priority may grow by one."""

_FIELDS = ("queue", "priority", "agent", "language", "announcement", "treat", "call_back", "survey")
_ALWAYS_GIVEN = frozenset({"priority", "announcement", "treat", "call_back", "survey", "skills", "overflow"})
"""What a rule that holds gives in any case; a queue may be closed, an agent away, a language unknown."""


def of_order(rules: RuleSet, today: date | None) -> Iterator[Problem]:
    """Problems that need the rules beside each other; `today` None: dates do not count."""
    read = [rule for rule in rules.rules if _is_read(rule, today)]
    yield from _ageing(rules, read)
    yield from _trials(read)
    yield from _reached(read)
    yield from _circles(read)


def _is_read(rule: Rule, today: date | None) -> bool:
    if not rule.enabled or today is None:
        return rule.enabled
    expired = rule.expires is not None and rule.expires < today
    return not expired and (rule.trial is None or rule.trial.ended is None or today < rule.trial.ended)


def _ageing(rules: RuleSet, read: Sequence[Rule]) -> Iterator[Problem]:
    given = min(max((rule.then.priority or 0 for rule in read), default=0), MOST_PRIORITY)
    if rules.age_every and not SHORTEST_STEP <= rules.age_every <= LONGEST_STEP:
        yield problem("age_range", "", "age_every")
    elif given and not rules.age_every:
        yield problem("no_ageing", "", "age_every")
    elif given and rules.age_most <= given:
        yield problem("age_low", "", "age_most", most=rules.age_most, given=given)


def _trials(read: Sequence[Rule]) -> Iterator[Problem]:
    seen: set[str] = set()
    for rule in read:
        if rule.trial is not None and rule.trial.name in seen:
            yield problem("trial_twice", rule.id, "trial", trial=rule.trial.name)
        seen |= {rule.trial.name} if rule.trial is not None else set()


def _reached(read: Sequence[Rule]) -> Iterator[Problem]:
    """Rules another one above makes useless for every call."""
    for n, rule in enumerate(read):
        lasting = [other for other in read[:n] if other.trial is None and other.expires is None]
        above = [other for other in lasting if _covers(other, rule)]
        ending = next((other for other in above if other.stop), None)
        if ending is not None:
            yield problem("unread", rule.id, "when", other=ending.name)
            continue
        gives = _gives(rule.then)
        whole = next((other for other in above if gives and gives <= _gives(other.then) & _ALWAYS_GIVEN), None)
        if whole is not None and not rule.stop:
            yield problem("nothing_left", rule.id, "then", other=whole.name)


def _covers(above: Rule, rule: Rule) -> bool:
    """Whether each call that fits the rule fits the one above."""
    return all(any(implies(own, theirs) for own in rule.when) for theirs in above.when)


def _gives(then: Then) -> frozenset[str]:
    given = {field for field in _FIELDS if getattr(then, field) is not None}
    return frozenset(given | {field for field in ("skills", "overflow") if getattr(then, field)})


def _circles(read: Sequence[Rule]) -> Iterator[Problem]:
    """Queues that send their callers on to each other; said once, at the first rule of the circle."""
    ways: dict[str, dict[str, tuple[str, str]]] = {}
    for rule in read:
        for n, entry in enumerate(rule.then.overflow):
            for source in _sources(rule):
                ways.setdefault(source.lower(), {}).setdefault(entry.to.lower(), (rule.id, f"then.overflow.{n}"))
    told: set[frozenset[str]] = set()
    for source, targets in ways.items():
        for target, (rule_id, field) in targets.items():
            path = _path(target, source, ways)
            if path and len(path) > 1 and frozenset(path) not in told:
                told.add(frozenset(path))
                yield problem("overflow_round", rule_id, field, path=" → ".join((source, *path)))


def _sources(rule: Rule) -> tuple[str, ...]:
    """The queues whose callers a rule's overflow is for, where it says so."""
    if rule.then.queue:
        return (rule.then.queue,)
    asked = (one for one in rule.when if one.fact == "call.queue" and one.op in ("is", "one_of"))
    return tuple(str(value) for one in asked for value in one.value)


def _path(start: str, end: str, ways: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """A way from one queue to another, () when there is none."""
    ahead: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ahead:
        path = ahead.pop()
        if path[-1] == end:
            return path
        for target in ways.get(path[-1], {}):
            if target not in seen:
                seen.add(target)
                ahead.append((*path, target))
    return ()
