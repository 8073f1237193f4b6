"""Two who ask for a recording at once get one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.following import Follower
from cxcall.asterisk.recording.books import Books
from cxcall.asterisk.recording.calls import Calls
from cxcall.asterisk.status import Meter
from cxcall.asterisk.tap.choosing import Chosen
from cxcall.bus import Bus
from cxcall.calls.record import CallId
from cxcall.calls.stage import Party, Stage
from cxcall.settings import Ami, Recordings, Settings


class Asterisk:
    """Says yes to everything, a moment later."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def act(self, name: str, fields: Any, limit: float) -> None:
        await asyncio.sleep(0)
        self.done.append(name)


async def test_two_who_ask_at_once_get_one_recording(tmp_path: Path) -> None:
    asterisk, ami = Asterisk(), Ami(name="lab")
    engine = cast("AsyncEngine", None)  # the books are not opened
    calls = Calls(
        ami, cast("Client", asterisk), Follower(ami, Meter()),
        settings=Settings(recordings=Recordings(dir=str(tmp_path)), ami=(ami,)), chosen=Chosen(engine, "IR"),
        books=Books(engine, Bus(0), lambda: datetime.now(UTC)), now=lambda: datetime.now(UTC), start=lambda _: None,
    )  # fmt: skip
    caller = Party(uid="1.1", channel="PJSIP/trunk-1", call_id=CallId("lab-1.1"), customer=True, talks=True)
    stage = Stage(call_id=CallId("lab-1.1"), caller="1.1", queue="support", offered=True, parties=(caller,))
    one, other = await asyncio.gather(
        *(calls.begin(stage, said="unknown", by=by, why="asked_for") for by in ("sara", "admin"))
    )
    assert one is other
    assert asterisk.done == ["MixMonitor"]
