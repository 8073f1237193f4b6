"""The wallboard as pages: right when loaded, by role, filtered, and on walls by an address that can be turned off."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from cxcall.bus.floor import AgentLogIn, AgentLogOut
from cxcall.calls.board_shapes import Seat
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.store import alerts, audit, pause_reasons, queues
from cxcall.web import role_rights
from cxcall.web.access import Role
from cxcall.web.pages.wallboard.words import where
from tests.support.wallboard import Floor
from tests.support.webapp import Answer, Browser, World


@pytest.fixture
def floor(world: World) -> Floor:
    return Floor(world)


def said(answer: Answer) -> str:
    """The page's words without its markup, with single spaces."""
    plain = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def tiles(answer: Answer) -> list[str]:
    return re.findall(r'<(?:li|tr)[^>]* data-tile="([^"]+)"', answer.text)


async def test_the_board_is_right_without_scripts(supervisor: Browser, floor: Floor) -> None:
    page = await supervisor.get("/", follow=True)
    assert (page.url.rsplit("/", 1)[1], page.heading) == ("wallboard", "Wallboard")
    text = said(page)
    assert tiles(page) == [f"lab:{name}" for name in ("billing", "gold", "tech", "general", "sales", "night")]
    assert "Waiting 7 Longest 4:52 Abandoned 9 Service level 58% target 80% 0 free of 7" in text
    assert "Waiting now 11" in text
    assert "Waiting now 11 ↑ +2 in 15 min Longest wait 4:52 Billing" in text
    assert "Satisfaction today 4.50 / 5 ↑ +0.17 on yesterday 94% of 96 satisfied" in text
    assert "Night desk" in text
    assert "Opens at 21:49 with 3 agents. Calls now go to the voice mailbox. 2 messages to hear" in text
    assert 'href="/calls?outcome=voicemail&amp;queue=night"' in page.text
    assert (
        "Billing needs help. 7 callers , longest 4:52 . 3 agents in General are free. Snooze 10 min Move 2 agents"
        in text
    )
    assert "Wallboard Saturday 21 November , 10:42" in text
    assert "Omid Rahimi Billing · on hold On a call 6:05" in text
    assert "Kian Pour 24 of 30 min" in text
    assert "Calls that may need you 2 KA Kaveh Amini" in text
    assert "I want to speak to a manager" in text
    assert '<noscript><a class="btn" href="/wallboard">' in page.text
    assert "Now Wallboard Live calls Alerts" in text


async def test_queues_and_the_order_of_agents_are_chosen_by_the_address(supervisor: Browser, floor: Floor) -> None:
    page = await supervisor.get("/wallboard?queue=lab:general&queue=lab:sales&view=table&sort=name")
    assert tiles(page) == ["lab:general", "lab:sales"]
    assert re.findall(r'data-agent="lab:(\d+)"', page.text) == ["1007", "1009", "1008", "1006"]
    text = said(page)
    assert "Agents free 3 / 4" in text
    assert "Abandoned today 2.5% 5 of 198 calls" in text
    assert "Calls that may need you 0" in text
    assert '"needs help"' not in text


async def test_agents_see_the_board_without_who_calls_and_without_buttons(agent: Browser, floor: Floor) -> None:
    page = await agent.get("/wallboard")
    assert page.status == 200
    for secret in ("Kaveh Amini", "9121112233", "lab-1.1", "/floor/monitor", "Calls that may need you", "needs help"):
        assert secret not in page.text, secret
    data = json.loads(re.search(r"data-board-data>(.*?)</script>", page.text, re.DOTALL)[1])  # type: ignore[index]  # it is there
    assert data["channel"] == "board:open"
    assert (await agent.get("/wallboard/calls")).status == 403
    assert (await agent.get("/admin/screens")).status == 403
    assert (await agent.get("/wallboard/agent?agent=lab:1001")).status == 403
    for act in ("move", "move/undo", "snooze"):
        assert (await agent.post(f"/wallboard/{act}", {"queue": "lab:billing"})).status == 403


async def test_a_floor_nobody_follows_and_an_asterisk_that_is_away_are_said(world: World, supervisor: Browser) -> None:
    assert "Nobody follows the floor now." in said(await supervisor.get("/wallboard"))
    assert "Nobody follows the floor now." in said(await supervisor.get("/wallboard/screen"))
    floor = Floor(world)
    floor.live, floor.complete = False, False
    text = said(await supervisor.get("/wallboard"))
    assert "Asterisk lab has not been heard since Today 10:41." in text
    assert "today's figures may be too low" in text
    floor.tiles.clear()
    assert "No queues yet." in said(await supervisor.get("/wallboard"))


