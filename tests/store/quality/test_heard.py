"""Items filled in from what was heard in a call."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import update

from cxcall.quality.from_speech import Heard
from cxcall.quality.scorecard import Item, Rule, Scorecard, Section
from cxcall.quality.scoring import Answer
from cxcall.store.category_tables import category_calls, required_checks
from cxcall.store.quality import evaluations
from cxcall.store.quality.heard import heard_in
from cxcall.store.speech_tables import transcripts
from tests.store.quality.stage import NOW, a_review, some_calls
from tests.store.speech_make import spoken
from tests.support.quality_stage import publish_card

RULES = {
    "hello": Rule(what="phrase", phrase="greeting"), "bye": Rule(what="phrase", phrase="goodbye"),
    "quiet": Rule(what="silence", limit=0.25), "patient": Rule(what="interruptions", limit=2), "own": None,
}  # fmt: skip
CARD = Scorecard(
    title={"en": "Heard"},
    sections=(
        Section(
            id="s",
            title={"en": "S"},
            items=tuple(Item(id=id_, title={"en": id_}, rule=rule) for id_, rule in RULES.items()),
        ),
    ),
)


async def heard(conn: Any, call_id: str, *, silence: float = 20.0, interruptions: int = 3) -> Any:
    """A talk in which the greeting was said and the goodbye was not."""
    made = await spoken(conn, 0, "hello", subject=call_id, call_id=call_id)
    found = {"transcript_id": made.id, "kind": "call", "began_at": made.began_at, "queue": "support", "agent": "Sara"}
    await conn.execute(category_calls.insert().values(**found, category_id="greeting", hits=1, start=1.0))
    await conn.execute(required_checks.insert().values(**found, category_id="goodbye", said=False))
    figures = {"talk": 100.0, "silence": {"seconds": silence}, "agent": {"interruptions": interruptions}}
    body = msgspec.json.encode(figures).decode()
    await conn.execute(update(transcripts).where(transcripts.c.id == made.id).values(figures=body))
    return made


async def test_a_new_draft_is_filled_in_from_what_was_heard_marked_so_and_changeable(engine):
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        await heard(conn, call)
        review = await a_review(conn, call, await publish_card(conn, NOW, CARD))
        begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)
        said = {id_: (answer.value, answer.from_speech) for id_, answer in begun.answers.items()}
        assert said == {"hello": (1, True), "bye": (0, True), "quiet": (1, True), "patient": (0, True)}
        otherwise = {id_: Answer(value=1) for id_ in RULES}
        made = await evaluations.submit(conn, begun.id, otherwise, "", version=1, by="leila", now=NOW)
    assert made.score == 1.0


async def test_of_a_call_without_a_finished_transcript_nothing_is_filled_in(engine):
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        assert await heard_in(conn, call) == Heard()
        made = await heard(conn, call)
        await conn.execute(update(transcripts).where(transcripts.c.id == made.id).values(state="live"))
        assert await heard_in(conn, call) == Heard()
        await conn.execute(update(transcripts).where(transcripts.c.id == made.id).values(state="done", figures=None))
        assert await heard_in(conn, call) == Heard(said=frozenset({"greeting"}))
