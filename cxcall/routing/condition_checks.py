"""Conditions of a rule: can they be compared like that, with these values, and all hold at once?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from cxcall.letters import search_key
from cxcall.routing.conditions import comparable, says_no
from cxcall.routing.extents import extent, meet
from cxcall.routing.names import Name, split_fact
from cxcall.routing.phrases import PLAIN, condition_told
from cxcall.routing.problems import Problem, problem
from cxcall.routing.rule import Condition, Rule

_SINGLE = ("is", "is_not", "over", "at_least", "under", "at_most")


def of_conditions(rule: Rule) -> Iterator[Problem]:
    """Problems of each condition, then of each two."""
    for n, condition in enumerate(rule.when):
        yield from (problem(code, rule.id, f"when.{n}", **values) for code, values in _of(condition))
    for (_, one), (n, other) in combinations(enumerate(rule.when), 2):
        if one.fact == other.fact and _apart(one, other):
            yield problem("contradiction", rule.id, f"when.{n}", other=condition_told(one, PLAIN))


def _of(condition: Condition) -> Iterator[tuple[str, dict[str, str]]]:
    name, _ = split_fact(condition.fact)
    if name is None:
        yield "unknown_fact", {"fact": condition.fact}
    elif condition.op not in name.comparisons:
        yield "comparison", {"fact": condition.fact}
    elif condition.op in ("holds", "known"):
        yield from (
            ("value_form", {"value": str(one), "fact": condition.fact})
            for one in condition.value
            if one not in ("yes", "no")
        )
    else:
        yield from _values(condition, name)


def _values(condition: Condition, name: Name) -> Iterator[tuple[str, dict[str, str]]]:
    values = condition.value
    wrong = [one for one in values if not _readable(one, name)]
    if not values or (condition.op in _SINGLE and len(values) != 1):
        yield "no_value", {}
    elif condition.op == "between" and len(values) != 2:
        yield "two_values", {}
    for one in wrong:
        yield "value_form", {"value": str(one), "fact": condition.fact}
    if wrong:
        return
    found = extent(condition)
    if condition.op == "between" and len(values) == 2 and found is not None and found.empty:
        yield "crossed", {"low": str(values[0]), "high": str(values[1])}
    if name.kind == "phone" and name.name == "call.number":
        yield from (("number_form", {"value": str(one)}) for one in values if not _international(one))


def _readable(value: str | float, name: Name) -> bool:
    """Whether it can be a value of the fact at all."""
    read = comparable(name.kind, value)
    if read is None or (
        isinstance(read, float) and name.kind == "number" and read < 0 and name.name != "customer.value"
    ):
        return False
    return not name.choices or read in {search_key(choice) for choice in name.choices}


def _international(value: str | float) -> bool:
    return str(comparable("phone", value)).startswith("+")


def _apart(one: Condition, other: Condition) -> bool:
    """Whether no call fits both, though each by itself fits some."""
    if _absent(one) != _absent(other):
        return True
    first, second = extent(one), extent(other)
    if first is None or second is None or first.empty or second.empty:
        return False
    both = meet(first, second)
    return both is not None and both.empty


def _absent(condition: Condition) -> bool:
    """Whether it asks for a value that is not known."""
    return condition.op == "known" and says_no(condition)
