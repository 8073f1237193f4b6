"""Quality review as people use it: choose a call, score it, read it as its agent, disagree, answer, coach, results."""

from __future__ import annotations

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cxcall.quality.scoring import Answer
from cxcall.reports.period import span_of
from cxcall.store.quality import drawing, evaluations, plans, queue
from cxcall.store.quality.plans import Drawn
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, past
from tests.support.quality_stage import GOOD, publish_card
from tests.web.reading import Browser, Element

ANSWERS: dict[str, Any] = {
    "a.greeted": "1",
    "a.identified": "1",
    "a.listened": "3",
    "a.offered": "na",
    "c.listened": "spoke first",
}
"""Scores (1 + 1 + 2 * 0.5) / 4: three quarters."""


def _sent(**fields: str) -> dict[str, Any]:
    """Fields of the form; those of items by their ids."""
    return {f"a.{name}" if name == "greeted" else name: value for name, value in fields.items()}


async def _set(centre: CallCentre) -> tuple[str, str]:
    """The call's id and the scorecard's."""
    call = past(MARYAM, centre.ago(minutes=50), at=SARA, talk=60)
    await centre.tell(call, past("02188341190", centre.ago(minutes=30), at=OMID, talk=90))
    async with centre.engine.begin() as conn:
        card = await publish_card(conn, centre.now)
    return call.id, card


async def _review(browser: Browser, call: str, card: str, agent: str = "Sara Karimi") -> str:
    answer = await browser.send("leila", "/quality/add", call=call, agent=agent, scorecard=card)
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


async def _scored(browser: Browser, call: str, card: str, **changes: Any) -> str:
    """The address of a submitted evaluation."""
    page = await browser.page("leila", await _review(browser, call, card))
    action = page.one("cx-score form").attributes["action"]
    version = page.one("cx-score input[name=version]").attributes["value"]
    answer = await browser.send("leila", action, **{**ANSWERS, "version": version, **changes})
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"].partition("?")[0]


def _agents(page: Element) -> list[str]:
    return [option.text for option in page.all("#q-agent option")]


