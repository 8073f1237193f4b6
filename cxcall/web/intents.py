"""What pages and API of intents have in common: which rules ask for one, and which queues there are for it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.references import of_rule
from cxcall.store import lists, queues, rule_sets


async def asking(conn: AsyncConnection, name: str) -> list[str]:
    """Names of the rules that ask for an intent, as published or as drafted: it can't go or be renamed then."""
    standing = await rule_sets.standing(conn)
    sets = [(await rule_sets.draft(conn)).rules, *([standing.rules] if standing is not None else [])]
    asks = (
        rule.name
        for rules in sets
        for rule in rules.rules
        if any(one.kind == "intent" and one.name == name for one in of_rule(rule))
    )
    return list(dict.fromkeys(asks))


async def known_queues(conn: AsyncConnection) -> frozenset[str]:
    """Queues an intent may lead to: those Asterisk has, cxcall writes, or calls were in; empty on a new site."""
    kept = await queues.everything(conn)
    return frozenset({one.name for one in kept} | set(await lists.queues(conn)))
