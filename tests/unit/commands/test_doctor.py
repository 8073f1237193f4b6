import json
import os
from pathlib import Path

import pytest

from cxcall.commands.doctor_here import database, folders
from cxcall.commands.doctor_speech import models, recordings, voicemail
from cxcall.settings import Data, Database, Recordings, Settings, Speech, Voicemail
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
    assert "speech models" in done.stdout


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


def test_the_models_of_speech_are_told_with_what_is_wrong(tmp_path: Path) -> None:
    empty = Settings(speech=Speech(models=str(tmp_path), language="xx"))
    told = list(models(empty))
    assert any("There is no model in" in finding.says and finding.result == "warn" for finding in told)
    assert any("xx" in f"{finding.says} {finding.fix}" for finding in told)
    (tmp_path / "en/am").mkdir(parents=True)
    (tmp_path / "en/am/final.mdl").write_bytes(b"no model")
    told = list(models(Settings(speech=Speech(models=str(tmp_path), language="en", engine="vosk"))))
    assert any(str(tmp_path) in finding.says or "en" in finding.says for finding in told if finding.result == "warn")


def test_where_recordings_go_is_told(tmp_path: Path) -> None:
    assert recordings(Settings(data=Data(dir=str(tmp_path)))).result == "ok"
    missing = recordings(Settings(recordings=Recordings(dir=str(tmp_path / "none"))))
    assert (missing.result, "recordings.dir" in missing.fix) == ("fail", True)
    (tmp_path / "file").write_text("")
    assert recordings(Settings(data=Data(dir=str(tmp_path / "file/data")))).result == "fail"


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


def test_a_voicemail_folder_that_is_set_but_can_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(folder: Path) -> list[tuple[str, str]]:
        return [(one.result, one.says) for one in voicemail(Settings(voicemail=Voicemail(dir=str(folder))))]

    assert list(voicemail(Settings())) == []
    assert told(tmp_path / "none")[0][0] == "fail"
    inbox = tmp_path / "default/1001/INBOX"
    inbox.mkdir(parents=True)
    assert told(tmp_path) == [("ok", f"1 mailbox in {tmp_path} can be read.")]
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != inbox)
    assert told(tmp_path) == [("fail", f"{inbox} can't be read.")]
