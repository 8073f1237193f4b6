"""/reports/own: a report put together in a plain form, tried, saved, shared, copied, deleted and brought back."""

from __future__ import annotations

import re

from cxcall.reports.definition import Definition
from cxcall.store import own_reports
from cxcall.store.sharing import Reader
from cxcall.web.access import Role
from cxcall.web.pages.own_reports.typed import moved
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, ended, past, ringing
from tests.support.webapp import Browser as Person
from tests.support.webapp import World
from tests.web.reading import Browser, Element

PATH = "/reports/own"
FORM = [
    ("name", " Billing  in the morning "), ("shared", "supervisors"), ("when", "last_month"), ("by1", "queue"),
    ("by2", "weekday"), ("measure", "offered"), ("measure", "asa"), ("queue", "billing"), ("weekday", "5"),
    ("hour_from", "۸"), ("hour_to", "11"), ("short", "in"), ("compare", "before"), ("version", "0"),
]  # fmt: skip


async def saved(world: World) -> own_reports.OwnReport:
    async with world.engine.connect() as conn:
        (one,) = await own_reports.listed(conn, Reader(id=world.people[Role.SUPERVISOR].id, role="supervisor"))
    return one


def test_figures_move_up_and_down_leave_and_come_once() -> None:
    assert moved(["a", "b", "c"], "up:2") == ["a", "c", "b"]
    assert moved(["a", "b", "c"], "up:0") == ["a", "b", "c"]
    assert moved(["a", "b", "c"], "down:0") == ["b", "a", "c"]
    assert moved(["a", "b", "c"], "down:2") == ["a", "b", "c"]
    assert moved(["a", "b", "a"], "out:0") == ["b"]
    assert moved(["a"], "add", "b") == ["a", "b"]
    assert moved(["a"], "add", "a") == ["a"]
    for nonsense in ("up:", "up:x", "up:-1", "up:99", "out:99999", "", "save"):
        assert moved(["a"], nonsense) == ["a"]


async def test_a_report_is_saved_from_a_form_and_opens_with_its_figures(world: World, supervisor: Person) -> None:
    made = await supervisor.post(PATH + "/new", [*FORM, ("do", "save")])
    report = await saved(world)
    assert (made.status, made.headers["Location"]) == (303, f"{PATH}/{report.id}?done=saved")
    assert (report.name, report.shared, report.period) == ("Billing in the morning", "supervisors", "last_month")
    definition = report.definition
    assert (definition.by, definition.measures) == (("queue", "weekday"), ("offered", "asa"))
    assert definition.narrowing.queues == ("billing",)
    assert (definition.narrowing.hours, definition.narrowing.weekdays) == ((8, 9, 10, 11), (5,))
    assert (definition.short, definition.compare) == ("in", "before")
    page = await supervisor.get(made.headers["Location"])
    for words in ("The report is saved.", "Billing in the morning", "Last month", "Offered", "Average speed of answer"):
        assert words in page.text, words
    form = await supervisor.get(f"{PATH}/{report.id}/edit")
    assert '<option value="queue" selected>' in form.text
    assert re.search(r'name="queue" value="billing" checked', form.text)


async def test_buttons_move_figures_and_nothing_that_was_typed_is_lost(supervisor: Person) -> None:
    page = await supervisor.post(PATH + "/new", [*FORM, ("do", "down:0")])
    assert page.status == 200
    assert re.findall(r'name="measure" value="(\w+)"', page.text) == ["asa", "offered"]
    assert 'value="Billing in the morning"' in page.text
    page = await supervisor.post(PATH + "/new", [*FORM, ("add", "abandon_rate"), ("do", "add")])
    assert re.findall(r'name="measure" value="(\w+)"', page.text) == ["offered", "asa", "abandon_rate"]
    page = await supervisor.post(PATH + "/new", [*FORM, ("do", "out:1")])
    assert re.findall(r'name="measure" value="(\w+)"', page.text) == ["offered"]


async def test_what_is_wrong_is_told_beside_its_field(world: World, supervisor: Person) -> None:
    wrong = [("name", ""), ("when", ""), ("from", "2026-13-99"), ("by1", "queue"), ("by2", "hour"), ("do", "save")]
    page = await supervisor.post(PATH + "/new", wrong)
    assert page.status == 422
    for words in ("Give it a name.", "Write both days", "Choose at least one figure.", 'value="2026-13-99"'):
        assert words in page.text, words
    page = await supervisor.post(PATH + "/new", [*FORM, ("measure", "made_up"), ("do", "save")])
    assert page.status == 422
    async with world.engine.connect() as conn:
        reader = Reader(id=world.people[Role.SUPERVISOR].id, role="supervisor")
        assert await own_reports.listed(conn, reader) == []


async def test_a_report_is_shared_by_role_copied_and_changed_by_its_owner_alone(
    world: World, supervisor: Person, admin: Person, agent: Person
) -> None:
    await supervisor.post(PATH + "/new", [*FORM, ("do", "save")])
    report = await saved(world)
    assert (await agent.get(PATH)).status == 403
    assert (await admin.get(f"{PATH}/{report.id}")).status == 404, "shared with supervisors"
    share = [(name, "overseers" if name == "shared" else value) for name, value in FORM]
    share = [(name, "1" if name == "version" else value) for name, value in share]
    assert (await supervisor.post(f"{PATH}/{report.id}/edit", [*share, ("do", "save")])).status == 303
    assert "Billing in the morning" in (await admin.get(PATH)).text
    assert (await admin.get(f"{PATH}/{report.id}/edit")).status == 403
    assert (await admin.post(f"{PATH}/{report.id}/remove")).status == 403
    late = await supervisor.post(f"{PATH}/{report.id}/edit", [*share, ("do", "save")])
    assert late.status == 409
    assert "Somebody else changed this meanwhile" in late.text
    copy = await admin.post(f"{PATH}/{report.id}/copy", follow=True)
    assert "Copy of Billing in the morning" in copy.text


