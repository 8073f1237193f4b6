"""`/calls/{id}/routing` and what each rule held for: why calls went where they went, and how often by which rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from cxcall.routing import explain
from cxcall.routing.decision import Decision
from cxcall.routing.phrases import PLAIN
from cxcall.store import routing_decisions, routing_lists, rule_sets
from cxcall.store.paging import BadCursor
from cxcall.web.access import Role
from cxcall.web.api.calls import found_call
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import PageQuery, bad_cursor
from cxcall.web.api.routing_shapes import Because
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import SETTINGS


class CallDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of a call: `asked` is the queue of the dialplan, `queue` the one given, `version` of the rules (0:
    none were published), `story` the reasons in English, rule by rule."""

    id: str
    at: Time
    version: int
    asked: str
    queue: str
    story: list[Because]
    decision: Decision


class CallDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first."""

    items: list[CallDecision]


class HeldCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call a rule held for; `call_id` is null until the call is known."""

    at: Time
    call_id: str | None
    number: str
    customer_id: str | None
    asked: str
    queue: str
    version: int


class HeldCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `next` is null on the last page."""

    items: list[HeldCall]
    next: str | None


class CountQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Over how many days of the site, today with them."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30


class RuleCount(msgspec.Struct, frozen=True, kw_only=True):
    """For how many calls a published rule held; `last`: the last day it ever did."""

    rule: str
    name: str
    calls: int
    last: str | None


class RuleCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Rules in the order they are read."""

    items: list[RuleCount]


async def why_call(asked: Asked[None, None]) -> CallDecisions:
    """Why a call went where it went; empty where routing was not asked."""
    call = await found_call(asked)
    channels = [leg.unique_id for leg in call.legs if leg.unique_id]
    async with asked.engine.connect() as conn:
        kept = await routing_decisions.of_call(conn, call.id, server=call.server, unique_ids=channels)
    return CallDecisions(items=[
        CallDecision(
            id=one.id, at=one.at, version=one.version, asked=one.asked, queue=one.queue, decision=one.decision,
            story=[
                Because(rule=told.rule, rule_name=told.rule_name, because=told.because, does=told.does)
                for told in explain.story(one.decision, PLAIN)
            ],
        )
        for one in kept
    ])  # fmt: skip


async def list_held_calls(asked: Asked[PageQuery, None]) -> HeldCalls:
    """Calls a rule held for, also one that is gone by now."""
    limit, after = asked.query.limit, asked.query.after
    try:
        async with asked.engine.connect() as conn:
            found = await routing_lists.page_of_rule(conn, asked.path["id"], limit=limit, after=after)
    except BadCursor as error:
        raise bad_cursor() from error
    items = [HeldCall(**{name: getattr(row, name) for name in HeldCall.__struct_fields__}) for row in found.rows]
    return HeldCalls(items=items, next=found.next)


async def count_rules(asked: Asked[CountQuery, None]) -> RuleCounts:
    """For how many calls each published rule held."""
    today = asked.now.astimezone(ZoneInfo(asked.request.app[SETTINGS].site.timezone)).date()
    since, until = today - timedelta(days=asked.query.days - 1), today + timedelta(days=1)
    async with asked.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
        rules = standing.rules.rules if standing else ()
        ids = [rule.id for rule in rules]
        counted = await routing_lists.counts(conn, ids, since=since.isoformat(), until=until.isoformat())
        last = await routing_lists.last_held(conn, ids)
    return RuleCounts(items=[
        RuleCount(rule=rule.id, name=rule.name, calls=sum(counted.get(rule.id, {}).values()), last=last.get(rule.id))
        for rule in rules
    ])  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/calls/{id}/routing", handler=why_call, summary="Why a call went where it went",
        tag="calls", scope=Scope.CALLS_READ, gives=CallDecisions, problems=(404,),
    ),
    Endpoint(
        method="GET", path="/routing/rules/counts", handler=count_rules, summary="How many calls each rule held for",
        tag="routing", scope=Scope.ROUTING_READ, roles=(Role.ADMIN,), query=CountQuery, gives=RuleCounts,
    ),
    Endpoint(
        method="GET", path="/routing/rules/{id}/calls", handler=list_held_calls, summary="Calls a rule held for",
        tag="routing", scope=Scope.ROUTING_READ, roles=(Role.ADMIN,), query=PageQuery, gives=HeldCalls,
    ),
)  # fmt: skip
