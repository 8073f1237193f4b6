"""Queues set up without scripts: drafts, problems in place, members, applied, refused, gone back, CSV, observed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
from aiohttp import FormData

from cxcall.queues import csv_table, problems
from cxcall.queues.definition import Announcements, Destination, PenaltyStep, Targets
from cxcall.queues.hours import Calendar, Span
from cxcall.queues.strategies import STRATEGIES
from cxcall.store import audit, calendars, teams
from cxcall.web import words
from cxcall.web.access import Role
from tests.support.queue_stage import BILLING, PATH, SERVER, Switch, form_of, kept, settings, staged
from tests.support.webapp import Answer, Browser, World, start_world


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    world = await start_world(tmp_path, template, settings=settings(tmp_path))
    yield world
    await world.close()


@pytest.fixture
async def switch(world: World) -> Switch:
    return await staged(world)


async def send(
    browser: Browser, do: str, *, path: str = BILLING, without: tuple[str, ...] = (), **typed: str
) -> Answer:
    """The form as it is now, with `typed` in its fields (`__` in a name is a dot), sent by the button `do`."""
    now = {name.replace("__", "."): value for name, value in typed.items()}
    sent = [(name, value) for name, value in await form_of(browser) if name not in now and name not in without]
    return await browser.post(BILLING, [*sent, *now.items(), ("do", do)])


async def test_a_form_sent_as_it_is_changes_nothing_and_what_is_typed_is_kept_field_by_field(
    world: World, switch: Switch, admin: Browser
) -> None:
    before = await kept(world)
    assert (await send(admin, "save")).status == 303
    assert (await kept(world)).draft == before.draft
    answer = await send(
        admin, "save", title__en="Invoices", numbers="۴۰۰۰، 4001", strategy="fewestcalls", ring="۲۵", wrap_up="30",
        announcements__place="limit", announcements__every="45", join_empty="some", join_empty__paused="1",
        longest_wait="120", then="number", then__number="1000", targets__csat="85", targets__answer_share="92.5",
        without=("autofill",),
    )  # fmt: skip
    assert answer.status == 303, answer.text
    draft = (await kept(world)).draft
    assert draft is not None
    assert (draft.title["en"], draft.numbers, draft.strategy) == ("Invoices", ("4000", "4001"), "fewestcalls")
    assert (draft.ring, draft.wrap_up, draft.autofill, draft.join_empty) == (25, 30, False, ("paused",))
    assert draft.announcements == msgspec.structs.replace(Announcements(), place="limit", every=45)
    assert (draft.longest_wait, draft.then) == (120, Destination(kind="number", value="1000"))
    assert draft.targets == msgspec.structs.replace(Targets(), csat=85, answer_share=92.5)
    again = await send(admin, "save")
    assert (again.status, (await kept(world)).draft) == (303, draft)


async def test_what_cannot_be_read_stands_beside_its_field_and_the_rest_is_kept(
    world: World, switch: Switch, admin: Browser
) -> None:
    answer = await send(admin, "save", ring="soon", numbers="40 x", retry="9999", music="jazz")
    assert answer.status == 422
    assert 'value="soon"' in answer.text
    assert answer.text.count('aria-invalid="true"') >= 3
    assert "Write a number from 1 to 600." in answer.text
    draft = (await kept(world)).draft
    assert draft is not None
    assert (draft.ring, draft.numbers, draft.music) == (15, ("4000",), "jazz")


async def test_members_are_added_ordered_and_removed_and_a_skill_stands_for_its_people(
    world: World, switch: Switch, admin: Browser
) -> None:
    page = (await admin.get(BILLING)).text
    skill, team = re.findall(r'value="(skill:\w+)"', page)[0], re.findall(r'value="(team:\w+)"', page)[0]
    sent = [*await form_of(admin), ("add", skill), ("add", team), ("do", "add")]
    assert (await admin.post(BILLING, sent)).status == 303
    added = await send(admin, "add", add_phone="Local/300@agents/n", add_name="Lobby", add_state="PJSIP/300")
    assert added.status == 303
    draft = (await kept(world)).draft
    assert draft is not None
    assert [one.kind for one in draft.members] == ["agent", "interface", "skill", "team", "interface"]
    assert (draft.members[2].by_level, draft.members[4].state_interface) == (True, "PJSIP/300")
    page = (await admin.get(BILLING)).text
    assert "Hoda Zand" in page[page.index('id="members"') : page.index('id="add"')]
    assert re.search(r'value="skill" checked', page), "best skill first"
    assert re.search(r'class="state talk">On a call', page)
    await send(admin, "up:2")
    await send(admin, "remove:0")
    await send(admin, "save", members__0__penalty="3", members__0__level="4")
    draft = (await kept(world)).draft
    assert draft is not None
    assert [one.kind for one in draft.members] == ["skill", "interface", "team", "interface"]
    assert (draft.members[0].penalty, draft.members[0].level) == (3, 4)
    assert (await send(admin, "add", add_phone="nonsense")).status == 422
    await send(admin, "add-step")
    await send(admin, "save", rule__0__after="20", rule__0__most="1")
    after = (await kept(world)).draft
    assert after is not None
    assert after.rule == (PenaltyStep(after=20, most=1),)
    again = await send(admin, "save", ring="25")
    assert (again.status, (await kept(world)).draft) == (303, msgspec.structs.replace(after, ring=25)), (
        "as it was shown"
    )
    await send(admin, "drop-step:0")
    emptied = (await kept(world)).draft
    assert emptied is not None
    assert emptied.rule == ()


async def test_a_draft_is_applied_shown_as_applied_and_gone_back_from_with_one_button(
    world: World, switch: Switch, admin: Browser
) -> None:
    first = await send(admin, "apply")
    assert first.headers["Location"] == f"{BILLING}?done=applied"
    assert (await kept(world)).applied == (await kept(world)).draft
    page = (await admin.get(first.headers["Location"])).text
    assert "Asterisk has read it and says the same." in page
    assert "Nothing: Asterisk has it like this." in page
    await send(admin, "save", ring="40", most_callers="9")
    page = unescape((await admin.get(BILLING)).text)
    assert "<del>-timeout = 15</del><ins>+timeout = 40</ins>" in page.replace("\n", "")
    assert "2 changes not applied" in page
    assert (await send(admin, "apply")).status == 303
    history = (await admin.get(f"{PATH}/history?server={SERVER}&n=1")).text
    assert "+timeout = 15" in history
    back = await admin.post(f"{PATH}/history", {"server": SERVER, "n": "1"})
    assert back.headers["Location"].endswith("done=rolled-back")
    queue = await kept(world)
    assert queue.draft is not None
    assert (queue.draft.ring, queue.changed) == (15, False)
    async with world.engine.connect() as conn:
        acts = [entry.act for entry in await audit.page(conn, limit=50)]
    assert {"queues.apply", "queues.rollback", "queue.change"} <= set(acts)


async def test_the_change_is_against_what_asterisk_has_people_who_moved_since_included(
    world: World, switch: Switch, admin: Browser
) -> None:
    await admin.post(PATH, {"server": SERVER, "name": "night"})
    night = f"{PATH}/{SERVER}/night"
    team = next(value for value in re.findall(r'value="(team:\w+)"', (await admin.get(night)).text))
    await admin.post(night, [*await form_of(admin, night), ("add", team), ("longest_wait", "60"), ("do", "add")])
    applied = await admin.post(f"{PATH}/apply", {"server": SERVER})
    assert applied.headers["Location"].endswith("done=applied"), applied.text
    async with world.engine.begin() as conn:
        evening = (await teams.everything(conn))[0]
        await teams.change(conn, evening.id, version=evening.version, members=evening.members[:1])
    page = unescape((await admin.get(night)).text)
    assert "1 change not applied" in page
    assert re.search(r"<del>-member = PJSIP/2\d\d,0,(Hoda Zand|Omid Rahimi)</del>", page)
    assert "Written along, because their people or prompts changed since" not in page
    assert (
        'Written along, because their people or prompts changed since: <bdi dir="ltr">night</bdi>'
        in (await admin.get(BILLING)).text
    )
    await admin.post(night, [*await form_of(admin, night), ("do", "add-step")])
    page = unescape((await admin.get(night)).text)
    assert "<ins>+penaltychange = 30,1" in page
    assert "2 changes not applied" in page


async def test_a_caller_is_followed_through_the_queue_at_another_moment(
    world: World, switch: Switch, admin: Browser
) -> None:
    week = ((Span(since="09:00", to="17:00"),),) * 7
    async with world.engine.begin() as conn:
        kept_ = await calendars.create(
            conn, Calendar(name="Office", zone="Asia/Tehran", week=week), by="leila", now=world.clock()
        )
    await send(admin, "save", calendar=kept_.id, when_closed="queue:nowhere")
    day = world.clock().date().isoformat()
    looked = await send(admin, "look", see_day=day, see_time="۲۲:۳۰")
    assert "see_time=" in looked.headers["Location"]
    closed = (await admin.get(looked.headers["Location"])).text
    assert "Closed then: queue nowhere" in closed
    assert 'value="22:30"' in closed
    assert "Open until" in (await admin.get(f"{BILLING}?see_day={day}&see_time=10")).text
    assert "Write the time as 18:30." in (await admin.get(f"{BILLING}?see_day={day}&see_time=x")).text


async def test_a_draft_with_problems_is_not_applied_and_says_where(
    world: World, switch: Switch, admin: Browser
) -> None:
    answer = await send(admin, "apply", then="queue:nowhere")
    assert (answer.status, switch.asked) == (422, [])
    assert "There is no queue “nowhere”: callers would be lost." in answer.text
    assert re.search(r'<a class="link" href="#nobody">If nobody answers', answer.text)
    assert re.search(r'<select class="inp" id="then"[^>]* aria-invalid="true"', answer.text)
    listed = await admin.post(f"{PATH}/apply", {"server": SERVER})
    assert (listed.status, switch.asked) == (422, [])


async def test_a_conflict_is_shown_and_nothing_is_overwritten_and_without_asterisk_drafts_still_change(
    world: World, switch: Switch, admin: Browser
) -> None:
    await send(admin, "apply")
    switch.foreign = True
    answer = await send(admin, "apply", retry="8")
    assert answer.status == 409
    assert "<ins>+timeout = 45</ins>" in answer.text
    listed = await admin.post(f"{PATH}/apply", {"server": SERVER})
    assert (listed.status, "Take these lines over" in listed.text) == (409, True)
    taken = await admin.post(f"{PATH}/accept", {"server": SERVER})
    queue = await kept(world)
    assert taken.headers["Location"] == f"{PATH}?done=accepted"
    assert queue.applied is not None
    assert (queue.applied.ring, queue.changed) == (45, True)
    switch.away = True
    gone = await send(admin, "apply", ring="33")
    assert gone.status == 409
    assert "There is no connection to Asterisk now." in gone.text
    draft = (await kept(world)).draft
    assert draft is not None
    assert (draft.ring, (await kept(world)).changed) == (33, True)
    shown = (await admin.get(PATH)).text
    assert "Nothing listens on" in shown
    assert "Not connected" in shown
    assert (await admin.post(f"{BILLING}/test-call", {"phone": "1001"})).status == 409
    switch.away = False
    await admin.post(f"{PATH}/mode", {"server": SERVER, "mode": "observe", "version": "1"})
    watched = await send(admin, "apply")
    assert (watched.status, "cxcall only watches this Asterisk" in watched.text) == (409, True)


async def test_a_draft_changed_by_somebody_else_is_not_overwritten_unseen(
    world: World, switch: Switch, admin: Browser
) -> None:
    stale = await form_of(admin)
    await send(admin, "save", ring="21")
    answer = await admin.post(BILLING, [*((n, "44" if n == "ring" else v) for n, v in stale), ("do", "save")])
    assert answer.status == 409
    assert "Somebody else changed this queue meanwhile." in answer.text
    draft = (await kept(world)).draft
    assert draft is not None
    assert draft.ring == 21
    assert 'value="44"' in answer.text
    again = [(n, {"ring": "21"}.get(n, v)) for n, v in stale]  # sent as its page was left, and arrived: no clash
    assert (await admin.post(BILLING, [*again, ("do", "save")])).status == 303


async def test_a_draft_is_undone_discarded_and_a_queue_goes_with_the_next_apply(
    world: World, switch: Switch, admin: Browser
) -> None:
    await send(admin, "apply")
    await send(admin, "save", ring="50")
    await admin.post(f"{BILLING}/undo", {})
    assert not (await kept(world)).changed
    await send(admin, "save", ring="51")
    version = str((await kept(world)).version)
    assert (await admin.post(f"{BILLING}/discard", {"version": version})).status == 303
    assert not (await kept(world)).changed
    await admin.post(f"{BILLING}/remove", {"version": str((await kept(world)).version)})
    assert "This queue goes from Asterisk with the next apply." in (await admin.get(BILLING)).text
    await admin.post(PATH, {"server": SERVER, "name": "day"})
    day = [(n, v) for n, v in await form_of(admin, f"{PATH}/{SERVER}/day") if n not in ("then", "longest_wait")]
    to_billing = [*day, ("longest_wait", "60"), ("then", "queue:billing"), ("do", "save")]
    assert (await admin.post(f"{PATH}/{SERVER}/day", to_billing)).status == 303
    kept_back = await admin.post(f"{PATH}/apply", {"server": SERVER})
    assert (kept_back.status, "billing" in switch.applied) == (422, True)
    assert "Callers of the queue “day” come here, so it can’t be taken away." in (await admin.get(BILLING)).text
    gone = await admin.post(f"{PATH}/{SERVER}/day/remove", {"version": str((await kept(world, "day")).version)})
    assert gone.headers["Location"].endswith("done=gone")
    applied = await admin.post(f"{PATH}/apply", {"server": SERVER})
    assert (applied.status, switch.applied) == (303, {})
    assert (await admin.get(BILLING)).status == 404


async def test_a_queue_is_made_with_a_name_asterisk_can_use_and_found_by_the_search(
    world: World, switch: Switch, admin: Browser
) -> None:
    for name, why in (("two words", "Use 2 to 79"), ("general", "keeps this name"), ("BILLING", "already")):
        answer = await admin.post(PATH, {"server": SERVER, "name": name})
        assert answer.status in (409, 422)
        assert why in answer.text
    made = await admin.post(PATH, {"server": SERVER, "name": "night", "title.en": "Night desk"})
    assert made.headers["Location"] == f"{PATH}/{SERVER}/night?done=created"
    listed = (await admin.get(PATH)).text
    assert "Night desk" in listed
    assert "Draft, never applied" in listed
    assert f"{PATH}/{SERVER}/night" in (await admin.get("/search?q=night")).text
    found = (await admin.get(f"{PATH}?q=NIGHT")).text
    assert f"{PATH}/{SERVER}/night" in found
    assert BILLING not in found
    assert "No queue with “xyz”" in (await admin.get(f"{PATH}?q=xyz")).text


async def test_an_observed_queue_takes_a_name_and_targets_and_is_copied_never_written(
    world: World, switch: Switch, admin: Browser
) -> None:
    await admin.get(PATH)  # what is there is found
    sales = f"{PATH}/{SERVER}/sales"
    page = await admin.get(sales)
    assert "strategy = ringall" in page.text
    assert "Sara Karimi" in page.text
    assert 'action="/floor/member"' in page.text
    look = {"version": "1", "title.en": "Sales", "colour": "d3", "wrap_up": "20", "missed": "3", "hidden": "1"}
    goals = {f"targets.{name}": "10" for name in ("answer_within", "answer_share", "abandon_share", "short_abandon",
                                                  "longest_wait", "most_waiting")}  # fmt: skip
    assert (await admin.post(f"{sales}/look", {**look, **goals, "targets.csat": "x"})).status == 422
    assert (await admin.post(f"{sales}/look", {**look, **goals, "targets.csat": ""})).status == 303
    queue = await kept(world, "sales")
    assert (queue.look.title, queue.look.wrap_up, queue.look.missed, queue.look.hidden) == (
        {"en": "Sales"},
        20,
        3,
        True,
    )
    copied = await admin.post(f"{sales}/copy", {"name": "sales2"})
    assert copied.headers["Location"] == f"{PATH}/{SERVER}/sales2?done=created"
    copy = (await kept(world, "sales2")).draft
    assert copy is not None
    assert (copy.strategy, copy.members[0].value, switch.asked) == ("ringall", "PJSIP/1001", [])
    await admin.post(f"{sales}/test-call", {"phone": "1001"})
    assert [(call.queue, call.phone) for call in switch.calls] == [("sales", "1001")]


async def test_queues_go_out_as_csv_and_come_back_after_a_look_at_what_would_change(
    world: World, switch: Switch, admin: Browser
) -> None:
    out = (await admin.get(f"{PATH}/export.csv?server={SERVER}")).text
    assert "billing" in out
    header, line = out.splitlines()[:2]
    assert await _import(admin, out, "queues") == (0, "As it is")
    wanted = f"{header}\n{line}\n{line.replace('billing', 'night').replace('4000', '4444')}\n"
    page = await _uploaded(admin, wanted, "queues")
    assert "New queue" in page.text
    done = await admin.post(page.url.partition(str(world.server.port))[2], {"do": "start"})
    assert done.headers["Location"] == f"{PATH}?done=imported"
    night = (await kept(world, "night")).draft
    assert night is not None
    assert (night.numbers, night.longest_wait) == (("4444",), 300)
    bad = await _uploaded(admin, f"{header}\n{line.replace(',300,', ',long,')}\n", "queues")
    assert "is not a whole number" in bad.text
    excel = "\ufeffname;title fa;numbers;longest wait;then\r\nPersian;فروش;۰۲۱۹۱۰۰۰۵۰۰;۱۲۰;queue night\r\n"
    page = await _uploaded(admin, excel, "queues")
    await admin.post(page.url.partition(str(world.server.port))[2], {"do": "start"})
    persian = (await kept(world, "Persian")).draft
    assert persian is not None
    assert (persian.numbers, persian.longest_wait, persian.title) == (("02191000500",), 120, {"fa": "فروش"})
    members = (await admin.get(f"{PATH}/export.csv?server={SERVER}&what=members")).text
    assert "Night phone" in members
    assert await _import(admin, members, "members") == (0, "As it is")


async def test_only_administrators_set_up_queues(world: World, switch: Switch) -> None:
    for role in (Role.AGENT, Role.SUPERVISOR):
        browser = await world.browser(role)
        for path in (PATH, BILLING, f"{PATH}/history?server={SERVER}", f"{PATH}/import"):
            assert (await browser.get(path)).status == 403
        assert (await browser.post(f"{PATH}/apply", {"server": SERVER})).status == 403


def test_what_is_said_of_a_queue_is_said_in_persian_too() -> None:
    told = [*problems.ERRORS.values(), *problems.WARNINGS.values(), *csv_table.SENTENCES.values()]
    told += [text for one in STRATEGIES.values() for text in (one.effect, one.explained)]
    known = words.catalogue("fa")
    assert [text for text in told if (None, text) not in known] == []


async def _uploaded(browser: Browser, text: str, what: str) -> Answer:
    form = FormData()
    for name, value in (("server", SERVER), ("what", what), ("csrf", await browser.token())):
        form.add_field(name, value)
    form.add_field("file", text.encode(), filename="queues.csv", content_type="text/csv")
    async with browser.client.post(f"{PATH}/import", data=form, headers={"Sec-Fetch-Site": "same-origin"}) as response:
        return Answer(response.status, await response.text(), response.headers, str(response.url))


async def _import(browser: Browser, text: str, what: str) -> tuple[int, str]:
    """How many errors the preview of a file names, and what it says of its first line."""
    page = await _uploaded(browser, text, what)
    state = re.search(r'<span class="chip [^"]*">([^<]+)</span></td>', page.text)
    assert state is not None, page.text
    return page.text.count('id="wrong"'), state[1]
