"""A call that was recorded and written down: made-up turns, and a recording in which each speaker is a tone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from cxcall.calls.record import CallRecord
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.stream import RATE
from cxcall.speech.transcript import Speaker, Turn, Word
from cxcall.speech.understanding import understand
from cxcall.store import categories, recordings, transcripts, turns, understood
from cxcall.store.recordings import NewRecording
from cxcall.store.transcripts import NewTranscript, Unheard
from cxcall.store.turns import NewTurn
from cxcall.web.corrections import holds_of, outcome_of
from tests.support.call_centre import MARYAM, SARA, SERVER, CallCentre, answered, ended, held, ringing

CARD = "4111 1111 1111 1111"
Line = tuple[Speaker, float, float, str]
LINES: tuple[Line, ...] = (
    ("customer", 2.0, 4.0, "Hello. I called last week as well. My card was charged twice for this month."),
    ("agent", 4.5, 6.5, "Good morning, I am sorry about that. I can see both payments here."),
    ("customer", 7.0, 10.0, "Nobody called me back. This is terrible and I am thinking of leaving."),
    ("agent", 10.5, 12.0, "You are right to be upset. Your refund is waiting for one approval."),
    ("customer", 12.5, 16.5, f"My card number is {CARD}. Please use the same one."),
    ("agent", 17.0, 18.0, "Of course. May I put you on hold for a minute?"),
    ("agent", 30.0, 32.0, "Your refund is approved now. You will have it by tomorrow noon."),
    ("customer", 33.0, 36.0, "Oh, that is wonderful, thank you very much, you solved it perfectly."),
)
FA_LINES: tuple[Line, ...] = (
    ("customer", 2.0, 4.0, "سلام. هفتهٔ پیش هم تماس گرفتم. این ماه دو بار از کارتم پول کم شده است."),
    ("agent", 4.5, 6.5, "سلام، روز بخیر. متأسفم. هر دو پرداخت را می‌بینم."),
    ("customer", 7.0, 10.0, "هیچ‌کس با من تماس نگرفت. خیلی بد است و می‌خواهم بروم."),
    ("agent", 10.5, 12.0, "حق با شماست. بازپرداخت منتظر یک تأیید است."),
    ("customer", 12.5, 16.5, f"شمارهٔ کارت من {CARD} است. لطفاً به همان کارت برگردانید."),
    ("agent", 17.0, 18.0, "حتماً. چند لحظه پشت خط می‌مانید؟"),
    ("agent", 30.0, 32.0, "بازپرداخت تأیید شد. تا فردا ظهر به حسابتان می‌رسد."),
    ("customer", 33.0, 36.0, "عالی است، خیلی ممنونم، مشکلم حل شد."),
)
HOLD = (19.0, 29.0)
SECONDS = 38.0
CATEGORIES = (
    Category(id="refund", name={"en": "Refund", "fa": "بازپرداخت"},
             rules=(Rule(says=Term(phrases=("refund", "بازپرداخت"))),)),
    Category(id="leaving", name={"en": "Churn risk", "fa": "خطر رفتن"}, kind="signal", tone="bad",
             rules=(Rule(says=Term(phrases=("nobody called", "thinking of leaving", "می‌خواهم بروم"))),)),
    Category(id="approved", name={"en": "Refund approved", "fa": "تأیید بازپرداخت"}, kind="signal", tone="good",
             rules=(Rule(says=Term(phrases=("approved now", "تأیید شد"))),)),
    Category(id="greeting", name={"en": "Greeting", "fa": "سلام"}, kind="required", where="opening",
             rules=(Rule(says=Term(phrases=("good morning", "سلام"), speaker="agent")),)),
    Category(id="closing", name={"en": "Anything else?", "fa": "پرسش پایانی"}, kind="required", where="closing",
             rules=(Rule(says=Term(phrases=("anything else", "کار دیگری"), speaker="agent")),)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStage:
    """`transcript` and `recording` are ids; empty where there is none."""

    record: CallRecord
    transcript: str
    recording: str
    file: Path

    @property
    def path(self) -> str:
        return f"/calls/{self.record.id}"


def spoken_call(centre: CallCentre, *, name: str | None = "Maryam Hosseini", minutes: float = 30) -> CallRecord:
    """A call of so many minutes ago that Sara answered, held as HOLD says and ended after SECONDS."""
    start = centre.ago(minutes=minutes)
    call = answered(ringing(MARYAM, start, name=name), start + timedelta(seconds=45))
    talk = start + timedelta(seconds=45)
    call = held(call, talk + timedelta(seconds=HOLD[0]), talk + timedelta(seconds=HOLD[1]))
    return ended(call, talk + timedelta(seconds=SECONDS))


def turns_of(lines: Sequence[Line]) -> list[Turn]:
    """Turns with a word every equal share of their time."""
    made = []
    for n, (speaker, start, end, text) in enumerate(lines, 1):
        parts = text.split()
        step = (end - start) / len(parts)
        words = tuple(
            Word(word=word, start=start + i * step, end=start + (i + 1) * step, confidence=0.9)
            for i, word in enumerate(parts)
        )
        made.append(
            Turn(
                n=n, speaker=speaker, start=start, end=end, text=text, confidence=0.94, words=words,
                agent=SARA if speaker == "agent" else "",
            )
        )  # fmt: skip
    return made


def tones(path: Path, turns: Sequence[Turn], seconds: float = SECONDS) -> None:
    """A FLAC file: left a tone while the customer speaks, right another while the agent does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.zeros((int(seconds * RATE), 2), np.float32)
    for turn in turns:
        first, last = int(turn.start * RATE), int(turn.end * RATE)
        at = np.arange(last - first) / RATE
        loud = 0.25 + 0.2 * np.sin(2 * np.pi * 1.7 * at)
        left = turn.speaker == "customer"
        samples[first:last, 0 if left else 1] = loud * np.sin(2 * np.pi * (440 if left else 300) * at)
    soundfile.write(path, samples, RATE, format="FLAC", subtype="PCM_16")


