"""`/call-backs`: callers who kept their place and are called, and how each queue does that."""

from __future__ import annotations

from typing import Any

import msgspec

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.call_backs import CANCEL, NOW, PLACES, PLANS, CancelCallBack, TryCallBack
from cxcall.routing.call_back import CallBack, State
from cxcall.routing.call_back_events import Why
from cxcall.routing.call_back_plan import CallBackPlan, First, context_of, faults
from cxcall.store import call_back_plans, call_backs
from cxcall.store.call_back_plans import QueuePlan
from cxcall.store.errors import Conflict
from cxcall.store.paging import BadCursor
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS, COMMANDS
from cxcall.web.problems import Problem

ROLES = tuple(sorted(OVERSEERS))
ADMINS = (Role.ADMIN,)
ASKED_S = 5.0


class CallBackQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list."""

    limit: Limit = 50
    after: After | None = None
    state: State | None = None
    queue: str = ""


class ShownCallBack(msgspec.Struct, frozen=True, kw_only=True):
    """A promise. `place` counts from 1 while it waits, null where nobody can tell. `reason`: why it waits or ended.
    `first_call`, `last_call`: ids of the call in which it was asked for and of the newest try."""

    id: str
    server: str
    queue: str
    number: str
    customer_id: str | None
    state: State
    reason: Why
    first: First
    place: int | None
    tries: int
    joined_at: Time
    made_at: Time
    next_at: Time
    ended_at: Time | None
    ended_by: str
    agent: str
    agent_name: str
    first_call: str
    last_call: str
    task_id: str


class CallBackList(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next` is null on the last one."""

    items: list[ShownCallBack]
    next: str | None


class ShownPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue calls back. `version` counts the changes; `context`: where the queue must let its keys out to."""

    server: str
    queue: str
    version: int
    plan: CallBackPlan
    context: str
    updated_at: Time
    updated_by: str


class PlanList(msgspec.Struct, frozen=True, kw_only=True):
    """Every queue that has a plan; it is never long."""

    items: list[ShownPlan]


class NewPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan saved over `version`, 0 for the first time."""

    plan: CallBackPlan
    version: int = 0


