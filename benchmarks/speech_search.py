"""Full-text search over many transcripts, and figures of what was found in them: how long a page takes.

    python -m benchmarks.speech_search [--transcripts 100000] [--database sqlite:///FILE] [--postgresql]

Prints JSON: for each kind of question p50, p95 and the slowest in milliseconds, each question asked for its first page
and the one after it; figures of categories, the fastest of three runs; the size of the database. A third of the talks
is Persian, each has ten turns of twelve words; words are drawn as frequent and as rare as in real speech.
`--postgresql` starts a server of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import category_figures, category_talks, speech_search, transcript_pages
from cxcall.store.category_figures import Cut
from cxcall.store.engine import open_engine, refresh_statistics, upgrade
from cxcall.store.speech_search import SearchFilter
from cxcall.store.survey_figures import Period
from cxcall.store.transcript_pages import TranscriptFilter
from tests.store.speech_big import BEGAN, CATEGORIES, YEAR, fill, talks, vocabulary, weights
from tests.support.postgres import running_postgres

END = BEGAN + YEAR
PAGE = 20
EACH = 60


def questions() -> dict[str, list[SearchFilter]]:
    """What people look for, by kind; words as they are said, from the most frequent to the rarest."""
    chance = random.Random(3)
    words = {language: vocabulary(language) for language in ("en", "fa")}
    frequency = weights(len(words["en"]))
    pairs = [talk.turns[n % 10].turn.text.split() for n, talk in enumerate(talks(EACH * 20)) if n % 20 == 0]

    def word(language: str = "") -> str:
        return chance.choices(words[language or chance.choice(("en", "fa"))], cum_weights=frequency)[0]

    def two() -> str:
        language = chance.choice(("en", "fa"))
        return f"{word(language)} {word(language)}"

    since, until = END - timedelta(days=90), END - timedelta(days=60)
    return {
        "one word": [SearchFilter(text=word()) for _ in range(EACH)],
        "the most frequent words": [SearchFilter(text=words["en"][n // 2 % 30]) for n in range(EACH)],
        "a rare word": [SearchFilter(text=words["en"][4000 + 50 * n]) for n in range(EACH)],
        "two words": [SearchFilter(text=two()) for _ in range(EACH)],
        "a phrase": [SearchFilter(text=f'"{pair[2]} {pair[3]}"') for pair in pairs],
        "the beginning of a word": [SearchFilter(text=f"{words['en'][40 + 20 * n][:3]}*") for n in range(EACH)],
        "a word of the customer": [SearchFilter(text=word(), speaker="customer") for _ in range(EACH)],
        "a word in a month": [SearchFilter(text=word(), since=since, until=until)
                              for _ in range(EACH)],
        "a word, queue and agent": [SearchFilter(text=word(), queue=f"queue {n % 8}",
                                                 agents=(f"PJSIP/{1001 + n % 40}",))
                                    for n in range(EACH)],
        "a word of angry talks": [SearchFilter(text=word(), mood_max=-0.6) for _ in range(EACH)],
        "a word in a rare category": [SearchFilter(text=word(), category_id=CATEGORIES[-3]) for _ in range(EACH)],
        "everything at once": [SearchFilter(text=two(), speaker="customer", queue=f"queue {n % 8}", mood_max=0.0,
                                            category_id=CATEGORIES[0], since=since, until=until) for n in range(EACH)],
        "no words": [SearchFilter(queue=f"queue {n % 8}", category_id=CATEGORIES[n % 8]) for n in range(EACH)],
    }  # fmt: skip


async def measured(engine: AsyncEngine, asked: Sequence[SearchFilter]) -> dict[str, float]:
    """Milliseconds of pages, each of the questions with its first and its second page."""
    took = []
    found = 0
    async with engine.connect() as conn:
        for wanted in asked:
            after = None
            for _ in range(2):
                began = time.perf_counter()
                rows = await speech_search.page(conn, wanted, limit=PAGE, after=after)
                took.append((time.perf_counter() - began) * 1000)
                found += len(rows.rows)
                after = rows.next
                if after is None:
                    break
    return {**spread(took), "talks a page": round(found / len(took), 1)}


async def counted(engine: AsyncEngine, asked: Sequence[SearchFilter]) -> dict[str, float]:
    """Milliseconds of telling how many there are, up to a thousand."""
    took = []
    async with engine.connect() as conn:
        for wanted in asked:
            began = time.perf_counter()
            await speech_search.count(conn, wanted)
            took.append((time.perf_counter() - began) * 1000)
    return spread(took)


def spread(took: Sequence[float]) -> dict[str, float]:
    """The middle, the slow and the slowest."""
    shares = quantiles(took, n=100, method="inclusive")
    return {"p50": round(shares[49], 1), "p95": round(shares[94], 1), "max": round(max(took), 1)}


def figures() -> dict[str, Callable[[AsyncConnection], Awaitable[object]]]:
    """What the page of categories asks, by name."""
    year = Cut(period=Period(since=BEGAN, until=END))
    month = Cut(period=Period(since=END - timedelta(days=30), until=END))
    weeks = [END - timedelta(days=7) * n for n in range(52, -1, -1)]
    days = [END - timedelta(days=n) for n in range(30, -1, -1)]
    return {
        "categories of a year": lambda conn: category_figures.counts(conn, year),
        "categories of a month": lambda conn: category_figures.counts(conn, month),
        "trend by week of a year": lambda conn: category_figures.trend(conn, weeks, year),
        "trend by day of a month": lambda conn: category_figures.trend(conn, days, month),
        "a category by queue in a month": lambda conn: category_figures.by_queue(conn, CATEGORIES[0], month),
        "what had to be said in a month": lambda conn: category_figures.required(conn, month),
        "calls of a category": lambda conn: category_talks.page(conn, CATEGORIES[0], year),
        "the last 500 talks": lambda conn: category_talks.sample(conn),
        "a page of transcripts": lambda conn: transcript_pages.page(conn, TranscriptFilter(queue="queue 1")),
    }


async def fastest(engine: AsyncEngine, ask: Callable[[AsyncConnection], Awaitable[object]]) -> float:
    """Milliseconds of the fastest of three runs."""
    runs = []
    async with engine.connect() as conn:
        for _ in range(3):
            began = time.perf_counter()
            await ask(conn)
            runs.append((time.perf_counter() - began) * 1000)
    return round(min(runs), 1)


async def size(engine: AsyncEngine) -> float:
    """Megabytes of the database."""
    query = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if engine.dialect.name == "sqlite"
        else "SELECT pg_database_size(current_database())"
    )
    async with engine.connect() as conn:
        return round(int(await conn.scalar(text(query)) or 0) / 1e6)


async def run(transcripts: int, address: str) -> dict[str, object]:
    """Fill the database, ask everything."""
    engine = open_engine(address)
    await upgrade(engine)
    began = time.perf_counter()
    await fill(engine, transcripts)
    filled = time.perf_counter() - began
    await refresh_statistics(engine)
    if engine.dialect.name == "postgresql":
        async with engine.connect() as conn:
            await conn.execution_options(isolation_level="AUTOCOMMIT")
            await conn.exec_driver_sql("VACUUM ANALYZE")
    result = {name: await measured(engine, asked) for name, asked in questions().items()}
    result["how many have a word"] = await counted(engine, questions()["one word"])
    counted_ms = {name: await fastest(engine, ask) for name, ask in figures().items()}
    megabytes = await size(engine)
    await engine.dispose()
    return {"database": engine.dialect.name, "transcripts": transcripts, "fill_s": round(filled, 1),
            "megabytes": megabytes, "ms": result, "figures_ms": counted_ms}  # fmt: skip


def main(transcripts: int, address: str, *, postgresql: bool) -> None:
    """Fill, ask, print."""
    with tempfile.TemporaryDirectory() as folder, running_postgres() if postgresql else nullcontext("") as server:
        chosen = address or (f"{server}/postgres" if server else f"sqlite:///{Path(folder) / 'cxcall.db'}")
        print(json.dumps(asyncio.run(run(transcripts, chosen)), indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transcripts", type=int, default=100_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    main(given.transcripts, given.database, postgresql=given.postgresql)
