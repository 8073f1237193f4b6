"""What surveys and talks add to reports: equal to what the pages of surveys and speech count, told row by row."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import span_of
from cxcall.store import speech_figures, speech_seed, survey_figures
from cxcall.store import survey_responses as responses
from cxcall.store.category_figures import Cut as SpeechCut
from cxcall.store.reporting.ask import Ask, CannotSplit
from cxcall.store.reporting.reading import FAMILIES
from cxcall.store.speech_seed import PastTalk
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_figures import Cut, Period
from cxcall.store.survey_tables import survey_responses
from cxcall.store.turns import NewTurn
from cxcall.surveys import score
from tests.store.make import MORNING, after
from tests.store.plans import plans_of, reads_all_of
from tests.store.speech_make import hit, talk, turn
from tests.store.survey_big import BEGAN, YEAR
from tests.store.survey_make import answered, new, published

DAY = MORNING.date()
SPAN = span_of(DAY, DAY + timedelta(days=3), UTC)
PERIOD = Period(since=SPAN.since, until=SPAN.until)
FIGURES: dict[str, Any] = {
    "talk": 100.0, "agent": {"seconds": 20.0, "words": 50, "interruptions": 1},
    "customer": {"seconds": 60.0, "words": 9, "interruptions": 2},
    "silence": {"count": 2, "seconds": 25.0}, "overlap": {"count": 1, "seconds": 3.0},
}  # fmt: skip


def ask(*by: Row, **only: Any) -> Ask:
    return Ask(span=SPAN, by=by, narrowing=Narrowing(**only), zone=UTC, calendar="gregorian")


async def read(conn: AsyncConnection, family: str, *by: Row, **only: Any) -> dict[tuple[str, ...], dict[str, float]]:
    found = await FAMILIES[family](conn, ask(*by, **only))
    return {tuple(key.value for key in keys): tally.sums for keys, tally in found.items()}


async def some_answers(conn: AsyncConnection, survey_id: str) -> None:
    chance = random.Random(7)
    for n in range(80):
        who: dict[str, Any] = {
            "queue": f"queue {n % 3}", "agent": f"PJSIP/100{n % 2}", "agent_name": ("Sara", "Omid")[n % 2],
            "kind": chance.choice(("after_call", "later")), "survey_id": survey_id,
        }  # fmt: skip
        at = chance.randrange(3 * 86400)
        if chance.random() < 0.3:
            await responses.not_asked(conn, new(n, at=at, **who), "transferred")
        elif chance.random() < 0.3:
            left = await responses.offer(conn, new(n, at=at, **who))
            await responses.end(conn, left.id, "hung_up", after(at + 9))
        else:
            nps, csat = chance.choice((None, *range(11))), chance.choice((None, 1, 2, 3, 4, 5))
            await answered(conn, n, nps=nps, csat=csat, at=at, **who)
    await responses.offer(conn, new(99, at=5, kind="test"))


def scores_of(sums: dict[str, float]) -> tuple[float, float, float, float]:
    n = sums["nps_promoters"] + sums["nps_passives"] + sums["nps_detractors"]
    net = (sums["nps_promoters"] - sums["nps_detractors"]) / n * 100
    return net, n, sums["csat_good"] / sums["csat_n"] * 100, sums["csat_sum"] / sums["csat_n"]


async def test_scores_and_funnel_are_those_of_the_page_of_surveys(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await some_answers(conn, (await published(conn)).id)
        for queue in (None, "queue 0", "queue 2"):
            cut = Cut(period=PERIOD, queue=queue)
            sums = (await read(conn, "answers", queues=(queue,) if queue else ()))[()]
            nps = score.nps(await survey_figures.scores(conn, "nps", cut))
            csat = score.csat(await survey_figures.scores(conn, "csat", cut))
            assert scores_of(sums) == pytest.approx((nps.value, nps.n, csat.value, csat.mean))
            steps = [count for count in await survey_figures.funnel(conn, cut) if count.state != "not_asked"]
            assert sums["survey_offered"] == sum(count.n for count in steps) > 0
            assert sums["survey_finished"] == sum(count.n for count in steps if count.state == "finished") > 0


@pytest.mark.parametrize("by", [("day",), ("queue",), ("agent",), ("survey",), ("interval",), ("weekday",), ("week",)])
async def test_rows_of_answers_add_up_to_the_whole(engine: AsyncEngine, by: tuple[Row, ...]) -> None:
    async with engine.begin() as conn:
        await some_answers(conn, (await published(conn)).id)
        whole = (await read(conn, "answers"))[()]
        rows = await read(conn, "answers", *by)
        assert {name: sum(row.get(name, 0) for row in rows.values()) for name in whole} == pytest.approx(whole)


async def test_answers_carry_names_of_surveys_agents_and_servers(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        await some_answers(conn, survey.id)
        found = await FAMILIES["answers"](conn, ask("survey", "agent"))
        assert (Key(row="survey", value=survey.id, title="After the call"), _agent("Sara")) in found
        queues = await FAMILIES["answers"](conn, ask("queue"))
        assert (Key(row="queue", value="queue 1", title="queue 1", server="lab"),) in queues


async def test_a_response_that_is_deleted_is_gone_from_the_figures_and_a_late_one_is_in(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        one = await answered(conn, 1, nps=10, survey_id=survey.id)
        assert (await read(conn, "answers"))[()]["nps_promoters"] == 1
        await answered(conn, 2, nps=9, at=86400, kind="later", survey_id=survey.id)
        assert (await read(conn, "answers"))[()]["nps_promoters"] == 2
        await conn.execute(delete(survey_responses).where(survey_responses.c.id == one.id))
        assert (await read(conn, "answers"))[()]["nps_promoters"] == 1


async def some_talks(conn: AsyncConnection) -> None:
    said = [NewTurn(turn=turn(1, "a refund please"))]
    made = [
        replace(
            talk(n, state="done"), began_at=after(3600 * n), queue=f"queue {n % 3}", agent_name=("Sara", "Omid")[n % 2]
        )
        for n in range(1, 31)
    ]
    await speech_seed.write(
        conn,
        [
            PastTalk(
                new=one, turns=said, hits=[hit("refund", 1, "refund")] if n % 4 == 0 else [],
                sentiment=None if n % 5 == 0 else (n - 15) / 20, trend=None if n % 7 == 0 else (n % 3 - 1) / 5,
                figures=None if n % 6 == 0 else FIGURES,
            )
            for n, one in enumerate(made)
        ],
    )  # fmt: skip


async def test_figures_of_talks_are_those_of_the_page_of_speech(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await some_talks(conn)
        for queue in (None, "queue 1"):
            sums = (await read(conn, "speech", queues=(queue,) if queue else ()))[()]
            page = await speech_figures.sums(conn, SpeechCut(period=PERIOD, queue=queue))
            assert sums["talks"] == page.measured > 0
            assert (sums["own_s"], sums["customer_s"], sums["talk_s"]) == (page.agent_s, page.customer_s, page.talk_s)
            assert (sums["silence_s"], sums["silence_n"]) == (page.silence_s, page.silences)
            assert sums["interruptions_agent"] + sums["interruptions_customer"] == page.interruptions


async def test_moods_of_talks_are_counted_by_hand_and_rows_add_up(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await some_talks(conn)
        whole = (await read(conn, "speech"))[()]
        counted = [n for n in range(30) if n % 6]
        assert whole["talks"] == len(counted) == 25
        assert whole["sentiment_n"] == sum(n % 5 != 0 for n in counted)
        assert whole["mood_worsening"] == sum(n % 7 != 0 and n % 3 == 0 for n in counted)
        assert whole["mood_improving"] == sum(n % 7 != 0 and n % 3 == 2 for n in counted)
        assert whole["sentiment_sum"] == pytest.approx(sum((n - 15) / 20 for n in counted if n % 5))
        assert whole["words_agent"] == 25 * 50
        for by in ("day", "queue", "agent", "hour_of_day"):
            rows = await read(conn, "speech", by)
            assert sum(row["talks"] for row in rows.values()) == 25
        assert set(await read(conn, "speech", "category")) == {("refund",)}
        assert (await read(conn, "speech", "category"))["refund",]["talks"] == sum(n % 4 == 0 for n in counted)
        await conn.execute(delete(transcripts))
        assert await read(conn, "speech") == {}


async def test_what_is_not_known_of_answers_and_talks_is_refused(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        unknown = (
            ("answers", "did"), ("speech", "survey"), ("resolution", "direction"), ("customers", "direction"),
        )  # fmt: skip
        for family, row in unknown:
            with pytest.raises(CannotSplit):
                await FAMILIES[family](conn, ask(row))  # type: ignore[arg-type]  # kinds of rows
        with pytest.raises(CannotSplit):
            await FAMILIES["answers"](conn, ask(dids=("1",)))


async def test_a_day_of_answers_is_read_from_an_index(surveyed_engine: AsyncEngine) -> None:
    plans: list[str] = []
    day = (BEGAN + YEAR - timedelta(days=1)).date()
    async with plans_of(surveyed_engine, plans) as conn:
        await FAMILIES["answers"](conn, replace(ask("queue"), span=span_of(day, day, UTC)))
    assert len(plans) == 3, "what is kept, scores, funnel"
    assert not any(reads_all_of(table, plan) for table in ("survey_answers", "survey_responses") for plan in plans)


async def test_a_day_of_talks_is_read_from_an_index(talked_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(talked_engine, plans) as conn:
        await FAMILIES["speech"](conn, ask("queue"))
    assert len(plans) == 2, "what is kept, talks"
    assert not any(reads_all_of("transcripts", plan) for plan in plans), plans


def _agent(name: str) -> Key:
    return Key(row="agent", value=name, title=name)