async def test_agents_come_in_four_orders_and_the_choice_stays_in_the_address(
    supervisor: Browser, floor: Floor
) -> None:
    first = {
        "need": ["1002", "1001", "1003"], "name": ["1005", "1007", "1003"], "state": ["1002", "1001", "1004"],
        "longest": ["1009", "1002", "1001"],
    }  # fmt: skip
    for sort, wanted in first.items():
        page = await supervisor.get(f"/wallboard?view=table&queue=lab:none&sort={sort}")
        assert re.findall(r'data-agent="lab:(\d+)"', page.text)[:3] == wanted
        assert "The chosen queues are not there any more: all are shown." in said(page)
        assert re.search(rf'href="/wallboard\?view=table(&amp;sort={sort})?" aria-current="true"', page.text)


async def test_free_agents_who_know_the_queue_are_moved_where_it_burns_and_back(
    world: World, supervisor: Browser, floor: Floor
) -> None:
    asked: list[Any] = []

    async def act(wanted: AgentLogIn | AgentLogOut) -> None:
        asked.append(wanted)
        key = f"lab:{wanted.device.removeprefix('PJSIP/')}"
        names = {"general"} | ({"billing"} if isinstance(wanted, AgentLogIn) else set())
        floor.seat(key, queues=tuple(sorted(names)))

    world.commands.serve("agents:log_in", act)
    world.commands.serve("agents:log_out", act)
    async with world.engine.begin() as conn:
        members = tuple(MemberChoice(kind="interface", value=f"PJSIP/{n}") for n in (1001, 1006, 1008))
        billing = QueueDefinition(name="billing", members=members)
        await queues.applied(conn, "lab", [billing], by="leila", now=world.clock())
    page = await supervisor.get("/wallboard?queue=lab:billing")
    assert "2 agents in General are free and know Billing. Snooze 10 min Move 2 agents" in said(page)
    assert re.findall(r'name="agent" value="lab:(\d+)"', page.text) == ["1006", "1008"]
    sent = await supervisor.post(
        "/wallboard/move",
        [("queue", "lab:billing"), ("agent", "lab:1006"), ("agent", "lab:1009"), ("agent", "lab:1008"),
         ("next", "/wallboard?queue=lab%3Abilling")],
    )  # fmt: skip
    assert (sent.status, sent.headers["Location"]) == (303, "/wallboard?queue=lab:billing")
    assert [(one.device, one.queue) for one in asked] == [("PJSIP/1006", "billing"), ("PJSIP/1008", "billing")]
    other = await world.browser(Role.ADMIN)
    page = await other.get("/wallboard")
    assert "Parisa Jalali, Mina Rostami answer for Billing, too, since 10:42. Undo" in said(page)
    undo = {"help": re.search(r'name="help" value="(\w+)"', page.text)[1]}  # type: ignore[index]  # it is there
    assert (await other.post("/wallboard/move/undo", undo)).status == 303
    assert [(type(one), one.device, one.queue) for one in asked[2:]] == [
        (AgentLogOut, "PJSIP/1006", "billing"), (AgentLogOut, "PJSIP/1008", "billing"),
    ]  # fmt: skip
    assert (await supervisor.post("/wallboard/move/undo", undo)).status == 303, "once is enough"
    assert len(asked) == 4
    assert "answer for" not in said(await supervisor.get("/wallboard"))


async def test_what_can_be_taken_back_ends_after_half_an_hour(world: World, supervisor: Browser, floor: Floor) -> None:
    async def log_in(_: AgentLogIn) -> None:
        floor.seat("lab:1006", queues=("billing", "general"))

    world.commands.serve("agents:log_in", log_in)
    await supervisor.post("/wallboard/move", [("queue", "lab:billing"), ("agent", "lab:1006")])
    assert "Parisa Jalali answers for Billing" in said(await supervisor.get("/wallboard"))
    world.clock.forward(timedelta(minutes=31))
    assert "answers for" not in said(await supervisor.get("/wallboard"))


async def test_a_queue_is_put_off_for_ten_minutes_with_its_alerts(
    world: World, supervisor: Browser, floor: Floor
) -> None:
    async with world.engine.begin() as conn:
        new = alerts.NewAlert(
            key="rule:1:lab:billing", title="Longest wait", params={}, link="/wallboard", level="red", rule_id="1",
            queue="lab:billing",
        )  # fmt: skip
        alert = await alerts.raise_(conn, new, now=world.clock())
    sent = await supervisor.post("/wallboard/snooze", {"queue": "lab:billing", "next": "https://elsewhere/"})
    assert sent.headers["Location"] == "/wallboard"
    assert "needs help" not in said(await supervisor.get("/wallboard"))
    async with world.engine.connect() as conn:
        (kept,) = await alerts.of_rules(conn)
    assert (kept.id, kept.snoozed_until) == (alert.id, world.clock() + timedelta(minutes=10))
    world.clock.forward(timedelta(minutes=11))
    assert "Billing needs help" in said(await supervisor.get("/wallboard"))


