"""A history of talks: short ones of a few kinds, each understood as after a call, in the weeks before now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category
from cxcall.speech.templates import ready_made
from cxcall.speech.understanding import understand
from cxcall.store import categories, speech_seed
from cxcall.store.speech_seed import PastTalk
from cxcall.store.transcripts import NewTranscript, Transcript
from cxcall.web.corrections import outcome_of
from tests.support.call_centre import MARYAM, OMID, SARA, SERVER, CallCentre, past
from tests.support.talk_stage import Line, turns_of

ANGRY: tuple[Line, ...] = (
    ("agent", 1.0, 3.0, "Good morning, thank you for calling, how can I help you?"),
    ("customer", 3.5, 7.0, "I was charged twice and this is terrible. I want my money back, give me a refund."),
    ("agent", 11.0, 13.0, "I am sorry about that. Your refund is on its way."),
    ("customer", 12.0, 15.0, "I am very angry. I want to cancel my contract."),
    ("agent", 15.5, 17.0, "I understand."),
)
HAPPY: tuple[Line, ...] = (
    ("agent", 1.0, 3.0, "Good morning, thank you for calling, how can I help you?"),
    ("customer", 3.5, 6.0, "Where is my delivery? My parcel is late."),
    ("agent", 6.5, 8.0, "It comes today, I checked it."),
    ("customer", 8.5, 11.0, "Wonderful, thank you very much, that is great, excellent service."),
    ("agent", 11.5, 14.0, "Is there anything else I can help you with? Have a nice day."),
)
FA_ANGRY: tuple[Line, ...] = (
    ("agent", 1.0, 3.0, "سلام، روز بخیر، چطور می‌تونم کمکتون کنم؟"),
    ("customer", 3.5, 7.0, "دو بار از حسابم پول کم شده، خیلی بد است. پولم رو پس بدید."),
    ("agent", 11.0, 13.0, "متأسفم. بازگشت وجه شما ثبت شد."),
    ("customer", 12.0, 15.0, "خیلی عصبانی هستم. می‌خواهم قراردادم را لغو کنم."),
    ("agent", 15.5, 17.0, "متوجه هستم."),
)
SECONDS = 20.0
NAMES = {SARA: "Sara Karimi", OMID: "Omid Rahimi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`n` talks that began at `at`, a minute apart."""

    n: int
    at: datetime
    lines: Sequence[Line] = ANGRY
    queue: str = "billing"
    agent: str = SARA
    language: str = "en"


async def talk_history(
    centre: CallCentre, told: Sequence[Told], known: Sequence[Category] | None = None
) -> list[Transcript]:
    """Keep the talks, and the categories they are searched with (None: the ready-made ones)."""
    looked_for = ready_made() if known is None else list(known)
    catalogue, talks = Catalogue(looked_for), []
    for one in told:
        turns = [msgspec.structs.replace(turn, words=()) for turn in turns_of(one.lines)]
        found = outcome_of(
            understand(turns, language=one.language, catalogue=catalogue, queue=one.queue, began=0.0, end=SECONDS)
        )
        for n in range(one.n):
            began = one.at + timedelta(minutes=n)
            record = past(MARYAM, began, talk=SECONDS, at=one.agent)
            await centre.tell(record)
            new = NewTranscript(
                kind="call", subject=record.id, began_at=began, state="done", source="live", server=SERVER,
                queue=one.queue, agent=one.agent, agent_name=NAMES.get(one.agent, ""), number=MARYAM,
                language=one.language, engine="whisper", ended_at=began + timedelta(seconds=SECONDS),
            )  # fmt: skip
            talks.append(
                PastTalk(
                    new=new, turns=found.turns, hits=found.hits, said=found.said, sentiment=found.sentiment,
                    trend=found.trend, figures=found.figures,
                )
            )  # fmt: skip
    async with centre.engine.begin() as conn:
        await categories.seed(conn, looked_for, now=centre.now)
        return await speech_seed.write(conn, talks)
