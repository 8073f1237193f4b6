"""Stepping in: listen, whisper and join, acts on calls and queue members, messages to agents, the rights of roles."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar, cast

import msgspec

from cxcall.bus.monitoring import MODES, Monitor
from cxcall.store import floor_messages, users
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.calls import found_call
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS
from cxcall.web.problems import Problem
from cxcall.web.role_rights import RIGHTS, Right, put, require, rights_in
from cxcall.web.stepping_in import NotDone, Wish, leave, monitor, monitor_of, note, on_call, on_member, turn_out

Word = Annotated[str, msgspec.Meta(max_length=200)]
Done = TypeVar("Done")


class MonitorWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to be in the call. `phone`: one of your own, PJSIP/1003; empty: your first. It is rung."""

    mode: Literal["listen", "whisper", "join"]
    phone: Word = ""


class Monitoring(msgspec.Struct, frozen=True, kw_only=True):
    """How you are in a call. `state`: your phone rings, or you are in it; `agent`: the phone you are at."""

    call: str
    mode: Literal["listen", "whisper", "join"]
    state: Literal["ringing", "on"]
    phone: str
    agent: str
    agent_name: str
    since: Time


class MyMonitoring(msgspec.Struct, frozen=True, kw_only=True):
    """`monitoring` is null when you are in no call this way."""

    monitoring: Monitoring | None


class TransferWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number this Asterisk can dial, or a queue's name."""

    to: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class MemberWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`device`: the agent's phone (PJSIP/1001), or `interface`: a member as the queue dials it. `server` may be left
    out where there is one. `queue`, `to`: of add, remove, move, and a pause in one queue only."""

    act: Literal["pause", "unpause", "log_off", "add", "remove", "move", "penalty"]
    server: Word = ""
    device: Word = ""
    interface: Word = ""
    queue: Word = ""
    to: Word = ""
    reason: Word = ""
    name: Word = ""
    penalty: Annotated[int, msgspec.Meta(ge=0, le=999999)] | None = None


class MessageToAgent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`user`: an id; the text stands on their pages until they have read it."""

    user: Word
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`read_at` is null until the agent says they have read it."""

    id: str
    user: str
    text: str
    sent_at: Time
    read_at: Time | None


class RoleRights(msgspec.Struct, frozen=True, kw_only=True):
    """What people of a role may do to calls and agents of others."""

    role: Literal["supervisor", "admin"]
    rights: list[Right]


class RightsWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All the rights the role has from now on."""

    rights: list[Right]


class RoleList(msgspec.Struct, frozen=True, kw_only=True):
    """The roles whose rights can be chosen."""

    items: list[RoleRights]


async def monitor_call(asked: Asked[None, MonitorWish]) -> Monitoring:
    """Your phone is rung; answering it, you are in the call. Asked again, the mode changes. 409 with the reason when
    that can't be."""
    record = await found_call(asked)
    return _monitoring(await _done(monitor(asked.request, record, asked.body.mode, asked.body.phone)))


async def show_monitoring(asked: Asked[None, None]) -> MyMonitoring:
    found = await monitor_of(asked.request)
    return MyMonitoring(monitoring=None if found is None else _monitoring(found))


async def stop_monitoring(asked: Asked[None, None]) -> None:
    """You are in no call any more; your phone is hung up."""
    await _done(leave(asked.request))


async def hang_up_call(asked: Asked[None, None]) -> None:
    """Caller and agent are cut off."""
    await _done(on_call(asked.request, await found_call(asked), "hang_up"))


async def transfer_call(asked: Asked[None, TransferWish]) -> None:
    """The caller goes to another number at once; back to the agent when nobody takes it."""
    await _done(on_call(asked.request, await found_call(asked), "transfer", asked.body.to))


async def take_over_call(asked: Asked[None, None]) -> None:
    """The caller is put through to your phone; back to the agent when you don't answer."""
    await _done(on_call(asked.request, await found_call(asked), "take_over"))


async def change_member(asked: Asked[None, MemberWish]) -> None:
    """Pause, log off, add, remove, move, or another penalty; no configuration is changed."""
    await _done(on_member(asked.request, Wish(**msgspec.structs.asdict(asked.body))))


async def send_message(asked: Asked[None, MessageToAgent]) -> SentMessage:
    await require(asked.request, "message")
    async with asked.engine.begin() as conn:
        if await users.get(conn, asked.body.user) is None:
            raise Problem(404, "There is no such person.")
        (sent,) = await floor_messages.send(
            conn, [asked.body.user], from_name=asked.who.shown_name, text=asked.body.text, now=asked.now
        )
    asked.request.app[BUS].publish(f"messages:{sent.to_user}", {"from": sent.from_name})
    await note(asked.request, "floor.message", f"user:{sent.to_user}")
    return SentMessage(id=sent.id, user=sent.to_user, text=sent.text, sent_at=sent.at, read_at=sent.read_at)


