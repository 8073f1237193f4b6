"""Pages of reports without scripts: the shelf, figures that open their calls, filters, files, what can't be read."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from cxcall.calls.record import CallId
from cxcall.reports.answer import Figure, Key
from cxcall.reports.measures import SHORT_COUNTS, find
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.waits import bucket
from cxcall.store import calls
from cxcall.store.calls import CallWrite
from cxcall.web import presentation
from cxcall.web.access import Role
from cxcall.web.pages.reports.chart import short
from cxcall.web.pages.reports.table import Delta, delta, is_its_n, n_text, spread_text
from cxcall.web.pages.reports.waits import drawn
from cxcall.web.presentation import Language, Presentation
from cxcall.web.report_keys import key_text
from tests.store.report_day import visitor
from tests.support.webapp import Browser, World

WEEK = "/reports/queues?when=week"


@pytest.fixture
async def busy(world: World) -> World:
    """Forty callers of two queues this morning: thirty answered, ten of Billing hung up."""
    at = world.clock().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    records = [visitor(n, at=at + timedelta(seconds=30 * n), queue="support", wait=5.0 + n) for n in range(20)]
    records += [visitor(20 + n, at=at + timedelta(seconds=30 * n), queue="billing") for n in range(10)]
    records += [
        visitor(30 + n, at=at + timedelta(seconds=40 * n), queue="billing", result="abandoned", wait=30.0, talk=0.0)
        for n in range(10)
    ]
    async with world.engine.begin() as conn:
        await calls.apply(conn, [CallWrite(record=record, revision=1) for record in records], region="IR")
    return world


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def links(text: str, path: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', text) if unescape(link).startswith(path)]


def drawn_figure(text: str) -> str:
    found = re.search(r'<h2 id="drawn">([^<]+)</h2>', text)
    return found[1] if found else ""


def counts(text: str) -> list[str]:
    """The whole numbers that open their calls, in the order of the table."""
    return re.findall(r'<a class="open" href="[^"]+"><bdi class="num" dir="ltr">(\d+)</bdi>', text)


async def test_agents_and_guests_do_not_see_reports(agent: Browser, guest: Browser):
    for path in ("/reports", WEEK, "/reports/queues/calls?measure=offered", "/reports/queues/export?format=csv"):
        assert (await agent.get(path)).status == 403
        assert (await guest.get(path)).status in (302, 303)


async def test_the_shelf_leads_to_every_report(supervisor: Browser, busy: World):
    shelf = await supervisor.get("/reports")
    assert (shelf.status, shelf.heading) == (200, "Reports")
    found = [link for link in links(shelf.text, "/reports/") if "/own" not in link]
    assert len(found) >= 18
    for link in found:
        assert (await supervisor.get(link)).status == 200, link


async def test_every_number_opens_as_many_calls(supervisor: Browser, busy: World):
    report = await supervisor.get(WEEK)
    counted = re.findall(r'<a class="open" href="([^"]+)"><bdi class="num" dir="ltr">(\d+)</bdi>', report.text)
    assert "40" in [n for _url, n in counted]
    assert len(counted) >= 8
    for url, n in counted:
        behind = await supervisor.get(unescape(url))
        assert f"{n} counted" in plain(behind.text), url
        assert len(re.findall(r'data-row href="/calls/', behind.text)) == min(int(n), 50), url


async def test_the_sentence_says_where_callers_were_lost(supervisor: Browser, busy: World):
    text = plain((await supervisor.get(WEEK)).text)
    assert "10 of 40 callers hung up while waiting (25.0%)." in text
    assert "100.0% of them: billing." in text


async def test_of_few_calls_nothing_is_claimed(supervisor: Browser, world: World):
    at = world.clock() - timedelta(hours=1)
    async with world.engine.begin() as conn:
        some = [visitor(n, at=at, result="abandoned", wait=40.0, talk=0.0) for n in range(6)]
        await calls.apply(conn, [CallWrite(record=record, revision=1) for record in some], region="IR")
    text = plain((await supervisor.get(WEEK)).text)
    assert "hung up while waiting (" not in text


async def test_filters_live_in_the_address_and_keep_each_other(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/queues?when=week&queue=support&compare=before")
    assert counts(page.text)[0] == "20"
    menus = page.text.split('class="asked')[1].split('class="finding')[0]
    for word, kept in (("by", "queue=support"), ("compare", "queue=support"), ("agent", "compare=before")):
        some = [link for link in links(menus, "/reports/queues?") if f"{word}=" in link]
        assert some
        assert all(kept in link or word == "compare" for link in some), word
    by_day = await supervisor.get("/reports/queues?when=week&queue=support&by=day")
    assert 'aria-current="true"><bdi>Day</bdi>' in by_day.text


async def test_the_figure_that_is_drawn_is_kept_by_every_filter(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/queues?when=week&queue=support&by=hour&show=asa")
    assert drawn_figure(page.text) == "Average speed of answer"
    menus = page.text.split('class="asked')[1].split('class="finding')[0]
    found = links(menus, "/reports/queues?")
    assert len(found) > 20
    assert all("show=asa" in link for link in found)
    forms = re.findall(r"<form.*?</form>", menus, re.DOTALL)
    assert len(forms) == 2, "days and figures"
    assert all('name="show" value="asa"' in form for form in forms)
    behind = await supervisor.get(next(link for link in links(page.text, "/reports/queues/calls?")))
    assert links(behind.text, "/reports/queues?when=week&by=hour&queue=support&show=asa"), "and the way back"


async def test_a_figure_of_no_such_name_is_not_kept(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/queues?when=week&by=hour&show=nothing")
    assert page.status == 200
    assert not [link for link in links(page.text, "/reports/") if "show=nothing" in link]


async def test_short_abandons_are_switched_where_a_figure_depends_on_them(supervisor: Browser, busy: World):
    for name, one in READY_MADE.items():
        text = (await supervisor.get(f"/reports/{name}?when=week")).text
        depends = SHORT_COUNTS.intersection(one.measures) and name not in ("abandoned", "recalls", "staffing")
        assert ("Count short abandons" in text) == bool(depends), name
    assert "Count short abandons" not in (await supervisor.get("/reports/queues?measures=offered&short=in")).text
    kept = await supervisor.get("/reports/queues?measures=offered&short=in&by=day")
    assert all("short=in" in link for link in links(kept.text, "/reports/queues?")), "for when it does"


async def test_the_usual_service_level_is_drawn_first(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/service-level?when=week&by=hour")
    assert drawn_figure(page.text) == "Service level"
    other = await supervisor.get("/reports/service-level?when=week&by=hour&show=sl_fair")
    assert drawn_figure(other.text) == "Fair service level"
    fewer = await supervisor.get("/reports/service-level?when=week&by=hour&measures=sl_strict,sl_fair")
    assert drawn_figure(fewer.text) == "Strict service level"


async def test_figures_are_chosen_by_boxes(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/queues?when=week&measures=offered&measures=wait_p90")
    heads = re.findall(r'<th scope="col" class="n" title="[^"]*">([^<]+)', page.text)
    assert heads == ["Offered", "Wait, 90 %"]


async def test_days_that_mean_nothing_are_said_and_the_rest_holds(supervisor: Browser, busy: World):
    words = {"from": "tomorrow", "to": "2026-11-21", "queue": "support"}
    page = await supervisor.get("/reports/queues?" + urlencode(words))
    assert page.status == 200
    assert "tomorrow is no date" in plain(page.text)
    assert 'value="tomorrow"' in page.text
    assert counts(page.text)[-1] == counts((await supervisor.get("/reports/queues?when=month&queue=support")).text)[-1]
    file = await supervisor.get("/reports/queues/export?" + urlencode({**words, "format": "csv"}))
    assert file.status == 422
    assert "tomorrow is no date" in plain(file.text)


@pytest.mark.parametrize("words", ["by=phase&measures=nothing&queue=support", "measures=fcr&by=interval&when=year"])
async def test_nothing_that_is_asked_for_breaks_the_page(supervisor: Browser, busy: World, words: str):
    page = await supervisor.get(f"/reports/queues?{words}")
    assert page.status == 200
    assert 'role="alert"' in page.text


async def test_the_file_has_the_figures_of_the_page(supervisor: Browser, busy: World):
    answer = await supervisor.get("/reports/queues/export?when=week&format=csv")
    assert answer.status == 200
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    total = dict(zip(rows[0], rows[-1], strict=True))
    assert total["Offered"] == "40"
    xlsx = await supervisor.client.get("/reports/queues/export?when=week&format=xlsx")
    assert (await xlsx.read())[:2] == b"PK"


async def test_hours_of_the_week_are_a_table_whose_cells_open(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/heat?when=week")
    cells = re.findall(r'<td class="shade(\d)[^"]*"><a href="([^"]+)" aria-label="([^"]+)"', page.text)
    assert {shade for shade, _url, _said in cells} >= {"5"}
    total = 0
    for _shade, url, said in cells:
        behind = plain((await supervisor.get(unescape(url))).text)
        n = int(re.search(r"n (\d+)", said)[1])  # type: ignore[index]  # it is there
        assert f"{n} counted" in behind
        total += n
    assert total == 40


async def test_there_is_no_report_and_no_figure_of_other_names(supervisor: Browser, busy: World):
    assert (await supervisor.get("/reports/nothing")).status == 404
    assert (await supervisor.get("/reports/queues/calls?measure=nothing")).status == 404
    assert (await supervisor.get("/reports/queues/calls?measure=offered&key=a|b|c")).status == 404


async def test_reports_are_in_persian_for_who_reads_it(supervisor: Browser, busy: World):
    await busy.prefer(Role.SUPERVISOR, language="fa")
    page = await supervisor.get("/reports/queues?when=week")
    assert page.heading == "صف‌ها"
    assert "Offered" not in plain(page.text)


async def test_the_service_level_stands_in_its_four_ways_with_what_each_counts(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/service-level?when=week")
    found = re.findall(r'<div class="card way[^>]*>(.*?)</div>', page.text, re.DOTALL)
    assert len(found) == 4
    said = [plain(one) for one in found]
    for words in ("share of those answered", "without short abandons", "share of all offered", "Answered or abandoned"):
        assert any(words in one for one in said), words
    assert all("n " in one for one in said)


async def test_waits_are_bars_that_add_up_to_all_callers(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/waits?when=week")
    assert "How long" in plain(page.text)
    bars = re.findall(r'data-name="Callers" data-v="(\d+)"', page.text)
    assert sum(map(int, bars)) == 40
    assert "charts" in page.text
    alone = await supervisor.get("/reports/agents?when=week&by=total")
    assert "charts-" not in alone.text


async def test_an_n_that_is_a_time_is_written_as_one_and_a_promoter_score_with_its_range():
    presentation.use(Presentation())
    silence, nps, csat = (find(one) for one in ("silence", "nps", "csat"))
    assert silence is not None
    assert nps is not None
    assert csat is not None
    assert (n_text(silence, 118_485), n_text(csat, 1185)) == ("32:54:45", "1,185")
    score = Figure(value=-4.0, n=539, low=-11.2, high=3.4)
    assert (spread_text(nps, score), spread_text(csat, score)) == ("−11 … +3", "")


async def test_labels_of_numbers_leave_out_what_all_begin_with():
    presentation.use(Presentation())
    assert short(["02191000500", "02191001002", "Unknown"]) == ["…0500", "…1002", "Unknown"]
    assert short(["100", "200"]) == ["100", "200"]
    assert short(["02191000500", "02191000500"]) == ["…500", "…500"]
    assert short(["02191000500", "Unknown"]) == ["02191000500", "Unknown"]


async def test_numbers_dialled_have_the_readers_digits(supervisor: Browser, busy: World):
    await busy.prefer(Role.SUPERVISOR, language="fa")
    text = plain((await supervisor.get("/reports/traffic?when=week")).text)
    assert re.search("[۰-۹]{4,}", text)
    assert re.search("[0-9]{5,}", text) is None


async def test_a_scale_of_shares_says_so(supervisor: Browser, busy: World):
    page = await supervisor.get("/reports/queues?when=week&show=abandon_rate")
    assert re.search(r'<cx-chart[^>]* unit="share"', page.text)


async def test_lists_of_the_lost_and_of_those_who_came_back_begin_with_a_sentence(supervisor: Browser, busy: World):
    lost = plain((await supervisor.get("/reports/abandoned?when=week")).text)
    assert "Nobody has talked since with 10 of 10 callers who hung up." in lost
    at = busy.clock() - timedelta(hours=1)
    again = [visitor(n, at=at + timedelta(seconds=n), queue="support") for n in (1, 2)]
    moved = [replace(one, id=CallId(f"lab-again.{n}")) for n, one in enumerate(again)]
    async with busy.engine.begin() as conn:
        await calls.apply(conn, [CallWrite(record=one, revision=1) for one in moved], region="IR")
    text = plain((await supervisor.get("/reports/repeat?when=week")).text)
    assert "2 of 40 customers called more than once (5.0%)." in text


async def test_where_nothing_was_counted_nothing_is_drawn(supervisor: Browser, busy: World):
    """Nobody's states are known: the hours are there, and empty."""
    page = await supervisor.get("/reports/agent-time?when=week&by=hour&measures=login,ready")
    assert "Nothing was counted in this time." in plain(page.text)
    assert "<cx-chart" not in page.text
    some = await supervisor.get("/reports/queues?when=week")
    assert "<cx-chart" in some.text