async def test_a_call_is_chosen_scored_and_read_by_its_agent(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    chosen = await browser.page("leila", f"/calls/{call}")
    address = await _review(browser, call, card, _agents(chosen)[0])
    waiting = await browser.page("leila", "/quality")
    assert len(waiting.all("tbody tr")) == 1
    assert "Chosen by hand" in waiting.text
    page = await browser.page("leila", address)
    action = page.one("cx-score form").attributes["action"]
    left = await browser.send("leila", action, **_sent(version="1", greeted="1"))
    assert left.status == 422
    assert "Some items are not answered yet." in await left.text()
    done = await browser.post("leila", action, **{**ANSWERS, "version": "1", "comment": "Well done"})
    assert "75%" in done.text
    assert "Well done" in done.text
    assert (await browser.get("omid", action.removesuffix("/submit"))).status == 404
    own = await browser.page("sara", "/desk/results")
    assert "75%" in own.one("#oq").parent.parent.text  # type: ignore[union-attr]  # it stands in a list
    assert "spoke first" in (await browser.page("sara", action.removesuffix("/submit"))).text
    assert "75%" in (await browser.page("sara", f"/calls/{call}")).one("#quality").text
    assert "No plan draws calls yet." in (await browser.page("leila", "/quality")).text


async def test_a_draft_is_kept_while_one_answers_and_a_newer_one_is_not_written_over(
    centre: CallCentre, browser: Browser
) -> None:
    call, card = await _set(centre)
    address = await _review(browser, call, card)
    page = await browser.page("leila", address)
    draft = page.one("cx-score form").attributes["data-draft"]
    kept = await browser.send("leila", draft, {"X-Autosave": "1"}, **_sent(version="1", greeted="0", comment="so far"))
    assert await kept.json() == {"version": 2}
    stale = await browser.send("leila", draft, {"X-Autosave": "1"}, **_sent(version="1", greeted="1"))
    assert stale.status == 409
    again = await browser.page("leila", address)
    assert again.one("input[name=a.greeted][value=0]").attributes.get("checked") is not None
    assert again.one("#comment").text == "so far"
    plain = await browser.send("leila", draft, **_sent(version="1", greeted="1", comment="mine"))
    assert plain.status == 409
    text = await plain.text()
    assert "Somebody else changed this" in text
    assert "mine" in text, "what was typed is not lost"
    assert (await browser.send("admin", draft, version="2")).status == 404, "somebody else's draft"


async def test_who_scores_twice_and_one_who_comes_too_late(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    address = await _review(browser, call, card)
    await browser.page("leila", address)
    late = await browser.get("admin", address)
    assert late.status == 409
    assert "somebody else is scoring it now" in await late.text()


async def test_skip_and_undo(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    address = await _review(browser, call, card)
    page = await browser.post("leila", f"{address}/skip", why="wrong number")
    assert "It will not be scored." in page.text
    undo = page.one("form[action=" + f"{address}/unskip" + "]")
    assert undo.attributes["method"] == "post"
    back = await browser.post("leila", f"{address}/unskip")
    assert len(back.all("tbody tr")) == 1


async def test_an_agent_disagrees_a_supervisor_answers_and_corrects(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    address = await _scored(browser, call, card, **{"a.identified": "0"})
    assert "critical item missed" in (await browser.page("sara", address)).text
    nothing = await browser.send("sara", f"{address}/dispute", said=" ")
    assert nothing.status == 422
    sent = await browser.post("sara", f"{address}/dispute", said="I asked for her name")
    assert "waits for an answer" in sent.text
    assert (await browser.send("omid", f"{address}/dispute", said="not mine")).status == 404
    listed = await browser.page("leila", "/quality/disputes")
    assert "I asked for her name" in listed.text
    dispute = (await browser.page("leila", address)).one("input[name=dispute]").attributes["value"]
    empty = await browser.send("leila", f"{address}/answer", dispute=dispute, how="upheld", answer="")
    assert empty.status == 422
    answered = await browser.post("leila", f"{address}/answer", dispute=dispute, how="upheld", answer="You did")
    assert "The agent is right" in answered.text
    form = await browser.page("leila", f"{address}/correct")
    version = form.one("input[name=version]").attributes["value"]
    unexplained = await browser.send("leila", f"{address}/correct", **{**ANSWERS, "version": version, "why": ""})
    assert unexplained.status == 422
    corrected = await browser.post(
        "leila", f"{address}/correct", **{**ANSWERS, "version": version, "why": "heard again"}
    )
    assert "75%" in corrected.text
    assert "heard again" in corrected.text
    assert "Checked who calls: No → Yes" in corrected.text
    assert "No open dispute." in (await browser.page("leila", "/quality/disputes")).text
    assert "You did" in (await browser.page("sara", address)).text


async def test_coaching_is_given_done_and_taken_back(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    address = await _scored(browser, call, card)
    wrong = await browser.send("leila", f"{address}/coach", text="Greet warmly", due="soon")
    assert wrong.status == 422
    assert "Greet warmly" in await wrong.text()
    await browser.post("leila", f"{address}/coach", text="Greet warmly", due="1405/12/01")
    own = await browser.page("sara", "/desk/results")
    action = next(
        form.attributes["action"] for form in own.all("form") if form.attributes.get("action", "").endswith("/done")
    )
    assert (await browser.send("omid", action)).status == 404
    finished = await browser.post("sara", action, note="practised")
    assert "done" in finished.text
    late = await browser.send("sara", action, note="from another window")
    assert late.status == 409
    assert "You wrote: from another window" in await late.text()
    everyone = await browser.page("leila", "/quality/coaching?which=all")
    assert "practised" in everyone.text, "nothing was written over"
    remove = action.replace("/done", "/remove")
    assert (await browser.send("sara", remove)).status == 404
    gone = await browser.post("leila", remove)
    assert "The coaching task is taken back." in gone.text
    await browser.post("leila", action.replace("/done", "/restore"))
    assert "Greet warmly" in (await browser.page("leila", "/quality/coaching?which=all")).text
    nobody = await browser.send("leila", "/quality/coaching", agent="", text="x")
    assert nobody.status == 422


async def test_every_number_of_the_results_opens_as_many_evaluations_and_files_say_the_same(
    centre: CallCentre, browser: Browser
) -> None:
    call, card = await _set(centre)
    await _scored(browser, call, card)
    for by in ("agent", "queue", "scorecard", "item", "week"):
        page = await browser.page("leila", f"/quality/results?when=year&by={by}")
        rows = page.all("tbody tr")
        assert rows, by
        for row in rows:
            link = row.all("td a")[-1]
            behind = await browser.page("leila", link.attributes["href"])
            assert len(behind.all("tbody tr")) == int(link.text), (by, row.text)
        exported = await browser.get("leila", f"/quality/results/export.csv?when=year&by={by}")
        told = list(csv.reader(io.StringIO((await exported.text()).removeprefix("\ufeff"))))
        assert len(told) == len(rows) + 2
    assert (await (await browser.get("leila", "/quality/results/export.xlsx?when=year")).read()).startswith(b"PK")
    assert (await browser.get("leila", "/quality/results?from=x&to=y")).status == 422
    assert "No evaluations" in (await browser.page("leila", "/quality/results?from=2020-01-01&to=2020-01-02")).text


async def test_critical_misses_open_those_evaluations_only(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    other = past("09121110000", centre.ago(minutes=20), at=SARA, talk=40)
    await centre.tell(other)
    await _scored(browser, call, card)
    await _scored(browser, other.id, card, **{"a.identified": "0"})
    [row] = (await browser.page("leila", "/quality/results?when=year&by=agent")).all("tbody tr")
    missed = row.all("td a")[-1]
    assert (missed.text, row.all("td a")[-2].text) == ("1", "2")
    behind = await browser.page("leila", missed.attributes["href"])
    [line] = behind.all("tbody tr")
    assert "critical item missed" in line.text
    assert behind.one("h1 .badge").text == "1"


async def test_after_submitting_the_next_call_is_offered_until_none_waits(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    other = past("09121110000", centre.ago(minutes=20), at=SARA, talk=40)
    await centre.tell(other)
    waits = await _review(browser, other.id, card)
    first = await _scored(browser, call, card)
    page = await browser.page("leila", f"{first}?done=submitted")
    assert page.one(".banner a").attributes["href"] == waits
    last = await _scored(browser, other.id, card)
    assert "Nothing else waits for you." in (await browser.page("leila", f"{last}?done=submitted")).text
    for who, address in (("leila", last), ("sara", f"{last}?done=submitted")):
        text = (await browser.page(who, address)).text
        assert "waits for you" not in text, "only right after submitting, and only to who scores"


async def test_a_correction_names_what_is_not_answered(centre: CallCentre, browser: Browser) -> None:
    call, card = await _set(centre)
    address = await _scored(browser, call, card)
    version = (await browser.page("leila", f"{address}/correct")).one("input[name=version]").attributes["value"]
    answers = {name: value for name, value in ANSWERS.items() if name != "a.listened"}
    answer = await browser.send(
        "leila", f"{address}/correct", **answers, version=version, why="Heard it again", comment="Listen more."
    )
    text = await answer.text()
    assert answer.status == 422
    assert '<a href="#item-listened">Listened</a>' in text
    assert "Heard it again" in text
    assert "Listen more." in text


async def test_keys_of_scoring_are_in_the_list_of_keys(browser: Browser) -> None:
    assert "Yes, in the item that has the focus" in (await browser.page("leila", "/help/keys")).text
    assert "Scoring a call" not in (await browser.page("sara", "/help/keys")).text


async def test_calibration_tells_who_agrees_and_opens_both(centre: CallCentre, browser: Browser) -> None:
    _call, card = await _set(centre)
    async with centre.engine.begin() as conn:
        plan = await plans.create(
            conn, Drawn(name="Twice", scorecard_id=card, random=5, double=1.0), by="leila", now=centre.now
        )
        zone = ZoneInfo("Asia/Tehran")
        span = span_of(centre.ago(days=2).date(), centre.now.date().replace(year=centre.now.year + 1), zone)
        assert await drawing.draw(conn, plan, span, zone=zone, calendar="jalali", now=centre.now) == 2
        for who, answer in (("leila", "1"), ("admin", "0")):
            for review in [one.id for one in (await queue.waiting(conn, reviewer=centre.ids[who])).rows]:
                begun = await evaluations.begin(conn, review, reviewer=centre.ids[who], now=centre.now)
                answers = {**GOOD, "greeted": Answer(value=int(answer))}
                await evaluations.submit(conn, begun.id, answers, "", version=1, by=centre.ids[who], now=centre.now)
    page = await browser.page("leila", f"/quality/calibration?when=year&card={card}")
    rows = {row.one("td").text: row.text for row in page.all("tbody tr")}
    assert "0%" in rows["Greeted the caller"]
    assert "100%" in rows["Checked who calls"]
    assert len(page.all("tbody tr")) == 4 + 2
    assert (
        "No call of this period"
        in (await browser.page("leila", "/quality/calibration?from=2020-01-01&to=2020-01-02")).text
    )


@pytest.mark.parametrize("path", ["", "/results", "/calibration", "/disputes", "/coaching"])
async def test_agents_do_not_open_what_supervisors_do(centre: CallCentre, browser: Browser, path: str) -> None:
    assert (await browser.get("sara", f"/quality{path}")).status == 403
    assert (await browser.get("leila", f"/quality{path}")).status == 200, "and an empty one opens"


async def test_what_is_not_there_is_not_found(centre: CallCentre, browser: Browser) -> None:
    for path in ("/quality/reviews/none", "/quality/evaluations/none", "/quality/evaluations/none/correct"):
        assert (await browser.get("leila", path)).status == 404, path
    for path in ("/quality/reviews/none/skip", "/quality/evaluations/none/submit", "/quality/coaching/none/done"):
        assert (await browser.send("leila", path)).status == 404, path
    assert (await browser.send("leila", "/quality/add", call="none", agent="x", scorecard="y")).status == 404
    assert (await browser.get("leila", "/quality?after=rubbish")).status == 422
