"""A scorecard that is published and calls to score by it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scorecard import Item, Rule, Scorecard, Section
from cxcall.quality.scoring import Answer
from cxcall.store.quality import scorecards

CARD = Scorecard(
    title={"en": "Service call", "fa": "تماس خدمات"},
    sections=(
        Section(
            id="opening",
            title={"en": "Opening", "fa": "آغاز"},
            items=(
                Item(id="greeted", title={"en": "Greeted the caller", "fa": "سلام کرد"}, weight=1,
                     rule=Rule(what="phrase", phrase="greeting")),
                Item(id="identified", title={"en": "Checked who calls", "fa": "هویت را پرسید"}, critical=True),
            ),
        ),
        Section(
            id="talk",
            title={"en": "Talk", "fa": "گفت‌وگو"},
            items=(
                Item(id="listened", title={"en": "Listened", "fa": "گوش داد"}, weight=2, highest=5),
                Item(id="offered", title={"en": "Offered more help", "fa": "کمک بیشتر پیشنهاد کرد"}, weight=1, na=True),
            ),
        ),
    ),
)  # fmt: skip
GOOD = {
    "greeted": Answer(value=1), "identified": Answer(value=1), "listened": Answer(value=5),
    "offered": Answer(value=None),
}  # fmt: skip
"""Reaches all of it."""
MISSED = {**GOOD, "identified": Answer(value=0)}
"""Misses what is critical: 0."""


async def publish_card(conn: AsyncConnection, now: datetime, card: Scorecard = CARD) -> str:
    """The id of a published scorecard."""
    made = await scorecards.create(conn, card, by="leila", now=now)
    await scorecards.publish(conn, made.id, version=1, by="leila", now=now)
    return made.id
