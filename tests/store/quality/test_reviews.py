"""Drawing calls, scoring them blindly by two, correcting, disputing and coaching, in both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import Caller, CallId, CallRecord, Leg, QueueVisit, Talk
from cxcall.quality.scoring import Answer, BadAnswer, Unanswered
from cxcall.reports.period import Span, span_of
from cxcall.store import calls, users
from cxcall.store.calls import CallWrite
from cxcall.store.errors import Conflict
from cxcall.store.quality import coaching, disputes, drawing, evaluations, plans, queue, results, scorecards
from cxcall.store.quality.disputes import AlreadyDisputed, TooLate
from cxcall.store.quality.evaluations import AlreadyScored, Evaluation, NoSuchEvaluation, NotSubmitted, OwnCall
from cxcall.store.quality.plans import Drawn, NoSuchPlan
from cxcall.store.quality.queue import NoSuchPart
from cxcall.store.quality.results import BY, Only
from cxcall.store.quality.tables import quality_reviews
from tests.store.plans import plans_of, reads_all_of
from tests.support.quality_stage import CARD, GOOD, MISSED, publish_card

ZONE = ZoneInfo("Asia/Tehran")
DAY = date(2026, 11, 18)  # a Wednesday
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SPAN = span_of(date(2026, 11, 14), date(2026, 11, 20), ZONE)
SARA, OMID = "PJSIP/1001", "PJSIP/1002"
WHERE: dict[str, Any] = {"zone": ZONE, "calendar": "jalali"}


def call(n: int, agent: str = "Sara", phone: str = SARA, *, minutes: int = 3, at: datetime = NOW) -> CallRecord:
    began, own = at + timedelta(minutes=n), f"{phone}-{n:08x}"
    caller, end = f"PJSIP/trunk-{n:08x}", at + timedelta(minutes=n + minutes)
    visit = QueueVisit(
        queue="sales", joined_at=began, left_at=began, wait=1.0, result="answered", agent=agent, interface=phone,
        talk=60.0 * minutes,
    )  # fmt: skip
    return CallRecord(
        id=CallId(f"lab-{n}.1"), server="lab", linked_ids=(f"{n}.1",), direction="inbound", called="02188341190",
        caller=Caller(number="09121110000", channel=caller), started_at=began, answered_at=began, ended_at=end,
        outcome="answered", ended_by="caller",
        legs=(
            Leg(channel=caller, unique_id=f"{n}.1", role="caller", answered_at=began, ended_at=end),
            Leg(channel=own, unique_id=f"{n}.2", role="agent", agent=agent, number=phone[-4:], rang_at=began,
                answered_at=began, ended_at=end, result="answered"),
        ),
        talks=(Talk(channels=(caller, own), numbers=(None, None), from_=began, to=end),), queue_visits=(visit,),
    )  # fmt: skip


async def write(conn: AsyncConnection, *records: CallRecord, revision: int = 1, merged: tuple[str, ...] = ()) -> None:
    writes = [CallWrite(record=one, revision=revision, merged=tuple(map(CallId, merged))) for one in records]
    await calls.apply(conn, writes, region="IR")


async def person(conn: AsyncConnection, name: str, *phones: str) -> str:
    made = await users.create(
        conn,
        name=name,
        role="agent" if phones else "supervisor",
        password_hash="!",
        display_name=name,
        extensions=phones,
    )
    return made.id


class Stage:
    """A published scorecard, Sara and Omid with ten calls each, two who review."""

    def __init__(self, conn: AsyncConnection) -> None:
        self.conn = conn

    async def set(self) -> Stage:
        conn = self.conn
        self.card = await publish_card(conn, NOW)
        self.sara, self.omid = await person(conn, "Sara", SARA), await person(conn, "Omid", OMID)
        self.leila, self.admin = await person(conn, "leila"), await person(conn, "admin")
        await write(conn, *(call(n, minutes=n + 1) for n in range(10)))
        await write(conn, *(call(n, "Omid", OMID) for n in range(20, 30)))
        return self

    async def plan(self, **drawn: Any) -> plans.Plan:
        wanted = Drawn(name="Weekly", scorecard_id=self.card, **drawn)
        return await plans.create(self.conn, wanted, by="leila", now=NOW)

    async def draw(self, plan: plans.Plan, span: Span = SPAN) -> int:
        return await drawing.draw(self.conn, plan, span, **WHERE, now=NOW)

    async def scored(self, call_id: str, agent: str, by: str, answers: dict[str, Answer] = GOOD) -> Evaluation:
        review = await queue.add(self.conn, call_id, agent, self.card, by="leila", now=NOW)
        begun = await evaluations.begin(self.conn, review.id, reviewer=by, now=NOW)
        return await evaluations.submit(self.conn, begun.id, answers, "", version=begun.version, by=by, now=NOW)

    async def waiting(self, reviewer: str = "") -> list[queue.Review]:
        return (await queue.waiting(self.conn, reviewer=reviewer or self.leila, limit=500)).rows


async def test_a_plan_draws_as_many_of_each_agent_and_no_more_however_often_it_is_asked(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        plan = await stage.plan(random=3, longest=1, long_from=300)
        assert [await stage.draw(plan), await stage.draw(plan)] == [7, 0]
        drawn = await stage.waiting()
        by_chance = [one.agent for one in drawn if one.why == "random"]
        assert (by_chance.count("Sara"), by_chance.count("Omid")) == (3, 3)
        assert next(one.agent_user_id for one in drawn if one.agent == "Sara") == stage.sara
        await write(conn, call(40, "Omid", OMID))
        assert await stage.draw(plan) <= 1, "a call that comes late may take the place of one in the draw, no more"
        other = await stage.plan(random=1, queues=("billing",))
        assert await stage.draw(other) == 0


async def test_plans_that_are_paused_or_whose_card_is_retired_draw_nothing(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        plan = await stage.plan(random=1)
        paused = await plans.pause(conn, plan.id, True, version=1, by="leila", now=NOW)
        assert await stage.draw(paused) == 0
        resumed = await plans.pause(conn, plan.id, False, version=2, by="leila", now=NOW)
        with pytest.raises(Conflict):
            await plans.save(conn, plan.id, plan.drawn, version=1, by="leila", now=NOW)
        await scorecards.retire(conn, stage.card, version=2, by="leila", now=NOW)
        assert await stage.draw(resumed) == 0
        await plans.remove(conn, plan.id, version=3)
        with pytest.raises(NoSuchPlan):
            await plans.remove(conn, plan.id, version=3)


async def test_needs_and_shares_are_kept(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        assert await stage.draw(await stage.plan(random=5, needs="recording")) == 0
        assert await stage.draw(await stage.plan(random=5, needs="transcript")) == 0
        assert await stage.draw(await stage.plan(random=5, category="complaint")) == 0
        assert await stage.draw(await stage.plan(random=10, double=1.0)) == 20
        assert {one.wanted for one in await stage.waiting()} == {2}


async def test_two_who_score_the_same_call_do_not_see_each_other_before_they_have_submitted(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        await stage.draw(await stage.plan(random=1, double=1.0, queues=("sales",)))
        review = (await stage.waiting())[0]
        first = await evaluations.begin(conn, review.id, reviewer=stage.leila, now=NOW)
        second = await evaluations.begin(conn, review.id, reviewer=stage.admin, now=NOW)
        third = await person(conn, "third")
        with pytest.raises(AlreadyScored):
            await evaluations.begin(conn, review.id, reviewer=third, now=NOW)
        await evaluations.submit(conn, first.id, GOOD, "", version=1, by=stage.leila, now=NOW)
        seen = await evaluations.of_call(conn, review.call_id, reviewer=stage.admin)
        assert [one.id for one in seen] == [second.id]
        assert not await results.results(conn, SPAN, by="agent", only=Only(), reader=stage.admin, **WHERE)
        assert review.id not in {one.id for one in await stage.waiting()}
        await evaluations.submit(conn, second.id, MISSED, "", version=1, by=stage.admin, now=NOW)
        seen = await evaluations.of_call(conn, review.call_id, reviewer=stage.admin)
        assert {one.id for one in seen} == {first.id, second.id}
        told = {one.item_id: one for one in await results.agreements(conn, SPAN, stage.card, reader=stage.leila)}
        assert (told["greeted"].agreement.n, told["greeted"].agreement.share) == (1, 1.0)
        assert told["identified"].agreement.share == 0.0


async def test_drafts_are_kept_and_nobody_writes_over_what_is_newer(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        review = await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW)
        assert await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW) == review
        begun = await evaluations.begin(conn, review.id, reviewer=stage.leila, now=NOW)
        some = {"greeted": Answer(value=1)}
        kept = await evaluations.save_draft(conn, begun.id, some, "hm", version=1, by=stage.leila)
        assert (kept.version, kept.answers, kept.comment, kept.score) == (2, some, "hm", None)
        assert await evaluations.begin(conn, review.id, reviewer=stage.leila, now=NOW) == kept
        with pytest.raises(Conflict):
            await evaluations.save_draft(conn, begun.id, {}, "", version=1, by=stage.leila)
        with pytest.raises(NoSuchEvaluation):
            await evaluations.save_draft(conn, begun.id, {}, "", version=2, by=stage.admin)
        with pytest.raises(BadAnswer):
            await evaluations.save_draft(conn, begun.id, {"listened": Answer(value=9)}, "", version=2, by=stage.leila)
        with pytest.raises(Unanswered) as unanswered:
            await evaluations.submit(conn, begun.id, some, "", version=2, by=stage.leila, now=NOW)
        assert unanswered.value.items == ("identified", "listened", "offered")


async def test_what_was_submitted_is_corrected_with_a_reason_and_keeps_what_it_said(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        done = await stage.scored("lab-1.1", "Sara", stage.leila, MISSED)
        assert (done.score, done.missed, done.state) == (0.0, ("identified",), "submitted")
        with pytest.raises(NotSubmitted):
            await evaluations.save_draft(conn, done.id, GOOD, "", version=2, by=stage.leila)
        made = await evaluations.correct(
            conn, done.id, GOOD, "fine", why="heard it", version=2, by=stage.admin, now=NOW
        )
        assert (made.score, made.corrected) == (1.0, 1)
        [before] = await evaluations.history(conn, done.id)
        assert (before.score, before.why, before.by, before.answers) == (0.0, "heard it", stage.admin, MISSED)
        with pytest.raises(Conflict):
            await evaluations.correct(conn, done.id, GOOD, "", why="again", version=2, by=stage.admin, now=NOW)


async def test_an_evaluation_stays_with_the_version_it_was_begun_with(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        review = await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW)
        begun = await evaluations.begin(conn, review.id, reviewer=stage.leila, now=NOW)
        shorter = msgspec.structs.replace(CARD, sections=CARD.sections[:1])
        await scorecards.save(conn, stage.card, shorter, version=2, by="leila", now=NOW)
        await scorecards.publish(conn, stage.card, version=3, by="leila", now=NOW)
        done = await evaluations.submit(conn, begun.id, GOOD, "", version=1, by=stage.leila, now=NOW)
        assert (done.scorecard_version, done.score) == (1, 1.0)
        newer = await queue.add(conn, "lab-2.1", "Sara", stage.card, by="leila", now=NOW)
        assert (await evaluations.begin(conn, newer.id, reviewer=stage.leila, now=NOW)).scorecard_version == 2


async def test_nobody_scores_their_own_calls(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        review = await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW)
        with pytest.raises(OwnCall):
            await evaluations.begin(conn, review.id, reviewer=stage.sara, now=NOW)
        assert review.id not in {one.id for one in await stage.waiting(stage.sara)}
        with pytest.raises(NoSuchPart):
            await queue.add(conn, "lab-1.1", "Omid", stage.card, by="leila", now=NOW)


async def test_a_draft_left_off_keeps_nobody_from_scoring(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        review = await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW)
        left = await evaluations.begin(conn, review.id, reviewer=stage.leila, now=NOW)
        with pytest.raises(AlreadyScored):
            await evaluations.begin(conn, review.id, reviewer=stage.admin, now=NOW + timedelta(hours=1))
        later = NOW + timedelta(days=2)
        taken = await evaluations.begin(conn, review.id, reviewer=stage.admin, now=later)
        await evaluations.submit(conn, taken.id, GOOD, "", version=1, by=stage.admin, now=later)
        with pytest.raises(AlreadyScored):
            await evaluations.submit(conn, left.id, GOOD, "", version=1, by=stage.leila, now=later)


@pytest.mark.parametrize("both", [1, 2])
async def test_two_who_submit_at_the_same_moment_make_as_many_as_are_wanted(engine: AsyncEngine, both: int) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        review = await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW)
        await conn.execute(update(quality_reviews).values(wanted=2))
        begun = [await evaluations.begin(conn, review.id, reviewer=who, now=NOW) for who in (stage.leila, stage.admin)]
        await conn.execute(update(quality_reviews).values(wanted=both))

    async def submit(one: Evaluation) -> bool:
        async with engine.begin() as conn:
            try:
                await evaluations.submit(conn, one.id, GOOD, "", version=1, by=one.reviewer, now=NOW)
            except AlreadyScored:
                return False
        return True

    async with asyncio.timeout(30):
        assert sum(await asyncio.gather(*map(submit, begun))) == both
    async with engine.connect() as conn:
        found = await queue.get(conn, review.id)
    assert found is not None
    assert found.done == both


async def test_skipped_ones_come_back(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        review = await queue.add(conn, "lab-1.1", "Sara", stage.card, by="leila", now=NOW)
        await queue.skip(conn, review.id, "a wrong number", by="leila")
        assert await stage.waiting() == []
        await queue.unskip(conn, review.id)
        assert await stage.waiting() == [review]


async def test_an_agent_disputes_their_own_evaluation_once_and_in_time(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        done = await stage.scored("lab-1.1", "Sara", stage.leila, MISSED)
        with pytest.raises(NoSuchEvaluation):
            await disputes.open_(conn, done.id, "not mine", by=stage.omid, now=NOW)
        with pytest.raises(TooLate):
            await disputes.open_(conn, done.id, "late", by=stage.sara, now=NOW + timedelta(days=15))
        first = await disputes.open_(conn, done.id, "I asked", by=stage.sara, now=NOW)
        with pytest.raises(AlreadyDisputed):
            await disputes.open_(conn, done.id, "again", by=stage.sara, now=NOW)
        assert [one.id for one in await disputes.listed(conn)] == [first.id]
        answered = await disputes.answer(conn, first.id, upheld=True, said="right", by="leila", now=NOW)
        assert (answered.state, answered.answer) == ("upheld", "right")
        with pytest.raises(Conflict):
            await disputes.withdraw(conn, first.id, by=stage.sara, now=NOW)
        assert await disputes.listed(conn) == []
        second = await disputes.open_(conn, done.id, "still", by=stage.sara, now=NOW)
        assert (await disputes.withdraw(conn, second.id, by=stage.sara, now=NOW)).state == "withdrawn"
        assert len(await disputes.of_evaluation(conn, done.id)) == 2
        theirs = await evaluations.get(conn, done.id)
        assert theirs is not None
        assert theirs.score == 0.0, "a dispute changes no score"


async def test_coaching_tasks_are_done_opened_again_and_taken_back(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        made = await coaching.create(conn, stage.sara, "Greet", by="leila", now=NOW, due_on=date(2026, 12, 1))
        plain = await coaching.create(conn, stage.omid, "Listen", by="leila", now=NOW)
        assert [one.id for one in await coaching.listed(conn)] == [made.id, plain.id], "what is due goes first"
        done = await coaching.done(conn, made.id, "did it", version=1, now=NOW)
        with pytest.raises(Conflict):
            await coaching.reopen(conn, made.id, version=1)
        assert (await coaching.reopen(conn, made.id, version=done.version)).done_at is None
        gone = await coaching.remove(conn, made.id, version=3, now=NOW)
        assert await coaching.of_agent(conn, stage.sara) == []
        back = await coaching.restore(conn, made.id, version=gone.version)
        assert (back.text, back.due_on) == ("Greet", date(2026, 12, 1))


async def test_every_result_opens_as_many_evaluations_as_it_counts(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        for n, answers in enumerate((GOOD, GOOD, MISSED)):
            await stage.scored(f"lab-{n}.1", "Sara", stage.leila, answers)
        await stage.scored("lab-20.1", "Omid", stage.leila)
        for by in BY:
            rows = await results.results(conn, SPAN, by=by, only=Only(), reader=stage.leila, **WHERE)
            assert rows
            for row in rows:
                about = {"by": by, "key": row.key, "only": Only(), "reader": stage.leila, **WHERE}
                found = await results.evaluations_behind(conn, SPAN, **about, limit=500)
                assert len(found.rows) == row.n, (by, row)
        by_agent = {
            row.key: row for row in await results.results(conn, SPAN, by="agent", only=Only(), reader="", **WHERE)
        }
        # Sara: (1 + 1 + 0) / 3; Omid: 1.
        assert by_agent["Sara"].score == pytest.approx(2 / 3)
        assert (by_agent["Sara"].critical, by_agent["Omid"].score) == (1, 1.0)
        items = {row.key: row for row in await results.results(conn, SPAN, by="item", only=Only(), reader="", **WHERE)}
        assert items[f"{stage.card}/identified"].score == pytest.approx(3 / 4)
        assert f"{stage.card}/offered" not in items, "it never applied"
        none = span_of(date(2026, 1, 1), date(2026, 1, 2), ZONE)
        assert await results.results(conn, none, by="agent", only=Only(), reader="", **WHERE) == []


async def test_pages_of_evaluations_go_forth_and_back(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        for n in range(5):
            await stage.scored(f"lab-{n}.1", "Sara", stage.leila)
        first = await evaluations.of_agent(conn, stage.sara, limit=2)
        second = await evaluations.of_agent(conn, stage.sara, after=first.next, limit=2)
        back = await evaluations.of_agent(conn, stage.sara, after=second.previous, limit=2)
    assert [one.call_id for one in first.rows] == ["lab-4.1", "lab-3.1"]
    assert [one.call_id for one in second.rows] == ["lab-2.1", "lab-1.1"]
    assert back.rows == first.rows


async def test_reviews_of_a_call_that_is_part_of_another_go_with_it(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        done = await stage.scored("lab-1.1", "Sara", stage.leila)
        await queue.add(conn, "lab-2.1", "Sara", stage.card, by="leila", now=NOW)
        await write(conn, call(3), revision=2, merged=("lab-1.1", "lab-2.1"))
        kept = await evaluations.get(conn, done.id)
        assert kept is not None
        assert kept.call_id == "lab-3.1"
        assert [one.call_id for one in await stage.waiting()] == []


async def test_lists_are_read_from_indexes(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        stage = await Stage(conn).set()
        await stage.draw(await stage.plan(random=10))
    found: list[str] = []
    async with plans_of(engine, found) as conn:
        await queue.waiting(conn, reviewer="x")
        await evaluations.of_agent(conn, "x")
        await evaluations.of_call(conn, "x", reviewer="y")
        await results.results(conn, SPAN, by="agent", only=Only(), reader="x", **WHERE)
        await disputes.listed(conn)
    if engine.dialect.name == "sqlite":
        for table in ("quality_reviews", "evaluations", "evaluation_disputes"):
            assert not [plan for plan in found if reads_all_of(table, plan)], table