async def list_call_backs(asked: Asked[CallBackQuery, None]) -> CallBackList:
    query = asked.query
    try:
        async with asked.engine.connect() as conn:
            states = (query.state,) if query.state else ()
            found = await call_backs.page(conn, states=states, queue=query.queue, limit=query.limit, after=query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    places = await _places(asked)
    return CallBackList(items=[_shown(one, places) for one in found.rows], next=found.next)


async def get_call_back(asked: Asked[None, None]) -> ShownCallBack:
    return _shown(await _one(asked), await _places(asked))


async def cancel(asked: Asked[None, None]) -> None:
    """Nobody is called any more; not once they talk."""
    one = await _one(asked)
    await _do(asked, one, CANCEL, CancelCallBack(id=one.id, why="supervisor", by=asked.who.name), "cancelled")


async def try_now(asked: Asked[None, None]) -> None:
    """Called as soon as it can be, before its time."""
    one = await _one(asked)
    await _do(asked, one, NOW, TryCallBack(id=one.id, by=asked.who.name), "now")


async def list_plans(asked: Asked[None, None]) -> PlanList:
    async with asked.engine.connect() as conn:
        return PlanList(items=[_plan(one) for one in await call_back_plans.everything(conn)])


async def save_plan(asked: Asked[None, NewPlan]) -> ShownPlan:
    """It holds from the next caller on. A queue that cxcall writes is drafted to let the key out; apply it."""
    server, queue = asked.path["server"], asked.path["queue"]
    wrong = faults(asked.body.plan)
    if wrong:
        pointers = [{"detail": "This can't be.", "pointer": f"#/plan/{name}"} for name in wrong]
        raise Problem(422, "The plan can't be like this.", errors=pointers)
    try:
        async with asked.engine.begin() as conn:
            kept = await call_back_plans.save(
                conn, server, queue, asked.body.plan, version=asked.body.version, by=asked.who.name, now=asked.now
            )
            await note_act(asked, conn, "call_back_plan.saved", f"queue:{server}:{queue}")
    except Conflict as error:
        raise Problem(409, "Somebody else changed it meanwhile.") from error
    asked.request.app[BUS].publish(PLANS, {"server": server, "queue": queue})
    return _plan(kept)


async def remove_plan(asked: Asked[None, None]) -> None:
    """The queue promises no more calls; what was promised is kept."""
    server, queue = asked.path["server"], asked.path["queue"]
    async with asked.engine.begin() as conn:
        if not await call_back_plans.remove(conn, server, queue, by=asked.who.name, now=asked.now):
            raise Problem(404, "This queue has no plan.")
        await note_act(asked, conn, "call_back_plan.removed", f"queue:{server}:{queue}")
    asked.request.app[BUS].publish(PLANS, {"server": server, "queue": queue})


async def _one(asked: Asked[Any, Any]) -> CallBack:
    async with asked.engine.connect() as conn:
        one = await call_backs.get(conn, asked.path["id"])
    if one is None:
        raise Problem(404, "There is no such call-back.")
    return one


async def _do(asked: Asked[Any, Any], one: CallBack, name: str, act: object, what: str) -> None:
    try:
        await asked.request.app[COMMANDS].ask(name, act, timeout=ASKED_S)
    except NoAnswer as error:
        raise Problem(503, "Nobody listens to this Asterisk now.") from error
    except CommandRefused as error:
        raise Problem(409, str(error)) from error
    async with asked.engine.begin() as conn:
        await note_act(asked, conn, f"call_back.{what}", f"call_back:{one.id}")


async def _places(asked: Asked[Any, Any]) -> dict[str, int]:
    try:
        places: dict[str, int] = await asked.request.app[COMMANDS].ask(PLACES, None, timeout=ASKED_S)
    except (NoAnswer, CommandRefused):
        return {}
    return places


def _shown(one: CallBack, places: dict[str, int]) -> ShownCallBack:
    same = {name: getattr(one, name) for name in ShownCallBack.__struct_fields__ if name != "place"}
    return ShownCallBack(place=places.get(one.id), **same)


def _plan(kept: QueuePlan) -> ShownPlan:
    return ShownPlan(
        server=kept.server, queue=kept.queue, version=kept.version, plan=kept.plan,
        context=context_of(kept.plan.key), updated_at=kept.updated_at,
        updated_by=kept.updated_by,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/call-backs", handler=list_call_backs, summary="List call-backs", tag="call-backs",
        scope=Scope.TASKS_READ, roles=ROLES, query=CallBackQuery, gives=CallBackList,
    ),
    Endpoint(
        method="GET", path="/call-backs/plans", handler=list_plans, summary="How queues call back", tag="call-backs",
        scope=Scope.QUEUES_READ, roles=ROLES, gives=PlanList,
    ),
    Endpoint(
        method="PUT", path="/call-backs/plans/{server}/{queue}", handler=save_plan,
        summary="Change how a queue calls back", tag="call-backs", scope=Scope.QUEUES_WRITE,
        roles=ADMINS, body=NewPlan, gives=ShownPlan, problems=(409, 422),
    ),
    Endpoint(
        method="DELETE", path="/call-backs/plans/{server}/{queue}", handler=remove_plan,
        summary="Have a queue call nobody back", tag="call-backs", scope=Scope.QUEUES_WRITE, roles=ADMINS, status=204,
        problems=(404,),
    ),
    Endpoint(
        method="GET", path="/call-backs/{id}", handler=get_call_back, summary="One call-back", tag="call-backs",
        scope=Scope.TASKS_READ, roles=ROLES, gives=ShownCallBack, problems=(404,),
    ),
    Endpoint(
        method="POST", path="/call-backs/{id}/cancel", handler=cancel, summary="Call a call-back off",
        tag="call-backs", scope=Scope.TASKS_WRITE, roles=ROLES, status=204, problems=(404, 409, 503),
    ),
    Endpoint(
        method="POST", path="/call-backs/{id}/now", handler=try_now, summary="Try a call-back now", tag="call-backs",
        scope=Scope.TASKS_WRITE, roles=ROLES, status=204, problems=(404, 409, 503),
    ),
)  # fmt: skip
