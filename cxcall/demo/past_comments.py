"""What a few callers of the demo's last days said after the beep, spoken by the machine as the prompts are."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.surveys import comments
from cxcall.prompts.made import BadSound
from cxcall.prompts.making import make
from cxcall.prompts.speak import CannotSpeak, speak
from cxcall.settings import Settings
from cxcall.store import prompt_files, survey_comments
from cxcall.store.survey_responses import Response
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.survey_tables import survey_comments as comments_table

_SAID: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("fa", True): (
        "همکارتان بسیار صبور و مؤدب بودند، سپاسگزارم.",
        "مشکلم در همان تماس اول حل شد.",
        "خیلی زود پاسخ دادید و راهنمایی کاملی گرفتم.",
    ),
    ("fa", False): (
        "مدت زیادی پشت خط منتظر ماندم و آخر هم پاسخ روشنی نگرفتم.",
        "این سومین بار است که برای همین موضوع تماس می‌گیرم.",
        "من را به چند نفر وصل کردند و هر بار باید همه چیز را از اول می‌گفتم.",
    ),
    ("en", True): (
        "Your colleague was patient and very kind. Thank you.",
        "It was solved in the first call, that was great.",
        "A quick answer, and everything was clear.",
    ),
    ("en", False): (
        "I waited a long time and still did not get a clear answer.",
        "This is the third time I call about the same thing.",
        "I was passed on twice and had to explain it all again.",
    ),
}
_CONTENT = 4.0
"""Satisfaction from which a caller says something kind."""


async def say_all(engine: AsyncEngine, settings: Settings, chance: random.Random) -> None:
    """Make the sound of every past comment that has none yet; ends quietly where nothing can be said."""
    for response, satisfaction in await _silent(engine):
        text = chance.choice(_SAID[response.language if response.language == "en" else "fa", satisfaction >= _CONTENT])
        try:
            spoken = await speak(prompt_files.engines(settings), text, response.language or "fa")
            made = await asyncio.to_thread(make, spoken.wav)
            at = (response.ended_at or response.offered_at) - timedelta(seconds=20)
            name = survey_comments.file_name(response.id, "comment", at)
            file = await asyncio.to_thread(comments.place, settings, name)
            await asyncio.to_thread(file.write_bytes, made.wav)
        except (CannotSpeak, BadSound, OSError):
            return
        async with engine.begin() as conn:
            await survey_comments.add(conn, response, "comment", sha=made.sha, seconds=made.seconds, at=at)


async def _silent(engine: AsyncEngine) -> list[tuple[Response, float]]:
    """Responses with a comment of which there is no sound, newest first, each with how satisfied the caller was."""
    answer, score = survey_answers.c, survey_answers.alias("score")
    query = (
        select(survey_responses, score.c.value.label("satisfaction"))
        .join(survey_answers, answer.response_id == survey_responses.c.id)
        .join(score, (score.c.response_id == survey_responses.c.id) & (score.c.measure == "csat"))
        .outerjoin(comments_table, comments_table.c.response_id == survey_responses.c.id)
        .where(answer.kind == "comment", answer.result == "answered", comments_table.c.response_id.is_(None))
        .where(survey_responses.c.end != "")
        .order_by(survey_responses.c.offered_at.desc())
    )
    async with engine.connect() as conn:
        rows = [dict(row._mapping) for row in await conn.execute(query)]
    return [(Response(**row), satisfaction) for row in rows if (satisfaction := row.pop("satisfaction")) is not None]