async def test_the_time_signed_in_is_not_said_twice():
    login, ready = find("login"), find("ready")
    assert login is not None
    assert ready is not None
    assert is_its_n(login, Figure(value=3600.4, n=3600))
    assert not is_its_n(ready, Figure(value=600.0, n=3600))
    assert not is_its_n(login, Figure(value=None, n=0))


async def test_segments_have_names_in_both_languages():
    told: dict[Language, str] = {"en": "Customers at risk", "fa": "مشتریان در آستانهٔ رفتن"}
    for language, text in told.items():
        presentation.use(Presentation(language=language))
        assert key_text(Key(row="segment", value="at_risk", title="at_risk")) == text


async def test_differences_of_shares_are_points_and_none_of_few():
    presentation.use(Presentation())
    rate = find("abandon_rate")
    assert rate is not None
    change = delta(rate, Figure(value=0.5, n=40, before=0.0, before_n=30))
    assert change == Delta(text="50.0 points", way="up", tone="bad")
    assert delta(rate, Figure(value=0.5, n=29, before=0.0, before_n=300)) is None
    assert delta(rate, Figure(value=0.5, n=300, before=0.0, before_n=29)) is None
    offered = find("offered")
    assert offered is not None
    assert delta(offered, Figure(value=4, n=4, before=8, before_n=8)) == Delta(text="50.0%", way="down", tone="")


async def test_waits_longer_than_all_steps_are_one_bar() -> None:
    presentation.use(Presentation())
    made = drawn({bucket(1): 3, bucket(5): 1, bucket(6): 2, bucket(601): 1, bucket(99_999): 4})
    assert [bar.n for bar in made.bars if bar.n] == [4, 2, 5]
    assert (made.bars[0].within, made.bars[-1].within) == ("36.4%", "100.0%")
    assert drawn({}).bars == []
