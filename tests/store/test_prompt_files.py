"""The sound files of prompts: where they lie, who may read them, what each Asterisk is told, what is swept away."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from cxcall.prompts.made import BadSound
from cxcall.settings import Ami, Data, Prompts, Settings, Web
from cxcall.store import prompt_files
from tests.support import speech
from tests.support.sounds import opened, tone, wav

SHA = "ab" * 32


def site(folder: Path = Path("/data"), *servers: Ami, **sections: Any) -> Settings:
    return Settings(data=Data(dir=str(folder)), ami=servers or (Ami(name="lab"),), **sections)


async def test_both_files_are_written_for_everybody_to_read_and_nothing_else(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        made = await prompt_files.make_and_keep(site(tmp_path), wav(tone()))
        again = await prompt_files.make_and_keep(site(tmp_path), wav(tone()))
    finally:
        os.umask(before)
    assert again == made
    path = prompt_files.path_of(site(tmp_path), made.sha)
    assert path == tmp_path / "prompts" / made.sha[:2] / f"{made.sha}.wav"
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        f"{made.sha}.wav": 0o644, f"{made.sha}.wav16": 0o644,
    }  # fmt: skip
    assert {folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)} == {0o755}
    assert [opened(file.read_bytes())[1] for file in (path, path.with_suffix(".wav16"))] == [8_000, 16_000]


async def test_what_is_no_sound_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadSound):
        await prompt_files.make_and_keep(site(tmp_path), b"no sound")
    assert not prompt_files.folder(site(tmp_path)).exists()


async def test_a_text_becomes_a_file(tmp_path: Path) -> None:
    settings = site(tmp_path, prompts=Prompts(espeak=speech.espeak()))
    made, engine = await prompt_files.speak_and_keep(settings, "متشکریم", "fa")
    assert engine == "espeak-ng"
    assert prompt_files.path_of(settings, made.sha).read_bytes() == made.wav


@pytest.mark.parametrize(
    ("host", "prompts", "disk"),
    [
        ("127.0.0.1", "auto", True), ("::1", "auto", True), ("LocalHost", "auto", True), ("127.8.0.1", "auto", True),
        ("10.0.0.5", "auto", False), ("pbx.example.com", "auto", False),
        ("10.0.0.5", "disk", True), ("127.0.0.1", "http", False),
    ],
)  # fmt: skip
def test_an_asterisk_on_this_machine_reads_the_disk_and_another_asks_over_the_network(
    host: str, prompts: Literal["auto", "disk", "http"], disk: bool
) -> None:
    settings = site(Path("/data"), Ami(name="other"), Ami(name="lab", host=host, prompts=prompts))
    address = prompt_files.address(settings, "lab", SHA)
    assert address == (f"/data/prompts/ab/{SHA}" if disk else f"http://127.0.0.1:8080/prompts/{SHA}.wav")


@pytest.mark.parametrize(
    ("web", "url", "base"),
    [
        (Web(), "", "http://127.0.0.1:8080"),
        (Web(host="::1", port=9000), "", "http://[::1]:9000"),
        (Web(public_url="https://calls.example.com/"), "", "https://calls.example.com"),
        (Web(public_url="https://calls.example.com"), "http://10.0.0.2:8080/", "http://10.0.0.2:8080"),
        (Web(host="0.0.0.0"), "", f"http://{socket.gethostname()}:8080"),
    ],
)
def test_the_address_asterisk_fetches_from_can_be_told_apart_from_that_of_the_pages(
    web: Web, url: str, base: str
) -> None:
    settings = site(Path("/data"), Ami(name="lab", host="10.0.0.5"), web=web, prompts=Prompts(url=url))
    assert prompt_files.address(settings, "lab", SHA) == f"{base}/prompts/{SHA}.wav"


def test_a_relative_data_folder_is_told_to_asterisk_as_an_absolute_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/tmp")
    assert prompt_files.address(site(Path("var/cxcall")), "lab", SHA).startswith("/tmp/var/cxcall/prompts/")


async def test_files_nobody_refers_to_are_swept_away_after_a_day(tmp_path: Path) -> None:
    settings = site(tmp_path)
    kept, gone = [await prompt_files.make_and_keep(settings, wav(tone(hertz))) for hertz in (440, 880)]
    now = datetime.now(UTC)
    assert prompt_files.sweep(settings, {kept.sha}, now=now) == 0, "somebody may be about to keep it"
    assert prompt_files.sweep(settings, {kept.sha}, now=now + timedelta(days=2)) == 2
    assert prompt_files.path_of(settings, kept.sha).exists()
    assert not prompt_files.path_of(settings, gone.sha).exists()
