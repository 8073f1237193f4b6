"""Jobs: what was left of a live call is read from the sound that was kept; jobs wait, fail and are given back."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus.speech import JOBS
from cxcall.media.jobs import Jobs
from cxcall.media.shedding import Shed
from cxcall.media.spool import Kept
from cxcall.settings import Data, Settings
from cxcall.store import recordings, speech_jobs, speech_uploads, transcripts, turns
from cxcall.store.recordings import NewRecording
from cxcall.store.speech_jobs import Job
from tests.unit.media.scripted import ScriptedEngine, sound
from tests.unit.media.stage import CALL, Stage, stage, stream
from tests.unit.media.waiting import until

TEXTS = {1: "good morning", 2: "where is my parcel", 3: "it is on its way", 4: "my card is 4111 1111 1111 1111"}


def jobs_of(now: Stage, tmp_path: Path, lease: timedelta = timedelta(minutes=2)) -> Jobs:
    settings = Settings(data=Data(dir=str(tmp_path)))
    return Jobs(settings=settings, engine=now.database, room=now.room, lease=lease, ended=now.ended.append)


async def left_for_later(now: Stage) -> Job:
    """A call of which one turn was read live and three were left."""
    customer = now.live.open(stream("customer"), now.clock())
    agent = now.live.open(stream("agent"), now.clock())
    now.say(agent, 1)
    await until(lambda: now.of("turn"))
    now.live.shed = Shed(level="later")
    now.live._leave_one()
    now.say(customer, 2)
    now.say(agent, 3)
    now.say(customer, 4)
    now.live.over(CALL, now.clock())
    await until(lambda: now.ended)
    job = now.ended[-1].job
    assert job is not None
    return job


async def kept(now: Stage, call_id: str = CALL) -> tuple[transcripts.Transcript, list[turns.Said]]:
    async with now.database.connect() as conn:
        transcript = await transcripts.of_call(conn, call_id)
        assert transcript is not None
        return transcript, await turns.of_transcript(conn, transcript.id)


async def test_what_was_left_is_read_after_the_call_in_its_place(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        await left_for_later(now)
        assert await jobs_of(now, tmp_path).one()
        transcript, said = await kept(now)
        assert transcript.state == "done"
        assert transcript.gaps == ()
        assert [(turn.speaker, turn.text) for turn in said] == [
            ("agent", TEXTS[1]), ("customer", TEXTS[2]), ("agent", TEXTS[3]), ("customer", TEXTS[4]),
        ]  # fmt: skip
        assert said[3].shown == "my card is ●●●●"
        assert said[2].agent == "PJSIP/1001"
        assert not await jobs_of(now, tmp_path).one(), "there is nothing more to do"
        await now.room.spool.flush()
        assert list(now.room.spool.read(CALL)) == []
        assert now.room.spool.size == 0


async def test_the_whole_takes_the_place_of_what_was_cut_off(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, {1: "i am", 2: "i am sorry there is no match", 3: "for you"}) as now:
        customer = now.live.open(stream("customer"), now.clock())
        for number in (1, 3):
            now.say(customer, number)
        await until(lambda: len(now.of("turn")) == 2)
        talk, last = now.live.talk(CALL), max(turn["end"] for turn in now.of("turn"))
        assert talk is not None
        assert talk.transcript is not None
        began = talk.transcript.began_at.timestamp()
        about = Kept(start=began - 0.2, spoke=began - 0.2, end=began + last, speaker="customer")
        now.room.spool.keep(CALL, about, sound(2, last))
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        assert await jobs_of(now, tmp_path).one()
        assert [turn.text for turn in (await kept(now))[1]] == ["i am sorry there is no match"]


async def test_a_worker_that_died_in_the_middle_is_followed_by_one_who_doubles_nothing(
    database: AsyncEngine, tmp_path: Path
) -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    async with stage(database, tmp_path, TEXTS, engine=engine) as now:
        gate.release(10)
        job = await left_for_later(now)
        while gate.acquire(blocking=False):
            pass
        gate.release(5)  # one utterance and no more
        died = asyncio.create_task(jobs_of(now, tmp_path, timedelta(seconds=1)).one())

        async def written() -> int:
            return len((await kept(now))[1])

        async with asyncio.timeout(20):
            while await written() < 2:
                await asyncio.sleep(0.01)
        # As after kill -9: nobody gives the job back, its lease runs out.
        async with database.connect() as conn:
            running = await speech_jobs.get(conn, job.id)
        assert running is not None
        assert running.state == "running"
        now.clock.go(60.0)
        other = asyncio.create_task(jobs_of(now, tmp_path).one())
        async with asyncio.timeout(20):
            while running.tries < 2:  # taken over, before the first one wakes up
                await asyncio.sleep(0.01)
                async with database.connect() as conn:
                    running = await speech_jobs.get(conn, job.id)
                assert running is not None
        gate.release(100)
        assert await other
        await asyncio.gather(died, return_exceptions=True)
        transcript, said = await kept(now)
        assert transcript.state == "done"
        assert [turn.text for turn in said] == [TEXTS[1], TEXTS[2], TEXTS[3], TEXTS[4]]
        assert [turn.n for turn in said] == [1, 2, 3, 4]


async def test_a_job_that_is_stopped_is_given_back_at_once(database: AsyncEngine, tmp_path: Path) -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    async with stage(database, tmp_path, TEXTS, engine=engine) as now:
        gate.release(10)
        job = await left_for_later(now)
        while gate.acquire(blocking=False):
            pass
        jobs = jobs_of(now, tmp_path)
        running = asyncio.create_task(jobs.run())
        now.room.bus.publish(JOBS, {"id": job.id})
        await until(lambda: jobs.running is not None and now.room.pool.busy)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        gate.release(100)
        async with database.connect() as conn:
            given_back = await speech_jobs.get(conn, job.id)
        assert given_back is not None
        assert (given_back.state, given_back.tries) == ("waiting", 0)


async def test_a_gap_waits_for_the_recording_of_its_call_and_stays_when_none_comes(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        async with database.begin() as conn:
            new = NewRecording(server="lab", name="a", began_at=now.room.now(), call_id=CALL)
            recording = await recordings.begin(conn, new, now=now.room.now())
        first = now.live.open(stream("customer"), now.clock())
        now.say(first, 1)
        first.close("lost", now.clock())
        now.clock.go(10.0)
        now.say(now.live.open(stream("customer", id="again"), now.clock()), 2)
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        assert now.ended[0].transcript.state == "waiting"
        jobs = jobs_of(now, tmp_path)
        assert await jobs.one()
        assert (await kept(now))[0].state == "waiting", "the switch still writes it"
        async with database.begin() as conn:
            await recordings.change(conn, recording.id, now=now.room.now(), state="failed", problem="disk full")
        now.clock.go(60.0)
        assert await jobs.one()
        transcript, _ = await kept(now)
        assert (transcript.state, [gap.why for gap in transcript.gaps]) == ("done", ["lost"])


async def test_the_recording_of_a_call_that_was_heard_whole_is_not_read_again(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        now.say(now.live.open(stream("customer"), now.clock()), 1)
        now.live.over(CALL, now.clock())
        await until(lambda: now.ended)
        async with database.begin() as conn:
            new = NewRecording(server="lab", name="a", began_at=now.room.now(), call_id=CALL)
            recording = await recordings.begin(conn, new, now=now.room.now())
            job = await speech_jobs.make(conn, "recording", recording.id, now=now.room.now())
        assert await jobs_of(now, tmp_path).one()
        async with database.connect() as conn:
            done = await speech_jobs.get(conn, job.id)
        assert done is not None
        assert done.state == "done"
        assert len((await kept(now))[1]) == 1


async def test_a_file_that_is_not_there_fails_with_a_sentence_and_names_that_lead_out_are_refused(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        async with database.begin() as conn:
            upload = await speech_uploads.add(conn, name="x", file="../secret.wav", by="u", now=now.room.now())
            job = await speech_jobs.make(conn, "upload", upload.id, now=now.room.now())
            gone = await speech_jobs.make(conn, "recording", "nothing", now=now.room.now())
        jobs = jobs_of(now, tmp_path)
        assert await jobs.one()
        assert await jobs.one()
        async with database.connect() as conn:
            failed, pointless = await speech_jobs.get(conn, job.id), await speech_jobs.get(conn, gone.id)
        assert failed is not None
        assert (failed.state, failed.problem) == ("failed", "The name of the file leads out of its folder.")
        assert pointless is not None
        assert pointless.state == "done"


async def test_a_job_of_a_language_without_a_model_waits(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as now:
        async with database.begin() as conn:
            upload = await speech_uploads.add(conn, name="x", file="x.wav", by="u", now=now.room.now(), language="fa")
            await speech_jobs.make(conn, "upload", upload.id, now=now.room.now(), language="fa")
        assert not await jobs_of(now, tmp_path).one()


async def test_an_engine_that_breaks_costs_a_try_and_the_job_comes_again(database: AsyncEngine, tmp_path: Path) -> None:
    engine = ScriptedEngine(TEXTS)
    async with stage(database, tmp_path, TEXTS, engine=engine) as now:
        job = await left_for_later(now)
        engine.breaks = frozenset({2})
        assert await jobs_of(now, tmp_path).one()
        async with database.connect() as conn:
            waiting = await speech_jobs.get(conn, job.id)
        assert waiting is not None
        assert (waiting.state, waiting.tries) == ("waiting", 1)
        assert "the engine broke" in waiting.problem
        engine.breaks = frozenset()
        now.clock.go(60.0)
        assert await jobs_of(now, tmp_path).one()
        assert (await kept(now))[0].state == "done"
