"""Transcripts and turns: heard once or twice, corrected, taken back, understood, and gone with their call."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import (
    calls,
    hints,
    recordings,
    speech_counts,
    speech_jobs,
    speech_search,
    speech_seed,
    transcript_pages,
    transcript_removal,
    transcripts,
    turns,
    understood,
)
from cxcall.store.errors import Conflict
from cxcall.store.hints import NewHint
from cxcall.store.recordings import NewRecording
from cxcall.store.search_tables import speech_texts
from cxcall.store.speech_search import SearchFilter
from cxcall.store.speech_seed import PastTalk
from cxcall.store.speech_tables import turns as turns_table
from cxcall.store.transcript_pages import TranscriptFilter
from cxcall.store.transcripts import NoSuchTranscript, Unheard
from cxcall.store.turns import NewTurn, NoSuchTurn
from cxcall.store.understood import Outcome
from tests.store.make import REGION, after, queue_call, write
from tests.store.speech_make import hit, spoken, talk, turn


async def test_a_talk_is_kept_once_however_often_it_is_told(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first = await transcripts.begin(conn, talk(1, engine=""), now=after(0))
        again = await transcripts.begin(conn, talk(1, engine="vosk", queue="other"), now=after(1))
        assert (again.id, again.engine, again.queue, again.call_id) == (first.id, "vosk", "support", "lab-1.1")
        said = [NewTurn(turn=turn(1, "hello there")), NewTurn(turn=turn(2, "good morning"))]
        for _ in range(2):
            await turns.put(conn, first.id, said)
        hidden = replace(said[0], shown="hello ●●●●", hidden=((6, 11, "phone"),))
        await turns.put(conn, first.id, [hidden])
        kept = await turns.of_transcript(conn, first.id)
        assert [(each.n, each.text, each.shown, each.hidden) for each in kept] == [
            (1, "hello there", "hello ●●●●", ((6, 11, "phone"),)), (2, "good morning", "good morning", ())
        ]  # fmt: skip
        assert kept[0].turn == turn(1, "hello there")
        assert await turns.last_n(conn, first.id) == 2
        assert [live.id for live in await transcripts.under_way(conn, "live", server="lab")] == [first.id]
        gap = Unheard(since=3.0, until=5.5, why="overload")
        await transcripts.change(conn, first.id, now=after(2), gaps=[gap], progress=0.5)
        done = await transcripts.finish(conn, first.id, now=after(3), ended_at=after(3))
        assert (done.state, done.progress, done.words, done.confidence) == ("done", 1.0, 3, 0.75)
        assert (done.gaps, done.ended_at, done.version) == ((gap,), after(3), 4)
        assert await transcripts.under_way(conn, "live") == []
        with pytest.raises(NoSuchTranscript):
            await transcripts.change(conn, "none", now=after(0), state="done")
        with pytest.raises(NoSuchTranscript):
            await turns.put(conn, "none", said)
        assert await turns.last_n(conn, first.id) == 2


async def test_a_person_has_the_last_word_and_what_the_engine_heard_stays(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await spoken(conn, 1, "i want a re found", "sure")
        fixed = await turns.correct(conn, made.id, 1, version=1, by="omid", now=after(9), text="I want a refund",
                                    sentiment=-3.0)  # fmt: skip
        assert (fixed.text, fixed.heard, fixed.shown) == ("I want a refund", "i want a re found", "I want a refund")
        assert (fixed.sentiment, fixed.turn.sentiment, fixed.version, fixed.corrected_by) == (-1.0, -1.0, 2, "omid")
        with pytest.raises(Conflict) as conflict:
            await turns.correct(conn, made.id, 1, version=1, by="sara", now=after(9), text="no")
        assert conflict.value.args == (fixed,)
        with pytest.raises(NoSuchTurn):
            await turns.correct(conn, made.id, 7, version=1, by="sara", now=after(9), text="no")
        # The engine's text comes once more, then the corrected one with what is understood of it.
        await turns.put(conn, made.id, [NewTurn(turn=turn(1, "i want a re found", sentiment=0.4), shown="●●●●")])
        assert (await turns.get(conn, made.id, 1)) == fixed
        as_it_holds = msgspec.structs.replace(fixed.turn, sentiment=-1.0)
        outcome = Outcome(turns=[NewTurn(turn=as_it_holds, shown="I want a ●●●●", hidden=((9, 15, "code"),))])
        await understood.keep(conn, made.id, outcome, now=after(10))
        held = await turns.get(conn, made.id, 1)
        assert held is not None
        assert (held.text, held.heard, held.shown) == ("I want a refund", "i want a re found", "I want a ●●●●")
        assert [len((await speech_search.page(conn, SearchFilter(text=word))).rows) for word in ("refund", "want")] == [
            0, 1
        ]  # fmt: skip
        back = await turns.undo(conn, made.id, 1, version=2, shown="i want a re found")
        assert (back.text, back.sentiment, back.corrected_by, back.version) == ("i want a re found", None, "", 3)
        assert back.turn.sentiment is None


async def test_what_was_understood_is_replaced_as_a_whole(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await spoken(conn, 1, "i want to cancel", "of course", "my bill please")
        figures = {"talk_share": 0.4, "silence": {"share": 0.2}}
        for _ in range(2):
            kept = await understood.keep(conn, made.id, Outcome(
                turns=[NewTurn(turn=turn(1, "i want to cancel", sentiment=-0.5))],
                hits=[hit("cancel", 1, "cancel"), hit("bill", 3, "bill"), hit("cancel", 3, "bill")],
                said={"greeting": True, "closing": False}, sentiment=-0.5, trend=0.25, figures=figures,
            ), now=after(70))  # fmt: skip
        assert (kept.state, kept.sentiment, kept.trend, kept.figures) == ("done", -0.5, 0.25, figures)
        found = await understood.found(conn, made.id)
        assert [(each.category_id, len(each.hits)) for each in found] == [("cancel", 2), ("bill", 1)]
        assert found[0].hits[0] == hit("cancel", 1, "cancel")
        assert await understood.required(conn, made.id) == {"greeting": True, "closing": False}
        listed = await transcript_pages.of_calls(conn, ["lab-1.1", "lab-2.1"])
        assert list(listed) == ["lab-1.1"]
        assert (listed["lab-1.1"].talk_share, listed["lab-1.1"].silence_share) == (0.4, 0.2)
        assert (listed["lab-1.1"].categories, listed["lab-1.1"].sound) == (("cancel", "bill"), False)
        kept = await understood.keep(conn, made.id, Outcome(hits=[hit("bill", 3)]), now=after(71))
        assert (kept.sentiment, kept.figures) == (None, None)
        assert await understood.found_in(conn, [made.id]) == {made.id: ["bill"]}
        page = await transcript_pages.page(conn, TranscriptFilter(category_id="bill", agents=("PJSIP/1001",)))
        assert [row.id for row in page.rows] == [made.id]
        assert await transcript_pages.count(conn, TranscriptFilter(category_id="cancel")) == 0


async def test_transcripts_are_paged_newest_first(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = [await spoken(conn, n, "hello", at=n) for n in range(7)]
        for transcript in made[:2]:
            await transcripts.change(conn, transcript.id, now=after(9), state="failed", queue="sales")
        first = await transcript_pages.page(conn, TranscriptFilter(), limit=3)
        second = await transcript_pages.page(conn, TranscriptFilter(), limit=3, after=first.next)
        back = await transcript_pages.page(conn, TranscriptFilter(), limit=3, after=second.previous)
        assert [row.subject for row in (*first.rows, *second.rows)] == [f"lab-{n}.1" for n in (6, 5, 4, 3, 2, 1)]
        assert back.rows == first.rows
        failed = await transcript_pages.page(conn, TranscriptFilter(state="failed", queue="sales"))
        assert [row.subject for row in failed.rows] == ["lab-1.1", "lab-0.1"]
        counted = await speech_counts.counts(conn, since=after(2))
        assert (counted.transcripts, counted.calls, counted.words, counted.searchable) == ({"done": 5}, 5, 5, 5)


async def test_a_finished_talk_belongs_to_the_customer_of_its_call(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        [applied] = await calls.apply(conn, [write(queue_call(1))], region=REGION)
        made = await spoken(conn, 1, "hello", subject=applied.record.id)
        assert made.customer_id == applied.record.caller.customer_id
        assert (made.number, made.customer_id is None) == ("+989123456789", False)
        assert await transcripts.of_call(conn, applied.record.id) == made


async def test_all_that_was_heard_goes_with_the_call(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await spoken(conn, 1, "hello")
        other = await spoken(conn, 2, "hello")
        await understood.keep(conn, made.id, Outcome(hits=[hit("greeting", 1)], said={"greeting": True}), now=after(1))
        await hints.show(conn, NewHint(transcript_id=made.id, call_id="lab-1.1", kind="article", at=1, title="t"),
                         now=after(1))  # fmt: skip
        sound = await recordings.begin(
            conn, NewRecording(server="lab", name="a", began_at=after(0), call_id="lab-1.1"), now=after(0)
        )
        await speech_jobs.make(conn, "recording", sound.id, now=after(0))
        assert [gone.id for gone in await transcript_removal.of_calls(conn, ["lab-1.1"])] == [sound.id]
        assert await recordings.get(conn, sound.id) is None
        assert await speech_jobs.of_subject(conn, "recording", sound.id) is None
        assert await hints.of_call(conn, "lab-1.1") == []
        assert await conn.scalar(select(func.count()).select_from(turns_table)) == 1
        found = await speech_search.page(conn, SearchFilter(text="hello"))
        assert [row.transcript.id for row in found.rows] == [other.id]
        assert await transcript_removal.remove(conn, other.id)
        assert not await transcript_removal.remove(conn, other.id)
        assert await conn.scalar(select(func.count()).select_from(speech_texts)) == 0


async def test_a_history_written_at_once_is_what_the_talks_would_have_left(engine: AsyncEngine) -> None:
    texts = ("i want a refund", "yes of course")
    said = [NewTurn(turn=turn(n, text, sentiment=-0.5 if n == 1 else None)) for n, text in enumerate(texts, 1)]
    hits, required = [hit("refund", 1, "refund"), hit("refund", 1, "want")], {"greeting": False}
    async with engine.begin() as conn:
        slow = await spoken(conn, 1, *texts, state="done")
        outcome = Outcome(turns=said, hits=hits, said=required, sentiment=-0.5, trend=0.1, figures={"talk": 1})
        slow = await understood.keep(conn, slow.id, outcome, now=after(60))
        shown = NewHint(transcript_id="", call_id=None, kind="category", at=5, title="Refund", category_id="refund")
        past = PastTalk(new=talk(2, state="done", ended_at=after(60)), turns=said, hits=hits, said=required,
                        sentiment=-0.5, trend=0.1, figures={"talk": 1}, hints=[(shown, "used", "sara")])  # fmt: skip
        assert await speech_seed.write(conn, []) == []
        # At the very same moment as each other and as the one before.
        fast, _ = await speech_seed.write(conn, [past, replace(past, new=talk(3, state="done"))])
        assert await transcripts.get(conn, fast.id) == fast
        assert replace(
            fast, id=slow.id, subject=slow.subject, call_id=slow.call_id, version=slow.version, ended_at=slow.ended_at,
            updated_at=slow.updated_at,
        ) == slow  # fmt: skip
        assert await turns.of_transcript(conn, fast.id) == await turns.of_transcript(conn, slow.id)
        assert await understood.found(conn, fast.id) == await understood.found(conn, slow.id)
        assert await understood.required(conn, fast.id) == required
        [hint] = await hints.of_call(conn, "lab-2.1")
        assert (hint.transcript_id, hint.shown_at, hint.outcome, hint.by) == (fast.id, after(5), "used", "sara")
        found = await speech_search.page(conn, SearchFilter(text="refund", category_id="refund", mood_max=-0.5))
        assert sorted(row.transcript.subject for row in found.rows) == ["lab-1.1", "lab-2.1", "lab-3.1"]
