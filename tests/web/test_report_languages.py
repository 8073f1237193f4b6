"""What people named in two languages is read in the reader's one, whatever their calendar: pages, files, API, CLI."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cxcall.cli import main
from cxcall.speech.category import Category
from cxcall.store import calls, categories, intents, reasons, speech_seed, tokens
from cxcall.store.calls import CallWrite
from cxcall.store.reasons import Reason
from cxcall.store.speech_seed import PastTalk
from cxcall.store.turns import NewTurn
from cxcall.web.access import Role
from tests.store.report_day import visitor
from tests.store.speech_make import hit, talk, turn
from tests.store.test_heard_reports import FIGURES
from tests.support.webapp import Browser, World

NAMES = {"en": "Money back", "fa": "پس دادن پول"}
DAYS = "from=2026-11-20&to=2026-11-22"
REPORTS = pytest.mark.parametrize("report", ["categories", "menu"])


@pytest.fixture
async def named(world: World) -> World:
    """A talk about money back, and a caller who keyed for it."""
    at = world.clock() - timedelta(hours=1)
    record = visitor(1, at=at)
    heard = replace(talk(1, state="done"), began_at=at)
    async with world.engine.begin() as conn:
        await calls.apply(conn, [CallWrite(record=record, revision=1)], region="IR")
        await categories.seed(conn, [Category(id="back", name=NAMES)], now=at)
        turns = [NewTurn(turn=turn(1, "my money"))]
        await speech_seed.write(conn, [PastTalk(new=heard, turns=turns, hits=[hit("back", 1)], figures=FIGURES)])
        await intents.create(conn, "back", {"title": NAMES}, by="omid", now=at)
        await reasons.put(conn, Reason(id="token-1", at=at, call_id=record.id, intent="back", how="keyed"))
    return world


@REPORTS
@pytest.mark.parametrize(("language", "calendar"), [("en", "jalali"), ("fa", "gregorian"), ("fa", "jalali")])
async def test_pages_and_their_files_are_in_the_readers_language(
    supervisor: Browser, named: World, report: str, language: str, calendar: str
):
    await named.prefer(Role.SUPERVISOR, language=language, calendar=calendar)
    other = "fa" if language == "en" else "en"
    for path in (f"/reports/{report}?{DAYS}", f"/reports/{report}/export?format=csv&{DAYS}"):
        text = (await supervisor.get(path)).text
        assert NAMES[language] in text
        assert NAMES[other] not in text


async def test_calls_behind_a_choice_are_headed_in_the_readers_language(supervisor: Browser, named: World):
    await named.prefer(Role.SUPERVISOR, language="fa", calendar="gregorian")
    text = (await supervisor.get(f"/reports/menu/calls?measure=calls&key=back&{DAYS}")).text
    assert NAMES["fa"] in text
    assert NAMES["en"] not in text


@REPORTS
async def test_programs_get_the_titles_of_the_language_they_ask_for_and_the_same_data(
    supervisor: Browser, named: World, report: str
):
    await named.prefer(Role.SUPERVISOR, language="fa")
    told = {}
    for asked, language in (("en-GB, fa;q=0.2", "en"), ("fa-IR", "fa"), ("", "fa"), ("de", "fa")):
        body, data = _titles(await by_token(named, f"/reports/{report}?{DAYS}", asked))
        assert NAMES[language] in body, asked
        told[asked] = data
    assert all(data == told[""] for data in told.values())
    files = {asked: await by_token(named, f"/reports/{report}?format=csv&{DAYS}", asked) for asked in ("en", "fa")}
    rows = {row[report_row(report)] for row in csv.DictReader(io.StringIO(str(files["en"])))}
    assert "back" in rows, "files for programs have what addresses have"
    assert files["en"] == files["fa"]


async def test_pages_that_ask_the_api_keep_to_their_readers_language(supervisor: Browser, named: World):
    await named.prefer(Role.SUPERVISOR, language="fa")
    text = (await supervisor.get(f"/api/v1/reports/menu?{DAYS}", accept_language="en")).text
    assert NAMES["fa"] in text


@REPORTS
@pytest.mark.parametrize("calendar", ["gregorian", "jalali"])
async def test_the_command_line_speaks_english_in_both_calendars(
    named: World, report: str, calendar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in [name for name in os.environ if name.startswith("CXCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CXCALL_DATA__DIR", str(tmp_path))
    monkeypatch.setenv("CXCALL_SITE__TIMEZONE", "Asia/Tehran")
    monkeypatch.chdir(tmp_path)
    days = ["--from", "2026-11-20", "--to", "2026-11-22", "--calendar", calendar]
    output = ["--format", "table", "--output", str(tmp_path / "report.txt")]
    monkeypatch.setattr(sys, "argv", ["cxcall", "report", report, *days, *output])
    assert await asyncio.to_thread(_main) == 0
    assert NAMES["en"] in (tmp_path / "report.txt").read_text(encoding="utf-8")


def report_row(report: str) -> str:
    return {"categories": "category"}.get(report, report)


def _titles(body: Any) -> tuple[set[str], list[Mapping[str, Any]]]:
    """The titles of a report's rows, and all else of them."""
    keys = [key for line in body["lines"] for key in line["keys"]]
    return {key["title"] for key in keys}, [{**key, "title": ""} for key in keys]


async def by_token(world: World, path: str, language: str) -> Any:
    """What a program of the supervisor's gets."""
    user = world.people[Role.SUPERVISOR].id
    async with world.engine.begin() as conn:
        _, secret = await tokens.make(conn, user, name="test", scopes=["reports:read"], now=world.clock())
    headers = {"Authorization": f"Bearer {secret}"} | ({"Accept-Language": language} if language else {})
    async with world.guest().client.get(f"/api/v1{path}", headers=headers) as answer:
        assert answer.status == 200
        return await answer.json() if answer.content_type == "application/json" else await answer.text("utf-8-sig")


def _main() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