async def test_what_may_be_done_about_an_agent_follows_the_rights(
    world: World, supervisor: Browser, floor: Floor
) -> None:
    page = said(await supervisor.get("/wallboard/agent?agent=lab:1001"))
    for part in ("Omid Rahimi On a call 6:05 Billing · on hold", "Listen Whisper Join", "Pause", "Move", "Log off"):
        assert part in page, part
    opened = await supervisor.get("/wallboard/agent?agent=lab:1009", X_Fragment="1")
    assert ("Make ready" in opened.text, "<nav" in opened.text, "data-monitor" in opened.text) == (True, False, False)
    async with world.engine.begin() as conn:
        await role_rights.put(conn, Role.SUPERVISOR, {"listen", "pause"})
    page = said(await supervisor.get("/wallboard/agent?agent=lab:1001"))
    assert ("Listen" in page, "Whisper" in page, "Log off" in page, "Move" in page) == (True, False, False, False)
    assert "Move 2 agents" not in said(await supervisor.get("/wallboard"))
    assert (await supervisor.post("/wallboard/move", [("queue", "lab:billing"), ("agent", "lab:1006")])).status == 403
    assert (await supervisor.get("/wallboard/agent?agent=lab:nobody")).status == 404


async def test_a_screen_is_made_shown_and_turned_off(world: World, supervisor: Browser, floor: Floor) -> None:
    assert "Write where the screen hangs" in said(await supervisor.post("/admin/screens", {"name": " "}))
    made = await supervisor.post(
        "/admin/screens",
        [("name", "Hall"), ("queue", "lab:billing"), ("queue", "lab:gold"), ("queue", "lab:sales"), ("each", "2"),
         ("group:lab:sales", " Front "), ("group:lab:tech", "Not shown"),
         ("rotate_s", "10"), ("language", "fa")],
    )  # fmt: skip
    found = re.search(r"/wallboard/screen\?key=([\w-]+)", made.text)
    assert found
    key, wall = found[1], world.guest()
    assert (await wall.get("/wallboard/screen")).status == 302
    page = await wall.get(f"/wallboard/screen?key={key}")
    assert (page.status, tiles(page)) == (200, ["lab:sales", "lab:billing", "lab:gold"])
    assert re.findall(r'data-name="(.*?)"', page.text) == ["Front", ""]
    assert 'lang="fa" dir="rtl" data-theme="dark"' in page.text
    assert "امور مالی" in page.text
    assert "<nav" not in page.text
    now = await wall.get("/wallboard/screen/now", X_Screen_Key=key)
    board = json.loads(now.text)["board"]
    assert board["queues"]["lab:billing"]["waiting"] == 7
    for secret in ("Omid", "Kaveh", "9121112233", "PJSIP"):
        assert secret not in now.text, secret
        assert secret not in page.text, secret
    listed = said(await supervisor.get("/admin/screens"))
    assert "Hall Billing, Gold line, Sales Groups: Front 2 , for 10 s" in listed
    assert key not in (await supervisor.get("/admin/screens")).text
    screen_id = re.search(r"/admin/screens/([0-9a-f]+)/off", (await supervisor.get("/admin/screens")).text)[1]  # type: ignore[index]  # it is there
    assert (await supervisor.post(f"/admin/screens/{screen_id}/off")).status == 303
    gone = await wall.get(f"/wallboard/screen?key={key}")
    assert (gone.status, "cx-screen" in gone.text) == (404, False)
    assert (await wall.get("/wallboard/screen/now", X_Screen_Key=key)).status == 404
    assert (await wall.get("/wallboard/screen/now")).status == 401
    for elsewhere in ("/wallboard", "/wallboard/calls", "/wallboard/banner", "/wallboard/agent", "/calls", "/live"):
        other = await wall.get(f"{elsewhere}?key={key}&agent=lab:1001", X_Screen_Key=key)
        assert (other.status, other.headers["Location"].partition("?")[0]) == (302, "/login"), elsewhere
    async with world.engine.connect() as conn:
        acts = [entry.act for entry in await audit.page(conn)]
    assert {"screen.made", "screen.revoked"} <= set(acts)


async def test_the_board_is_persian_with_its_digits(world: World, floor: Floor) -> None:
    async with world.engine.begin() as conn:
        await pause_reasons.seed(conn)
    await world.prefer(Role.SUPERVISOR, language="fa")
    text = said(await (await world.browser(Role.SUPERVISOR)).get("/wallboard"))
    for part in ("تابلوی زنده", "اقدام فوری", "امور مالی", "۴:۵۲", "\u061c۵۸٪", "در انتظار", "ناهار"):
        assert part in text, part


def test_a_bare_number_stands_before_the_queue_so_that_its_end_is_not_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cxcall.web.pages.wallboard.words.digits", str)
    monkeypatch.setattr("cxcall.web.pages.wallboard.words._", str)
    seat = Seat(key="lab:1001", server="lab", name="Sara", state="on_call", queue="billing", caller="09121234567")
    titles = {"lab:billing": "Billing"}
    assert where(seat, titles, 0.0) == "\u206609121234567\u2069 · Billing"
    assert where(structs.replace(seat, caller_name="Mina"), titles, 0.0) == "Billing · Mina"
    assert where(structs.replace(seat, held_since=1.0), titles, 0.0) == "Billing · on hold"
    assert where(structs.replace(seat, state="wrap_up"), titles, 0.0) == "Billing"
