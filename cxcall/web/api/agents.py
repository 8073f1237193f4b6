"""`/agents`: who answers calls, what they do now and did, what they can; and a pause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.floor import AgentAsked, AgentPause
from cxcall.queues.presence import AgentState, Kind
from cxcall.store import agent_states, agent_times, pause_reasons, sign_ins, skills, teams, users
from cxcall.store.users import User
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import COMMANDS
from cxcall.web.pages.agents.shared import states
from cxcall.web.problems import Problem
from cxcall.web.role_rights import require

LONGEST = timedelta(days=92)
"""The longest period that times are counted over at once."""

Level = Annotated[int, msgspec.Meta(ge=1, le=5)]
Word = Annotated[str, msgspec.Meta(max_length=200)]


class StateNow(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent does. `reason`: of a pause, the id of one of yours or what another tool wrote. `limit`: seconds it
    may last. `until`: when a wrap-up ends by itself. `after`: the pause that begins when the call ends. `auto`: paused
    by Asterisk as nobody answered. `gone`: the phone is not there. `queues`: those they are logged in to."""

    server: str
    phone: str
    state: Kind
    reason: str
    since: Time
    limit: float | None
    until: Time | None
    after: str
    auto: bool
    gone: bool
    queues: list[str]
    paused_in: list[str]
    call: str | None
    queue: str | None


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who answers. `phones`: where their calls come now; `seat`: the phone they signed in to. `skills`: level
    by id of the skill. `state` is null where no queue knows them or Asterisk is not listened to."""

    id: str
    name: str
    display_name: str
    role: str
    phones: list[str]
    seat: str | None
    skills: dict[str, int]
    teams: list[str]
    state: StateNow | None


class AgentList(msgspec.Struct, frozen=True, kw_only=True):
    """Agents by display name; `next` is null on the last page."""

    items: list[Agent]
    next: str | None


class AgentChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays. `skills`: all of them, level by id; `teams`: ids of all."""

    skills: dict[str, Level] | msgspec.UnsetType = msgspec.UNSET
    teams: list[str] | msgspec.UnsetType = msgspec.UNSET


class PauseWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`reason`: the id of a pause reason, null to be ready again. `queue`: only there. In a call it begins after it."""

    reason: Word | None
    queue: Word | None = None


class PeriodQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A period of at most 92 days."""

    since: datetime
    until: datetime | None = None


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """A state that lasted; `until` is null while it does."""

    state: Kind
    reason: str
    since: Time
    until: Time | None
    server: str
    phone: str
    queues: list[str]


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of a period by state, pauses also by reason; `login` is all but offline. `states`: one after another."""

    login: float
    seconds: dict[str, float]
    paused: dict[str, float]
    states: list[Spell]


async def list_agents(asked: Asked[PageQuery, None]) -> AgentList:
    now = await states(asked.request)
    async with asked.engine.connect() as conn:
        people = [user for user in await users.everyone(conn) if not user.disabled]
        chosen, following = part(people, asked.query, lambda user: user.id)
        shown = await _shown(conn, chosen, now or {})
    return AgentList(items=shown, next=following)


async def get_agent(asked: Asked[None, None]) -> Agent:
    """Agents see themselves only."""
    now = await states(asked.request)
    async with asked.engine.connect() as conn:
        user = await _found(asked, conn)
        (shown,) = await _shown(conn, [user], now or {})
    return shown


async def change_agent(asked: Asked[None, AgentChange]) -> Agent:
    """Skills and teams. Queues that choose by them follow when they are applied the next time."""
    now = await states(asked.request)
    async with asked.engine.begin() as conn:
        user = await _found(asked, conn)
        if asked.body.skills is not msgspec.UNSET:
            _refuse_unknown("skills", asked.body.skills, {skill.id for skill in await skills.everything(conn)})
            await skills.set_of_user(conn, user.id, asked.body.skills)
        if asked.body.teams is not msgspec.UNSET:
            await _join(conn, user.id, asked.body.teams)
        await note_act(asked, conn, "agent.change", f"user:{user.id}", {"name": user.name})
        (shown,) = await _shown(conn, [user], now or {})
    return shown


async def pause_agent(asked: Asked[None, PauseWish]) -> dict[str, bool]:
    """Agents pause themselves, supervisors and administrators with the right to it everybody. 409 with Asterisk's word
    when it was not done."""
    async with asked.engine.connect() as conn:
        user = await _found(asked, conn)
        known = {reason.id for reason in await pause_reasons.everything(conn, enabled_only=True)}
    if user.id != asked.who.id:
        await require(asked.request, "pause")
    reason = asked.body.reason
    if reason is not None and reason not in known:
        raise Problem(
            422, "There is no such pause reason.", errors=[{"detail": "Not one of yours.", "pointer": "#/reason"}]
        )
    await _pause(asked, user, reason, asked.body.queue)
    async with asked.engine.begin() as conn:
        await note_act(asked, conn, "agent.pause", f"user:{user.id}", {"reason": reason, "queue": asked.body.queue})
    return {"done": True}


async def agent_time(asked: Asked[PeriodQuery, None]) -> Times:
    """Agents see their own."""
    since, until = asked.query.since, asked.query.until or asked.now
    if since.tzinfo is None or until.tzinfo is None or not since <= until or until - since > LONGEST:
        raise Problem(422, "Ask for a period of at most 92 days, with time zones: 2026-11-22T00:00:00Z.")
    async with asked.engine.connect() as conn:
        user = await _found(asked, conn)
        spent = await agent_times.times(conn, since=since, until=until, now=asked.now, user_id=user.id)
        spells = await agent_states.history(conn, since=since, until=until, user_id=user.id)
    time = spent[0] if spent else None
    return Times(
        login=time.login if time else 0.0,
        seconds=time.seconds if time else {},
        paused=time.paused if time else {},
        states=[
            Spell(
                state=cast("Kind", spell.state), reason=spell.reason, since=spell.since, until=spell.until,
                server=spell.server, phone=spell.interface, queues=list(spell.queues),
            ) for spell in spells
        ],
    )  # fmt: skip


async def _pause(asked: Asked[Any, Any], user: User, reason: str | None, queue: str | None) -> None:
    commands = asked.request.app[COMMANDS]
    try:
        told = await commands.ask("agents:state", AgentAsked(user=user.id))
        if not told:
            raise Problem(409, "This agent is in no queue.")
        for state in told:
            wish = AgentPause(
                server=state["server"], device=state["device"], paused=reason is not None, reason=reason or "",
                queue=queue,
            )  # fmt: skip
            await commands.ask("agents:pause", wish)
    except CommandRefused as error:
        raise Problem(409, str(error)) from error
    except NoAnswer as error:
        raise Problem(503, "Asterisk did not answer. Nothing was done.") from error


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> User:
    """The person asked about; agents may ask about themselves, as `me` too."""
    id_ = asked.who.id if asked.path["id"] == "me" else asked.path["id"]
    user = await users.get(conn, id_)
    if user is None or user.disabled or not (asked.who.oversees or user.id == asked.who.id):
        raise Problem(404, "There is no such agent.")
    return user


async def _shown(conn: AsyncConnection, people: Any, now: Mapping[str, AgentState]) -> list[Agent]:
    levels, every_team = await skills.levels(conn), await teams.everything(conn)
    seats = {seat.user_id: seat.interface for seat in await sign_ins.open_ones(conn)}
    return [
        Agent(
            id=user.id,
            name=user.name,
            display_name=user.display_name,
            role=user.role,
            phones=[seats[user.id]] if user.id in seats else list(user.extensions),
            seat=seats.get(user.id),
            skills=levels.get(user.id, {}),
            teams=[team.id for team in every_team if user.id in team.members],
            state=_state(now[user.id]) if user.id in now else None,
        )
        for user in people
    ]


def _state(state: AgentState) -> StateNow:
    return StateNow(
        server=state.server, phone=state.device, state=state.state, reason=state.reason,
        since=datetime.fromtimestamp(state.since, UTC), limit=state.limit,
        until=None if state.until is None else datetime.fromtimestamp(state.until, UTC), after=state.after,
        auto=state.auto, gone=state.gone, queues=list(state.queues), paused_in=list(state.paused_in),
        call=state.call or None, queue=state.queue or None,
    )  # fmt: skip


async def _join(conn: AsyncConnection, user_id: str, wanted: list[str]) -> None:
    every = await teams.everything(conn)
    _refuse_unknown("teams", wanted, {team.id for team in every})
    for team in every:
        if (team.id in wanted) != (user_id in team.members):
            others = [one for one in team.members if one != user_id]
            members = [*others, user_id] if team.id in wanted else others
            await teams.change(conn, team.id, version=team.version, members=members)


def _refuse_unknown(field: str, given: Any, known: set[str]) -> None:
    wrong = [{"detail": "There is none with this id.", "pointer": f"#/{field}"} for id_ in given if id_ not in known]
    if wrong:
        raise Problem(422, f"There is no such one among the {field}.", errors=wrong)


ENDPOINTS = (
    Endpoint(method="GET", path="/agents", handler=list_agents, summary="List agents and their states", tag="agents",
             scope=Scope.AGENTS_READ, roles=tuple(OVERSEERS), query=PageQuery, gives=AgentList),
    Endpoint(method="GET", path="/agents/{id}", handler=get_agent, summary="One agent", tag="agents",
             scope=Scope.AGENTS_READ, gives=Agent),
    Endpoint(method="PATCH", path="/agents/{id}", handler=change_agent, summary="Change skills and teams", tag="agents",
             scope=Scope.AGENTS_WRITE, roles=(Role.ADMIN,), body=AgentChange, gives=Agent),
    Endpoint(method="POST", path="/agents/{id}/pause", handler=pause_agent, summary="Pause, or be ready again",
             tag="agents", scope=Scope.AGENTS_WRITE, body=PauseWish, gives=dict[str, bool], problems=(409, 503)),
    Endpoint(method="GET", path="/agents/{id}/times", handler=agent_time, summary="Time by state", tag="agents",
             scope=Scope.AGENTS_READ, query=PeriodQuery, gives=Times),
)  # fmt: skip
