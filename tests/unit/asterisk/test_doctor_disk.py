"""Whether Asterisk's user may read prompts and write comments, judged from owners and modes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxcall.asterisk import doctor_disk
from cxcall.asterisk.doctor_disk import Who
from cxcall.settings import Ami, Data, Settings

STRANGER = Who(name="asterisk", uid=54_321, gids=frozenset({54_321}))


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A data folder that everybody may go into: pytest's own folders are shut."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        data.chmod(0o755)
        (data / "prompts").mkdir(mode=0o755)
        yield Settings(data=Data(dir=folder), ami=(Ami(name="here"), Ami(name="there", host="192.0.2.1")))


def results(settings: Settings, who: Who | None, monkeypatch: pytest.MonkeyPatch, server: int = 0) -> list[str]:
    monkeypatch.setattr(doctor_disk, "_asterisk", lambda: who)
    return [finding.result for finding in doctor_disk.files(settings, settings.ami[server])]


def test_a_user_of_the_folders_group_reads_and_writes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxcall.asterisk.shared_disk.GROUP", "no such group")
    me = Who(name="me", uid=54_321, gids=frozenset({os.getegid()}))
    assert results(settings, me, monkeypatch) == ["ok", "ok", "ok"]


def test_a_stranger_may_read_prompts_but_write_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxcall.asterisk.shared_disk.GROUP", "no such group")
    assert results(settings, STRANGER, monkeypatch) == ["ok", "warn", "warn"]
    (Path(settings.data.dir) / "prompts").chmod(0o700)
    assert results(settings, STRANGER, monkeypatch) == ["warn", "warn", "warn"]


def test_an_asterisk_elsewhere_fetches_prompts_and_records_no_comments(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert results(settings, STRANGER, monkeypatch, server=1) == ["ok", "warn"]


def test_without_an_asterisk_on_this_machine_nothing_is_claimed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert results(settings, None, monkeypatch) == ["info"]
