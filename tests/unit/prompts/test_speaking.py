"""A text becomes speech by an engine of this machine, or a sentence says why not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from cxcall.prompts.making import make
from cxcall.prompts.speak import CannotSpeak, Engines, speak
from tests.support import speech


@pytest.fixture(scope="module")
def espeak() -> str:
    return speech.espeak()


def program(folder: Path, text: str) -> str:
    """An executable script."""
    file = folder / "engine"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("language", "text"),
    [("fa", "لطفاً از ۱ تا ۵ امتیاز بدهید."), ("en", "Please press a key from 1 to 5.\nThank you.")],
)
async def test_espeak_says_persian_and_english(espeak: str, language: str, text: str) -> None:
    spoken = await speak(Engines(espeak=espeak), text, language)
    made = await asyncio.to_thread(make, spoken.wav)
    assert spoken.engine == "espeak-ng"
    assert 1.0 < made.seconds < 8.0


async def test_a_text_that_looks_like_an_option_is_said_all_the_same(espeak: str) -> None:
    assert len((await speak(Engines(espeak=espeak), "--version -q", "en")).wav) > 10_000


@pytest.mark.parametrize(
    ("text", "language", "sentence"),
    [(" \n ", "en", "Write the text"), ("a" * 2_001, "en", "2,000 letters"), ("hallo", "de", "No engine speaks")],
)
async def test_what_can_not_be_said_is_refused_before_an_engine_starts(text: str, language: str, sentence: str) -> None:
    with pytest.raises(CannotSpeak, match=sentence):
        await speak(Engines(espeak="/nonexistent"), text, language)


async def test_a_missing_engine_is_told_with_what_to_do() -> None:
    with pytest.raises(CannotSpeak, match="Install Debian's package espeak-ng"):
        await speak(Engines(espeak="/nonexistent/espeak-ng"), "hello", "en")


async def test_an_engine_that_hangs_is_ended_at_the_deadline(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(CannotSpeak, match="too long"):
        await speak(Engines(espeak=program(tmp_path, "exec sleep 60")), "hello", "en", timeout=0.3)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("script", ["exit 3", "kill -9 $$"])
async def test_an_engine_that_fails_is_told(tmp_path: Path, script: str) -> None:
    with pytest.raises(CannotSpeak, match="failed"):
        await speak(Engines(espeak=program(tmp_path, script)), "hello", "en")


async def test_piper_speaks_the_languages_it_has_a_voice_for(tmp_path: Path, espeak: str) -> None:
    (tmp_path / "fa_IR-one-medium.onnx").touch()
    # the words after --output_file, then what came by standard input
    piper = program(tmp_path, 'printf "%s " "$1" "$2" "$3" > "$4"; cat >> "$4"')
    engines = Engines(espeak=espeak, piper=piper, voices=str(tmp_path))
    spoken = await speak(engines, "سلام", "fa")
    assert spoken.engine == "piper"
    assert spoken.wav.decode() == f"--model {tmp_path}/fa_IR-one-medium.onnx --output_file سلام\n"
    assert (await speak(engines, "hello", "en")).engine == "espeak-ng"
    with pytest.raises(CannotSpeak, match=r"prompts\.piper"):
        await speak(Engines(piper="/nonexistent", voices=str(tmp_path)), "سلام", "fa")
    with pytest.raises(CannotSpeak, match="made no sound"):
        await speak(Engines(piper=program(tmp_path, "exit 0"), voices=str(tmp_path)), "سلام", "fa")
