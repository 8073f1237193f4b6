"""What Asterisk's CURL() is answered while a caller waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from tests.support.webapp import Browser, World


async def test_route_answers_the_line_the_dialplan_cuts(guest: Browser) -> None:
    answer = await guest.get("/dialplan/route?call=lab-1.1&number=%2B98912&called=021&queue=support")
    assert (answer.status, answer.text) == (200, "OK|default|||||")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Set-Cookie" not in answer.headers


async def test_nobody_is_looked_up_for_it_even_with_a_session(world: World, agent: Browser) -> None:
    statements = list[str]()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(world.engine.sync_engine, "before_cursor_execute", note)
    assert (await agent.get("/dialplan/route")).text.startswith("OK|")
    assert statements == []
    await agent.get("/desk")
    assert statements
