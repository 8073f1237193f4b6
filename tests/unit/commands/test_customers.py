import csv
import io
from pathlib import Path

from tests.unit.commands.conftest import Cxcall


def test_a_file_in_persian_is_imported_each_line_whole_or_not_at_all(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("نام,موبایل\nعلی تست,۰۹۱۲۳۴۵۶۷۸۸\nبد,12\n")
    done = cxcall("customers", "import", "list.csv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "line 3: 12 is not a phone number." in done.stderr
    assert "new 1" in done.stderr
    done = cxcall("customers", "export")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["name"], row["numbers"]) for row in rows] == [("علی تست", "+989123456788")]


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("name,phone\nAda,09123456788\n")
    done = cxcall("customers", "import", "list.csv", "--dry-run")
    assert done.returncode == 0
    assert "Would be: new 1" in done.stderr
    assert cxcall("customers", "export").stdout.count("\n") == 1


def test_a_column_is_named_by_hand(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("who,rufnummer\nAda,09123456788\n")
    done = cxcall("customers", "import", "list.csv", "--dry-run")
    assert done.returncode == 2
    assert "--map COLUMN=numbers" in done.stderr
    done = cxcall("customers", "import", "list.csv", "--dry-run", "--map", "rufnummer=numbers", "--map", "1=name")
    assert done.returncode == 0
    assert "who → name, rufnummer → numbers" in done.stderr


def test_wrong_use_is_a_sentence_and_exit_2(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("name,phone\nAda,09123456788\n")
    for words, sentence in (
        (("import", "missing.csv"), "can't be read"),
        (("import", "list.csv", "--map", "age=name"), "there is no such column"),
        (("import", "list.csv", "--map", "phone=age"), "there is no field"),
        (("forget-decisions", "12"), "12 is not a phone number"),
    ):
        done = cxcall("customers", *words)
        assert done.returncode == 2
        assert sentence in done.stderr


def test_an_export_can_be_imported_again_and_changes_nothing(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("name,phone,tags\n=Ada,09123456788,a;b\nBob,00447700900123,\n")
    cxcall("customers", "import", "list.csv")
    (tmp_path / "again.csv").write_text(cxcall("customers", "export").stdout)
    done = cxcall("customers", "import", "again.csv")
    assert done.returncode == 0
    assert "new 0, completed 0, as before 2, not taken 0" in done.stderr


def test_an_import_is_listed_and_taken_back_as_a_whole(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("name,phone\nAda,09123456788\nBob,00447700900123\n")
    said = cxcall("customers", "import", "list.csv").stderr
    listed = cxcall("customers", "imports")
    import_id, _, file, by, state, counts = listed.stdout.strip().split("\t")
    assert f"undo-import {import_id}" in said
    assert (file, by, state, counts) == ("list.csv", "command line", "done", "new 2, completed 0, not taken 0")
    for _ in range(2):
        done = cxcall("customers", "undo-import", import_id)
        assert (done.returncode, "Taken back: 2 lines, something stayed of 0." in done.stderr) == (0, True)
    assert cxcall("customers", "export").stdout.count("\n") == 1
    assert "\tundone\t" in cxcall("customers", "imports").stdout


def test_what_was_changed_since_an_import_stays_and_is_named(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "list.csv").write_text("name,phone\nAda,09123456788\nBob,00447700900123\n")
    (tmp_path / "more.csv").write_text("phone,city\n09123456788,Shiraz\n")
    cxcall("customers", "import", "list.csv")
    cxcall("customers", "import", "more.csv")
    (first,) = (line.split("\t")[0] for line in cxcall("customers", "imports").stdout.splitlines() if "list" in line)
    done = cxcall("customers", "undo-import", first)
    assert done.returncode == 1
    assert "line 2: " in done.stderr
    assert "Taken back: 1 lines, something stayed of 1." in done.stderr
    (left,) = csv.DictReader(io.StringIO(cxcall("customers", "export").stdout))
    assert (left["city"], left["numbers"]) == ("Shiraz", "+989123456788")


def test_an_import_that_is_none_is_a_sentence_and_exit_2(cxcall: Cxcall) -> None:
    done = cxcall("customers", "undo-import", "none")
    assert (done.returncode, "There is no import none." in done.stderr) == (2, True)
    assert cxcall("customers", "imports").stdout == ""


def test_decisions_of_a_caller_are_forgotten(cxcall: Cxcall) -> None:
    done = cxcall("customers", "forget-decisions", "09123456788")
    assert (done.returncode, done.stdout) == (0, "")
    assert "any more: 0." in done.stderr
