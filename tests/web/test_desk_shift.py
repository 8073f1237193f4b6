"""The agent's shift at the desk: pauses with their limits, wrap-up, queues in and out, the phone they sit at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxcall.bus.acts import AddMember, PauseMember, RemoveMember
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.queues.presence import LOGGED_OFF, WRAP_UP
from cxcall.store import desk as desk_store
from cxcall.store import queues, sign_ins
from cxcall.store.survey_figures import Period, results_of_agent
from tests.store import survey_make
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, answered, ended, member, past, ringing
from tests.web.test_desk import desk


def paused(reason: str, *, ago: float = 60, **changes: Any) -> dict[str, Any]:
    told = {"paused": True, "reason": reason, "pauses": [["billing", reason], ["general", reason]]}
    return member(**{**told, "since": datetime.now(UTC).timestamp() - ago, **changes})


async def defined(centre: CallCentre, name: str, *members: MemberChoice) -> None:
    """A queue Asterisk has, as cxcall wrote it."""
    definition = QueueDefinition(name=name, title={"en": name.title()}, members=members)
    async with centre.engine.begin() as conn:
        await queues.create(conn, "lab", definition, by="admin", now=centre.now)
        await queues.applied(conn, "lab", [definition], by="admin", now=centre.now)


async def test_a_pause_chosen_during_a_call_is_asked_for_at_once_and_shown_as_what_comes_then(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40)))
        assert "Pause after this call" in (await browser.page("sara", "/desk")).one(".statemenu").text
        await browser.post("sara", "/desk/state", state="meeting")
        centre.members = [paused("meeting", status="talking")]
        button = (await browser.page("sara", "/desk")).one(".statebtn")
    assert centre.acts == [PauseMember(interface=SARA, paused=True, reason="meeting")]
    assert "On a call" in button.text
    assert "Then Meeting" in button.text


async def test_a_pause_says_when_its_limit_is_over_and_leads_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        centre.members = [paused("break", ago=16 * 60)]
        page = await browser.page("sara", "/desk")
    assert "Break has lasted longer than its 15 minutes." in page.one(".notices").text
    assert page.one(".notices button").attributes["value"] == "ready"
    assert page.one(".statebtn cx-clock").attributes["limit-s"] == "900"


async def test_only_reasons_of_the_site_can_be_chosen(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        assert (await browser.send("sara", "/desk/state", state="because")).status == 400
    assert centre.acts == []


async def test_a_pause_by_asterisk_or_in_one_queue_only_is_said_with_the_way_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        centre.members = [paused("Auto-Pause")]
        page = await browser.page("sara", "/desk")
        assert "your phone rang and nobody answered" in page.one(".notices").text
        await browser.post("sara", "/desk/state", state="ready")
        assert centre.acts == [PauseMember(interface=SARA, paused=False)]
        centre.members = [member(pauses=[["general", "lunch"]])]
        page = await browser.page("sara", "/desk")
    assert "You are paused in general." in page.one(".notices").text
    assert "Ready" in page.one(".statebtn").text


async def test_a_wrap_up_counts_down_and_finishing_it_ends_the_pause(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        call = ended(answered(ringing(MARYAM, centre.ago(seconds=300)), centre.ago(seconds=250)), centre.ago(seconds=5))
        await centre.tell(call)
        centre.members = [paused(WRAP_UP, ago=5)]
        button = (await browser.page("sara", "/desk")).one(".statebtn")
        assert "Wrap-up" in button.text
        assert button.one("cx-clock").attributes["until"]
        await browser.post("sara", "/desk/finish", call=call.id)
    assert centre.acts == [PauseMember(interface=SARA, paused=False)]


async def test_queues_are_left_and_joined_one_by_one_and_the_break_goes_on_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await defined(centre, "vip", MemberChoice(kind="agent", value=centre.ids["sara"], penalty=3))
        centre.members = [paused("lunch", static_in=["general"])]
        card = (await browser.page("sara", "/desk")).one("[data-key=queues]")
        assert [row.one("b").text for row in card.all("li")] == ["billing", "general", "Vip"]
        await browser.post("sara", "/desk/queue", queue="lab/billing", act="out")
        await browser.post("sara", "/desk/queue", queue="lab/general", act="out")
        await browser.post("sara", "/desk/queue", queue="lab/vip", act="in")
        assert centre.acts == [
            RemoveMember(interface=SARA, queue="billing"),
            PauseMember(interface=SARA, paused=True, reason=LOGGED_OFF, queue="general"),
            AddMember(
                interface=SARA, queue="vip", name="Sara Karimi", penalty=3, paused=True, reason="lunch"
            ),
        ]  # fmt: skip
        pauses = [["general", LOGGED_OFF]]
        centre.members = [member(queues=["general"], pauses=pauses, static_in=["general"])]
        page = await browser.page("sara", "/desk")
    assert "You are logged out of your queues." in page.text
    assert page.one("[data-key=queues]").text.count("Logged out") == 3, "also the one that only their will names"


async def test_a_queue_that_is_not_offered_can_not_be_joined(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await defined(centre, "vip", MemberChoice(kind="agent", value=centre.ids["omid"]))
        assert (await browser.send("sara", "/desk/queue", queue="lab/vip", act="in")).status == 400
    assert centre.acts == []


async def test_signing_in_to_a_phone_takes_queues_and_calls_there_and_leaving_it_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await defined(centre, "vip", MemberChoice(kind="agent", value=centre.ids["newcomer"]))
        assert "Sign in to a phone" in await browser.text("newcomer", "/desk")
        page = await browser.post("newcomer", "/desk/phone", phone="", other="۱۰۰۵")
        assert centre.acts == [AddMember(interface="PJSIP/1005", queue="vip", name="New Comer")]
        assert "You sit at PJSIP/1005" in page.text
        await centre.tell(ringing(MARYAM, centre.now, at="PJSIP/1005"))
        assert "Incoming call" in await browser.text("newcomer", "/desk")
        centre.members = [member("PJSIP/1005", queues=["vip"])]
        page = await browser.post("newcomer", "/desk/phone", act="leave")
    assert centre.acts[1:] == [RemoveMember(interface="PJSIP/1005", queue="vip")]
    assert "You have no phone yet" in page.text


async def test_a_phone_has_one_person_and_its_calls_of_before_stay_the_others(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        centre.members = [member(OMID, queues=["billing"])]
        theirs = ringing(MARYAM, centre.ago(seconds=100), at=OMID)
        await centre.tell(theirs)
        assert "Omid Rahimi" not in (await browser.page("newcomer", "/desk/phone")).one("fieldset").text
        await browser.post("newcomer", "/desk/phone", phone=OMID)
        async with centre.engine.connect() as conn:
            sits = await sign_ins.at(conn, "lab", OMID)
        assert sits is not None
        assert sits.user_id == centre.ids["newcomer"]
        assert (await browser.send("newcomer", "/desk/note", call=theirs.id, text="x")).status == 403
        assert "0912" not in (await browser.page("newcomer", "/calls")).one("main").text
        now = datetime.now(UTC)
        await centre.tell(answered(ringing("02188341190", now, at=OMID, wait=0), now + timedelta(milliseconds=1)))
        assert "021 8834 1190" in (await browser.page("newcomer", "/calls")).one("main").text
        assert "New Comer sits there" in await browser.text("sara", "/desk/phone")


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_what_is_no_phone_is_refused_in_words(tmp_path: Path, language: str) -> None:
    async with desk(tmp_path, language=language) as (_centre, browser):
        answer = await browser.send("newcomer", "/desk/phone", phone="", other="Omid; rm")
    assert answer.status == 422


async def test_calls_and_results_are_whose_who_sat_at_the_phone_then(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        newcomer, sara = centre.ids["newcomer"], centre.ids["sara"]
        begun = [centre.ago(hours=hours) for hours in (5, 4, 3)]
        records = [past(f"+98912000000{n}", when) for n, when in enumerate(begun)]
        await centre.tell(*records)
        async with centre.engine.begin() as conn:
            # Who sits down while the caller still waits, and answers, has the call.
            sat_down = begun[1] + timedelta(seconds=30)
            await sign_ins.sign_in(conn, newcomer, "lab", SARA, now=sat_down)
            await sign_ins.sign_out(conn, newcomer, now=centre.ago(hours=3, minutes=30))
            survey = await survey_make.published(conn)
            for n, record in enumerate(records):
                done = await survey_make.answered(
                    conn, n, csat=5 - n, agent=SARA, call_id=record.id, survey_id=survey.id, survey_version=1
                )
                if n == 1:
                    theirs = done
            mine = await sign_ins.held(conn, sara, [SARA])
            others = await sign_ins.held(conn, newcomer, [])
            period = Period(since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
            results = [(await results_of_agent(conn, phones, period)).scores["csat"] for phones in (mine, others)]
            days = [(await desk_store.day(conn, phones, period.since)).calls for phones in (mine, others)]
            assert await sign_ins.who_sat(conn, "lab", SARA, sat_down) == newcomer
            assert await sign_ins.who_sat(conn, "lab", SARA, centre.now) is None
        assert results == [{5.0: 1, 3.0: 1}, {4.0: 1}]
        assert days == [2, 1]
        for name, own in (("sara", [True, False, True]), ("newcomer", [False, True, False])):
            for record, is_own in zip(records, own, strict=True):
                status = (await browser.get(name, f"/calls/{record.id}")).status
                assert (status == 200) == is_own, (name, record.id)
            listed = await (await browser.get(name, "/api/v1/calls")).text()
            assert [record.id in listed for record in records] == own, name
        assert (await browser.get("sara", f"/api/v1/survey-responses/{theirs.id}")).status == 404
        assert (await browser.get("newcomer", f"/api/v1/survey-responses/{theirs.id}")).status == 200
