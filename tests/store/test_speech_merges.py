"""What was heard follows its call and its customer through merges, and back."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.customers.profile import Profile
from cxcall.store import (
    calls,
    customer_merges,
    customers,
    hints,
    recordings,
    speech_jobs,
    speech_search,
    transcript_merges,
    transcript_pages,
    transcripts,
    turns,
    understood,
)
from cxcall.store.hints import NewHint
from cxcall.store.recordings import NewRecording
from cxcall.store.speech_search import SearchFilter
from cxcall.store.speech_tables import transcripts as transcripts_table
from cxcall.store.transcript_pages import TranscriptFilter
from cxcall.store.transcripts import Unheard
from cxcall.store.understood import Outcome
from tests.store.make import REGION, after, queue_call, write
from tests.store.speech_make import hit, spoken, talk


async def test_what_was_heard_of_a_call_belongs_to_the_call_it_became_part_of(engine: AsyncEngine) -> None:
    gone, stays = queue_call(1), queue_call(2)
    async with engine.begin() as conn:
        await calls.apply(conn, [write(gone), write(stays)], region=REGION)
        made = await spoken(conn, 1, "hello", subject=gone.id)
        sound = await recordings.begin(
            conn, NewRecording(server="lab", name="a", began_at=after(0), call_id=gone.id), now=after(0)
        )
        await speech_jobs.make(conn, "call", gone.id, now=after(0))
        await hints.show(conn, NewHint(transcript_id=made.id, call_id=gone.id, kind="feeling", at=1, title="t"),
                         now=after(1))  # fmt: skip
        for revision in (2, 3):
            await calls.apply(conn, [write(stays, revision, gone.id)], region=REGION)
        for call_id in (gone.id, stays.id):
            found = await transcripts.of_call(conn, call_id)
            assert found is not None
            assert (found.id, found.subject, found.call_id) == (made.id, stays.id, stays.id)
            assert [each.id for each in await recordings.of_call(conn, call_id)] == [sound.id]
            assert len(await hints.of_call(conn, call_id)) == 1
        assert await speech_jobs.of_subject(conn, "call", stays.id) is not None
        # Told late, by the name it had.
        assert (await transcripts.begin(conn, talk(9, subject=gone.id), now=after(9))).id == made.id
        late = NewRecording(server="lab", name="b", began_at=after(9), call_id=gone.id)
        assert (await recordings.begin(conn, late, now=after(9))).call_id == stays.id


async def test_two_transcripts_of_one_call_become_one_with_the_turns_of_both(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stays = await spoken(conn, 1, "my bill", "yes", at=100)
        gone = await spoken(conn, 2, "refund please", "cancel", at=90)
        await transcripts.change(conn, stays.id, now=after(1), gaps=[Unheard(since=1, until=2, why="held")])
        await transcripts.change(conn, gone.id, now=after(1), gaps=[Unheard(since=3, until=4, why="lost")])
        await understood.keep(conn, stays.id, Outcome(
            hits=[hit("money", 1, "bill")], said={"greeting": False}), now=after(1))  # fmt: skip
        await understood.keep(conn, gone.id, Outcome(
            hits=[hit("money", 1, "refund"), hit("cancel", 2)], said={"greeting": True, "closing": False},
        ), now=after(1))  # fmt: skip
        await turns.correct(conn, stays.id, 1, version=1, by="omid", now=after(2), text="my big bill")
        await speech_jobs.make(conn, "call", "lab-2.1", now=after(0))
        for _ in range(2):
            await transcript_merges.move(conn, "lab-2.1", "lab-1.1")
        assert await transcripts.get(conn, gone.id) is None
        assert await speech_jobs.of_subject(conn, "call", "lab-2.1") is None
        joined = await transcripts.of_call(conn, "lab-1.1")
        assert joined is not None
        assert (joined.id, joined.began_at, joined.ended_at, joined.words) == (stays.id, after(90), after(160), 7)
        assert joined.gaps == (Unheard(since=3, until=4, why="lost"), Unheard(since=11, until=12, why="held"))
        said = await turns.of_transcript(conn, stays.id)
        assert [(each.n, each.start, each.text) for each in said] == [
            (3, 5.0, "refund please"), (4, 10.0, "cancel"), (1, 15.0, "my big bill"), (2, 20.0, "yes")
        ]  # fmt: skip
        assert [(word.word, word.start) for word in said[2].words] == [("my", 15.0), ("bill", 15.5)]
        found = {each.category_id: each.hits for each in await understood.found(conn, stays.id)}
        assert [(each.n, each.start) for each in found["money"]] == [(3, 5.0), (1, 15.0)]
        assert [(each.n, each.start) for each in found["cancel"]] == [(4, 10.0)]
        assert await understood.required(conn, stays.id) == {"greeting": True, "closing": False}
        page = await speech_search.page(conn, SearchFilter(text="refund bill", category_id="cancel"))
        assert [[each.n for each in row.turns] for row in page.rows] == [[3, 1]]


async def test_transcripts_follow_their_customer_and_go_back_with_the_merge(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept = await customers.create(conn, Profile(name="Kept"), origin="person")
        gone = await customers.create(conn, Profile(name="Gone", numbers=("+989121111111",)), origin="person")
        await spoken(conn, 1, "hello", customer_id=gone.id, number="+989121111111")
        own = await spoken(conn, 2, "hello", customer_id=kept.id)

        async def of(customer_id: str) -> list[str]:
            page = await transcript_pages.page(conn, TranscriptFilter(customer_id=customer_id))
            return [row.subject for row in page.rows]

        done = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        assert sorted(await of(kept.id)) == ["lab-1.1", "lab-2.1"]
        since = await spoken(conn, 3, "hello", customer_id=kept.id, number="+989121111111")
        await customer_merges.undo_merge(conn, done.id)
        assert (await of(kept.id), sorted(await of(gone.id))) == ([own.subject], ["lab-1.1", since.subject])
        # Heard before anybody had the number.
        await conn.execute(update(transcripts_table).values(customer_id=None))
        await customers.remove_number(conn, gone.id, "+989121111111")
        await customers.add_number(conn, kept.id, "+989121111111")
        assert sorted(await of(kept.id)) == ["lab-1.1", "lab-3.1"]
