"""The sound of a few past calls, put together from what the demo's voices said, so that there is something to hear."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import soundfile
import structlog
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.demo.dialogues import Line
from cxcall.demo.listening import KEPT_DAYS
from cxcall.demo.phone.sound import RATE, decode
from cxcall.demo.voices import Voices
from cxcall.settings import Settings
from cxcall.speech.transcript import Turn
from cxcall.store import recordings, transcript_pages, turns
from cxcall.store.engine import open_engine
from cxcall.store.recordings import NewRecording
from cxcall.store.transcript_pages import TranscriptFilter
from cxcall.store.transcripts import Transcript

log = structlog.get_logger(__name__)

CALLS = 12
_AMONG = 400
"""The newest English talks that are looked at for some of which every word has a sound."""

_PCM = np.array([decode(byte) for byte in range(256)], np.int16)


async def record(settings: Settings, voices: Voices) -> None:
    """Give the newest past calls that can have one a recording, CALLS at most; none while there is one already."""
    engine = open_engine(settings.database_url)
    try:
        for transcript, said in await _silent(engine, voices):
            await _record(engine, settings, transcript, said, voices)
    except OSError as error:
        log.warning("past calls of the demo have no sound", why=str(error))
    finally:
        await engine.dispose()


async def _silent(engine: AsyncEngine, voices: Voices) -> list[tuple[Transcript, list[Turn]]]:
    """Talks that all can be heard of and that have no sound."""
    wanted = TranscriptFilter(kind="call", language="en", state="done")
    found: list[tuple[Transcript, list[Turn]]] = []
    async with engine.connect() as conn:
        page = await transcript_pages.page(conn, wanted, limit=_AMONG)
        old = [one for one in page.rows if not one.engine and one.call_id]
        if await recordings.of_calls(conn, [str(one.call_id) for one in old]):
            return []
        for transcript in old:
            said = [each.turn for each in await turns.of_transcript(conn, transcript.id)]
            if said and all(_sound(voices, turn) for turn in said):
                found.append((transcript, said))
            if len(found) == CALLS:
                break
    return found


async def _record(
    engine: AsyncEngine, settings: Settings, transcript: Transcript, said: Sequence[Turn], voices: Voices
) -> None:
    seconds = max(turn.end for turn in said) + 1.0
    name = f"{transcript.began_at.astimezone(UTC):%Y-%m}/{transcript.id}.flac"
    file = settings.data_dir.absolute() / "recordings" / name
    size = await asyncio.to_thread(_write, file, seconds, said, voices)
    now = datetime.now(UTC)
    new = NewRecording(
        server=transcript.server, name=f"{transcript.server}@past@{transcript.id}", began_at=transcript.began_at,
        call_id=transcript.call_id, consent="not_needed",
    )  # fmt: skip
    async with engine.begin() as conn:
        begun = await recordings.begin(conn, new, now=now)
        await recordings.change(
            conn, begun.id, now=now, state="kept", file=name, seconds=seconds, channels=2, bytes=size,
            keep_until=transcript.began_at + timedelta(days=KEPT_DAYS),
        )  # fmt: skip


def _write(file: Path, seconds: float, said: Sequence[Turn], voices: Voices) -> int:
    """Write the customer on the left and the agent on the right; the bytes of it. For a thread."""
    sound: NDArray[np.int16] = np.zeros((round(seconds * RATE), 2), np.int16)
    for turn in said:
        first = round(turn.start * RATE)
        line = _PCM[np.frombuffer(_sound(voices, turn) or b"", np.uint8)][: len(sound) - first]
        sound[first : first + len(line), 1 if turn.speaker == "agent" else 0] = line
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.part")
    soundfile.write(draft, sound, RATE, "PCM_16", format="FLAC")
    draft.replace(file)
    return file.stat().st_size


def _sound(voices: Voices, turn: Turn) -> bytes | None:
    return voices.of(Line(by="agent" if turn.speaker == "agent" else "customer", text=turn.text))