async def test_a_deleted_report_comes_back_under_its_address(world: World, supervisor: Person) -> None:
    await supervisor.post(PATH + "/new", [*FORM, ("do", "save")])
    report = await saved(world)
    gone = await supervisor.post(f"{PATH}/{report.id}/remove", {"version": "1"}, follow=True)
    assert "The report is deleted." in gone.text
    assert f'action="{PATH}/{report.id}/restore"' in gone.text
    assert (await supervisor.get(f"{PATH}/{report.id}")).status == 404
    back = await supervisor.post(f"{PATH}/{report.id}/restore", follow=True)
    assert "The report is back." in back.text
    assert (await supervisor.get(f"{PATH}/{report.id}")).status == 200


async def test_a_ready_made_report_that_is_looked_at_becomes_ones_own(supervisor: Person) -> None:
    page = await supervisor.get(PATH + "/new?report=agents&when=yesterday&queue=billing&measures=handled,aht&short=in")
    assert re.findall(r'name="measure" value="(\w+)"', page.text) == ["handled", "aht"]
    assert '<option value="agent" selected>' in page.text
    assert '<option value="yesterday" selected>' in page.text
    assert 'value="Agents"' in page.text
    plain = await supervisor.get(PATH + "/new")
    assert tuple(re.findall(r'name="measure" value="(\w+)"', plain.text)) == Definition().measures


async def test_the_figures_of_a_report_are_those_of_its_calls(centre: CallCentre, browser: Browser) -> None:
    lost = ringing("02188341190", centre.ago(minutes=20), queue="sales")
    await centre.tell(
        past(MARYAM, centre.ago(minutes=60), at=SARA),
        past(MARYAM, centre.ago(minutes=40), at=OMID),
        ended(lost, centre.ago(minutes=18)),
    )
    page = await browser.page("leila", f"{PATH}/new?by=queue&measures=offered,answered,abandoned&when=week&short=in")
    table: dict[str, list[str]] = {}
    for row in page.all("table tr"):
        cells: list[Element] = row.all("td")
        if cells and row.all("th"):
            table[row.one("th").text.split()[0]] = [cell.all("bdi")[0].text for cell in cells]
    assert table["sales"] == ["1", "0", "1"]
    assert table["Total"] == ["3", "2", "1"]
    answered = page.one("tfoot").all("a")[1].attributes["href"] or ""
    behind = await browser.page("leila", answered)
    assert len(behind.all("tbody tr")) == 2, "as many calls as the figure says"


async def test_a_report_goes_along_as_a_file(world: World, supervisor: Person) -> None:
    await supervisor.post(PATH + "/new", [*FORM, ("do", "save")])
    report = await saved(world)
    text = await supervisor.get(f"{PATH}/{report.id}/export?format=csv")
    assert (text.status, text.headers["Content-Type"].partition(";")[0]) == (200, "text/csv")
    assert "Billing-in-the-morning_" in text.headers["Content-Disposition"]
    assert "Average speed of answer" in text.text


async def test_the_page_reads_in_persian(world: World, supervisor: Person) -> None:
    await world.prefer(Role.SUPERVISOR, language="fa")
    page = await supervisor.get(PATH + "/new")
    for words in ("گزارش تازه", "شاخص‌ها، به این ترتیب", "شنبه", "ذخیره"):
        assert words in page.text, words


async def test_an_opened_report_takes_the_words_of_an_address_and_all_undoes_its_filters(
    world: World, supervisor: Person
) -> None:
    await supervisor.post(PATH + "/new", [*FORM, ("do", "save")])
    one = f"{PATH}/{(await saved(world)).id}"
    page = await supervisor.get(one)
    assert "compared with" in page.text
    assert "queue=%2A" in page.text, "the menu leads to all queues"
    assert "compare=none" in page.text
    wide = await supervisor.get(one + "?queue=*&compare=none&when=today")
    assert wide.status == 200
    assert "compared with" not in wide.text
    wrong = await supervisor.get(one + "?from=31.31.&to=x&measures=nonsense")
    assert wrong.status == 200
    assert 'role="alert"' in wrong.text
    assert (await supervisor.get(one + "/calls?measure=offered&key=nothing")).status == 404
    assert (await supervisor.get(one + "/export?format=xlsx&measures=nonsense")).status == 422


async def test_a_kept_report_that_cannot_be_made_says_why(world: World, supervisor: Person) -> None:
    async with world.engine.begin() as conn:
        one = await own_reports.create(
            conn, name="Broken", owner_id=world.people[Role.SUPERVISOR].id, period="year", by="omid",
            definition=Definition(by=("interval",), measures=("offered", "gone")), now=world.clock(),
        )  # fmt: skip
    page = await supervisor.get(f"{PATH}/{one.id}")
    assert page.status == 200
    assert "There is no figure gone." in page.text
    assert (await supervisor.get(f"{PATH}/{one.id}/edit")).status == 200
