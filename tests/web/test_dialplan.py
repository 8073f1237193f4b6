"""What Asterisk's CURL() is answered while a caller waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from cxcall.bus import CommandRefused
from cxcall.bus.routing import DECIDE
from tests.support.webapp import Browser, World


async def test_route_answers_what_was_decided_as_one_line(world: World, guest: Browser) -> None:
    seen: list[dict[str, str]] = []

    async def decide(said: dict[str, str]) -> dict[str, str]:
        seen.append(said)
        return {"status": "hint", "priority": "5", "queue": "sales"}

    world.commands.serve(DECIDE, decide)
    answer = await guest.get("/dialplan/route?call=lab-1.1&number=%2B98912&called=021&queue=support&x=" + "y" * 900)
    assert (answer.status, answer.text) == (200, "OK|status=hint|queue=sales|priority=5|end")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Set-Cookie" not in answer.headers
    assert seen[0] | {"x": ""} == {"call": "lab-1.1", "number": "+98912", "called": "021", "queue": "support", "x": ""}
    assert len(seen[0]["x"]) == 200


async def test_who_can_not_be_told_anything_gets_no_line_that_counts(world: World, guest: Browser) -> None:
    nobody = await guest.get("/dialplan/route?call=lab-1.1")
    assert (nobody.status, nobody.text[:3]) == (503, "NO|")

    async def refuse(_: object) -> None:
        raise CommandRefused("There is no such call now.")

    world.commands.serve(DECIDE, refuse)
    refused = await guest.get("/dialplan/route?call=lab-1.1")
    assert (refused.status, refused.text) == (503, "NO|There is no such call now.")


async def test_nobody_is_looked_up_for_it_even_with_a_session(world: World, agent: Browser) -> None:
    statements = list[str]()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(world.engine.sync_engine, "before_cursor_execute", note)
    assert (await agent.get("/dialplan/route")).text.startswith("NO|")
    assert statements == []
    await agent.get("/desk")
    assert statements
