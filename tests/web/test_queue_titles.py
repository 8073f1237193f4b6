"""A queue is named everywhere as people read it, each in their language; addresses and exports keep Asterisk's name."""

from __future__ import annotations

from pathlib import Path

from cxcall.customers.profile import Profile
from cxcall.queues.definition import QueueLook
from cxcall.routing.rule import Condition, Rule, RuleSet, Then
from cxcall.store import intents, queues, rule_sets
from cxcall.web.queue_titles import Titles, in_language
from tests.support.call_centre import MARYAM, SARA, CallCentre, call_centre, past
from tests.web.reading import browsing

TITLE = {"en": "Accounts & billing", "fa": "حسابداری"}


async def _look(centre: CallCentre, title: dict[str, str]) -> None:
    async with centre.engine.begin() as conn:
        await queues.observe(conn, "lab", ["billing"], now=centre.ago())
        kept = await queues.get(conn, "lab", "billing")
        assert kept is not None
        look = QueueLook(title=title)
        await queues.save_look(conn, "lab", "billing", look, version=kept.version, by="root", now=centre.ago())


async def test_pages_show_the_title_in_the_readers_language_and_exports_the_name(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
        call = past(MARYAM, centre.ago(minutes=60), at=SARA)
        await centre.tell(call)
        await _look(centre, TITLE)
        listed = await browser.page("leila", "/calls")
        assert "Accounts & billing" in listed.one("tbody tr").text
        assert "Accounts & billing" in (await browser.page("leila", f"/calls/{call.id}")).one("main").text
        rows = await (await browser.get("leila", "/calls/export")).text()
        assert "billing" in rows
        assert "Accounts" not in rows
        await browser.post("leila", "/preferences", language="fa")
        assert "حسابداری" in (await browser.page("leila", "/calls")).one("tbody tr").text


async def test_rules_are_told_by_titles_and_written_by_names(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _look(centre, TITLE)
        rule = Rule(
            id="angry", name="Angry", when=(Condition(fact="said.intent", op="is", value=("complaint",)),),
            then=Then(queue="billing"),
        )  # fmt: skip
        body = {"title": {"en": "Something to complain about"}, "phrases": {"en": ["complaint"]}}
        async with centre.engine.begin() as conn:
            await intents.create(conn, "complaint", body, by="root", now=centre.ago())
            await rule_sets.save_draft(conn, RuleSet(rules=(rule,)), version=0, by="root", now=centre.ago())
        told = (await browser.page("admin", "/admin/routing")).one("main").text
        assert "Something to complain about" in told
        assert "Accounts & billing" in told
        text = (await browser.page("admin", "/admin/routing/text")).one("textarea").text
        assert "said.intent is complaint" in text
        assert "queue billing" in text


async def test_titles_that_can_not_be_read_leave_those_read_before(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre:
        await _look(centre, TITLE)
        titles = Titles(centre.engine)
        assert await titles.of("fa") == {"billing": "حسابداری"}
        titles._read_at = -1e9
        async with centre.engine.begin() as conn:
            await conn.exec_driver_sql("ALTER TABLE queues RENAME TO queues_away")
        assert await titles.of("fa") == {"billing": "حسابداری"}


def test_a_name_that_two_servers_title_differently_is_shown_itself() -> None:
    looks = {
        ("a", "sales"): QueueLook(title={"en": "Sales"}), ("b", "sales"): QueueLook(title={"en": "Shop"}),
        ("a", "night"): QueueLook(title={"fa": "شب"}), ("a", "plain"): QueueLook(),
    }  # fmt: skip
    assert in_language(looks, "en") == {"night": "شب", "plain": "plain"}
