"""/admin/agents and what belongs to it: people, teams, skills, reasons to pause."""

from __future__ import annotations

from pathlib import Path

from aiohttp import FormData

from cxcall.bus.acts import PauseMember
from cxcall.store import agent_states, pause_reasons, sign_ins, skills, teams
from cxcall.store.agent_states import StateChange
from tests.support.call_centre import OMID, SARA, member
from tests.web.reading import Browser
from tests.web.test_desk import desk
from tests.web.test_desk_shift import paused

TIER = 3


async def made_skill(browser: Browser, name: str) -> None:
    await browser.post("admin", "/admin/skills", name=name)


async def test_the_list_shows_what_everybody_does_and_filters(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        centre.members = [paused("lunch"), member(OMID, name="Omid", status="unavailable")]
        page = await browser.page("leila", "/admin/agents")
        rows = {row.one("a").text: row.text for row in page.all("tbody tr")}
        assert "Paused · Lunch" in rows["Sara Karimi"]
        assert "phone not registered" in rows["Omid Rahimi"]
        assert "Offline" in rows["New Comer"]
        found = await browser.page("leila", "/admin/agents?state=paused")
        assert [row.one("a").text for row in found.all("tbody tr")] == ["Sara Karimi"]
        found = await browser.page("leila", "/admin/agents?q=1002")
        assert [row.one("a").text for row in found.all("tbody tr")] == ["Omid Rahimi"]


async def test_without_a_listener_nobodys_state_is_claimed(tmp_path: Path) -> None:
    async with desk(tmp_path, listening=False) as (_centre, browser):
        page = await browser.page("leila", "/admin/agents")
    assert "nobody's state is known" in page.text
    assert "not known" in page.one("tbody tr").text


async def test_skills_with_levels_and_teams_are_given_to_a_person(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        for name in ("English", "Billing"):
            await made_skill(browser, name)
        assert (await browser.send("admin", "/admin/skills", name="english")).status == 409
        await browser.post(
            "admin", "/admin/teams/new", name="Night", leader=centre.ids["leila"], member=centre.ids["omid"]
        )
        async with centre.engine.connect() as conn:
            known = {skill.name: skill.id for skill in await skills.everything(conn)}
            (team,) = await teams.everything(conn)
        assert (team.leader_id, team.members) == (centre.ids["leila"], (centre.ids["omid"],))
        path = f"/admin/agents/{centre.ids['sara']}"
        await browser.post("admin", path, **{f"level-{known['English']}": str(TIER), "team": team.id})
        async with centre.engine.connect() as conn:
            assert await skills.of_user(conn, centre.ids["sara"]) == {known["English"]: TIER}
            (team,) = await teams.everything(conn)
            assert set(team.members) == {centre.ids["omid"], centre.ids["sara"]}
        row = next(row for row in (await browser.page("leila", "/admin/agents")).all("tbody tr") if "Sara" in row.text)
        assert "Night" in row.text
        assert "English Level 3" in row.text
        page = await browser.page("admin", f"/admin/teams/{team.id}")
        version = page.one("input[name=version]").attributes["value"]
        stale = await browser.send("admin", f"/admin/teams/{team.id}", name="Day", version=str(int(version) - 1))
        assert stale.status == 409
        page = await browser.post("admin", f"/admin/teams/{team.id}/remove", version=version)
        assert "No teams." in await browser.text("leila", "/admin/teams")
        undo = f"/admin/teams/{team.id}/restore"
        assert any(form.attributes.get("action") == undo for form in page.all("form"))
        assert (await browser.send("leila", undo)).status == 403
        await browser.post("admin", undo)
        async with centre.engine.connect() as conn:
            (back,) = await teams.everything(conn)
        assert (back.id, back.name, set(back.members)) == (team.id, team.name, set(team.members))
        assert (await browser.send("admin", undo)).status == 404, "only once"


async def test_a_reason_to_pause_is_added_offered_at_the_desk_and_turned_off(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        wrong = await browser.send("admin", "/admin/pauses/new", english="Prayer", id="نماز", minutes="x")
        assert wrong.status == 422
        await browser.post(
            "admin", "/admin/pauses/new", english="Prayer", persian="نماز", id="prayer", minutes="۲۰", counts_as="break"
        )
        async with centre.engine.connect() as conn:
            reason = await pause_reasons.get(conn, "prayer")
        assert reason is not None
        assert (reason.limit_s, reason.name) == (1200, {"en": "Prayer", "fa": "نماز"})
        assert "Prayer" in (await browser.page("sara", "/desk")).one(".statemenu").text
        await browser.post("admin", "/admin/pauses/prayer/up")
        names = [row.one("b").text for row in (await browser.page("leila", "/admin/pauses")).all("tbody tr")]
        assert names.index("Prayer") == len(names) - 2
        await browser.post("admin", "/admin/pauses/prayer/off")
        assert "Prayer" not in (await browser.page("sara", "/desk")).one(".statemenu").text
        assert (await browser.send("sara", "/desk/state", state="prayer")).status == 400


async def test_somebody_who_left_a_phone_without_a_word_is_signed_out_of_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        async with centre.engine.begin() as conn:
            await sign_ins.sign_in(conn, centre.ids["newcomer"], "lab", "PJSIP/1005", now=centre.now)
        centre.members = [member("PJSIP/1005", queues=["billing"])]
        page = await browser.page("leila", f"/admin/agents/{centre.ids['newcomer']}")
        assert "PJSIP/1005" in page.text
        await browser.post("leila", f"/admin/agents/{centre.ids['newcomer']}/leave")
        async with centre.engine.connect() as conn:
            assert await sign_ins.of_user(conn, centre.ids["newcomer"]) is None
    assert [act.queue for act in centre.acts] == ["billing"]


async def test_a_supervisor_pauses_an_agent_from_their_page_and_reads_their_day(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        centre.members = [member()]
        begun = centre.ago(seconds=600)
        async with centre.engine.begin() as conn:
            change = StateChange(
                server="lab", interface=SARA, state="paused", reason="lunch", at=begun, user_id=centre.ids["sara"]
            )
            await agent_states.write(conn, [change])
        path = f"/admin/agents/{centre.ids['sara']}"
        page = await browser.page("leila", path)
        assert "Lunch" in page.one("details.more").text
        form = {one.attributes["name"]: one.attributes["value"] for one in page.all("form[action=/floor/member] input")}
        wish = FormData({**form, "act": "pause", "reason": "meeting"})
        back = await browser.send("leila", "/floor/member", form=wish)
        assert back.headers["Location"] == path
        assert centre.acts == [PauseMember(interface=SARA, paused=True, reason="meeting")]


async def test_agents_see_none_of_it_and_supervisors_change_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        for path in ("/admin/agents", "/admin/teams", "/admin/skills", "/admin/pauses"):
            assert (await browser.get("sara", path)).status == 403
            assert (await browser.get("leila", path)).status == 200
        assert (await browser.send("leila", "/admin/skills", name="English")).status == 403
        assert (await browser.send("leila", f"/admin/agents/{centre.ids['sara']}")).status == 403
        assert (await browser.send("leila", "/admin/pauses/lunch", english="x")).status == 403
