"""Why a call went where it went: on the agent's desk while it rings, and on its page, in the reader's language."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from cxcall.routing.decide import decide
from cxcall.routing.facts import Caller, Facts
from cxcall.routing.rule import RuleSet
from cxcall.store import routing_decisions
from cxcall.store.routing_decisions import NewDecision
from tests.support.call_centre import MARYAM, answered, call_centre, ended, ringing
from tests.support.routing_stage import GOLD
from tests.web.reading import browsing


async def test_the_desk_and_the_page_of_a_call_say_why_it_went_there(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        call = ringing(MARYAM, centre.ago(seconds=50))
        facts = Facts(
            at=centre.now, server=call.server, call="1.1", number="+989121234567", queue="billing",
            customer=Caller(id="c" * 26, name="Mina", tier="gold"),
        )  # fmt: skip
        told = msgspec.structs.replace(GOLD, then=msgspec.structs.replace(GOLD.then, announcement="welcome"))
        made = decide(RuleSet(rules=(told,)), facts, version=3)
        channel = call.legs[0].unique_id or ""
        async with centre.engine.begin() as conn:
            new = NewDecision(decision=made, server=call.server, unique_id=channel, asked="billing")
            await routing_decisions.add(conn, [new])
        await centre.tell(call)
        desk = await browser.text("sara", "/desk")
        for text in ("Why you", "To the queue “vip”.", "Priority 5."):
            assert text in desk, text
        assert "is played first" not in desk, "no reason for this agent: only on the page of the call"
        talking = answered(call, centre.ago(seconds=5))
        await centre.tell(talking)
        card = await browser.text("sara", "/desk")
        for text in ("Talking", "Why you", "To the queue “vip”.", "Priority 5."):
            assert text in card, text
        assert "is played first" not in card
        done = ended(talking, centre.now + timedelta(seconds=60))
        await centre.tell(done)
        page = await browser.text("leila", f"/calls/{call.id}")
        for text in (
            "Why it went there", "rules of version 3", "Gold first", "the customer’s tier is gold",
            "To the queue “vip”.", "“welcome” is played first.", "What the rules looked at",
        ):  # fmt: skip
            assert text in page, text
    (tmp_path / "fa").mkdir()
    async with call_centre(tmp_path / "fa", language="fa") as centre, browsing(centre) as browser:
        call = ringing(MARYAM, centre.ago(seconds=50))
        async with centre.engine.begin() as conn:
            new = NewDecision(
                decision=made, server=call.server, unique_id=call.legs[0].unique_id or "", asked="billing"
            )
            await routing_decisions.add(conn, [new])
        await centre.tell(call)
        assert "به صف" in await browser.text("sara", "/desk")
