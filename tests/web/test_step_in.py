"""Stepping in from pages and API: whoever has the right does it, it is written down, and it is said why not."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from aiohttp import FormData

from cxcall.bus import CommandRefused
from cxcall.bus.acts import (
    AttendedTransfer,
    BlindTransfer,
    CancelTransfer,
    FinishTransfer,
    Hangup,
    LogOff,
    MoveMember,
    SetPenalty,
    TakeOver,
)
from cxcall.bus.monitoring import Announce
from cxcall.bus.speech import RecordingAsk, RecordingState
from cxcall.calls.record import CallRecord, Leg, Talk
from cxcall.settings import Floor
from cxcall.store import audit, sign_ins
from cxcall.web.keys import SETTINGS
from cxcall.web.stepping_in import sides
from tests.support.call_centre import MARYAM, SARA, CallCentre, answered, call_centre, held, ringing
from tests.support.monitored import Monitored
from tests.web.reading import Browser, browsing


@dataclass(slots=True)
class Stage:
    centre: CallCentre
    browser: Browser
    ears: Monitored
    call: CallRecord

    @property
    def live(self) -> str:
        return f"/live/{self.call.id}"

    async def acts(self) -> list[tuple[str, str, str]]:
        """What was written down of stepping in, oldest first."""
        async with self.centre.engine.connect() as conn:
            entries = await audit.page(conn, limit=50)
        found = [entry for entry in entries if entry.act.startswith(("floor.", "roles."))]
        return [(each.actor, each.act, each.subject) for each in reversed(found)]


@asynccontextmanager
async def talking(folder: Path, *, language: str = "en", announce: Announce = "no") -> AsyncIterator[Stage]:
    """Sara talks with Maryam; Neda is a supervisor with a phone, Leila one without."""
    async with call_centre(folder, language=language) as centre:
        centre.app[SETTINGS] = msgspec.structs.replace(centre.app[SETTINGS], floor=Floor(announce=announce))
        async with _staged(centre) as stage:
            yield stage


@asynccontextmanager
async def _staged(centre: CallCentre) -> AsyncIterator[Stage]:
    async with browsing(centre) as browser:
        await centre.person("neda", "supervisor", "PJSIP/1005", "PJSIP/1006", shown="Neda Rahimi")
        ears = Monitored(centre.bus)
        ears.serve(centre.commands)
        call = answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40))
        await centre.tell(call)
        yield Stage(centre, browser, ears, call)


async def test_the_mode_is_always_said_and_every_act_is_written_down(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        row = (await at.browser.page("neda", "/live")).one("tbody tr")
        assert [each.attributes["value"] for each in row.all(".step-row button")] == ["listen", "whisper", "join"]
        page = await at.browser.post("neda", "/floor/monitor", call=at.call.id, mode="listen")
        assert "Your phone PJSIP/1005 rings: answer it." in page.one("#step-in").text
        assert at.ears.asked[-1].may == {"listen", "whisper", "join"}
        at.ears.answered(at.centre.ids["neda"])
        assert "Nobody hears you." in (await at.browser.page("neda", at.live)).one("#step-in").text
        headers = {"HX-Request": "true"}
        answer = await at.browser.send(
            "neda", "/floor/monitor", headers, call=at.call.id, mode="whisper", bar="1", phone="PJSIP/1006"
        )
        assert "You are heard by <bdi>Sara Karimi</bdi> only" in await answer.text()
        assert at.ears.asked[-1].phone == "PJSIP/1006"
        assert "Neda Rahimi whispers" in (await at.browser.page("leila", at.live)).one("#step-in").text
        page = await at.browser.post("neda", "/floor/monitor", call=at.call.id, mode="stop")
        assert page.all("#step-in button[data-monitor=listen]")[0].attributes["aria-pressed"] == "false"
        assert [act for _, act, _ in await at.acts()] == ["floor.listen", "floor.whisper", "floor.stop"]
        assert (await at.acts())[0] == ("neda", "floor.listen", f"call:{at.call.id}")


async def test_who_sits_at_another_phone_listens_there_and_is_written_to_there(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        async with at.centre.engine.begin() as conn:
            await sign_ins.sign_in(conn, at.centre.ids["neda"], "lab", "PJSIP/1009", now=at.centre.now)
            await sign_ins.sign_in(conn, at.centre.ids["newcomer"], "lab", "PJSIP/1001", now=at.centre.now)
        page = await at.browser.post("neda", "/floor/monitor", call=at.call.id, mode="listen")
        assert "Your phone PJSIP/1009 rings: answer it." in page.one("#step-in").text
        await at.browser.post("neda", "/floor/monitor", call=at.call.id, mode="listen", phone="PJSIP/1005")
        assert [asked.phone for asked in at.ears.asked] == ["PJSIP/1009"], "a phone they do not sit at is not theirs"
        await at.browser.post("neda", "/floor/message", agent="PJSIP/1001", text="Well done")
        assert "Well done" in await at.browser.text("newcomer", "/desk/told")
        assert "Well done" not in await at.browser.text("sara", "/desk/told")


async def test_what_can_not_be_is_said_with_the_way_back(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        page = await at.browser.post("leila", "/floor/monitor", call=at.call.id, mode="listen", next="/alerts")
        assert "You have no phone yet" in page.text
        assert page.one("main a.btn").attributes["href"] == "/alerts"
        at.ears.refuse = "This phone is in the call itself."
        page = await at.browser.post("neda", "/floor/monitor", call=at.call.id, mode="join", next="//elsewhere")
        assert "This phone is in the call itself." in page.text
        assert page.one("main a.btn").attributes["href"] == at.live
        script = {"X-Fragment": "1"}
        answer = await at.browser.send("neda", "/floor/monitor", script, call=at.call.id, mode="join")
        assert (answer.status, await answer.text()) == (409, "This phone is in the call itself.")
        answer = await at.browser.send("neda", "/floor/monitor", call=at.call.id, mode="join", phone="PJSIP/1001")
        assert "not one of your phones" in await answer.text()
        assert (await at.browser.send("neda", "/floor/monitor", call=at.call.id, mode="shout")).status == 400
        assert (await at.browser.send("neda", "/floor/monitor", call="nothing", mode="join")).status == 404
        assert not await at.acts()


async def test_a_phone_that_was_not_answered_is_said_on_the_bar(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        at.ears.why[at.centre.ids["neda"]] = (at.call.id, "Your phone did not answer.")
        assert "Your phone did not answer." in (await at.browser.page("neda", at.live)).one("#step-in").text
        assert "did not answer" not in (await at.browser.page("admin", at.live)).one("#step-in").text


async def test_a_right_that_is_taken_away_is_gone_at_once_and_each_is_apart(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        for name in ("neda", "sara"):
            assert (await at.browser.get(name, "/admin/roles")).status == 403
        await at.browser.send("neda", "/floor/monitor", call=at.call.id, mode="listen")
        page = await at.browser.page("admin", "/admin/roles")
        assert len(page.all("input[type=checkbox]")) == 22
        fields = [("supervisor", "listen"), ("supervisor", "transfer")]
        fields += [("admin", box.attributes["value"]) for box in page.all("input[name=admin]")]
        assert (await at.browser.send("admin", "/admin/roles", form=FormData(fields))).status == 303
        assert at.ears.open == {}, "who lost a right is in no call by ear any more"
        bar = (await at.browser.page("neda", at.live)).one("#step-in")
        assert [each.attributes["value"] for each in bar.all("button[data-monitor]")] == ["listen"]
        assert [each.attributes["value"] for each in bar.all("button[name=act]")] == ["transfer"]
        for mode, status in (("listen", 303), ("whisper", 403), ("join", 403)):
            assert (await at.browser.send("neda", "/floor/monitor", call=at.call.id, mode=mode)).status == status
        assert at.ears.asked[-1].may == {"listen"}
        for path, fields_ in (
            ("/floor/call", {"call": at.call.id, "act": "hang_up"}),
            ("/floor/call", {"call": at.call.id, "act": "take_over"}),
            ("/floor/member", {"act": "pause", "interface": SARA}),
            ("/floor/message", {"user": at.centre.ids["sara"], "text": "Hello"}),
        ):
            assert (await at.browser.send("neda", path, form=FormData(fields_))).status == 403
            assert (await at.browser.send("sara", path, form=FormData(fields_))).status == 403
        assert at.centre.acts == []
        assert ("admin", "roles.changed", "role:supervisor") in await at.acts()
        checked = (await at.browser.page("admin", "/admin/roles")).all("input[name=supervisor]")
        assert [box.attributes["value"] for box in checked if "checked" in box.attributes] == ["listen", "transfer"]


async def test_a_call_is_ended_transferred_and_taken_over(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        caller, agent = at.call.legs[0].channel, at.call.legs[1].channel
        await at.browser.post("neda", "/floor/call", call=at.call.id, act="transfer", to="۱۰۰۴")
        await at.browser.post("neda", "/floor/call", call=at.call.id, act="take_over")
        await at.browser.post("neda", "/floor/call", call=at.call.id, act="hang_up")
        assert at.centre.acts == [
            BlindTransfer(channel=agent, exten="1004"),
            TakeOver(channel=agent, caller=caller, phone="PJSIP/1005"),
            Hangup(channel=caller),
        ]
        assert [act for _, act, _ in await at.acts()] == ["floor.transfer", "floor.take_over", "floor.hang_up"]
        at.centre.refuse = CommandRefused("There is no number 77 to transfer to.")
        page = await at.browser.post("neda", "/floor/call", call=at.call.id, act="transfer", to="77")
        assert "There is no number 77 to transfer to." in page.text
        assert len(await at.acts()) == 3, "nothing was done, so nothing is written down"


async def test_who_a_call_was_handed_to_is_stepped_in_on_and_who_is_only_asked_is_not(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        caller, agent = at.call.legs
        asked = Leg(
            channel="PJSIP/1004-7",
            unique_id="7",
            role="consultant",
            number="1004",
            answered_at=at.centre.ago(seconds=9),
        )
        since = at.centre.ago(seconds=8)
        consultation = dataclasses.replace(
            at.call,
            legs=(caller, agent, asked),
            talks=(
                dataclasses.replace(at.call.talks[0], to=since),
                Talk(channels=(agent.channel, asked.channel), numbers=(None, None), from_=since),
            ),
        )
        assert sides(consultation) == (agent, caller)
        gone = dataclasses.replace(agent, ended_at=since)
        with_caller = Talk(channels=(caller.channel, asked.channel), numbers=(None, None), from_=since)
        handed = dataclasses.replace(consultation, legs=(caller, gone, asked), talks=(with_caller,))
        assert sides(handed) == (asked, caller)


async def test_members_are_logged_off_moved_and_given_another_penalty(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        send = at.browser.send
        assert (await send("neda", "/floor/member", act="log_off", interface=SARA)).status == 303
        await send("neda", "/floor/member", act="move", interface=SARA, queue="billing", to="sales")
        await send("neda", "/floor/member", act="penalty", device=SARA, queue="billing", penalty="۳")
        assert at.centre.acts == [
            LogOff(interface=SARA),
            MoveMember(interface=SARA, queue="billing", to="sales"),
            SetPenalty(interface=SARA, penalty=3, queue="billing"),
        ]
        assert ("neda", "floor.move", f"agent:{SARA}") in await at.acts()
        assert (await send("neda", "/floor/member", act="move", interface=SARA, queue="billing")).status == 409
        assert (await send("neda", "/floor/member", act="penalty", interface=SARA, penalty="x")).status == 400


async def test_a_message_stands_on_the_agents_pages_until_it_is_read(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        heard: list[object] = []
        at.centre.bus.subscribe(f"messages:{at.centre.ids['sara']}", heard.append)
        answer = await at.browser.send("neda", "/floor/message", agent=SARA, text=" Offer the <b>refund</b>. ")
        assert answer.status == 303
        assert len(heard) == 1
        told = (await at.browser.page("sara", "/desk/told")).one("#told")
        assert "Neda Rahimi" in told.text
        assert "Offer the <b>refund</b>." in told.text
        assert "No message waits" in (await at.browser.page("omid", "/desk/told")).text
        id_ = told.one("input[name=message]").attributes["value"]
        await at.browser.post("omid", "/desk/message", message=id_)
        assert (await at.browser.page("sara", "/desk/told")).all("#told input[name=message]"), "only who it is for"
        page = await at.browser.post("sara", "/desk/message", message=id_)
        assert "No message waits" in page.text
        for text in ("", " ", "x" * 501):
            assert (await at.browser.send("neda", "/floor/message", agent=SARA, text=text)).status == 409
        assert (await at.browser.send("neda", "/floor/message", agent="PJSIP/77", text="Hello")).status == 409


@pytest.mark.parametrize("announce", ["no", "desk"])
async def test_an_agent_learns_of_a_listener_where_the_site_has_them_told(tmp_path: Path, announce: Announce) -> None:
    async with talking(tmp_path, announce=announce) as at:
        await at.browser.send("neda", "/floor/monitor", call=at.call.id, mode="whisper")
        at.ears.answered(at.centre.ids["neda"])
        text = await at.browser.text("sara", "/desk/told")
        assert ("Neda Rahimi speaks to you; the caller does not hear it." in text) == (announce == "desk")


async def test_the_desk_transfers_after_a_talk(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        agent = at.call.legs[1].channel
        await at.browser.post("sara", "/desk/act", call=at.call.id, act="consult", to="1004")
        consultant = Leg(
            channel="PJSIP/1004-7", unique_id="7", role="consultant", number="1004", name="Omid Sharifi",
            rang_at=at.centre.ago(seconds=5),
        )  # fmt: skip
        call = held(at.call, at.centre.ago(seconds=6))
        await at.centre.tell(dataclasses.replace(call, legs=(*call.legs, consultant)))
        desk = await at.browser.page("sara", "/desk")
        assert "Omid Sharifi is rung; the caller does not hear you." in desk.one(".consulting").text
        taken = dataclasses.replace(consultant, answered_at=at.centre.ago(seconds=2))
        await at.centre.tell(dataclasses.replace(call, legs=(*call.legs, taken)))
        assert "You talk with Omid Sharifi" in (await at.browser.page("sara", "/desk")).one(".consulting").text
        await at.browser.post("sara", "/desk/act", call=at.call.id, act="consult_cancel")
        await at.browser.post("sara", "/desk/act", call=at.call.id, act="consult_finish")
        assert at.centre.acts == [
            AttendedTransfer(channel=agent, exten="1004"),
            CancelTransfer(channel=agent),
            FinishTransfer(channel=agent),
        ]
        at.centre.refuse = CommandRefused(
            "Asterisk did not begin the transfer: its Queue() or Dial() needs the option t. The call goes on as it was."
        )
        page = await at.browser.post("sara", "/desk/act", call=at.call.id, act="consult", to="1004")
        assert "The call goes on as it was." in page.text


async def test_a_recording_is_begun_and_ended_by_who_has_the_right(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        recording = False

        async def state(ask: RecordingAsk) -> RecordingState:
            return RecordingState(call_id=ask.call_id, recording=recording)

        async def start(ask: RecordingAsk) -> RecordingState:
            nonlocal recording
            recording = not recording
            return await state(ask)

        for act, handler in (("state", state), ("start", start), ("stop", start)):
            at.centre.commands.serve(f"recording:{act}", handler)
        path = f"{at.live}/recorder"
        assert (await at.browser.page("neda", path)).one("button").text == "Record this call"
        assert not (await at.browser.page("sara", path)).all("button"), "agents pause what is recorded, no more"
        assert (await at.browser.send("sara", path, act="start")).status == 403
        assert (await at.browser.send("neda", path, act="start")).status == 303
        assert [each.attributes["value"] for each in (await at.browser.page("neda", path)).all("button")] == [
            "pause",
            "stop",
        ]
        await at.browser.send("neda", path, act="stop")
        async with at.centre.engine.connect() as conn:
            acts = [entry.act for entry in await audit.page(conn)]
        assert acts == ["recording.stop", "recording.start"]


async def test_programs_step_in_over_the_api(tmp_path: Path) -> None:
    async with talking(tmp_path) as at:
        path = f"/api/v1/calls/{at.call.id}"
        answer = await at.browser.tell("neda", f"{path}/monitor", {"mode": "join"})
        body = await answer.json()
        assert (answer.status, body["mode"], body["state"], body["agent"]) == (200, "join", "ringing", SARA)
        mine = await (await at.browser.get("neda", "/api/v1/monitoring")).json()
        assert mine["monitoring"]["call"] == at.call.id
        answer = await at.browser.tell("leila", f"{path}/monitor", {"mode": "join"})
        assert (answer.status, answer.content_type) == (409, "application/problem+json")
        assert (await at.browser.tell("neda", f"{path}/transfer", {"to": "1004"})).status == 204
        assert (await at.browser.tell("neda", f"{path}/hang-up", None)).status == 204
        assert (await at.browser.tell("sara", f"{path}/hang-up", None)).status == 403
        wish = {"act": "log_off", "interface": SARA}
        assert (await at.browser.tell("neda", "/api/v1/floor/members", wish)).status == 204
        note = {"user": at.centre.ids["sara"], "text": "Hello"}
        assert (await at.browser.tell("neda", "/api/v1/floor/messages", note)).status == 201
        assert [type(act) for act in at.centre.acts] == [BlindTransfer, Hangup, LogOff]
        roles = await (await at.browser.get("admin", "/api/v1/roles")).json()
        assert [(each["role"], len(each["rights"])) for each in roles["items"]] == [("supervisor", 11), ("admin", 11)]
        assert (await at.browser.get("neda", "/api/v1/roles")).status == 403


async def test_the_bar_speaks_persian(tmp_path: Path) -> None:
    async with talking(tmp_path, language="fa") as at:
        await at.browser.send("neda", "/floor/monitor", call=at.call.id, mode="whisper")
        at.ears.answered(at.centre.ids["neda"])
        assert "صدای شما را تنها" in (await at.browser.page("neda", at.live)).one("#step-in").text
        at.ears.refuse = "This phone is in the call itself."
        page = await at.browser.post("neda", "/floor/monitor", call=at.call.id, mode="join")
        assert "این تلفن خودش در همین تماس است." in page.text
