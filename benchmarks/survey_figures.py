"""Figures of surveys over many responses: how long each query takes.

    python -m benchmarks.survey_figures [--responses 200000] [--database sqlite:///FILE]

Prints JSON: for each figure, milliseconds of the fastest of five runs and the processor's part of it, over the whole
period and over its last 30 days. A year of responses is made first: 8 queues, 40 agents, three answers each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import survey_drivers, survey_figures, survey_pages
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.survey_figures import Cut, Period
from cxcall.store.survey_pages import CommentFilter, ResponseFilter
from tests.store.survey_big import BEGAN, SURVEY, YEAR, fill


def figures(cut: Cut) -> dict[str, Callable[[AsyncConnection], Awaitable[object]]]:
    """What the pages ask, by name."""
    period, edges = cut.period, [cut.period.until - timedelta(days=7) * n for n in range(12, -1, -1)]
    mine = ("PJSIP/1003", "PJSIP/1007")
    listed = ResponseFilter(since=period.since, until=period.until, measure="nps", at_most=6)
    return {
        "funnel": lambda conn: survey_figures.funnel(conn, cut),
        "funnel by queue": lambda conn: survey_figures.funnel_by_queue(conn, cut),
        "funnel by agent": lambda conn: survey_figures.funnel_by_agent(conn, cut),
        "parts": lambda conn: survey_figures.parts(conn, Cut(period=period, survey_id=SURVEY)),
        "nps": lambda conn: survey_figures.scores(conn, "nps", cut),
        "nps of a survey": lambda conn: survey_figures.scores(conn, "nps", Cut(period=period, survey_id=SURVEY)),
        "nps by queue": lambda conn: survey_figures.scores_by_queue(conn, "nps", cut),
        "nps by agent": lambda conn: survey_figures.scores_by_agent(conn, "nps", cut),
        "nps by week": lambda conn: survey_figures.scores_by_edges(conn, "nps", edges, cut),
        "results of an agent": lambda conn: survey_figures.results_of_agent(conn, mine, period),
        "drivers": lambda conn: survey_drivers.drivers(conn, "nps", cut),
        "page of responses": lambda conn: survey_pages.page(conn, listed),
        "page of comments": lambda conn: survey_pages.comments(conn, CommentFilter()),
    }


async def measured(engine: AsyncEngine, ask: Callable[[AsyncConnection], Awaitable[object]]) -> dict[str, float]:
    """Milliseconds of one figure: the fastest of five runs, and what the processor did in it."""
    runs = []
    async with engine.connect() as conn:
        for _ in range(5):
            began, busy = time.perf_counter(), time.process_time()
            await ask(conn)
            runs.append((time.perf_counter() - began, time.process_time() - busy))
    return {"ms": round(min(run[0] for run in runs) * 1000, 1), "cpu_ms": round(min(run[1] for run in runs) * 1000, 1)}


async def main(responses: int, address: str) -> None:
    """Fill the database, ask everything, print."""
    engine = open_engine(address)
    await upgrade(engine)
    began = time.perf_counter()
    await fill(engine, responses)
    filled = time.perf_counter() - began
    end = BEGAN + YEAR
    periods = {"year": Period(since=BEGAN, until=end), "30 days": Period(since=end - timedelta(days=30), until=end)}
    result = {
        name: {figure: await measured(engine, ask) for figure, ask in figures(Cut(period=period)).items()}
        for name, period in periods.items()
    }
    await engine.dispose()
    print(json.dumps({"responses": responses, "fill_s": round(filled, 1), **result}, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=200_000)
    parser.add_argument("--database", default="")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(chosen.responses, chosen.database or f"sqlite:///{Path(folder) / 'cxcall.db'}"))
