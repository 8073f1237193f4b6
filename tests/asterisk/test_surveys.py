"""Surveys after real calls: what the caller hears and presses, and what is kept of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import pytest_asyncio

from cxcall.asterisk.surveys import comments
from cxcall.bus import CommandRefused
from cxcall.customers.profile import Profile
from cxcall.demo.phone import Call, Policy
from cxcall.demo.phone import tone as mu_law
from cxcall.demo.switch import Tree
from cxcall.store import alerts, calls, customers, prompts, survey_calls, tasks
from cxcall.store.calls import CallFilter
from cxcall.store.survey_answers import ResponseRow
from cxcall.surveys.asking import Hours, Later
from cxcall.surveys.closing import AddTag, MakeTask, RaiseAlert, Rule, When
from cxcall.surveys.script import Script
from tests.asterisk.surveys import (
    EN_SECONDS,
    FA_SECONDS,
    STRAIGHT,
    VOICE,
    SurveySite,
    full_script,
    hears,
    hurried,
    set_rules,
    survey_site,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SurveySite]:
    async with survey_site(tmp_path_factory.mktemp("surveys"), tree) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def site(shared: SurveySite) -> AsyncIterator[SurveySite]:
    """The shared site: agents of its queues answer at once and hang up soon; no call is left at the end."""
    for number, phone in shared.phones.inside.items():
        phone.policy, phone.hang_up_after = Policy.RING, None
        if number in ("1001", "1002", "1003"):
            hurried(phone)
        with contextlib.suppress(TimeoutError):
            while True:
                await phone.next_call(0.01)
    yield shared
    for phone in (*shared.phones.inside.values(), shared.phones.outside):
        for call in phone.calls:
            await call.hang_up()


def results(row: ResponseRow) -> list[tuple[str, str, float | None]]:
    return [(answer.part, answer.result, answer.value) for answer in row.answers]


async def test_keys_in_the_audio_and_a_comment_that_is_heard_again(site: SurveySite) -> None:
    call = site.place("09121100001")
    await hears(call, "csat")
    call.press("4")
    await hears(call, "nps")
    call.press("10")
    await hears(call, "comment")
    await asyncio.sleep(2.5)
    call.press("#")
    await hears(call, "thanks")
    await call.ended()
    row = await site.ended("+989121100001")
    assert results(row) == [("csat", "answered", 4.0), ("nps", "answered", 10.0), ("comment", "answered", None)]
    response = row.response
    assert (response.state, response.end, response.queue, response.language) == ("finished", "finished", "full", "fa")
    assert response.agent in ("PJSIP/1001", "PJSIP/1002")
    assert response.agent_name in ("Sara Ahmadi", "Reza Karimi")
    assert response.talk == pytest.approx(0.5, abs=0.4)
    (comment,) = row.comments
    assert 1.0 < comment.seconds < 3.5
    with wave.open(str(comments.folder(site.settings) / comment.file)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    loudest = np.fft.rfftfreq(len(samples), 1 / 8_000)[spectrum.argmax()]
    assert loudest == pytest.approx(VOICE, abs=10), "the caller's own voice"
    assert np.sqrt((samples**2).mean()) == pytest.approx(9_000 / np.sqrt(2), rel=0.3), "as loud as the phone sent it"


async def test_keys_by_sip_info_typed_ahead_and_a_pause_that_ends_a_number(site: SurveySite) -> None:
    call = site.place("09121100002")
    await hears(call, "csat")
    await call.press_by_info("27")  # the 7 is typed ahead of its question and ends with a pause
    await hears(call, "comment")
    await call.hang_up()
    row = await site.ended("+989121100002")
    assert results(row)[:2] == [("csat", "answered", 2.0), ("nps", "answered", 7.0)]
    assert (row.response.state, row.response.end) == ("started", "hung_up")


async def silent(site: SurveySite) -> None:
    """Nothing pressed: each question asked twice, then the next; a silent comment is none."""
    call = site.place("09121100003")
    await hears(call, "csat")
    await hears(call, "none")
    await hears(call, "nps")
    await hears(call, "comment", 20)
    call.say(None)
    await hears(call, "thanks", 20)
    await call.ended()
    row = await site.ended("+989121100003")
    assert [(part, result) for part, result, _ in results(row)[:2]] == [("csat", "no_input"), ("nps", "no_input")]
    assert row.comments == (), "silence is no comment"
    assert not list(comments.folder(site.settings).glob(f"*/{row.response.id}*"))
    assert row.response.end == "finished"


async def wrong_keys(site: SurveySite) -> None:
    call = site.place("09121100004")
    await hears(call, "csat")
    call.press("7")
    await hears(call, "wrong")
    call.press("3")
    await hears(call, "nps")
    call.press("11")
    await hears(call, "wrong")
    call.press("0#")
    await hears(call, "comment")
    await call.hang_up()
    row = await site.ended("+989121100004")
    assert results(row)[:2] == [("csat", "answered", 3.0), ("nps", "answered", 0.0)]
    assert row.answers[0].tries == 2


async def hung_up(site: SurveySite, number: str, keys: str, place: str, wait: float, given: list[str]) -> None:
    """Hang up `wait` seconds after the prompt of `place` began."""
    call = site.place(f"0{number}")
    await hears(call, "csat")
    call.press(keys)
    await hears(call, place)
    await asyncio.sleep(wait)
    await call.hang_up()
    row = await site.ended(f"+98{number}")
    assert row.response.end == "hung_up"
    assert [result for _, result, _ in results(row)] == given


async def test_no_input_wrong_keys_and_callers_who_hang_up_in_each_place(site: SurveySite) -> None:
    async with asyncio.TaskGroup() as calls:
        calls.create_task(silent(site))
        calls.create_task(wrong_keys(site))
        calls.create_task(hung_up(site, "9121100011", "", "csat", 0.2, ["hung_up"]))
        calls.create_task(hung_up(site, "9121100012", "", "csat", 1.5, ["hung_up"]))
        calls.create_task(hung_up(site, "9121100013", "5", "nps", 0.2, ["answered", "hung_up"]))
        calls.create_task(hung_up(site, "9121100014", "58", "comment", 0.2, ["answered", "answered", "hung_up"]))
        calls.create_task(hung_up(site, "9121100015", "510", "comment", 3.0, ["answered", "answered", "answered"]))
        calls.create_task(hung_up(site, "9121100016", "510", "comment", 1.2, ["answered", "answered", "hung_up"]))


async def test_a_customer_whose_language_is_english_hears_english(site: SurveySite) -> None:
    async with site.engine.begin() as conn:
        await customers.create(conn, Profile(name="Ann", numbers=("+989121100021",), language="en"))
    english, persian = site.place("09121100021"), site.place("09121100022")

    async def heard(call: Call, *, english: bool) -> float:
        began = await hears(call, "csat", english=english)
        await hears(call, "none", 20, english=english)
        return time.time() - began

    lasted = await asyncio.gather(heard(english, english=True), heard(persian, english=False))
    assert lasted[0] - lasted[1] == pytest.approx(EN_SECONDS - FA_SECONDS, abs=0.5), "as much longer as the prompt is"
    for call in (english, persian):
        await call.hang_up()
    rows = await asyncio.gather(site.ended("+989121100021"), site.ended("+989121100022"))
    assert [row.response.language for row in rows] == ["en", "fa"]
    assert rows[0].customer_name == "Ann"


async def in_talk(site: SurveySite, number: str) -> tuple[Call, Call]:
    """A caller of `full` and the agent, who stays on the line."""
    for agent in ("1001", "1002"):
        site.phones[agent].policy = Policy.RING
    call = site.place(number)
    ring = await site.phones.first_ringing("1001", "1002")
    await ring.answer()
    await call.answered()
    await asyncio.sleep(0.7)
    return call, ring


async def test_after_an_attended_transfer_the_caller_is_asked_when_the_target_hangs_up(site: SurveySite) -> None:
    call, ring = await in_talk(site, "09121100031")
    target = site.phones["1005"]
    target.policy, target.answer_after = Policy.ANSWER, 0.05
    await ring.hold()
    consultation = ring.phone.call("1005")
    await consultation.answered()
    taken = await target.next_call()
    await ring.transfer_to(consultation)
    await ring.ended()
    await asyncio.sleep(0.5)
    await taken.hang_up()
    await hears(call, "csat")
    call.press("1")
    await hears(call, "nps")
    await call.hang_up()
    row = await site.ended("+989121100031")
    assert row.response.agent == f"PJSIP/{ring.phone.number}", "whom the queue gave the call to"
    assert row.response.transferred
    assert results(row)[0] == ("csat", "answered", 1.0)


async def test_callers_who_are_not_asked_are_counted_with_the_reason(site: SurveySite) -> None:
    site.phones["1005"].policy = Policy.ANSWER
    call, ring = await in_talk(site, "09121100041")
    await ring.transfer("1005")
    target = await site.phones["1005"].next_call()
    await target.answered()
    await asyncio.sleep(0.3)
    await target.hang_up()
    await call.ended()

    first, _ = await in_talk(site, "09121100042")
    await first.hang_up()

    given_up = site.place("09121100043")
    await site.phones.first_ringing("1001", "1002")
    await given_up.hang_up()

    await site.ask("full", min_talk=30.0)
    hurried(site.phones["1001"])
    hurried(site.phones["1002"])
    short = site.place("09121100044")
    await short.ended()
    await site.ask("full", min_talk=0.0)

    numbers = {"41": "transferred", "42": "caller_hung_up", "43": "not_answered", "44": "too_short"}
    rows = [await site.row(f"+9891211000{number}", lambda row: True) for number in numbers]
    assert [row.response.reason for row in rows] == list(numbers.values())
    assert {row.response.state for row in rows} == {"not_asked"}
    assert all(row.response.call_id and row.response.customer_id for row in rows)


async def test_a_key_leads_to_a_queue_a_number_or_a_promised_call_back(site: SurveySite) -> None:
    site.phones["1001"].policy = Policy.RING
    call = site.place("09121100051", "hands_over")
    await hears(call, "csat")
    call.press("0")
    ring = await site.phones["1001"].next_call(15)  # of the queue `reception`
    assert ring.number == "09121100051"
    await ring.answer()
    await ring.hang_up()
    await call.ended()
    row = await site.ended("+989121100051")
    assert (row.response.end, row.response.handed_to) == ("handed_over", "queue reception")
    assert len(await site.rows("+989121100051")) == 1, "reception asks nobody"

    call = site.place("09121100052", "hands_over")
    await hears(call, "csat")
    call.press("2")
    ring = await site.phones["1005"].next_call(15)
    assert ring.number == "09121100052"
    await call.hang_up()

    call = site.place("09121100053", "hands_over")
    await hears(call, "csat")
    call.press("1")
    await hears(call, "thanks")
    await call.ended()
    row = await site.ended("+989121100053")
    async with site.engine.connect() as conn:
        (task,) = await tasks.of_response(conn, row.response.id)
    assert (task.kind, task.number, task.call_id) == ("call_back", "+989121100053", row.response.call_id)


async def test_the_agent_is_named_first_where_the_queue_wants_that(site: SurveySite) -> None:
    await site.ask("hands_over", speak_agent="name")
    call = site.place("09121100056", "hands_over")
    await hears(call, "Maryam Rostami")
    await hears(call, "csat")
    await call.hang_up()
    await site.ask("hands_over", speak_agent="number")  # this Asterisk has no sounds of digits: it goes on without
    call = site.place("09121100057", "hands_over")
    await hears(call, "csat")
    await call.hang_up()
    await site.ask("hands_over", speak_agent="no")


async def test_who_presses_nine_is_never_asked_again_and_a_bad_answer_makes_a_task(site: SurveySite) -> None:
    unhappy = Rule(
        id="unhappy",
        name="Unhappy",
        when=(When(of="score", measure="csat", at_most=2),),
        then=(MakeTask(title="Call back", due_minutes=30), RaiseAlert(), AddTag(tag="unhappy")),
    )
    await set_rules(site, "full", [unhappy])
    call = site.place("09121100061")
    await hears(call, "csat")
    call.press("1")
    await hears(call, "nps")
    call.press("9#")
    await hears(call, "comment")
    await call.hang_up()
    row = await site.ended("+989121100061")
    async with site.engine.connect() as conn:
        (task,) = await tasks.of_response(conn, row.response.id)
        (alert,) = await alerts.heard(conn, now=datetime.now(UTC))
        customer = await customers.by_number(conn, "+989121100061")
    assert (task.title, task.made_by, task.reason) == (
        "Call back", "rule:unhappy", {"rule": "Unhappy", "measure": "csat", "value": 1.0},
    )  # fmt: skip
    assert (alert.title, alert.n) == ("Unhappy", 1)
    assert customer is not None
    assert customer.profile.tags == ("unhappy",)
    await set_rules(site, "full", [])

    call = site.place("09121100062")
    await hears(call, "csat")
    call.press("9")
    await hears(call, "opt_out")
    await call.ended()
    assert (await site.ended("+989121100062")).response.end == "opted_out"
    again = site.place("09121100062")
    await again.answered()
    await again.ended()
    row = await site.row("+989121100062", lambda row: row.response.state == "not_asked")
    assert row.response.reason == "opted_out"


async def pressed_ahead(site: SurveySite, number: str, *keys: str) -> None:
    """Press without listening, and stay until the call is over."""
    call = site.phones.outside.call(STRAIGHT, from_number=number)
    await call.answered()
    for pressed in keys:
        await asyncio.sleep(1.0)
        call.press(pressed)
    await call.ended(30)


async def test_twenty_surveys_at_once_keep_every_key(site: SurveySite) -> None:
    site.phones.outside.listen, site.phones.outside.sound = False, None
    keys = {f"0912120{n:04d}": (str(n % 5 + 1), f"{n % 11}#") for n in range(20)}
    async with asyncio.TaskGroup() as callers:
        for number, pressed in keys.items():
            callers.create_task(pressed_ahead(site, number, *pressed, "#"))
            await asyncio.sleep(0.05)
    site.phones.outside.listen, site.phones.outside.sound = True, mu_law(VOICE)
    for number, (csat, nps) in keys.items():
        row = await site.ended(f"+98{number[1:]}")
        assert [answer.keys for answer in row.answers[:2]] == [csat, nps.rstrip("#")]


async def test_somebody_tries_a_draft_on_their_own_phone_and_records_a_prompt_by_it(site: SurveySite) -> None:
    phone = site.phones["1004"]
    phone.policy, phone.listen, phone.sound = Policy.ANSWER, True, mu_law(VOICE)
    phone.hang_up_after = None
    asked = {"server": "", "extension": "1004", "script": full_script(site.ids), "language": "en"}
    token = (await site.commands.ask("survey:test", asked))["token"]
    call = await phone.next_call()
    await hears(call, "csat", english=True)
    call.press("5")
    await hears(call, "nps", english=True)
    await call.hang_up()
    async with asyncio.timeout(10):
        while (state := await site.commands.ask("survey:test-state", {"token": token}))["state"] != "done":
            await asyncio.sleep(0.1)
    assert (state["end"], [one["result"] for one in state["given"]]) == ("hung_up", ["answered", "hung_up"])

    asked = {"extension": "PJSIP/1004", "prompt_id": site.ids["thanks"], "language": "de", "by": "sara"}
    token = (await site.commands.ask("prompt:record", asked))["token"]
    call = await phone.next_call()
    await call.answered()
    await asyncio.sleep(1.5)
    call.press("#")
    await call.ended()
    async with asyncio.timeout(20):
        while (state := await site.commands.ask("prompt:record-state", {"token": token}))["state"] != "done":
            assert state["state"] != "failed", state
            await asyncio.sleep(0.1)
    async with site.engine.connect() as conn:
        prompt = await prompts.get(conn, site.ids["thanks"])
    assert prompt is not None
    draft = prompt.variants["de"].draft
    assert draft is not None
    assert (draft.source, draft.by) == ("phone", "sara")
    assert draft.seconds == pytest.approx(1.5, abs=1.0)
    async with site.engine.connect() as conn:
        assert not (await calls.page(conn, CallFilter(extension="PJSIP/1004"))).rows, "no call of a customer"
    with pytest.raises(CommandRefused, match="number"):
        await site.commands.ask("survey:test", {**asked, "extension": "1004@internal", "script": Script()})


async def test_a_lost_caller_is_rung_afterwards_once_a_day(site: SurveySite) -> None:
    always = (Hours(),)
    await site.ask("full", later=Later(to="lost", after_minutes=0, tries=2, hours=always))
    for agent in ("1001", "1002"):
        site.phones[agent].policy = Policy.RING
    site.phones.outside.policy = Policy.RING
    for number in ("09121100071", "09121100072"):
        call = site.place(number)
        await site.phones.first_ringing("1001", "1002")
        await call.hang_up()
    answered = 0
    while answered < 2:
        rung = await site.phones.outside.next_call(30)
        number = rung.invite.uri.partition(":")[2].partition("@")[0]
        if number == "09121100072":
            await rung.refuse(486)
        elif number == "09121100071":
            await rung.answer()
            await hears(rung, "csat")
            rung.press("5")
            await hears(rung, "nps")
            await rung.hang_up()
        answered += 1
    await site.ask("full", later=None)
    row = await site.row("+989121100071", lambda row: row.response.kind == "later" and bool(row.response.end))
    assert results(row)[0] == ("csat", "answered", 5.0)
    first = await site.row("+989121100071", lambda row: row.response.kind == "after_call")
    assert row.response.call_id == first.response.call_id, "it belongs to the call that was lost"
    until = time.monotonic() + 60
    while True:
        async with site.engine.connect() as conn:
            kept = {call.number: call for call in (await survey_calls.page(conn)).rows}
        if kept["+989121100072"].state == "waiting":
            break
        assert time.monotonic() < until, kept
        await asyncio.sleep(0.2)
    assert kept["+989121100071"].state == "done"
    assert kept["+989121100072"].tries == 1
    assert kept["+989121100072"].next_at - datetime.now(UTC) > timedelta(minutes=1), "another day"
