import asyncio
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxcall.reports.definition import Definition
from cxcall.reports.ready_made import READY_MADE
from cxcall.store import own_reports, users
from cxcall.store.engine import open_engine
from tests.unit.commands.conftest import Cxcall

DAYS = ("--from", "2026-11-21", "--to", "1405-08-30")


def test_all_reports_are_named(cxcall: Cxcall) -> None:
    done = cxcall("report", "--list")
    assert done.returncode == 0
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == list(READY_MADE)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nope",), "There is no report nope. There are: queues,"),
        (("nope", *DAYS), "There is no report nope. There are: queues,"),
        ((), "Say which report."),
        (("queues",), "Say which days"),
        (("queues", "--from", "2026-11-21"), "--to: Say both days"),
        (("queues", "--from", "yesterday", "--to", "2026-11-21"), "--from: yesterday is no date"),
        (("queues", "--from", "2026-11-22", "--to", "2026-11-21"), "--from: The first day is after the last."),
        (("queues", *DAYS, "--by", "phase"), "--by: There are no rows by phase."),
        (("queues", *DAYS, "--measures", "nope"), "--measures: There is no figure nope."),
        (("queues", *DAYS, "--format", "pdf"), "There is no format pdf."),
        (("queues", *DAYS, "--agent", "Sara"), "can't be narrowed to Agent"),
        (("queues", *DAYS, "--output", "nowhere/report.csv", "--format", "csv"), "can't be written"),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_2(cxcall: Cxcall, words: tuple[str, ...], sentence: str) -> None:
    done = cxcall("report", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_report_of_no_calls_is_a_table_with_its_total(cxcall: Cxcall) -> None:
    done = cxcall("report", "queues", *DAYS, "--by", "day")
    assert done.returncode == 0
    assert "2026-11-21" in done.stdout
    assert "1405/08/30" in done.stdout
    assert "Total" in done.stdout


def test_programs_get_csv_and_json_with_the_same_names(cxcall: Cxcall) -> None:
    lines = list(csv.reader(io.StringIO(cxcall("report", "queues", *DAYS, "--format", "csv").stdout)))
    assert lines[0][:2] == ["\ufeffqueue", "offered"]
    body = json.loads(cxcall("report", "queues", *DAYS, "--format", "json").stdout)
    assert list(body["total"]["figures"]) == list(READY_MADE["queues"].measures)
    assert body["days"]["last"] == "2026-11-21"


def test_a_spreadsheet_goes_to_a_file_and_not_to_a_terminal(
    cxcall: Cxcall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cxcall("report", "queues", *DAYS, "--format", "xlsx", "--output", "a.xlsx").returncode == 0
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = cxcall("report", "queues", *DAYS, "--format", "xlsx")
    assert (done.returncode, "name a file with --output" in done.stderr) == (2, True)


@pytest.fixture
def saved(cxcall: Cxcall, tmp_path: Path) -> list[str]:
    """Ids of three reports that were saved, two of them of one name."""
    assert cxcall("db", "upgrade").returncode == 0
    found: list[str] = []

    async def save() -> None:
        engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.sqlite*'))}")
        async with engine.begin() as conn:
            user = await users.create(conn, name="omid", role="supervisor", password_hash="none")
            for name, period in (("Early, late", "2026-11-21..2026-11-22"), ("Twice", "month"), ("Twice", "year")):
                made = await own_reports.create(
                    conn, name=name, owner_id=user.id, period=period, by="omid", now=datetime.now(UTC),
                    definition=Definition(by=("day",), measures=("offered", "asa")),
                )  # fmt: skip
                found.append(made.id)
        await engine.dispose()

    asyncio.run(save())
    return found


def test_saved_reports_are_named_and_made_by_name_or_id_over_their_own_days(cxcall: Cxcall, saved: list[str]) -> None:
    lines = [line.split("\t") for line in cxcall("report", "--list").stdout.splitlines()]
    assert lines[len(READY_MADE)] == [saved[0], "Early, late (omid)"]
    for word in (saved[0], "Early, late", f"own:{saved[0]}"):
        done = cxcall("report", word, "--format", "json")
        assert done.returncode == 0, done.stderr
        body = json.loads(done.stdout)
        assert (body["name"], body["days"]["first"], body["days"]["last"]) == (
            "Early, late", "2026-11-21", "2026-11-22",
        )  # fmt: skip
    other = json.loads(cxcall("report", saved[0], "--format", "json", *DAYS).stdout)
    assert other["days"]["last"] == "2026-11-21"
    assert "Early, late" in cxcall("report", saved[0]).stdout


def test_of_two_of_a_name_the_ids_are_told(cxcall: Cxcall, saved: list[str]) -> None:
    done = cxcall("report", "Twice")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There are 2 reports named Twice" in done.stderr
    assert all(id_ in done.stderr for id_ in saved[1:])
    wrong = cxcall("report", saved[1], "--by", "phase")
    assert (wrong.returncode, "--by: There are no rows by phase." in wrong.stderr) == (2, True)
