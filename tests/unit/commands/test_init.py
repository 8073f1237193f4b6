import tomllib
from pathlib import Path

import pytest

from cxcall.commands import snippets
from cxcall.configuration import Answers, text_of
from cxcall.settings import load
from tests.unit.commands.conftest import Cxcall


def answers(**changed: object) -> Answers:
    usual: dict[str, object] = {
        "host": "127.0.0.1", "port": 5038, "server": "asterisk", "username": "cxcall", "secret": "s", "name": "",
        "language": "fa", "timezone": "Asia/Tehran", "country": "IR", "database": "", "data": "var/cxcall",
        "web_host": "127.0.0.1", "web_port": 8080,
    }  # fmt: skip
    return Answers(**{**usual, **changed})  # type: ignore[arg-type]  # each of its own kind


def test_init_writes_a_configuration_that_serve_can_use_and_says_what_asterisk_needs(
    tmp_path: Path, cxcall: Cxcall
) -> None:
    (tmp_path / "password").write_text("correct-horse-9\n")
    done = cxcall("init", "--site", "freepbx", "--host", "10.0.0.5", "--password-file", "password")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "cxcall doctor" in done.stderr
    settings = load(tmp_path / "cxcall.toml", {})
    assert settings.ami[0].host == "10.0.0.5"
    assert (tmp_path / "cxcall.toml").stat().st_mode & 0o077 == 0
    assert (tmp_path / "var/cxcall/cxcall.sqlite").exists()
    manager = tmp_path / "asterisk-files/manager_cxcall.conf"
    assert f"secret = {settings.ami[0].secret}" in manager.read_text()
    assert manager.stat().st_mode & 0o077 == 0
    assert "manager_custom.conf" in (tmp_path / "asterisk-files/INSTALL.txt").read_text()


def test_init_never_writes_over_a_configuration(tmp_path: Path, cxcall: Cxcall) -> None:
    (tmp_path / "cxcall.toml").write_text("# mine\n")
    done = cxcall("init")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert (tmp_path / "cxcall.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "--password-file"),
        (("--password-file", "nothing"), "can't be read"),
        (("--password-file", "short"), "at least 10"),
        (("--password-file", "good", "--timezone", "Mars/Base"), "is no time zone"),
        (("--password-file", "good", "--site", "3cx"), "is not one of plain, freepbx, issabel"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_left_behind(
    tmp_path: Path, cxcall: Cxcall, words: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "short").write_text("secret")
    (tmp_path / "good").write_text("correct-horse-9")
    done = cxcall("init", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {"short", "good"}


def test_the_configuration_is_read_back_as_it_was_meant() -> None:
    name = 'شرکت "نمونه" \\ Ltd'
    read = tomllib.loads(text_of(answers(name=name, database="postgresql://u:p@h/n")))
    assert read["site"]["name"] == name
    assert read["database"]["url"] == "postgresql://u:p@h/n"
    assert read["ami"][0]["port"] == 5038


@pytest.mark.parametrize("kind", snippets.KINDS)
def test_every_kind_of_site_gets_every_file_its_sheet_names(tmp_path: Path, kind: snippets.Kind) -> None:
    site = snippets.Snippets(kind=kind, username="cxcall", secret="s3cret")
    written = {file.name for file in snippets.write(tmp_path, site)}
    sheet = snippets.sheet(site)
    named = {word for word in sheet.split() if word.endswith("_cxcall.conf") and "*" not in word}
    assert named <= written
    assert {"manager_cxcall.conf", "extensions_cxcall.conf", "globals_cxcall.conf"} <= named
    assert not any("@" in line for line in (tmp_path / "manager_cxcall.conf").read_text().splitlines())


def test_another_machine_is_let_in_by_its_own_address_only(tmp_path: Path) -> None:
    site = snippets.Snippets(kind="plain", username="calls", secret="s", seen_as="10.0.0.9", web_port=9000)
    snippets.write(tmp_path, site)
    manager = (tmp_path / "manager_cxcall.conf").read_text()
    assert "[calls]" in manager
    assert "permit = 10.0.0.9/32" in manager
    assert "127.0.0.1" not in manager
    globals_ = (tmp_path / "globals_cxcall.conf").read_text()
    assert "CXCALL_URL = http://10.0.0.9:9000\n" in globals_
    assert "CXCALL_AGI = agi://10.0.0.9:4573\n" in globals_


def test_freepbx_gets_its_own_names_of_things(tmp_path: Path) -> None:
    snippets.write(tmp_path, snippets.Snippets(kind="issabel", username="cxcall", secret="s"))
    globals_ = (tmp_path / "globals_cxcall.conf").read_text()
    assert "CXCALL_INSIDE = from-internal\n" in globals_
    assert "CXCALL_DIAL = SIP/\n" in globals_
