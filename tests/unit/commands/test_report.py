import csv
import io
import json
from pathlib import Path

import pytest

from cxcall.reports.ready_made import READY_MADE
from tests.unit.commands.conftest import Cxcall

DAYS = ("--from", "2026-11-21", "--to", "1405-08-30")


def test_all_reports_are_named(cxcall: Cxcall) -> None:
    done = cxcall("report", "--list")
    assert done.returncode == 0
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == list(READY_MADE)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
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
