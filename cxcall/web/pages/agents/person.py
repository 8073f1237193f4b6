"""/admin/agents/ID: one agent: now, today, skills and teams, and what a supervisor may do to them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.floor import AgentLogOut
from cxcall.queues.presence import AgentState
from cxcall.store import agent_states, agent_times, pause_reasons, sign_ins, skills, teams, users
from cxcall.store.agent_states import AgentSpell
from cxcall.store.skills import Skill
from cxcall.store.teams import Team
from cxcall.web import render
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.pages.agents.people import CHIPS, AgentRow, StateChip, chip_of, reasons_of, rows_of
from cxcall.web.pages.agents.shared import PATH, done, note, states
from cxcall.web.pages.desk_shift import ReasonView, floor_changed, reason_view
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as text_of
from cxcall.web.presentation import current
from cxcall.web.role_rights import NOTHING, Right, rights_of
from cxcall.web.words import gettext as _

SPELLS = 20
"""States of today that are listed, the newest first."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellLine:
    """A state of today."""

    chip: StateChip
    since: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """One agent. `times`: seconds of today by state, of pauses by reason. `state`: None where no queue knows them."""

    now: datetime
    row: AgentRow
    state: AgentState | None
    skills: Sequence[Skill]
    levels: Mapping[str, int]
    teams: Sequence[Team]
    times: Sequence[tuple[StateChip, float]] = ()
    spells: Sequence[SpellLine] = ()
    reasons: Sequence[ReasonView] = ()
    rights: frozenset[Right] = NOTHING
    may_change: bool = False


@routes.get(PATH + "/{id:[0-9a-f]+}")
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    return render.page(request, "agents/one.html", await _one(request), done=done(request))


@routes.post(PATH + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Their skills with levels, and the teams they belong to."""
    form, id_ = await request.post(), request.match_info["id"]
    async with request.app[ENGINE].begin() as conn:
        user = await users.get(conn, id_)
        if user is None:
            raise web.HTTPNotFound
        await skills.set_of_user(conn, id_, await _levels(conn, form))
        chosen = {str(team) for team in form.getall("team", [])}
        for team in await teams.everything(conn):
            if (team.id in chosen) != (id_ in team.members):
                members = [*team.members, id_] if team.id in chosen else [one for one in team.members if one != id_]
                await teams.change(conn, team.id, version=team.version, members=members)
        await note(request, conn, "agent.change", f"user:{id_}", name=user.name)
    await floor_changed(request)
    raise web.HTTPSeeOther(f"{PATH}/{id_}?done=saved")


@routes.post(PATH + "/{id:[0-9a-f]+}/leave")
@needs(*OVERSEERS)
async def leave(request: web.Request) -> web.StreamResponse:
    """Sign somebody out of the phone they left without doing so."""
    id_ = request.match_info["id"]
    async with request.app[ENGINE].begin() as conn:
        seat = await sign_ins.sign_out(conn, id_, now=request.app[CLOCK]())
        if seat is not None:
            await note(request, conn, "agent.sign_out", f"user:{id_}", server=seat.server, phone=seat.interface)
    if seat is not None:
        with contextlib.suppress(NoAnswer, CommandRefused):  # whoever signs in there next has the phone cleared
            await request.app[COMMANDS].ask("agents:log_out", AgentLogOut(server=seat.server, device=seat.interface))
        await floor_changed(request)
    raise web.HTTPSeeOther(f"{PATH}/{id_}?done=left")


async def _one(request: web.Request) -> AgentView:
    id_, now = request.match_info["id"], await states(request)
    shown = current()
    midnight = shown.local(shown.now).replace(hour=0, minute=0, second=0, microsecond=0)
    async with request.app[ENGINE].connect() as conn:
        user = await users.get(conn, id_)
        if user is None or user.disabled:
            raise web.HTTPNotFound
        rows = [row for row in await rows_of(conn, now) if row.user.id == id_]
        reasons = await reasons_of(conn)
        every_skill, every_team = await skills.everything(conn), await teams.everything(conn)
        levels = await skills.of_user(conn, id_)
        offered = await pause_reasons.everything(conn, enabled_only=True)
        spells = await agent_states.history(conn, since=midnight, until=shown.now, user_id=id_)
        spent = await agent_times.times(conn, since=midnight, until=shown.now, now=shown.now, user_id=id_)
    row = rows[0] if rows else AgentRow(user=user, chip=chip_of(None, reasons), state="offline")
    return AgentView(
        now=shown.now, row=row, state=(now or {}).get(id_), skills=every_skill, levels=levels, teams=every_team,
        spells=[_line(spell, reasons, shown.now) for spell in spells[: -SPELLS - 1 : -1]],
        reasons=[reason_view(reason) for reason in offered], rights=await rights_of(request),
        times=[line for time in spent[:1] for line in _spent(time, reasons)],
        may_change=user_of(request).role is Role.ADMIN,
    )  # fmt: skip


def _line(spell: AgentSpell, reasons: Mapping[str, str], now: datetime) -> SpellLine:
    kind, word = CHIPS[spell.state]
    chip = StateChip(kind=kind, text=_(word), more=reasons.get(spell.reason, spell.reason))
    return SpellLine(chip=chip, since=spell.since, seconds=((spell.until or now) - spell.since).total_seconds())


def _spent(time: agent_times.AgentTime, reasons: Mapping[str, str]) -> list[tuple[StateChip, float]]:
    lines = []
    for state, (kind, word) in CHIPS.items():
        if state == "offline" or not time.seconds.get(state):
            continue
        lines.append((StateChip(kind=kind, text=_(word)), time.seconds[state]))
        if state == "paused":
            lines += [
                (StateChip(kind="", text="", more=reasons.get(reason, reason) or _("without a reason")), seconds)
                for reason, seconds in sorted(time.paused.items(), key=lambda one: -one[1])
            ]
    return lines


async def _levels(conn: AsyncConnection, form: Form) -> dict[str, int]:
    known = [skill.id for skill in await skills.everything(conn)]
    given = {id_: text_of(form, f"level-{id_}") for id_ in known}
    return {id_: int(level) for id_, level in given.items() if level in ("1", "2", "3", "4", "5")}
