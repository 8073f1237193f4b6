"""/reports/schedules: a schedule made in a form, run, paused, its log; what is really sent is what the pages show."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cxcall.outgoing.schedules import ReportSender
from cxcall.reports.definition import Definition
from cxcall.reports.timetable import Timetable
from cxcall.settings import Data, Mail, Settings, Site
from cxcall.store import own_reports, report_schedules, users
from cxcall.store.report_schedules import Plan, Schedule
from cxcall.web.access import Role
from cxcall.web.pages.schedules.making import maker
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, ended, past, ringing
from tests.support.smtp_peer import SmtpPeer, smtp_peer
from tests.support.webapp import Browser as Person
from tests.support.webapp import World
from tests.web.reading import Browser

TEHRAN = ZoneInfo("Asia/Tehran")
PATH = "/reports/schedules"
FORM = [
    ("name", "Every week"), ("report", "queues"), ("period", "last_week"), ("format", "xlsx"), ("format", "csv"),
    ("every", "week"), ("at", "۷:۳۰"), ("weekday", "5"), ("weekday", "0"), ("day", "1"), ("month", "jalali"),
    ("mail", "boss@example.com\nali@example.com, boss@example.com"), ("folder", "management/weekly"),
    ("language", "fa"), ("calendar", "jalali"),
]  # fmt: skip


async def the_one(world: World) -> Schedule:
    async with world.engine.connect() as conn:
        (one,) = await report_schedules.everything(conn)
    return one


async def test_a_schedule_is_made_from_a_form_and_shows_when_it_runs_next(world: World, supervisor: Person) -> None:
    assert "Nothing is scheduled yet." in (await supervisor.get(PATH)).text
    page = await supervisor.post(PATH + "/new", list(FORM), follow=True)
    assert "The schedule is saved." in page.text
    kept = await the_one(world)
    assert kept.plan == Plan(
        report="queues", period="last_week", formats=("csv", "xlsx"), language="fa", calendar="jalali",
        timetable=Timetable(every="week", at="07:30", weekdays=(0, 5), day=1, calendar="jalali"),
        mail=("boss@example.com", "ali@example.com"), folder="management/weekly",
    )  # fmt: skip
    for words in ("Monday, Saturday at 07:30", "boss@example.com", "reports/management/weekly",
                  "It has not run yet."):  # fmt: skip
        assert words in page.text, words
    listed = await supervisor.get(PATH)
    for words in ("Every week", "Queues", "not yet", "No mail server is set up"):
        assert words in listed.text, words


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "Give it a name."),
        ("report", "made-up", "Choose a report."),
        ("at", "25:00", "Write a time like 08:00."),
        ("mail", "boss@example.com\nno address", "This is no mail address: no"),
        ("mail", "a@b\r\nBcc:x@y", "This is no mail address"),
        ("folder", "../../etc", "Write names with / between"),
        ("folder", "/tmp", "Write names with / between"),
    ],
)
async def test_what_is_wrong_is_told_and_what_was_typed_stays(
    world: World, supervisor: Person, field: str, value: str, said: str
) -> None:
    page = await supervisor.post(PATH + "/new", [(name, value if name == field else kept) for name, kept in FORM])
    assert page.status == 422
    assert said in page.text
    assert 'value="management/weekly"' in page.text or field == "folder"
    async with world.engine.connect() as conn:
        assert await report_schedules.everything(conn) == []


async def test_nobody_and_no_file_are_asked_for_and_every_day_needs_no_days(supervisor: Person) -> None:
    empty = [pair for pair in FORM if pair[0] not in ("format", "weekday", "mail", "folder")]
    page = await supervisor.post(PATH + "/new", empty)
    for words in ("Choose at least one kind of file.", "Choose at least one day", "Write at least one mail address"):
        assert words in page.text, words
    daily = [pair for pair in FORM if pair[0] not in ("weekday", "every")]
    assert (await supervisor.post(PATH + "/new", [*daily, ("every", "day")])).status == 303


async def test_a_schedule_is_paused_deleted_and_back_by_its_owner_and_administrators(
    world: World, supervisor: Person, admin: Person, agent: Person
) -> None:
    await admin.post(PATH + "/new", list(FORM))
    kept = await the_one(world)
    one = f"{PATH}/{kept.id}"
    assert (await agent.get(PATH)).status == 403
    assert (await supervisor.get(one)).status == 200
    for act in ("/pause", "/remove", "/run", "/edit"):
        assert (await supervisor.post(one + act, list(FORM))).status == 403, act
    paused = await admin.post(one + "/pause", follow=True)
    assert "The schedule is paused." in paused.text
    assert (await the_one(world)).next_at is None
    assert "The schedule runs again." in (await admin.post(one + "/resume", follow=True)).text
    stale = await admin.post(one + "/edit", [*FORM, ("version", "1")])
    assert stale.status == 409
    assert (await admin.post(one + "/edit", [*FORM, ("version", "3")])).status == 303
    gone = await admin.post(one + "/remove", follow=True)
    assert f'action="{one}/restore"' in gone.text
    assert (await supervisor.post(one + "/restore")).status == 403
    assert "The schedule is back." in (await admin.post(one + "/restore", follow=True)).text


async def some(centre: CallCentre) -> None:
    lost = ringing("02188341190", centre.ago(minutes=20), queue="sales")
    await centre.tell(
        past(MARYAM, centre.ago(minutes=60), at=SARA),
        past(MARYAM, centre.ago(minutes=40), at=OMID),
        ended(lost, centre.ago(minutes=18)),
    )


async def sent(centre: CallCentre, peer: SmtpPeer) -> None:
    """What is due is made and sent."""
    settings = Settings(
        site=Site(timezone="Asia/Tehran"), data=Data(dir=str(centre.folder)),
        mail=Mail(host="127.0.0.1", port=peer.port, security="none", from_="cxcall@example.com", timeout=5),
    )  # fmt: skip
    make = maker(settings=settings, engine=centre.engine, clock=lambda: centre.now)
    sender = ReportSender(settings=settings, engine=centre.engine, bus=centre.bus, make=make, clock=lambda: centre.now)
    async with asyncio.TaskGroup() as group:
        await sender.start_due(group)


async def schedule(centre: CallCentre, plan: Plan) -> Schedule:
    async with centre.engine.begin() as conn:
        people = {user.name: user for user in await users.everyone(conn)}
        return await report_schedules.create(
            conn, name="Now", owner_id=people["leila"].id, plan=plan, zone=TEHRAN, by="leila",
            now=centre.now,
        )  # fmt: skip


async def test_run_now_sends_the_figures_of_the_page_in_the_language_asked_for(
    centre: CallCentre, browser: Browser
) -> None:
    await some(centre)
    plan = Plan(report="queues", period="week", formats=("csv", "xlsx"), mail=("boss@example.com",), folder="now",
                language="fa", calendar="jalali")  # fmt: skip
    kept = await schedule(centre, plan)
    async with smtp_peer() as peer:
        await browser.post("leila", f"{PATH}/{kept.id}/run")
        centre.now += timedelta(seconds=5)
        await sent(centre, peer)
    ((to, mail),) = peer.took
    assert to == "boss@example.com"
    files = {file.get_filename(): file.get_payload(decode=True) for file in mail.iter_attachments()}
    (name,) = [name for name in files if str(name).endswith(".csv")]
    text = files[name].decode("utf-8-sig")  # type: ignore[union-attr]  # a file has bytes
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][0] == "صف"
    assert [row[2] for row in rows[1:]] == ["2", "1", "3"], "offered, the total last"
    assert (centre.folder / "reports/now" / str(name)).read_bytes() == files[name]
    assert sorted(str(one)[-5:] for one in files) == sorted([str(name)[-5:], ".xlsx"])
    page = await browser.page("leila", f"{PATH}/{kept.id}")
    log = page.one("#runs")
    for words in ("Sent to all", "boss@example.com", "the folder", str(name), "asked for"):
        assert words in log.text, words
    assert "hx-get" not in log.attributes


async def test_a_failed_run_says_why_and_is_tried_again_by_a_button(centre: CallCentre, browser: Browser) -> None:
    await some(centre)
    kept = await schedule(centre, Plan(report="own:ffffffffffffffffffffffffff", folder="now", formats=("csv",)))
    async with smtp_peer() as peer:
        await browser.post("leila", f"{PATH}/{kept.id}/run")
        centre.now += timedelta(seconds=5)
        await sent(centre, peer)
        page = await browser.page("leila", f"{PATH}/{kept.id}")
        assert "Not sent" in page.one("#runs").text
        assert "The report is gone" in page.one("#runs").text
        async with centre.engine.begin() as conn:
            await report_schedules.save(
                conn, kept.id, version=1, name="Now", plan=Plan(report="queues", folder="now", formats=("csv",)),
                zone=TEHRAN, by="leila", now=centre.now,
            )  # fmt: skip
        run = page.one("#runs input[name=run]").attributes["value"] or ""
        again = await browser.post("leila", f"{PATH}/{kept.id}/run", run=run)
        assert "Waits" in again.one("#runs").text
        centre.now += timedelta(seconds=5)
        await sent(centre, peer)
    page = await browser.page("leila", f"{PATH}/{kept.id}")
    assert len(page.all("#runs tbody tr")) == 1, "the same run"
    assert "Sent to all" in page.one("#runs").text


async def test_an_own_report_is_sent_while_its_maker_may_see_it_and_no_longer(
    centre: CallCentre, browser: Browser
) -> None:
    await some(centre)
    async with centre.engine.begin() as conn:
        people = {user.name: user for user in await users.everyone(conn)}
        own = await own_reports.create(
            conn, name="Admin's / own", owner_id=people["admin"].id, period="week", by="admin", now=centre.now,
            shared="overseers", definition=Definition(by=("agent",), measures=("handled",)),
        )  # fmt: skip
        hidden = await own_reports.create(
            conn, name="Hidden", owner_id=people["admin"].id, period="week", by="admin", now=centre.now,
            definition=Definition(),
        )  # fmt: skip
    plans = [
        Plan(report=f"own:{one.id}", period="", formats=("csv",), folder=folder)
        for one, folder in ((own, "shown"), (hidden, "hidden"))
    ]
    shown, refused = [await schedule(centre, plan) for plan in plans]
    async with smtp_peer() as peer:
        for kept in (shown, refused):
            await browser.post("leila", f"{PATH}/{kept.id}/run")
        centre.now += timedelta(seconds=5)
        await sent(centre, peer)
        (file,) = (centre.folder / "reports/shown").iterdir()
        assert file.name.startswith("Admin-s-own_")
        assert not (centre.folder / "reports/hidden").exists()
        assert "The report is gone" in await browser.text("leila", f"{PATH}/{refused.id}")
        async with centre.engine.begin() as conn:
            leila = await users.get(conn, people["leila"].id)
            assert leila is not None
            await users.change(conn, leila.id, version=leila.version, role="agent")
            await report_schedules.run_now(conn, shown.id, now=centre.now)
        await sent(centre, peer)
    async with centre.engine.connect() as conn:
        newest = (await report_schedules.runs(conn, shown.id))[0]
    assert (newest.state, newest.problem) == ("failed", "owner")


async def test_the_page_reads_in_persian(world: World, supervisor: Person) -> None:
    await world.prefer(Role.SUPERVISOR, language="fa")
    await supervisor.post(PATH + "/new", list(FORM))
    page = await supervisor.get(f"{PATH}/{(await the_one(world)).id}")
    for words in ("دوشنبه", "شنبه", "۰۷:۳۰", "هنوز اجرا نشده است."):
        assert words in page.text, words
    assert "زمان‌بندی تازه" in (await supervisor.get(PATH + "/new")).text
