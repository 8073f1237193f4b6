"""Recorded streams of real Asterisks with every call listened to: who talked was heard, and nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.following import Follower
from cxcall.asterisk.status import Meter
from cxcall.asterisk.tap.calls import Calls
from cxcall.asterisk.tap.choosing import Chosen, Customer
from cxcall.asterisk.tap.ear import Ear
from cxcall.asterisk.tap.line import Line
from cxcall.calls.changes import Change
from cxcall.settings import Ami
from cxcall.speech.listening import Listening
from tests.replay.summary import messages, replayed
from tests.replay.test_recorded_streams import HERE, RECORDED
from tests.support.ears import Kept

FRAME = b"\1\2" * 160


class Hearing:
    """A way that always works: every ear hears a frame after each event, and ends with its channel."""

    name = "audiosocket"

    def __init__(self, up: Any) -> None:
        self.ears: dict[str, Ear] = {}
        self.ever: list[str] = []
        self._up = up

    async def begin(self, ear: Ear) -> None:
        assert ear.stream.unique_id not in [each.stream.unique_id for each in self.ears.values()], "one a channel"
        self.ears[ear.id] = ear
        self.ever.append(ear.stream.channel)
        ear.arrived()

    def end(self, ear: Ear) -> None:
        self.ears.pop(ear.id, None)

    async def sweep(self, ours: set[str]) -> None: ...

    async def close(self) -> None: ...

    def go_on(self) -> None:
        for ear in list(self.ears.values()):
            if ear.stream.unique_id in self._up:
                ear.audio(FRAME, 0.0)
            else:
                del self.ears[ear.id]
                ear.close("hung_up", 0.0)


class Unasked:
    """A client whose Asterisk knows no variable."""

    async def action(self, name: str, fields: Any = None, *, limit: float | None = None) -> dict[str, str]:
        return {"Value": ""}


class Everybody(Chosen):
    """Of whom nothing is known."""

    async def customer(self, number: str) -> Customer:
        return Customer()


class Stage:
    """A server all of whose calls are heard, fed with a recorded stream."""

    def __init__(self, name: str) -> None:
        self.kept, self.tasks = Kept(), set[asyncio.Task[None]]()
        self.follower = Follower(Ami(name=name), Meter())
        chosen = Everybody(cast("AsyncEngine", None), "IR")
        chosen.put({("", ""): Listening(live=True)})
        line = Line(Ami(name=name), cast("Client", Unasked()), self.follower, AudioServer())
        self.way = line.way = Hearing(self.follower._tracker._board.channels)
        self.calls = Calls(
            line, chosen=chosen, receiver=self.kept, refusal=lambda language, engine: "", start=self._start
        )

    async def feed(self, message: Any, at: float | None) -> list[Change]:
        changes = self.follower.feed({"Timestamp": str(at), **message}, 0)
        if changes:
            self.calls.heard(changes)
        while self.tasks:
            await asyncio.gather(*self.tasks)
        self.way.go_on()
        return changes

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_everyone_who_talked_was_heard_as_long_as_they_did_and_nothing_is_left(path: Path) -> None:
    events = messages(path)
    server = next((str(m["SystemName"]) for m, _ in events if m.get("SystemName")), "asterisk")
    stage = Stage(server)
    for message, at in events:
        await stage.feed(message, at)
    records = replayed(events)
    kept = [each for each in stage.kept.streams if each.sound]
    talked = {
        channel for record in records for talk in record.talks if talk.from_ != talk.to for channel in talk.channels
    }
    over = {record.id for record in records if record.ended_at is not None}
    assert talked <= set(stage.way.ever), "whoever talked had a spy"
    assert {each.stream.channel for each in kept} <= talked, "nobody else was heard"
    assert len(stage.kept.ended) == len(set(stage.kept.ended)), "said once"
    known = {each.stream.call_id for each in kept} - {call_id for call_id, _ in stage.kept.merges}
    assert known & over <= set(stage.kept.ended) <= over
    assert {each.closed for each in kept if each.stream.call_id in over} <= {"hung_up"}
    assert not {call for call in stage.calls.calls if call in over and not stage.calls.calls[call].over}
    assert stage.follower.open_calls() or not [ear for ear in stage.calls.ears.values() if ear.open]


async def test_an_attended_transfer_makes_one_call_of_two_for_the_receiver() -> None:
    stage = Stage("lab")
    for message, at in messages(HERE / "streams" / "queue_attended_transfer_refer.jsonl"):
        await stage.feed(message, at)
    (merge,) = stage.kept.merges
    assert stage.kept.ended == [merge[1]]
    speakers = {(each.stream.speaker, each.stream.agent) for each in stage.kept.streams}
    assert ("customer", "") in speakers
    inside = {each.stream.call_id for each in stage.kept.streams if each.stream.inside}
    assert inside == {merge[0]}, "colleagues among themselves"
    assert len({agent for speaker, agent in speakers if speaker == "agent"}) == 2


async def test_what_is_said_on_hold_is_kept_of_nobody() -> None:
    stage = Stage("lab")
    on_hold = list[int]()
    for message, at in messages(HERE / "streams22" / "queue_hold_unhold.jsonl"):
        await stage.feed(message, at)
        if any(each.holds == [True] for each in stage.kept.streams):
            on_hold.append(sum(len(each.sound) for each in stage.kept.streams))
    assert [each.holds[:2] for each in stage.kept.streams] == [[True, False]] * 2
    assert len(on_hold) > 1
    assert len(set(on_hold)) == 1, "events came, and no sound was kept"