async def list_roles(asked: Asked[None, None]) -> RoleList:
    async with asked.engine.connect() as conn:
        found = [(role, await rights_in(conn, role)) for role in OVERSEERS]
    return RoleList(items=[_rights(role, rights) for role, rights in found])


async def change_role(asked: Asked[None, RightsWish]) -> RoleRights:
    """They hold from the next act on."""
    role = next((role for role in OVERSEERS if role.value == asked.path["role"]), None)
    if role is None:
        raise Problem(404, "There is no such role, or its rights can't be chosen.")
    async with asked.engine.begin() as conn:
        changed = await put(conn, role, asked.body.rights)
        if changed:
            await note_act(asked, conn, "roles.changed", f"role:{role.value}", dict(changed))
        given = _rights(role, await rights_in(conn, role))
        less = any(right in MODES and not on for right, on in changed)
        people = [user.id for user in await users.everyone(conn) if user.role == role.value] if less else []
    await turn_out(asked.request, people)
    return given


async def _done(act: Awaitable[Done]) -> Done:
    try:
        return await act
    except NotDone as error:
        raise Problem(409, str(error)) from error


def _monitoring(found: Monitor) -> Monitoring:
    return Monitoring(
        call=found.call_id,
        mode=found.mode,
        state=found.state,
        phone=found.phone,
        agent=found.agent,
        agent_name=found.agent_name,
        since=datetime.fromtimestamp(found.since, UTC),
    )


def _rights(role: Role, rights: frozenset[Right]) -> RoleRights:
    name = cast("Literal['supervisor', 'admin']", role.value)
    return RoleRights(role=name, rights=[right for right in RIGHTS if right in rights])


ENDPOINTS = (
    Endpoint(
        method="POST", path="/calls/{id}/monitor", handler=monitor_call, summary="Listen, whisper or join", tag="floor",
        scope=Scope.FLOOR_WRITE, roles=OVERSEERS, body=MonitorWish, gives=Monitoring, problems=(409,),
    ),
    Endpoint(
        method="GET", path="/monitoring", handler=show_monitoring, summary="The call you are in by ear", tag="floor",
        scope=Scope.FLOOR_WRITE, roles=OVERSEERS, gives=MyMonitoring,
    ),
    Endpoint(
        method="DELETE", path="/monitoring", handler=stop_monitoring, summary="Leave the call you are in by ear",
        tag="floor", scope=Scope.FLOOR_WRITE, roles=OVERSEERS, status=204, problems=(409,),
    ),
    Endpoint(
        method="POST", path="/calls/{id}/hang-up", handler=hang_up_call, summary="End a call", tag="floor",
        scope=Scope.FLOOR_WRITE, roles=OVERSEERS, status=204, problems=(409,),
    ),
    Endpoint(
        method="POST", path="/calls/{id}/transfer", handler=transfer_call, summary="Transfer the caller", tag="floor",
        scope=Scope.FLOOR_WRITE, roles=OVERSEERS, body=TransferWish, status=204, problems=(409,),
    ),
    Endpoint(
        method="POST", path="/calls/{id}/take-over", handler=take_over_call, summary="Take a call over", tag="floor",
        scope=Scope.FLOOR_WRITE, roles=OVERSEERS, status=204, problems=(409,),
    ),
    Endpoint(
        method="POST", path="/floor/members", handler=change_member, summary="Pause, log off or move an agent",
        tag="floor", scope=Scope.FLOOR_WRITE, roles=OVERSEERS, body=MemberWish, status=204, problems=(409,),
    ),
    Endpoint(
        method="POST", path="/floor/messages", handler=send_message, summary="Write to an agent", tag="floor",
        scope=Scope.FLOOR_WRITE, roles=OVERSEERS, body=MessageToAgent, gives=SentMessage, status=201,
    ),
    Endpoint(
        method="GET", path="/roles", handler=list_roles, summary="Rights of the roles", tag="floor",
        scope=Scope.USERS_ADMIN, roles=(Role.ADMIN,), gives=RoleList,
    ),
    Endpoint(
        method="PUT", path="/roles/{role}", handler=change_role, summary="Change the rights of a role", tag="floor",
        scope=Scope.USERS_ADMIN, roles=(Role.ADMIN,), body=RightsWish, gives=RoleRights,
    ),
)  # fmt: skip
