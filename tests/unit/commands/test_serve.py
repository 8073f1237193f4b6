"""`cxcall serve` that can't start: one sentence that says what to do, and 2 for configuration or 1 for the run."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Cxcall

Serve = Callable[..., tuple[int, str]]


@pytest.fixture
def serve_here(cxcall: Cxcall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """As `serve`, without a process of its own and its start."""
    monkeypatch.setattr("cxcall.commands.serve.set_up_log", lambda **_: None)  # the log of all tests stays as it is

    def serve_it(text: str = "", **environ: str) -> tuple[int, str]:
        config, given = prepared(tmp_path, text, environ)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        done = cxcall("--config", str(config), "serve")
        return done.returncode, done.stderr.strip().splitlines()[-1]

    return serve_it


def prepared(folder: Path, text: str, environ: dict[str, str]) -> tuple[Path, dict[str, str]]:
    """The configuration file and the environment."""
    config = folder / "cxcall.toml"
    config.write_text(text)
    return config, {
        "CXCALL_DATA__DIR": str(folder / "data"), "CXCALL_WEB__PORT": "0", "CXCALL_AGI__PORT": "0",
        "CXCALL_AUDIO__PORT": "0", **environ
    }  # fmt: skip


def serve(folder: Path, text: str = "", **environ: str) -> tuple[int, str]:
    """Exit code and what it said last; it must end by itself."""
    config, given = prepared(folder, text, environ)
    done = subprocess.run(
        [sys.executable, "-m", "cxcall", "--config", str(config), "serve"],
        env={**os.environ, **given}, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[[ami", {}, "can't be read"),
        ("ami = 3", {"CXCALL_AMI__HOST": "x"}, "`ami`"),
        ("web = 3", {}, "`web`"),
        ('[[ami]]\nname = "../../evil"', {}, "ami.name"),
        ("[journal]\nkeep_mb = -1", {}, "journal.keep_mb"),
        ("", {"CXCALL_WEB__TRUSTED_PROXIES": "proxy"}, "web.trusted_proxies"),
        ("", {"CXCALL_SITE__COUNTRY": "Iran"}, "site.country"),
        ("", {"CXCALL_SITE__COUNTRY": "UK"}, "site.country"),
        ("", {"CXCALL_DATABASE__URL": "nonsense"}, "database address"),
        ("", {"CXCALL_DATABASE__URL": "postgresql://h:port/x"}, "database address"),
    ],
)
def test_a_wrong_setting_ends_with_2(serve_here: Serve, text: str, environ: dict[str, str], said: str) -> None:
    code, sentence = serve_here(text, **environ)
    assert (code, said in sentence) == (2, True), sentence


def _a_file_in_the_way(data: Path) -> None:
    data.write_text("x")


def _no_database(data: Path) -> None:
    data.mkdir()
    (data / "cxcall.sqlite").write_bytes(os.urandom(40_000))


def _of_a_later_version(data: Path) -> None:
    data.mkdir()
    with sqlite3.connect(data / "cxcall.sqlite") as conn:
        conn.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        conn.execute("INSERT INTO alembic_version VALUES ('9999')")
    conn.close()


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (_a_file_in_the_way, "Set data.dir"),
        (_no_database, "restore it from a backup"),
        (_of_a_later_version, "a later one made it"),
    ],
)
def test_what_stands_in_the_way_of_a_run_ends_with_1(
    serve_here: Serve, tmp_path: Path, prepare: Callable[[Path], None], said: str
) -> None:
    prepare(tmp_path / "data")
    code, sentence = serve_here()
    assert (code, said in sentence) == (1, True), sentence


@pytest.mark.parametrize(("setting", "remedy"), [("WEB", "Set web.port"), ("AGI", "Set agi.host or agi.port")])
def test_a_port_in_use_is_named(tmp_path: Path, setting: str, remedy: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, sentence = serve(tmp_path, **{f"CXCALL_{setting}__PORT": port})
    assert (code, port in sentence, remedy in sentence) == (1, True, True), sentence
