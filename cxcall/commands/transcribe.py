"""`cxcall transcribe`: what is said in a recording, as text or JSON, with how it felt and who spoke how much."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.settings import Settings
from cxcall.speech.conversation import order
from cxcall.speech.engines import models
from cxcall.speech.engines.engine import Engine, EngineError
from cxcall.speech.engines.opening import open_engine
from cxcall.speech.engines.sound import Sound, SoundError, open_sound
from cxcall.speech.engines.transcribing import transcribe as steps
from cxcall.speech.figures import figures
from cxcall.speech.sentiment import felt, of_call
from cxcall.speech.transcript import Turn

_LANGUAGE = re.compile(r"[a-z]{2,3}")


class EngineName(StrEnum):
    vosk = "vosk"
    whisper = "whisper"


def register(app: typer.Typer) -> None:
    """Give the command line its `transcribe`."""
    app.command("transcribe")(transcribe)


def transcribe(
    ctx: typer.Context,
    audio: Annotated[Path, typer.Argument(help="WAV, MP3, M4A, Ogg, FLAC …; stereo: left customer, right agent.")],
    engine: Annotated[
        EngineName | None, typer.Option(help="What decodes; default: speech.engine, else what has the language.")
    ] = None,
    language: Annotated[
        str, typer.Option(help="What is spoken: fa, en …; default: speech.language, else the site's.")
    ] = "",
    model: Annotated[Path | None, typer.Option(help="The folder of a model, instead of an installed one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object with words, feelings and figures.")] = False,
) -> None:
    """Write down what is said in a recording. `cxcall speech models` shows what this machine understands."""
    settings = context_of(ctx).settings()
    try:
        with open_sound(audio) as sound:
            chosen = _chosen(settings, engine, language.strip().lower(), model)
            decoder = open_engine(chosen)
            turns, seconds = _decoded(sound, decoder, audio.name)
    except (SoundError, EngineError) as error:
        raise Failure(str(error), code=2) from error
    if not turns:
        typer.echo(f"Nobody speaks in {audio}, or not in the language {decoder.language}.", err=True)
    with suppress(AttributeError):
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a test's stdout may have none
    turns = felt(turns, decoder.language)
    if json:
        typer.echo(msgspec.json.encode(_told(turns, decoder, seconds)).decode())
    else:
        for turn in turns:
            typer.echo(f"[{int(turn.start) // 60:02}:{turn.start % 60:04.1f}] {turn.speaker}: {turn.text}")


def _chosen(settings: Settings, engine: EngineName | None, language: str, folder: Path | None) -> models.Model:
    """The model that was asked for, else the site's."""
    if language and not _LANGUAGE.fullmatch(language):
        raise Failure(f"{language!r} is no language. Write two or three letters, like fa or en.", code=2)
    if folder is not None:
        model = models.at(str(folder), language)
        if engine is not None and model.engine != engine.value:
            raise EngineError(f"The model in {folder} is one of {model.engine}, not of {engine.value}.")
        return model if model.language else msgspec.structs.replace(model, language=_usual(settings))
    found = models.find(settings.speech_models)
    language = language or _usual(settings)
    if engine is not None:
        return models.choose(found, language, engine.value)
    try:
        return models.choose(found, language, settings.speech.engine)
    except EngineError:
        return models.choose(found, language)


def _usual(settings: Settings) -> str:
    return settings.speech.language or settings.site.language


def _decoded(sound: Sound, engine: Engine, name: str) -> tuple[tuple[Turn, ...], float]:
    """All turns and the seconds of the file; progress on a terminal."""
    turns: list[Turn] = []
    read = 0.0
    talk = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(), console=talk, transient=True, disable=not talk.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(name, total=sound.seconds)
        for step in steps(sound, engine):
            turns += step.turns
            read = step.read
            bar.update(task, completed=read)
    return order(turns), read


def _told(turns: tuple[Turn, ...], engine: Engine, seconds: float) -> dict[str, Any]:
    """The object of `--json`."""
    return {
        "language": engine.language,
        "engine": engine.name,
        "model": engine.model,
        "duration": round(seconds, 3),
        "turns": [
            {
                "speaker": turn.speaker,
                "start": turn.start,
                "end": turn.end,
                "text": turn.text,
                "confidence": turn.confidence,
                "words": turn.words,
                "sentiment": turn.sentiment,
            }
            for turn in turns
        ],
        "metrics": _metrics(turns),
    }


def _metrics(turns: tuple[Turn, ...]) -> dict[str, Any]:
    """The figures of the talk by the names of METRICS.md."""
    talk, mood = figures(turns), of_call(turns)
    return {
        "talk_share": talk.talk_share,
        "silence": {
            "count": talk.silence.count,
            "longest": talk.silence.longest,
            "seconds": talk.silence.seconds,
            "share": talk.silence.share,
        },
        "overlap": {"count": talk.overlap.count, "seconds": talk.overlap.seconds},
        "interruptions": {"agent": talk.agent.interruptions, "customer": talk.customer.interruptions},
        "pace": {"agent": talk.agent.pace, "customer": talk.customer.pace},
        "sentiment": mood.score,
        "mood_trend": mood.trend,
        "mood": mood.word,
    }
