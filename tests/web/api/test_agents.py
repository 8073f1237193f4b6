"""Agents, teams, skills and pause reasons over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cxcall.bus import CommandRefused
from cxcall.bus.floor import AgentAsked, AgentPause
from cxcall.queues.presence import AgentState
from cxcall.store import agent_states, pause_reasons
from cxcall.store.agent_states import StateChange
from tests.web.api.conftest import Client, Site


class Told:
    """The floor: one agent, and what was asked of it."""

    def __init__(self, site: Site, user_id: str) -> None:
        self.asked: list[AgentPause] = []
        self.refuse = ""
        state = AgentState(
            key=f"lab:{user_id}", server="lab", device="PJSIP/1001", name="Sara", since=1_795_000_000.0,
            user_id=user_id, state="paused", reason="lunch", limit=2700.0, queues=("support",), paused_in=("support",),
        )  # fmt: skip
        self._state = state.plain()
        site.commands.serve("agents:all", self._all)
        site.commands.serve("agents:state", self._one)
        site.commands.serve("agents:pause", self._pause)

    async def _all(self, _: object) -> list[dict[str, Any]]:
        return [self._state]

    async def _one(self, asked: AgentAsked) -> list[dict[str, Any]]:
        return [self._state] if asked.user == self._state["user_id"] else []

    async def _pause(self, asked: AgentPause) -> None:
        if self.refuse:
            raise CommandRefused(self.refuse)
        self.asked.append(asked)


async def test_agents_are_listed_with_what_they_do_and_agents_see_themselves_only(site: Site, admin: Client) -> None:
    sara, omid = await site.user("sara", "agent", "PJSIP/1001"), await site.user("omid")
    Told(site, sara.id)
    listed = (await admin.get("/agents")).json["items"]
    state = next(agent for agent in listed if agent["id"] == sara.id)["state"]
    assert (state["state"], state["reason"], state["limit"], state["queues"]) == (
        "paused",
        "lunch",
        2700.0,
        ["support"],
    )
    assert next(agent for agent in listed if agent["id"] == omid.id)["state"] is None
    me = await site.by_token(sara)
    assert (await me.get("/agents/me")).json["phones"] == ["PJSIP/1001"]
    assert (await me.get("/agents")).status == 403
    assert (await me.get(f"/agents/{omid.id}")).status == 404


async def test_a_pause_is_asked_for_by_reason_and_a_refusal_is_told(site: Site, admin: Client) -> None:
    sara, omid = await site.user("sara", "agent", "PJSIP/1001"), await site.user("omid")
    floor, me = Told(site, sara.id), await site.by_token(sara)
    async with site.engine.begin() as conn:
        await pause_reasons.seed(conn)
    assert (await me.post("/agents/me/pause", json={"reason": "break"})).status == 200
    assert (await me.post("/agents/me/pause", json={"reason": None})).status == 200
    assert (await admin.post(f"/agents/{sara.id}/pause", json={"reason": "lunch", "queue": "support"})).status == 200
    assert floor.asked == [
        AgentPause(server="lab", device="PJSIP/1001", paused=True, reason="break"),
        AgentPause(server="lab", device="PJSIP/1001", paused=False),
        AgentPause(server="lab", device="PJSIP/1001", paused=True, reason="lunch", queue="support"),
    ]
    assert (await me.post("/agents/me/pause", json={"reason": "because"})).status == 422
    assert (await admin.post(f"/agents/{omid.id}/pause", json={"reason": "lunch"})).status == 409
    floor.refuse = "This phone is in no queue."
    refused = await me.post("/agents/me/pause", json={"reason": "lunch"})
    assert (refused.status, refused.json["detail"]) == (409, "This phone is in no queue.")
    other = await site.by_token(omid)
    assert (await other.post(f"/agents/{sara.id}/pause", json={"reason": "lunch"})).status == 404


async def test_times_add_up_to_the_time_logged_in(site: Site, admin: Client) -> None:
    sara, now = await site.user("sara", "agent", "PJSIP/1001"), site.clock.now
    steps = (("ready", "", 60), ("on_call", "", 40), ("wrap_up", "", 30), ("paused", "lunch", 20), ("offline", "", 10))
    async with site.engine.begin() as conn:
        await agent_states.write(
            conn,
            [
                StateChange(
                    server="lab", interface="PJSIP/1001", state=state, reason=reason, user_id=sara.id, name="Sara",
                    at=now - timedelta(minutes=ago), queues=("support",),
                ) for state, reason, ago in steps
            ],
        )  # fmt: skip
    query = {"since": (now - timedelta(hours=2)).isoformat()}
    told = (await admin.get(f"/agents/{sara.id}/times", params=query)).json
    assert told["seconds"] == {"ready": 1200.0, "on_call": 600.0, "wrap_up": 600.0, "paused": 600.0, "offline": 600.0}
    assert told["paused"] == {"lunch": 600.0}
    assert told["login"] == 3000.0
    assert [one["state"] for one in told["states"]] == [state for state, _, _ in steps]
    too_long = {"since": (now - timedelta(days=100)).isoformat()}
    assert (await admin.get(f"/agents/{sara.id}/times", params=too_long)).status == 422


async def test_teams_skills_and_reasons_are_made_changed_and_given(site: Site, admin: Client) -> None:
    sara = await site.user("sara")
    team = await admin.post("/teams", json={"name": "Night", "leader": sara.id, "members": [sara.id]})
    skill = await admin.post("/skills", json={"name": "English"})
    assert (team.status, skill.status) == (201, 201)
    assert (await admin.post("/teams", json={"name": "night"})).status == 409
    assert (await admin.post("/teams", json={"name": "Day", "members": ["nobody"]})).status == 422
    skill_id, team_id = skill.json["id"], team.json["id"]
    changed = await admin.patch(f"/agents/{sara.id}", json={"skills": {skill_id: 4}, "teams": []})
    assert (changed.json["skills"], changed.json["teams"]) == ({skill_id: 4}, [])
    assert (await admin.patch(f"/agents/{sara.id}", json={"skills": {skill_id: 6}})).status == 422
    assert (await admin.patch(f"/agents/{sara.id}", json={"teams": ["x"]})).status == 422
    renamed = await admin.patch(f"/skills/{skill_id}", json={"name": "Farsi", "version": 1})
    assert renamed.json["name"] == "Farsi"
    stale = await admin.patch(f"/skills/{skill_id}", json={"name": "Old"}, headers={"If-Match": '"1"'})
    assert stale.status == 412
    version = (await admin.get("/teams")).json["items"][0]["version"]
    assert (await admin.delete(f"/teams/{team_id}", headers={"If-Match": f'"{version}"'})).status == 204
    made = await admin.post("/pause-reasons", json={"id": "prayer", "name": {"fa": "نماز"}, "limit": 1200})
    assert made.status == 201
    off = await admin.patch("/pause-reasons/prayer", json={"version": made.json["version"], "enabled": False})
    assert (off.json["enabled"], off.json["limit"]) == (False, 1200)
    agent = await site.by_token(sara)
    assert (await agent.get("/teams")).status == 403
