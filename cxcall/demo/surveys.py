"""The demo's survey: its prompts said by the machine, and its queues that ask."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.demo import past_comments
from cxcall.demo.staff import QUEUES
from cxcall.prompts.made import BadSound
from cxcall.prompts.speak import CannotSpeak
from cxcall.settings import Settings
from cxcall.store import prompt_files, prompts, survey_askings, surveys
from cxcall.store.engine import open_engine
from cxcall.store.prompts import Prompt
from cxcall.surveys.asking import Asking, Hours, Later
from cxcall.surveys.closing import MakeTask, RaiseAlert, Rule, When
from cxcall.surveys.script import Script
from cxcall.surveys.template import PROMPTS, default_script, with_prompts

log = structlog.get_logger(__name__)

NAME = "After the call"
_AUTHOR = "laleh"
_AT_ONCE = 2
"""Prompts made at a time: each keeps a processor busy."""

_RULES = (
    Rule(
        id="unhappy",
        name="Unhappy caller",
        when=(When(of="score", measure="csat", at_most=2),),
        then=(MakeTask(kind="call_back", due_minutes=60), RaiseAlert()),
    ),
    Rule(
        id="detractor",
        name="Would not recommend us",
        when=(When(of="score", measure="nps", at_most=3),),
        then=(MakeTask(kind="follow_up", owner="agent", due_minutes=24 * 60),),
    ),
)
_LATER = Later(to="lost", after_minutes=60, tries=2, hours=(Hours(days=(0, 1, 2, 5, 6), since=9 * 60, until=20 * 60),))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSurvey:
    """The survey of the demo: its id, the version that is asked, and its script."""

    id: str
    version: int
    script: Script


async def make(conn: AsyncConnection, since: datetime) -> DemoSurvey:
    """The ready survey with prompts that have texts and no sound yet, published at `since`, asked by every queue."""
    ids = {name: (await prompts.create(conn, name=name, texts=texts)).id for name, texts in PROMPTS.items()}
    script = with_prompts(default_script(), ids)
    survey = await surveys.create(
        conn, name=NAME, draft=script, by=_AUTHOR, now=since, rules=_RULES, goal_nps=40.0
    )  # fmt: skip
    published = await surveys.publish(conn, survey.id, version=survey.version, by=_AUTHOR, now=since)
    for queue in QUEUES:
        asking = Asking(survey_id=survey.id, min_talk=5.0, quiet_days=0, later=_LATER if queue is QUEUES[0] else None)
        await survey_askings.save(conn, survey_askings.EVERY_SERVER, queue.name, asking)
    return DemoSurvey(id=survey.id, version=published.published or 1, script=script)


async def give_voice(settings: Settings) -> None:
    """Have every text said that has no sound yet; where nothing can be said, nobody is asked."""
    engine = open_engine(settings.database_url)
    try:
        why = await speak(engine, settings)
        if why:
            log.warning("the demo's prompts can't be made, so nobody is asked", why=why)
            await stop_asking(engine, [queue.name for queue in QUEUES])
        else:
            await past_comments.say_all(engine, settings, random.Random(NAME))
    finally:
        await engine.dispose()


async def speak(engine: AsyncEngine, settings: Settings, *, only: Collection[str] = ()) -> str:
    """Have every text said that has no sound yet; the sentence that says why not, "" when all were. `only`: prompts by
    name, none: all."""
    async with engine.connect() as conn:
        found = await prompts.everything(conn)
    wanted = [
        (prompt, language)
        for prompt in found
        for language in prompt.texts
        if language in prompt.missing((language,)) and (not only or prompt.name in only)
    ]
    room = asyncio.Semaphore(_AT_ONCE)
    said = await asyncio.gather(*(_speak(engine, settings, room, *each) for each in wanted))
    return next((why for why in said if why), "")


async def _speak(
    engine: AsyncEngine, settings: Settings, room: asyncio.Semaphore, prompt: Prompt, language: str
) -> str:
    text = prompt.texts[language]
    try:
        async with room:
            made, by = await prompt_files.speak_and_keep(settings, text, language)
    except (CannotSpeak, BadSound, OSError) as error:
        return str(error)
    async with engine.begin() as conn:
        await prompts.set_variant(
            conn, prompt.id, language, made, source="text", engine=by, text=text, by=_AUTHOR
        )  # fmt: skip
    return ""


async def stop_asking(engine: AsyncEngine, queues: Sequence[str]) -> None:
    """Nothing can be said here: nobody is asked, rather than asked in silence."""
    for queue in queues:
        async with engine.begin() as conn:
            found = await survey_askings.of(conn, survey_askings.EVERY_SERVER, queue)
            if found is not None and found.asking.enabled:
                off = Asking(survey_id=found.asking.survey_id, enabled=False)
                await survey_askings.save(conn, found.server, queue, off, version=found.version)


def before(until: datetime, days: int) -> datetime:
    """When the survey was first asked, for a history of `days`."""
    return until - timedelta(days=days + 1)
