import json
from pathlib import Path

import pytest

from cxcall.commands.doctor_here import database, folders
from cxcall.settings import Data, Database, Settings
from tests.unit.commands.conftest import Cxcall


def test_a_configuration_that_can_not_be_read_is_a_failed_check_with_a_fix(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "cxcall.toml").write_text("[web]\nport = 'high'\n")
    done = cxcall("doctor", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["result"] == "fail"
    assert told["checks"][0]["check"] == "configuration"
    assert told["checks"][0]["fix"]


def test_without_an_asterisk_the_doctor_says_how_to_set_one_up(cxcall: Cxcall) -> None:
    done = cxcall("doctor")
    assert done.returncode == 1
    assert "cxcall init" in done.stdout
    assert "Not part of this version yet" in done.stdout


def test_every_failed_or_doubtful_check_has_a_fix(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "cxcall.toml").write_text('[[ami]]\nname = "far"\nport = 1\nsecret = "x"\n')
    told = json.loads(cxcall("doctor", "--json", "--listen", "0").stdout)
    assert {check["result"] for check in told["checks"]} >= {"fail", "ok", "info", "warn"}
    for check in told["checks"]:
        assert check["says"]
        assert bool(check["fix"]) == (check["result"] in ("warn", "fail"))


def test_a_readable_secret_is_a_warning(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "cxcall.toml").write_text("")
    (tmp_path / "cxcall.toml").chmod(0o644)
    told = json.loads(cxcall("doctor", "--json").stdout)
    assert told["checks"][0]["result"] == "warn"
    assert "chmod" in told["checks"][0]["fix"]


async def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    finding = await database(Settings(data=Data(dir=str(tmp_path))))
    assert finding.result == "fail"
    assert "cxcall db upgrade" in finding.fix
    assert not list(tmp_path.iterdir())


async def test_a_database_server_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    finding = await database(Settings(database=Database(url="postgresql://u:geheim@127.0.0.1:1/n")))
    assert finding.result == "fail"
    assert "geheim" not in finding.says
    assert "127.0.0.1:1/n" in finding.says


def test_a_folder_that_is_a_file_above_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = list(folders(Settings(data=Data(dir=str(tmp_path / "file/data")))))
    assert [finding.check for finding in found] == ["data folder", "journal", "disk space"]


@pytest.mark.parametrize("missing", ["data", "data/deeper"])
def test_a_folder_that_will_be_made_is_fine(tmp_path: Path, missing: str) -> None:
    assert {finding.result for finding in folders(Settings(data=Data(dir=str(tmp_path / missing))))} <= {"ok", "warn"}
