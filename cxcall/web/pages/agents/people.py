"""/admin/agents: everybody who answers calls, what they do now, what they can; and one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key
from cxcall.queues.presence import AUTO_PAUSE, AgentState
from cxcall.store import pause_reasons, sign_ins, skills, teams, users
from cxcall.store.sign_ins import SignIn
from cxcall.store.skills import Skill
from cxcall.store.teams import Team
from cxcall.web import render
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import PATH, done, states
from cxcall.web.pages.desk_shift import reason_text
from cxcall.web.searches import Group, Hit
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

CHIPS: Mapping[str, tuple[str, str]] = {
    "ready": ("ready", N_("Ready")),
    "ringing": ("ring", N_("Ringing")),
    "on_call": ("talk", N_("On a call")),
    "wrap_up": ("wrap", N_("Wrap-up")),
    "paused": ("pause", N_("Paused")),
    "offline": ("off", N_("Offline")),
}
"""Shape and word of each state, in the order of a list of choices."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChip:
    """A state as it is shown; `more`: the reason of a pause, or what is wrong."""

    kind: str
    text: str
    more: str = ""
    since: datetime | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    user: users.User
    chip: StateChip
    state: str
    queues: Sequence[str] = ()
    seat: SignIn | None = None
    teams: Sequence[Team] = ()
    skills: Sequence[tuple[Skill, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsView:
    now: datetime
    rows: Sequence[AgentRow]
    total: int
    known: bool
    tab: str = "agents"
    text: str = ""
    team: str = ""
    state: str = ""
    teams: Sequence[Team] = ()
    may_change: bool = False

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(state, _(word)) for state, (_kind, word) in CHIPS.items()]

    @property
    def query(self) -> str:
        from yarl import URL

        asked = {"q": self.text, "team": self.team, "state": self.state}
        return str(URL(PATH + "/list").with_query({name: value for name, value in asked.items() if value}))


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    return render.page(request, "agents/list.html", await _list(request), done=done(request))


@routes.get(PATH + "/list")
@needs(*OVERSEERS)
async def list_rows(request: web.Request) -> web.Response:
    return render.fragment(request, "agents/rows.html", await _list(request))


async def search(request: web.Request, text: str) -> Group | None:
    """Agents by name or phone, for overseers."""
    if not user_of(request).oversees or not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        everyone = [user for user in await users.everyone(conn) if _fits(user, text)][:5]
    hits = [Hit(path=f"{PATH}/{user.id}", icon="headset", title=user.display_name, note="") for user in everyone]
    return Group(title=_("Agents"), hits=hits)


async def _list(request: web.Request) -> AgentsView:
    asked = {name: typed(request.query.get(name, ""))[:100] for name in ("q", "team", "state")}
    now = await states(request)
    async with request.app[ENGINE].connect() as conn:
        rows = await rows_of(conn, now)
        every_team = await teams.everything(conn)
    shown = [
        row
        for row in rows
        if _fits(row.user, asked["q"])
        and (not asked["team"] or asked["team"] in {team.id for team in row.teams})
        and asked["state"] in ("", row.state)
    ]
    return AgentsView(
        now=request.app[CLOCK](), rows=shown, total=len(rows), known=now is not None, text=asked["q"],
        team=asked["team"], state=asked["state"], teams=every_team,
        may_change=user_of(request).role is Role.ADMIN,
    )  # fmt: skip


async def rows_of(conn: AsyncConnection, now: Mapping[str, AgentState] | None) -> list[AgentRow]:
    """Agents, and whoever else answers: with a phone, a seat, a skill or a team."""
    every_team, every_skill = await teams.everything(conn), {skill.id: skill for skill in await skills.everything(conn)}
    levels, reasons = await skills.levels(conn), await reasons_of(conn)
    seats = {seat.user_id: seat for seat in await sign_ins.open_ones(conn)}
    rows = []
    for user in await users.everyone(conn):
        own = [team for team in every_team if user.id in team.members]
        has = levels.get(user.id, {})
        if user.disabled or not (user.role == "agent" or user.extensions or own or has or user.id in seats):
            continue
        state = (now or {}).get(user.id)
        rows.append(
            AgentRow(
                user=user,
                chip=chip_of(state, reasons),
                state=state.state if state else "offline",
                queues=state.queues if state else (),
                seat=seats.get(user.id),
                teams=own,
                skills=[(every_skill[id_], level) for id_, level in has.items() if id_ in every_skill],
            )
        )
    return rows


def chip_of(state: AgentState | None, reasons: Mapping[str, str]) -> StateChip:
    """A state in the reader's words."""
    if state is None:
        return StateChip(kind="off", text=_("Offline"))
    kind, word = CHIPS[state.state]
    more = ""
    if state.state == "paused":
        more = _("rang unanswered") if state.reason == AUTO_PAUSE else reasons.get(state.reason, state.reason)
    elif state.after:
        more = _("then %(pause)s") % {"pause": reasons.get(state.after, state.after)}
    elif state.gone:
        more = _("phone not registered")
    elif state.state == "offline":
        more = _("logged out")
    since = datetime.fromtimestamp(state.since, UTC)
    return StateChip(kind=kind, text=_(word), more=more, since=since, limit=state.limit)


async def reasons_of(conn: AsyncConnection) -> dict[str, str]:
    return {reason.id: reason_text(reason) for reason in await pause_reasons.everything(conn)}


def _fits(user: users.User, text: str) -> bool:
    looked_in: Any = " ".join((user.name, user.display_name, *user.extensions))
    return not user.disabled and search_key(text) in search_key(looked_in)
