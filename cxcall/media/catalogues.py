"""Categories, articles and intents as they are now, made ready for all talks whenever somebody changed them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Article, Category
from cxcall.speech.intents import Intent, Intents, intent_of
from cxcall.store import articles, categories, intents, queues
from cxcall.store.errors import reason

log = structlog.get_logger(__name__)

CHANNELS = ("categories", "articles", "intents")
"""Published by whoever changed one, so that talks take it up at once."""

EVERY_S = 30.0
LIMIT_S = 10.0

Sources = tuple[tuple[Category, ...], tuple[Article, ...], tuple[Intent, ...]]


async def load(engine: AsyncEngine) -> Sources:
    """What is looked for in talks."""
    async with asyncio.timeout(LIMIT_S), engine.connect() as conn:
        found = await categories.enabled(conn)
        written = await articles.everything(conn, enabled=True)
        kept = await intents.everything(conn, enabled_only=True)
        numbers = queues.first_numbers(await queues.everything(conn))
    return found, tuple(
        Article(
            id=one.id, title=one.title, phrases=one.phrases, language=one.language, queues=one.queues, body=one.body
        )
        for one in written
    ), tuple(_readable(kept, numbers))  # fmt: skip


async def follow(engine: AsyncEngine, bus: Bus, take: Callable[[Catalogue, Intents], None]) -> None:
    """Give `take` the catalogue and the intents now and after every change, until cancelled."""
    changed = asyncio.Event()
    known: Sources | None = None
    with contextlib.ExitStack() as heard:
        for channel in CHANNELS:
            heard.callback(bus.subscribe(channel, lambda _: changed.set()))
        while True:
            changed.clear()
            try:
                found = await load(engine)
                if found != known:
                    take(await asyncio.to_thread(Catalogue, *found[:2]), await asyncio.to_thread(Intents, found[2]))
                    known = found
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("categories can't be read now", error=reason(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await changed.wait()


def _readable(kept: Iterable[intents.Intent], numbers: Mapping[str, str]) -> Iterator[Intent]:
    """One without a number has that of its queue."""
    for one in kept:
        try:
            intent = intent_of(one.name, one.body)
            yield intent if intent.number else msgspec.structs.replace(intent, number=numbers.get(intent.queue, ""))
        except msgspec.ValidationError as error:
            log.warning("an intent can't be read; it is left out", intent=one.name, error=str(error))
