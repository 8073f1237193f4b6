"""The queue rules an Asterisk really has, whoever wrote them: only those can widen skills while a caller waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers
from cxcall.routing.rule import RuleSet
from cxcall.routing.widening import EVERYBODY, rule_name

LIMIT = 2.0
_MOST = 200
"""Rules asked for one by one: a site has a handful."""


def candidates(rules: RuleSet, queues: Collection[str]) -> frozenset[str]:
    """Names of the queue rules that published rules may ask for in these queues."""
    asked = [rule.then.skills for rule in rules.rules if rule.enabled and rule.then.skills]
    return frozenset(rule_name(queue, steps) for queue in queues for steps in asked)


async def read(client: Client, wanted: Collection[str]) -> dict[str, int | None]:
    """Those of `wanted` that are there, with the highest penalty asked at first (None: everybody's).

    Raises AmiError.
    """
    if not wanted:
        return {}
    there = _texts(await client.action("QueueRule", limit=LIMIT), "RuleList")
    found = [name for name in there if name in wanted]
    return {
        name: first_penalty(_texts(await client.action("QueueRule", {"Rule": name}, limit=LIMIT), "Rule"))
        for name in found[:_MOST]
    }


def first_penalty(lines: Collection[str]) -> int | None:
    """The highest penalty from the beginning on, in lines as Asterisk tells them (`0,2,+0`: seconds, highest, lowest).

    Asterisk itself looks at the first step only after it has rung somebody.
    """
    for line in lines:
        after, _, rest = line.partition(",")
        most = rest.partition(",")[0]
        if after.strip() == "0" and most.isascii() and most.isdecimal():
            return int(most) if int(most) < EVERYBODY else None
    return None


def _texts(headers: Headers | Mapping[str, str | list[str]], name: str) -> list[str]:
    value = headers.get(name, [])
    return list(value) if isinstance(value, list) else [value]
