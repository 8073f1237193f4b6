"""Figures of talks and the calls behind them: the same numbers on both databases, page by page."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import speech_figures, speech_names, speech_seed, speech_talks
from cxcall.store.category_figures import Cut, RequiredShare
from cxcall.store.speech_figures import Moods
from cxcall.store.speech_seed import PastTalk
from cxcall.store.speech_talks import Talks
from cxcall.store.survey_figures import Period
from cxcall.store.turns import NewTurn
from tests.store.make import after
from tests.store.speech_make import hit, talk, turn

FIGURES = {
    "talk": 100.0, "talk_share": 0.25,
    "agent": {"seconds": 20.0, "words": 9, "pace": 27.0, "interruptions": 1},
    "customer": {"seconds": 60.0, "words": 9, "pace": 9.0, "interruptions": 0},
    "silence": {"count": 2, "longest": 9.0, "seconds": 25.0, "share": 0.25, "spans": []},
    "overlap": {"count": 0, "seconds": 0.0, "spans": []},
}  # fmt: skip
QUIET = {**FIGURES, "agent": {"seconds": 20.0, "interruptions": 0}, "silence": {"count": 0, "seconds": 0.0}}


async def _told(engine: AsyncEngine) -> Cut:
    """Four talks a minute apart: two with a refund (unhappy, happy), one without a feeling, one without figures."""
    said = [NewTurn(turn=turn(1, "a refund please"))]
    new = [replace(talk(n, state="done"), began_at=after(60 * n), agent_name="Sara") for n in range(1, 5)]
    found = [hit("refund", 1, "refund")]
    async with engine.begin() as conn:
        await speech_seed.write(conn, [
            PastTalk(new=new[0], turns=said, hits=found, said={"bye": True}, sentiment=-0.5, figures=FIGURES),
            PastTalk(new=new[1], turns=said, hits=found, said={"bye": False}, sentiment=0.2, figures=QUIET),
            PastTalk(new=new[2], turns=said, figures=FIGURES),
            PastTalk(new=replace(new[3], queue="other"), turns=said, sentiment=0.0),
        ])  # fmt: skip
    return Cut(period=Period(since=after(0), until=after(3600)))


async def test_sums_are_of_seconds_and_not_of_shares(engine: AsyncEngine) -> None:
    cut = await _told(engine)
    async with engine.connect() as conn:
        sums = await speech_figures.sums(conn, cut)
        assert (sums.heard, sums.measured, sums.moods) == (4, 3, Moods(negative=1, neutral=1, positive=1, unknown=1))
        assert (sums.talk_share, sums.silence_share) == (0.25, 50 / 300)
        assert (sums.silences, sums.silent, sums.interruptions, sums.interrupted) == (4, 2, 2, 2)
        assert sums.mood is not None
        assert round(sums.mood, 6) == -0.1
        empty = await speech_figures.sums(conn, replace(cut, queue="none"))
        assert (empty.heard, empty.talk_share, empty.mood, empty.silences) == (0, None, None, 0)
        assert await speech_figures.moods(conn, cut) == {"refund": Moods(negative=1, neutral=0, positive=1, unknown=0)}
        by_queue = await speech_figures.required_by(conn, "queue", cut)
        assert list(by_queue.values()) == [{"bye": RequiredShare(category_id="bye", said=1, n=2)}]
        assert set((await speech_names.agents(conn)).values()) == {"Sara"}
        assert "other" in await speech_names.queues(conn)
        assert await speech_names.ever(conn)


async def test_each_figure_has_its_list_of_calls(engine: AsyncEngine) -> None:
    cut = await _told(engine)
    counts = {
        Talks(cut=cut): 4,
        Talks(cut=cut, category_id="refund"): 2,
        Talks(cut=cut, category_id="refund", feeling="negative"): 1,
        Talks(cut=cut, feeling="neutral"): 1,
        Talks(cut=cut, feeling="positive"): 1,
        Talks(cut=cut, feeling="known"): 3,
        Talks(cut=cut, marked="silence"): 2,
        Talks(cut=cut, marked="interruption"): 2,
        Talks(cut=cut, marked="measured"): 3,
        Talks(cut=cut, required_id="bye"): 2,
        Talks(cut=cut, required_id="bye", said=False): 1,
        Talks(cut=replace(cut, queue="other")): 1,
    }
    async with engine.connect() as conn:
        for wanted, n in counts.items():
            assert await speech_talks.count(conn, wanted) == n, wanted
            first = await speech_talks.page(conn, wanted, limit=1)
            seen = [*first.rows]
            following = first.next
            while following is not None:
                page = await speech_talks.page(conn, wanted, limit=1, after=following)
                seen, following = [*seen, *page.rows], page.next
            assert len(seen) == len({one.transcript_id for one in seen}) == n
            assert seen == sorted(seen, key=lambda one: one.began_at, reverse=True)
        found = (await speech_talks.page(conn, Talks(cut=cut, category_id="refund"))).rows
        assert all(one.quote and one.start is not None for one in found)
