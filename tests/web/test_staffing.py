"""Pages of staffing without scripts: the need beside the roster, rosters typed and uploaded, adherence."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from aiohttp import FormData

from cxcall.reports.period import midnight
from cxcall.store import rosters
from tests.support.staffing_stage import QUEUE, ZONE, Stage, staged
from tests.support.webapp import Answer, Browser, World

STAFFING, ROSTER, ADHERENCE = "/reports/staffing", "/reports/roster", "/reports/adherence"


@pytest.fixture
async def stage(world: World) -> Stage:
    return await staged(world.engine, world.clock())


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


async def upload(browser: Browser, path: str, data: bytes, name: str) -> Answer:
    """Send a file as its form would, and look at what comes of it."""
    form = FormData({"csrf": await browser.token()})
    form.add_field("file", data, filename=name, content_type="text/csv")
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with browser.client.post(path, data=form, headers=headers) as response:
        return Answer(response.status, await response.text(), dict(response.headers), str(response.url))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


async def test_agents_and_guests_do_not_see_staffing(agent: Browser, guest: Browser, stage: Stage):
    for path in (STAFFING, ROSTER, ADHERENCE, ROSTER + "/upload", STAFFING + "/export"):
        assert (await agent.get(path)).status == 403
        assert (await guest.get(path)).status in (302, 303)


async def test_a_day_shows_calls_agents_needed_and_who_is_rostered(supervisor: Browser, stage: Stage):
    answer = await supervisor.get(f"{STAFFING}?queue={QUEUE}&day=2026-11-22")
    assert (answer.status, answer.heading) == (200, "Staffing")
    text = plain(answer.text)
    assert "goal 80% in 15 s" in text  # the queue's own
    assert "Between " in text
    assert "are needed than are on the roster" in text
    assert "Tried on " in text


async def test_the_export_has_the_figures_of_the_page(supervisor: Browser, stage: Stage):
    page = await supervisor.get(f"{STAFFING}?queue={QUEUE}&day=2026-11-22")
    export = await supervisor.get(f"{STAFFING}/export?queue={QUEUE}&day=2026-11-22")
    assert export.headers["Content-Type"].startswith("text/csv")
    header, *rows = table(export.text)
    assert header[:4] == ["Date", "Jalali date", "Time", "Calls expected"]
    ten = next(row for row in rows if row[2] == "10:30")
    assert ten[:3] == ["2026-11-22", "1405/09/01", "10:30"]
    shown = re.search(r'<th scope="row">10:30</th>\s*<td class="n">(.*?)</td>.*?</tr>', page.text, re.DOTALL)
    assert shown is not None
    assert plain(shown[1]) == f"{float(ten[3]):,.1f}"
    assert f'<td class="n b"><bdi class="num" dir="ltr">{ten[9]}</bdi></td>' in shown[0]
    assert float(ten[11]) == float(ten[10]) - int(ten[9])


async def test_what_if_there_were_more_calls(supervisor: Browser, stage: Stage):
    async def need(query: str) -> float:
        _, *rows = table((await supervisor.get(f"{STAFFING}/export?queue={QUEUE}&day=2026-11-22{query}")).text)
        return sum(int(row[9]) for row in rows)

    usual = await need("")
    assert await need("&volume=50") > usual
    assert await need("&handle=-50") < usual
    assert await need("&shrinkage=30") > usual
    assert await need("&share=95") >= usual


async def test_a_fixed_number_of_agents_gives_a_service_level(supervisor: Browser, stage: Stage):
    levels = []
    for agents in (2, 5, 9):
        _, *rows = table((await supervisor.get(f"{STAFFING}/export?queue={QUEUE}&day=2026-11-22&agents={agents}")).text)
        levels.append(min(float(row[12]) for row in rows))
    assert levels == sorted(levels)
    assert levels[0] < levels[2]


async def test_a_week_lists_its_days_and_opens_them(supervisor: Browser, stage: Stage):
    answer = await supervisor.get(f"{STAFFING}?day=2026-11-22&view=week")
    assert "Day by day" in answer.text
    assert f'href="{STAFFING}?day=2026-11-22"' in answer.text
    assert "needs most" in plain(answer.text)


async def test_what_can_not_be_used_is_named_and_the_usual_value_taken(supervisor: Browser, stage: Stage):
    answer = await supervisor.get(f"{STAFFING}?day=never&share=120&patience=abc&occupancy=85")
    text = plain(answer.text)
    assert answer.status == 200
    assert "Share to answer: “120” can't be used" in text
    assert "Patience: “abc” can't be used" in text
    assert "Day: “never” can't be used" in text
    assert 'name="occupancy"' in answer.text


async def test_persian_digits_and_jalali_days_are_understood(supervisor: Browser, stage: Stage):
    one = await supervisor.get(f"{STAFFING}/export?day=۱۴۰۵/۰۹/۰۱&volume=۱۰")
    other = await supervisor.get(f"{STAFFING}/export?day=2026-11-22&volume=10")
    assert one.text == other.text


async def test_without_a_history_it_says_so(supervisor: Browser):
    answer = await supervisor.get(STAFFING)
    assert "Too little is known yet to forecast." in answer.text


async def test_an_entry_is_added_changed_and_removed_by_hand(supervisor: Browser, world: World, stage: Stage):
    day = stage.day + timedelta(days=20)
    sent = {"agent": stage.sara, "date": day.isoformat(), "from": "۸:۰۰", "to": "16:00", "activity": "work", "day": ""}
    saved = await supervisor.post(ROSTER, sent, follow=True)
    assert "Saved." in saved.text
    found = re.search(r"entry=([0-9a-f]{26})", saved.text)
    assert found is not None
    form = await supervisor.get(f"{ROSTER}?day={day}&entry={found[1]}")
    assert "Change an entry" in form.text
    changed = await supervisor.post(ROSTER, {**sent, "to": "18:00", "entry": found[1], "day": str(day)}, follow=True)
    assert "08:00–18:00" in plain(changed.text)
    found = re.search(r"entry=([0-9a-f]{26})", changed.text)
    assert found is not None
    gone = await supervisor.post(ROSTER, {"entry": found[1], "do": "remove", "day": str(day)}, follow=True)
    assert "Removed." in gone.text
    assert "08:00–18:00" not in plain(gone.text)
    undo = re.search(r"/reports/roster/changes/[0-9a-z]+/undo", gone.text)
    assert undo is not None
    back = await supervisor.post(undo[0], {"day": str(day)}, follow=True)
    assert "08:00–18:00" in plain(back.text)


async def test_what_is_wrong_with_an_entry_is_said_beside_it_and_kept(supervisor: Browser, stage: Stage):
    sent = {"agent": "", "date": "soon", "from": "8:00", "to": "8:00", "activity": "work", "day": ""}
    answer = await supervisor.post(ROSTER, sent)
    assert answer.status == 422
    for sentence in ("Choose an agent.", "That is no date.", "It ends when it begins."):
        assert sentence in answer.text
    assert 'value="soon"' in answer.text
    over = {**sent, "agent": stage.sara, "date": str(stage.next), "from": "15:00", "to": "20:00"}
    refused = await supervisor.post(ROSTER, over)
    assert refused.status == 422
    assert "It lies over what is on the roster" in refused.text


async def test_a_changed_entry_that_is_gone_is_a_conflict(supervisor: Browser, stage: Stage):
    sent = {"agent": stage.sara, "date": "2027-01-02", "from": "8", "to": "16", "activity": "work", "entry": "0" * 26}
    answer = await supervisor.post(ROSTER, {**sent, "day": ""})
    assert answer.status == 409
    assert "Nothing was saved." in answer.text


FILE = """agent,date,from,to,activity
mina,2026-12-05,08:00,16:00,work
1012,1405/09/14,08:00,16:00,work
nobody,2026-12-05,08:00,16:00,work
mina,2026-12-05,15:00,18:00,work
"""


async def test_a_file_is_looked_at_before_it_counts_and_can_be_taken_back(
    supervisor: Browser, world: World, stage: Stage
):
    looked = await upload(supervisor, f"{ROSTER}/upload", FILE.encode(), "december.csv")
    text = plain(looked.text)
    assert "2 lines can be taken." in text
    assert "2 lines can't." in text
    assert "Nobody is called “nobody” here." in text
    assert "It lies over line 2" in text
    assert await count(world, date(2026, 12, 5)) == 0
    path = "/" + looked.url.split("/", 3)[3]
    wrong = table((await supervisor.get(path + "/wrong.csv")).text)
    assert [row[0] for row in wrong[1:]] == ["4", "5"]
    assert wrong[1][2:] == ["nobody", "2026-12-05", "08:00", "16:00", "work"]
    taken = await supervisor.post(path, {"do": "replace"}, follow=True)
    assert "The roster was taken over." in taken.text
    assert await count(world, date(2026, 12, 5)) == 2
    undo = re.search(r"/reports/roster/changes/[0-9a-z]+/undo", taken.text)
    assert undo is not None
    await supervisor.post(undo[0], {"day": "2026-12-05"}, follow=True)
    assert await count(world, date(2026, 12, 5)) == 0


async def count(world: World, day: date) -> int:
    async with world.engine.connect() as conn:
        since = midnight(day, ZONE)
        return len(await rosters.entries(conn, since=since, until=since + timedelta(days=1)))


async def test_a_file_that_is_none_is_refused_with_the_reason(supervisor: Browser, stage: Stage):
    for data, sentence in (
        (b"", "There is nothing in this file."),
        (b"agent,date\n", "These columns are missing: from, to."),
    ):
        answer = await upload(supervisor, f"{ROSTER}/upload", data, "x.csv")
        assert answer.status == 422
        assert sentence in answer.text


async def test_the_export_of_a_week_can_be_uploaded_again(supervisor: Browser, world: World, stage: Stage):
    export = await supervisor.get(f"{ROSTER}/export?day={stage.next}")
    before = table(export.text)
    assert before[0] == ["agent", "date", "from", "to", "activity"]
    looked = await upload(supervisor, f"{ROSTER}/upload", export.text.encode(), "again.csv")
    assert "can't." not in plain(looked.text)
    await supervisor.post("/" + looked.url.split("/", 3)[3], {"do": "replace"})
    assert table((await supervisor.get(f"{ROSTER}/export?day={stage.next}")).text) == before


async def test_adherence_lists_agents_and_opens_their_day(supervisor: Browser, stage: Stage):
    answer = await supervisor.get(f"{ADHERENCE}?day={stage.day}")
    text = plain(answer.text)
    assert "Mina Kiani" in text
    # Of eight hours 12 minutes were lost to coming late and 15 to lunch.
    assert "94%" in text
    assert "100%" in text
    assert "Most time was lost to “Break too long”: 15 minutes of 1 agent." in text
    day = await supervisor.get(f"{ADHERENCE}/{stage.sara}?day={stage.day}")
    said = plain(day.text)
    assert day.heading == "Mina Kiani"
    assert "Late 08:00–08:12" in said
    assert "Break too long 12:30–12:45" in said
    assert (await supervisor.get(f"{ADHERENCE}/{'0' * 26}")).status == 404


async def test_the_export_of_adherence_has_its_seconds(supervisor: Browser, stage: Stage):
    header, *rows = table((await supervisor.get(f"{ADHERENCE}/export?day={stage.day}")).text)
    mina = dict(zip(header, rows[0], strict=True))
    assert (mina["Agent"], mina["Scheduled seconds"], mina["In adherence seconds"]) == ("Mina Kiani", "28800", "27180")
    assert mina["Adherence in %"] == "94.4"
    assert mina["Differences"] == "2"


async def test_a_week_of_adherence_adds_its_days(supervisor: Browser, stage: Stage):
    answer = await supervisor.get(f"{ADHERENCE}?day={stage.day}&view=week")
    assert answer.status == 200
    person = await supervisor.get(f"{ADHERENCE}/{stage.reza}?day={stage.day}&view=week")
    assert "All as planned." in plain(person.text)


async def test_a_day_without_a_roster_says_what_to_do(supervisor: Browser, stage: Stage):
    answer = await supervisor.get(f"{ADHERENCE}?day=2026-01-01")
    assert "Nobody is on the roster." in answer.text
    assert 'href="/reports/roster"' in answer.text


async def test_pages_are_persian_for_who_reads_persian(supervisor: Browser, world: World, stage: Stage):
    await supervisor.post("/settings", {"language": "fa"}, follow=True)
    for path in (STAFFING, ROSTER, f"{ADHERENCE}?day={stage.day}", f"{ADHERENCE}/{stage.sara}?day={stage.day}"):
        answer = await supervisor.get(path)
        assert answer.status == 200
        assert 'lang="fa"' in answer.text
