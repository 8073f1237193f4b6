"""Talks while they go on: right speaker, order, what is told, hold, restart, overload, merging, the end."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallId
from cxcall.media.room import moment
from cxcall.media.shedding import Shed
from cxcall.speech.category import Category, Hint, Rule, Term
from cxcall.store import alerts, calls, hints, transcripts, turns
from cxcall.store.transcripts import Transcript
from tests.store.make import queue_call, write
from tests.unit.media.scripted import ScriptedEngine, sound
from tests.unit.media.stage import BEGAN, CALL, Clock, Stage, stage, stream
from tests.unit.media.waiting import until

TEXTS = {
    1: "good morning sara speaking how can i help",
    2: "i want to cancel my order this is terrible",
    3: "my card number is 4111 1111 1111 1111",
    4: "thank you i have noted that",
    5: "goodbye",
    6: "nobody helped me this is the worst service i am angry",
    7: "",
}
CANCEL = Category(
    id="cancel", name={"en": "Cancel", "fa": "لغو"}, tone="bad", alerts=True,
    rules=(Rule(says=Term(phrases=("cancel*",), speaker="customer")),),
    hint=Hint(title={"en": "Offer a discount", "fa": "تخفیف بدهید"}),
)  # fmt: skip


async def said(stage: Stage, call_id: str = CALL) -> tuple[Transcript, list[turns.Said]]:
    async with stage.database.connect() as conn:
        transcript = await transcripts.of_call(conn, call_id)
        assert transcript is not None
        return transcript, await turns.of_transcript(conn, transcript.id)


async def test_two_speakers_become_turns_with_topics_hints_and_an_alert(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS, categories=[CANCEL]) as now:
        agent = now.live.open(stream("agent"), now.clock())
        customer = now.live.open(stream("customer"), now.clock())
        now.say(agent, 1)
        await until(lambda: len(now.of("turn")) == 1)
        now.say(customer, 2)
        await until(lambda: len(now.of("turn")) == 2)
        now.say(customer, 7)
        now.say(customer, 3)
        await until(lambda: len(now.of("turn")) == 3)
        now.tick()
        told = now.of("turn")
        assert [(turn["n"], turn["speaker"], turn["agent_name"]) for turn in told] == [
            (1, "agent", "Sara"), (2, "customer", ""), (3, "customer", ""),
        ]  # fmt: skip
        assert told[0]["text"] == TEXTS[1]
        assert told[2]["text"] == "my card number is ●●●●"
        assert told[1]["start"] == pytest.approx(2.0, abs=0.05)
        assert told[1]["end"] == pytest.approx(3.0, abs=0.05)
        assert "1111" not in repr(now.heard), "no partial text gives a number away"
        state = now.of("state")[-1]
        assert state["topics"] == [{"id": "cancel", "name": CANCEL.name, "tone": "bad"}]
        assert state["mood"] < 0
        await until(lambda: {"call": CALL, "alert": True} in now.overview)

        talk = now.live.talk(CALL)
        assert talk is not None
        snapshot = talk.snapshot()
        assert snapshot is not None
        assert [turn["n"] for turn in snapshot.turns] == [1, 2, 3]
        assert [hint.title["en"] for hint in snapshot.hints][:1] == ["Offer a discount"]
        assert talk.decide(snapshot.hints[0].id, "used")
        assert not talk.decide("nothing", "used")
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now)
        assert (transcript.state, transcript.queue, transcript.agent_name) == ("done", "support", "Sara")
        assert [turn.shown for turn in kept] == [TEXTS[1], TEXTS[2], "my card number is ●●●●"]
        assert kept[0].agent == "PJSIP/1001"
        assert kept[1].sentiment is not None
        assert kept[1].sentiment < 0
        assert transcript.figures is not None
        assert now.heard[-1] == {"kind": "over"}
        async with database.connect() as conn:
            open_alerts = await alerts.heard(conn, now=now.room.now())
            shown = await hints.of_call(conn, CALL)
        assert [(alert.title, alert.link, alert.n) for alert in open_alerts] == [("Cancel", f"/live/{CALL}", 1)]
        assert {hint.outcome for hint in shown} <= {"shown", "expired"}
        assert now.live.calls == 0


async def test_partial_texts_come_at_most_five_times_a_second_and_are_withdrawn(
    database: AsyncEngine, tmp_path: Path
) -> None:
    texts = {1: " ".join(f"word{n}" for n in range(50))}
    engine = ScriptedEngine(texts)
    async with stage(database, tmp_path, texts, engine=engine) as now:
        sink = now.live.open(stream("customer"), now.clock())
        talk = now.live.talk(CALL)
        assert talk is not None
        await talk.opened.wait()
        for n in range(40):  # two seconds, a word each twentieth
            sink.audio(sound(1, 0.05), now.clock.go(0.05))
            await until(partial(_longer, engine.order, n))
            now.tick()
        assert 5 <= len(now.of("partial")) <= 11
        assert (snapshot := talk.snapshot()) is not None
        assert snapshot.partials[0].text.startswith("word0 word1")
        sink.audio(bytes(320), now.clock.go(1.0))
        await until(lambda: now.of("turn"))
        assert (snapshot := talk.snapshot()) is not None
        assert snapshot.partials == ()


async def test_what_is_said_on_hold_is_not_written_down(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        agent = now.live.open(stream("agent"), now.clock())
        customer = now.live.open(stream("customer"), now.clock())
        now.say(agent, 1)
        for sink in (agent, customer):
            sink.hold(True, now.clock())
        now.say(customer, 2)
        now.say(agent, 4)
        for sink in (agent, customer):
            sink.hold(False, now.clock())
        now.say(customer, 5)
        await until(lambda: len(now.of("turn")) == 2)
        assert [message["held"] for message in now.of("held")] == [True, False]
        customer.close("hung_up", now.clock())
        customer.close("lost", now.clock())
        customer.audio(b"\x01\x00" * 800, now.clock())
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now)
        assert [turn.text for turn in kept] == [TEXTS[1], TEXTS[5]]
        assert [gap.why for gap in transcript.gaps] == ["held"]
        assert transcript.gaps[0].until - transcript.gaps[0].since == pytest.approx(4.0, abs=0.1)


async def test_who_is_alone_for_a_moment_at_the_end_is_not_on_hold(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        agent = now.live.open(stream("agent"), now.clock())
        customer = now.live.open(stream("customer"), now.clock())
        now.say(customer, 5)
        await until(lambda: now.of("turn"))
        agent.close("hung_up", now.clock())
        customer.hold(True, now.clock())
        customer.close("hung_up", now.clock.go(0.9))
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, _ = await said(now)
        assert transcript.gaps == ()


async def test_the_callers_answer_is_kept(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        now.say(now.live.open(stream("customer", consent="yes"), now.clock()), 5)
        await until(lambda: now.of("turn"))
        assert (await said(now))[0].consent == "yes"


async def test_after_a_restart_in_the_middle_the_numbers_go_on_and_the_gap_is_marked(
    database: AsyncEngine, tmp_path: Path
) -> None:
    clock = Clock()
    async with stage(database, tmp_path, TEXTS, clock=clock, categories=[CANCEL]) as before:
        sink = before.live.open(stream("customer"), clock())
        before.say(sink, 2)
        await until(lambda: before.of("turn"))
        await before.written()
    clock.go(20.0)
    async with stage(database, tmp_path, TEXTS, clock=clock, categories=[CANCEL]) as now:
        sink = now.live.open(stream("customer"), clock())
        now.say(sink, 5)
        await until(lambda: now.of("turn"))
        assert now.of("turn")[0]["n"] == 2
        assert now.of("gap")[0]["why"] == "not_running"
        now.live.over(CALL, clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now)
        assert transcript.began_at.timestamp() == BEGAN
        assert [(turn.n, turn.text) for turn in kept] == [(1, TEXTS[2]), (2, TEXTS[5])]
        assert kept[1].start == pytest.approx(22.0, abs=0.1)
        (gap,) = transcript.gaps
        assert gap.until - gap.since == pytest.approx(20.0, abs=2.5)
        assert now.ended[0].job is None, "without sound nothing brings it back"


async def test_a_call_that_ended_while_cxcall_was_down_is_brought_to_its_end(
    database: AsyncEngine, tmp_path: Path
) -> None:
    clock = Clock()
    async with stage(database, tmp_path, TEXTS, clock=clock) as before:
        sink = before.live.open(stream("customer"), clock())
        before.say(sink, 2)
        await until(lambda: before.of("turn"))
        await before.written()
    async with stage(database, tmp_path, TEXTS, clock=clock) as now:
        await now.live.look_for_left()
        assert not now.ended, "nobody knows yet how that call ended"
        await end_record(database, CALL, clock.go(30.0))
        await now.live.look_for_left()
        transcript, _ = await said(now)
        assert transcript.state == "done"
        assert [gap.why for gap in transcript.gaps] == ["not_running"]


async def test_overload_leaves_the_newest_call_for_later_and_its_sound_is_read_then(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        old = now.live.open(stream("customer"), now.clock())
        now.clock.go(10.0)
        new = now.live.open(stream("customer", id="new", call_id="lab-2"), now.clock())
        now.live.shed = Shed(level="later")
        now.live._leave_one()
        now.say(old, 1)
        now.say(new, 2)
        now.say(new, 3)
        await until(lambda: now.of("turn"))
        assert (now.live.later, now.live.left) == (1, 1)
        third = now.live.open(stream("agent", id="third", call_id="lab-3"), now.clock())
        assert third.owner.later, "while there is too much, new calls are left too"
        now.live.over("lab-2", now.clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now, "lab-2")
        assert (transcript.state, kept) == ("waiting", [])
        assert [gap.why for gap in transcript.gaps] == ["overload"]
        job = now.ended[0].job
        assert job is not None
        assert (job.kind, job.subject) == ("call", "lab-2")
        assert [kept.speaker for kept, _ in now.room.spool.read("lab-2")] == ["customer", "customer"]


async def test_load_costs_partial_texts_first_and_the_newest_call_only_when_that_is_not_enough(
    database: AsyncEngine, tmp_path: Path
) -> None:
    gate = threading.Semaphore(0)
    async with stage(database, tmp_path, TEXTS, engine=ScriptedEngine(TEXTS, gate=gate)) as now:
        sink = now.live.open(stream("customer"), now.clock())
        steps = []
        for at, seconds in ((0.0, 10), (1.1, 0), (2.0, 30), (5.1, 0)):
            now.say(sink, 1, seconds)
            now.live.look_at_load(at)
            steps.append((now.live.shed.level, now.room.pool.partials, now.live.later))
        assert steps == [("all", True, 0), ("finals", False, 0), ("finals", False, 0), ("later", False, 1)]
        gate.release(1000)
        await until(lambda: now.room.pool.backlog == 0.0)
        for at in (10.0, 26.0, 27.0, 43.0):
            now.live.look_at_load(at)
        assert (now.live.shed.level, now.room.pool.partials) == ("all", True)


async def test_while_the_engine_is_stuck_sound_is_taken_at_once_and_too_much_of_it_goes_to_disk(
    database: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxcall.media.sink.MOST_HELD_S", 1.5)
    gate = threading.Semaphore(0)
    async with stage(database, tmp_path, TEXTS, engine=ScriptedEngine(TEXTS, gate=gate)) as now:
        sink = now.live.open(stream("customer"), now.clock())
        for number in (1, 2, 4, 5):
            now.say(sink, number)  # returns, though nothing is decoded
        await now.room.spool.flush()
        assert now.room.pool.held <= 3.0
        assert len(list(now.room.spool.read(CALL))) == 2
        gate.release(100)
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now)
        assert [turn.text for turn in kept] == [TEXTS[1], TEXTS[2]]
        assert (transcript.state, {gap.why for gap in transcript.gaps}) == ("waiting", {"engine"})


async def test_without_room_for_its_sound_the_gap_stays(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS, most_spooled=1000) as now:
        now.live.shed = Shed(level="later")
        sink = now.live.open(stream("customer"), now.clock())
        now.say(sink, 2)
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, _ = await said(now)
        assert (transcript.state, [gap.why for gap in transcript.gaps]) == ("done", ["full"])
        assert now.room.spool.dropped > 0


async def test_an_utterance_at_which_the_engine_breaks_is_kept_for_later(database: AsyncEngine, tmp_path: Path) -> None:
    engine = ScriptedEngine(TEXTS, breaks=frozenset({2}))
    async with stage(database, tmp_path, TEXTS, engine=engine) as now:
        sink = now.live.open(stream("customer"), now.clock())
        now.say(sink, 1)
        now.say(sink, 2)
        now.say(sink, 5)
        await until(lambda: len(now.of("turn")) == 2)
        await until(lambda: now.of("gap"))
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now)
        assert [turn.text for turn in kept] == [TEXTS[1], TEXTS[5]]
        assert (transcript.state, [gap.why for gap in transcript.gaps]) == ("waiting", ["engine"])


async def test_texts_that_are_overdue_at_the_end_are_read_afterwards(
    database: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxcall.media.live.LAST_TEXTS_S", 0.05)
    gate = threading.Semaphore(0)
    async with stage(database, tmp_path, TEXTS, engine=ScriptedEngine(TEXTS, gate=gate)) as now:
        sink = now.live.open(stream("customer"), now.clock())
        now.say(sink, 2)
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        assert now.ended[0].job is not None
        gate.release(100)
        _, kept = await said(now)
        assert kept == []


async def test_two_calls_that_become_one_have_one_transcript(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        customer = now.live.open(stream("customer"), now.clock())
        now.say(customer, 2)
        now.listen("lab-9")
        consult = now.live.open(stream("agent", id="consult", call_id="lab-9"), now.clock())
        now.say(consult, 4)
        await until(lambda: len(now.of("turn")) == 2)
        now.live.merged("lab-9", CALL)
        now.say(consult, 5)
        await until(lambda: len(now.of("turn")) == 3)
        assert now.live.calls == 1
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, kept = await said(now)
        assert [(turn.n, turn.text) for turn in kept] == [(1, TEXTS[2]), (2, TEXTS[4]), (3, TEXTS[5])]
        assert transcript.gaps == ()
        now.live.merged("lab-77", "lab-78")
        alone = now.live.open(stream("customer", id="x", call_id="lab-77"), now.clock())
        assert alone.owner.call_id == "lab-78"


@pytest.mark.parametrize("consultation_is_older", [False, True])
async def test_what_colleagues_said_to_each_other_is_not_in_the_talk_their_consultation_served(
    database: AsyncEngine, tmp_path: Path, consultation_is_older: bool
) -> None:
    colleagues, outside = (CALL, "lab-9") if consultation_is_older else ("lab-9", CALL)
    async with database.begin() as conn:
        inside = replace(queue_call(1, number="1001"), id=CallId(colleagues), direction="internal", queue_visits=())
        await calls.apply(conn, [write(inside), write(replace(queue_call(2), id=CallId(outside)))], region="IR")
    gate = threading.Semaphore(2)
    async with stage(database, tmp_path, TEXTS, engine=ScriptedEngine(TEXTS, gate=gate)) as now:
        now.listen("lab-9")
        customer = now.live.open(stream("customer", call_id=outside), now.clock())
        now.say(customer, 2)
        consult = {"call_id": colleagues, "queue": "", "inside": True}
        first = now.live.open(stream("customer", id="first", **consult), now.clock())
        second = now.live.open(stream("agent", id="second", **consult), now.clock())
        now.say(first, 6)
        await until(lambda: len(now.of("turn")) == 2)
        now.say(second, 4)
        now.live.merged("lab-9", CALL)
        gate.release(100)
        now.say(second, 5)
        await until(lambda: TEXTS[5] in {turn["text"] for turn in now.of("turn")})
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        _, kept = await said(now)
        assert [turn.text for turn in kept] == [TEXTS[2], TEXTS[5]]


async def test_a_stream_that_breaks_and_comes_back_leaves_a_gap_of_that_time(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        first = now.live.open(stream("customer"), now.clock())
        now.say(first, 1)
        first.close("lost", now.clock())
        now.clock.go(12.0)
        again = now.live.open(stream("customer", id="again"), now.clock())
        now.say(again, 5)
        await until(lambda: len(now.of("turn")) == 2)
        (gap,) = now.of("gap")
        assert (gap["why"], round(gap["to"] - gap["from"])) == ("lost", 12)


async def test_nothing_is_heard_of_a_language_without_a_model(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        assert now.live.refusal("fa") == "no_model"
        assert now.live.refusal("en", "whisper") == "", "another engine of the language will do"
        sink = now.live.open(stream("customer", language="fa"), now.clock())
        now.say(sink, 2)
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        transcript, _ = await said(now)
        assert [gap.why for gap in transcript.gaps] == ["engine"]


def _longer(found: list[int], than: int) -> bool:
    return len(found) > than


async def end_record(database: AsyncEngine, call_id: str, at: float) -> None:
    """The listener has written that a call ended."""
    record = queue_call(1, id=CallId(call_id), started_at=moment(BEGAN), ended_at=moment(at))
    async with database.begin() as conn:
        await calls.apply(conn, [write(record)], region="IR")