async def talk_stage(
    centre: CallCentre,
    *,
    record: CallRecord | None = None,
    lines: Sequence[Line] = LINES,
    language: str = "en",
    sound: bool = True,
    text: bool = True,
    gaps: Sequence[Unheard] = (),
    **transcript: Any,
) -> TalkStage:
    """Keep a call with what was said in it, understood as after a call."""
    call = record or spoken_call(centre)
    await centre.tell(call)
    began, said = call.answered_at or call.started_at or centre.now, turns_of(lines)
    file = centre.folder / "recordings" / f"{call.id}.flac"
    recording_id = transcript_id = ""
    async with centre.engine.begin() as conn:
        await categories.seed(conn, CATEGORIES, now=centre.now)
        if sound:
            tones(file, said)
            new = NewRecording(server=SERVER, name=call.id, began_at=began, call_id=call.id)
            recording_id = (await recordings.begin(conn, new, now=centre.now)).id
            await recordings.change(
                conn, recording_id, now=centre.now, state="kept", file=file.name, seconds=SECONDS, channels=2,
                bytes=file.stat().st_size,
            )  # fmt: skip
        if text:
            made = NewTranscript(
                kind="call", subject=call.id, began_at=began, state="done", source="recording", server=SERVER,
                queue="billing", agent=SARA, agent_name="Sara Karimi", language=language, engine="whisper",
                ended_at=call.ended_at, **transcript,
            )  # fmt: skip
            transcript_id = (await transcripts.begin(conn, made, now=centre.now)).id
            await turns.put(conn, transcript_id, [NewTurn(turn=turn) for turn in said])
            if gaps:
                await transcripts.change(conn, transcript_id, now=centre.now, gaps=tuple(gaps))
            found = understand(
                said, language=language, catalogue=Catalogue(CATEGORIES), queue="billing",
                holds=holds_of(call, began), began=0.0, end=SECONDS,
            )  # fmt: skip
            await understood.keep(conn, transcript_id, outcome_of(found), now=centre.now)
            await transcripts.finish(conn, transcript_id, now=centre.now)
    return TalkStage(record=call, transcript=transcript_id, recording=recording_id, file=file)
