"""Groups of customers in words: each rule with the bounds of last night, on the report and the customer's page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cxcall.customers.rfm import RULES, Bounds, Cuts, Rule, Seen
from cxcall.store import calls, rfm
from cxcall.web import customer_groups, presentation
from cxcall.web.presentation import Digits, Language, Presentation
from tests.store.make import MORNING, queue_call, write
from tests.support.webapp import Browser, World

DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = presentation.current()
    yield
    presentation.use(before)


def bounds(*, by_purchases: bool, recency: Cuts = (3, 10, 40, 120)) -> Bounds:
    return Bounds(
        on=DAY, customers=12_340, recency=recency, frequency=(1, 1, 2, 5), value=(0, 50, 1000, 9000),
        by_purchases=by_purchases,
    )  # fmt: skip


def reading(language: Language) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    zone = ZoneInfo("Asia/Tehran")
    digits: Digits = "persian" if language == "fa" else "latin"
    presentation.use(Presentation(language=language, digits=digits, zone=zone, now=now))


def rule(name: str) -> Rule:
    return next(one for one in RULES if one.group == name)


def test_a_rule_says_its_bounds() -> None:
    reading("en")
    assert customer_groups.rule_text(rule("best"), bounds(by_purchases=True)) == (
        "last contact at most 10 days ago · contact on more than 2 days of a year · a value over 1,000"
    )
    assert customer_groups.rule_text(rule("between"), bounds(by_purchases=True)) == (
        "last contact more than 10 days ago · last contact at most 40 days ago"
    )
    assert customer_groups.rule_text(rule("missed"), bounds(by_purchases=False)) == (
        "last contact more than 40 days ago · more than 1,000 contacts in a year"
    )
    assert customer_groups.rule_text(rule("recent"), bounds(by_purchases=False, recency=(0, 1, 2, 3))) == (
        "last contact at most 1 day ago"
    )


def test_rules_are_read_in_persian_with_persian_digits() -> None:
    reading("fa")
    told = customer_groups.rule_text(rule("best"), bounds(by_purchases=True))
    assert told == "آخرین تماس حداکثر ۱۰ روز پیش · تماس در بیش از ۲ روز از سال · ارزش بیش از ۱٬۰۰۰"


def test_every_group_has_a_rule_and_segments_have_theirs() -> None:
    reading("en")
    assert len(customer_groups.rules(("rfm",), bounds(by_purchases=True))) == len(RULES)
    assert all(text for _, text in customer_groups.rules(("rfm",), bounds(by_purchases=False)))
    assert dict(customer_groups.rules(("segment", "queue"), None))["Lapsed customers"].startswith("The last contact")
    assert customer_groups.rules(("rfm",), None) == customer_groups.rules(("queue",), bounds(by_purchases=True)) == []


def test_a_customer_reads_what_made_their_group() -> None:
    reading("en")
    seen = Seen(last=DAY - timedelta(days=50), days=7, contacts=9, value=None)
    found = customer_groups.standing(seen, bounds(by_purchases=False))
    assert found.group == "Slipping away"
    assert [score for _, _, score in found.lines] == [2, 5, 2]
    assert found.lines[0][1] == "last contact 50 days ago"
    assert found.lines[2][1] == "9 contacts in a year"
    assert found.among == "Among 12,340 customers"


async def test_the_report_and_the_profile_show_the_rule(world: World, supervisor: Browser) -> None:
    now = world.clock()
    at = (now - MORNING).total_seconds()
    async with world.engine.begin() as conn:
        writes = [
            write(queue_call(10 * n + m, at=at - 86_400.0 * (n + m), number=f"0912000000{n}"))
            for n in range(1, 8) for m in range(n)
        ]  # fmt: skip
        made = await calls.apply(conn, writes, region="IR")
    empty = await supervisor.get("/reports/rfm?period=year")
    assert "Nothing was counted in this time." in empty.text
    await rfm.work_out(world.engine, ZoneInfo("Asia/Tehran"), now=now, pause_s=0)
    shown = await supervisor.get("/reports/rfm?period=year")
    assert shown.status == 200
    assert "What makes each group" in shown.text
    assert "contact on more than" in shown.text
    assert "Slipping away" in shown.text
    assert "Not worked out yet" not in shown.text
    profile = await supervisor.get(f"/customers/{made[-1].record.caller.customer_id}")
    assert "Among 7 customers" in profile.text
    assert "Recency" in profile.text
