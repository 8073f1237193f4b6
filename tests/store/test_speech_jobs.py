"""What is done after the call: jobs with leases, recordings, files, and which queues are listened to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.speech.listening import Listening
from cxcall.store import (
    recordings,
    speech_counts,
    speech_jobs,
    speech_settings,
    speech_uploads,
    survey_comments,
    survey_responses,
)
from cxcall.store.errors import Conflict
from cxcall.store.recordings import NewRecording, NoSuchRecording, Pause
from cxcall.store.speech_jobs import LEASE, RETRY_AFTER, LostLease
from cxcall.store.speech_settings import EVERY
from tests.store.make import after
from tests.store.survey_make import new

SECOND = timedelta(seconds=1)


async def test_a_job_goes_on_where_it_was_when_its_worker_is_gone(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await speech_jobs.make(conn, "recording", "r1", now=after(0), language="fa")
        assert (await speech_jobs.make(conn, "recording", "r1", now=after(5))).id == made.id
        tried = await speech_jobs.make(conn, "upload", "u1", now=after(9))
        first = await speech_jobs.take(conn, now=after(10))
        assert first is not None
        assert (first.id, first.state, first.tries) == (tried.id, "running", 1)
        assert await speech_jobs.take(conn, now=after(10), languages=["en"]) is None
        second = await speech_jobs.take(conn, now=after(10), languages=["fa"])
        assert second is not None
        assert second.id == made.id
        second = await speech_jobs.beat(conn, second, now=after(20), position=42.5, progress=0.5, transcript_id="t")
        await speech_jobs.done(conn, first, now=after(20))
        assert await speech_jobs.take(conn, now=after(20)) is None
        late = after(20) + LEASE + SECOND
        again = await speech_jobs.take(conn, now=late)
        assert again is not None
        assert (again.id, again.position, again.progress, again.transcript_id, again.tries) == (made.id, 42.5, 0.5, "t",
                                                                                              2)  # fmt: skip
        with pytest.raises(LostLease):
            await speech_jobs.beat(conn, second, now=late)
        with pytest.raises(LostLease):
            await speech_jobs.done(conn, first, now=late)
        stopped = await speech_jobs.release(conn, again, now=late)
        assert (stopped.state, stopped.tries, stopped.position) == ("waiting", 1, 42.5)
        assert await speech_jobs.counts(conn) == {"waiting": 1, "running": 0, "done": 1, "failed": 0}


async def test_a_job_that_fails_is_tried_later_and_given_up_in_the_end(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await speech_jobs.make(conn, "comment", "c-1", now=after(0))
        now = after(0)
        for wait in RETRY_AFTER:
            job = await speech_jobs.take(conn, now=now)
            assert job is not None
            job = await speech_jobs.fail(conn, job, "The file is empty.", now=now)
            assert (job.state, job.next_at) == ("waiting", now + wait)
            assert await speech_jobs.take(conn, now=now + wait - SECOND) is None
            now += wait
        job = await speech_jobs.take(conn, now=now)
        assert job is not None
        job = await speech_jobs.fail(conn, job, "x" * 999, now=now)
        assert (job.state, job.ended_at, len(job.problem)) == ("failed", now, 500)
        assert await speech_jobs.take(conn, now=now + LEASE) is None
        assert await speech_jobs.retry(conn, job.id, now=now)
        assert not await speech_jobs.retry(conn, job.id, now=now)
        job = await speech_jobs.take(conn, now=now)
        assert job is not None
        assert (await speech_jobs.fail(conn, job, "No such model.", now=now, for_good=True)).state == "failed"
        anew = await speech_jobs.make(conn, "comment", "c-1", now=now, again=True, language="fa")
        assert (anew.state, anew.tries, anew.position, anew.language, anew.id) == ("waiting", 0, 0.0, "fa", job.id)
        # A worker that dies in the middle every time.
        for _ in range(len(RETRY_AFTER) + 1):
            assert await speech_jobs.take(conn, now=now) is not None
            now += LEASE + SECOND
        assert await speech_jobs.take(conn, now=now) is None
        page = await speech_jobs.page(conn, state="failed")
        assert [(row.id, row.state) for row in page.rows] == [(job.id, "failed")]
        done = await speech_jobs.make(conn, "call", "lab-1.1", now=now)
        taken = await speech_jobs.take(conn, now=now)
        assert taken is not None
        await speech_jobs.done(conn, taken, now=now)
        assert [row.id for row in (await speech_jobs.page(conn, limit=1)).rows] == [done.id]
        assert await speech_jobs.sweep(conn, before=now + SECOND) == 1


async def test_two_workers_never_get_the_same_job(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = [await speech_jobs.make(conn, "recording", f"r{n}", now=after(n)) for n in range(12)]

    async def worker() -> list[str]:
        mine: list[str] = []
        while True:
            async with engine.begin() as conn:
                job = await speech_jobs.take(conn, now=after(60))
                await asyncio.sleep(0)
            if job is None:
                return mine
            mine.append(job.id)

    taken = [id_ for mine in await asyncio.gather(*(worker() for _ in range(3))) for id_ in mine]
    assert sorted(taken) == sorted(job.id for job in made)


async def test_a_recording_is_announced_imported_kept_and_deleted_when_its_time_is_over(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        announced = NewRecording(server="lab", name="mix-1", began_at=after(0), call_id="lab-1.1", unique_id="1.1",
                                 sources=("/a-in.wav", "/a-out.wav"), consent="yes", why="chosen")  # fmt: skip
        made = await recordings.begin(conn, announced, now=after(0))
        assert await recordings.begin(conn, announced, now=after(9)) == made
        assert (made.state, made.sources, made.pauses) == ("recording", announced.sources, ())
        paused = Pause(since=3.0, until=None, why="card")
        await recordings.change(conn, made.id, now=after(3), pauses=[paused])
        assert [each.pauses for each in await recordings.open_ones(conn, state="recording")] == [(paused,)]
        await speech_jobs.make(conn, "recording", made.id, now=after(60))
        await recordings.change(conn, made.id, now=after(60), state="waiting", seconds=60.0)
        counted = await speech_counts.counts(conn, since=after(0))
        assert (counted.waiting_seconds, counted.oldest, counted.jobs["waiting"]) == (60.0, after(60), 1)
        kept = await recordings.change(conn, made.id, now=after(61), state="kept", file="2026-11/x.wav", bytes=5,
                                       channels=2, keep_until=after(100))  # fmt: skip
        assert await recordings.open_ones(conn) == []
        assert await recordings.of_call(conn, "lab-1.1") == [kept]
        assert await recordings.of_calls(conn, ["lab-1.1", "lab-2.1"]) == {"lab-1.1"}
        assert await recordings.kept(conn) == (1, 5, 60.0)
        assert await recordings.due(conn, after(99)) == []
        assert await recordings.due(conn, after(100)) == [kept]
        gone = await recordings.gone(conn, made.id, now=after(101))
        assert (gone.state, gone.file, gone.bytes) == ("gone", "", 0)
        assert await recordings.due(conn, after(200)) == []
        assert await recordings.of_call(conn, "lab-1.1") == []
        with pytest.raises(NoSuchRecording):
            await recordings.gone(conn, "none", now=after(0))


async def test_the_nearest_rules_hold_for_a_queue(engine: AsyncEngine) -> None:
    def days(n: int) -> Listening:
        return Listening(live=True, keep_days=n)

    async with engine.begin() as conn:
        assert await speech_settings.of(conn, "lab", "support") is None
        for n, key in enumerate([(EVERY, EVERY), ("lab", EVERY), (EVERY, "support"), ("lab", "support")]):
            await speech_settings.save(conn, *key, days(n), by="omid", now=after(n))
            found = await speech_settings.of(conn, "lab", "support")
            assert found is not None
            assert (found.server, found.queue, found.listening.keep_days) == (*key, n)
        for server, queue, expected in [("b", "support", 2), ("lab", "sales", 1), ("b", "sales", 0), ("b", "", 0)]:
            found = await speech_settings.of(conn, server, queue)
            assert found is not None
            assert found.listening.keep_days == expected
        changed = await speech_settings.save(conn, "lab", "support", days(9), by="sara", now=after(9), version=1)
        assert await speech_settings.get(conn, "lab", "support") == changed
        for version in (0, 1):
            with pytest.raises(Conflict):
                await speech_settings.save(conn, "lab", "support", days(5), by="x", now=after(9), version=version)
        assert await speech_settings.remove(conn, "lab", "support")
        assert not await speech_settings.remove(conn, "lab", "support")
        assert len(await speech_settings.everything(conn)) == 3


async def test_files_that_were_sent_and_comments_wait_for_a_model_of_their_language(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        upload = await speech_uploads.add(conn, name="a.wav", file="uploads/x.wav", by="u", now=after(0), language="en")
        assert await speech_uploads.newest(conn) == [upload]
        assert await speech_uploads.remove(conn, upload.id) == upload
        assert await speech_uploads.get(conn, upload.id) is None
        for n, language in enumerate(("fa", "en")):
            response = await survey_responses.offer(conn, new(n, language=language))
            await survey_comments.add(conn, response, "why", sha="x", seconds=3, at=after(n))
        assert await survey_comments.wake(conn, languages=["fa"]) == 1
        assert await survey_comments.states(conn) == {"no_model": 1, "waiting": 1, "done": 0, "failed": 0}
        assert await survey_comments.wake(conn) == 1
        assert len(await survey_comments.waiting(conn)) == 2
        [persian] = await survey_comments.waiting(conn, languages=["fa"])
        assert await survey_comments.transcribed(conn, persian.response_id, "why", "سلام", after(5))
        assert await survey_comments.waiting(conn, languages=["fa"]) == []


ACTS = st.lists(st.sampled_from(["make", "again", "take", "beat", "done", "fail", "release", "late"]), max_size=14)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
async def test_whatever_happens_a_subject_has_one_job_and_one_worker(engine: AsyncEngine, acts: list[str]) -> None:
    now, held = after(0), None
    async with engine.connect() as conn, conn.begin() as transaction:
        for act in acts:
            now += SECOND
            if act in ("make", "again"):
                await speech_jobs.make(conn, "call", "c", now=now, again=act == "again")
            elif act == "late":
                now += LEASE
            elif act == "take":
                held = await speech_jobs.take(conn, now=now) or held
            elif held is not None:
                change = {"beat": speech_jobs.beat, "done": speech_jobs.done, "release": speech_jobs.release}.get(act)
                before = await speech_jobs.get(conn, held.id)
                try:
                    held = await (change(conn, held, now=now) if change else speech_jobs.fail(conn, held, "x", now=now))
                except LostLease:
                    assert await speech_jobs.get(conn, held.id) == before
        counted = await speech_jobs.counts(conn)
        assert sum(counted.values()) == int(any(act in ("make", "again") for act in acts))
        await transaction.rollback()
