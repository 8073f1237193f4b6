"""Many transcripts, of the size at which a missing index shows: a year of talks in English and Persian."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.speech.category import Hit
from cxcall.speech.transcript import Turn, Word
from cxcall.store import speech_seed
from cxcall.store.ids import new_id
from cxcall.store.speech_seed import PastTalk
from cxcall.store.speech_tables import recordings, speech_jobs
from cxcall.store.transcripts import NewTranscript, Transcript
from cxcall.store.turns import NewTurn

BEGAN = datetime(2025, 11, 22, tzinfo=UTC)
YEAR = timedelta(days=365)
AT_ONCE = 2000
TURNS = 10
WORDS = 12
CATEGORIES = tuple(f"category {n}" for n in range(12))

_ENGLISH = (
    "the you to i and a it is that for my your of on have we can not me this be will with so what are was do just"
    " please thank yes okay account number order refund bill card payment call back cancel service help problem"
    " delivery technician invoice internet router password address manager complaint waiting minutes again"
).split()
_PERSIAN = (
    "و من که به را شما است در این از سلام بله نه ممنون لطفا سفارش مبلغ کارت حساب شماره بازگشت وجه قبض سرویس اینترنت"
    " می\u200cخواهم نمی\u200cشود می\u200cکنم پشتیبانی تحویل مشکل فاکتور لغو اشتراک دقیقه منتظر دوباره مدیر شکایت"
    " آدرس کارشناس پرداخت\u200cها تماس"
).split()
_LETTERS = {"en": "bcdfghklmnprstvw", "fa": "بپتجخدرسشفکگلمن"}
_VOWELS = {"en": "aeiou", "fa": "اوی"}


def vocabulary(language: str, size: int = 8000) -> list[str]:
    """Words of a language, the frequent ones first; the rare ones are made up."""
    chance = random.Random(size)
    known = list(_ENGLISH if language == "en" else _PERSIAN)
    seen = set(known)
    while len(known) < size:
        syllables = chance.randrange(2, 5)
        word = "".join(chance.choice(_LETTERS[language]) + chance.choice(_VOWELS[language]) for _ in range(syllables))
        if word not in seen:
            seen.add(word)
            known.append(word)
    return known


def weights(size: int) -> list[float]:
    """Cumulative weights of words by rank, as in every language: the n-th word is said 1/n as often as the first."""
    return list(accumulate(1 / (rank + 3) for rank in range(size)))


def talks(n: int, *, turns: int = TURNS) -> Iterator[PastTalk]:
    """`n` talks over a year, the oldest first, a third of them in Persian."""
    chance = random.Random(11)
    words = {language: vocabulary(language) for language in ("en", "fa")}
    frequency = weights(8000)
    for i in range(n):
        language = "fa" if i % 3 == 0 else "en"
        said = chance.choices(words[language], cum_weights=frequency, k=turns * WORDS)
        yield _talk(i, BEGAN + YEAR * (i / n), language, [said[j::turns] for j in range(turns)], chance)


async def fill(engine: AsyncEngine, n: int, *, turns: int = TURNS) -> None:
    """Write `n` talks."""
    batch: list[PastTalk] = []
    for talk in talks(n, turns=turns):
        batch.append(talk)
        if len(batch) == AT_ONCE:
            await _write(engine, batch)
            batch = []
    await _write(engine, batch)


async def _write(engine: AsyncEngine, batch: Sequence[PastTalk]) -> None:
    async with engine.begin() as conn:
        made = await speech_seed.write(conn, batch)
        sounds = [_recording(transcript) for transcript in made[::10]]
        if sounds:
            await conn.execute(recordings.insert(), sounds)
            await conn.execute(speech_jobs.insert(), [_job(sound) for sound in sounds])


def _recording(transcript: Transcript) -> dict[str, Any]:
    return {
        "id": new_id(), "server": "lab", "name": transcript.subject, "call_id": transcript.subject, "unique_id": "1.1",
        "file": "", "sources": "[]", "state": "kept", "began_at": transcript.began_at, "seconds": 60.0, "channels": 2,
        "pauses": "[]", "consent": "", "by": "", "why": "", "bytes": 1, "peaks": "", "problem": "",
        "keep_until": transcript.began_at + YEAR, "updated_at": transcript.began_at,
    }  # fmt: skip


def _job(sound: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(), "kind": "recording", "subject": sound["id"], "transcript_id": None, "language": "en",
        "engine": "", "state": "waiting", "rank": 1, "tries": 0, "next_at": sound["began_at"], "progress": 0.0,
        "position": 0.0, "problem": "", "made_at": sound["began_at"], "lease_until": None, "ended_at": None,
    }  # fmt: skip


def _talk(i: int, at: datetime, language: str, said: Sequence[Sequence[str]], chance: random.Random) -> PastTalk:
    agent = f"PJSIP/{1001 + i % 40}"
    found = [
        Hit(category=category, n=1 + place, start=place * 5.0, quote=" ".join(said[place]))
        for place, category in enumerate(CATEGORIES[: len(said)])
        if chance.random() < 0.5 / (place + 1)
    ]
    return PastTalk(
        new=NewTranscript(
            kind="call", subject=f"lab-{i}.1", began_at=at, state="done", source="live", server="lab",
            queue=f"queue {i % 8}", agent=agent, agent_name="Agent", language=language, engine="vosk", model="m",
            ended_at=at + timedelta(seconds=5 * len(said)),
        ),
        turns=[
            NewTurn(turn=Turn(
                n=n + 1, speaker="agent" if n % 2 else "customer", start=n * 5.0, end=n * 5.0 + 4, text=" ".join(words),
                confidence=0.9, agent=agent if n % 2 else "", sentiment=None if n % 2 else 0.1,
                words=tuple(Word(word=word, start=n * 5 + place / 3, end=n * 5 + (place + 1) / 3, confidence=0.912)
                            for place, word in enumerate(words)),
            ))
            for n, words in enumerate(said)
        ],
        hits=found,
        said={"greeting": i % 5 > 0},
        sentiment=round(chance.uniform(-1, 1), 2),
        trend=0.1,
        figures={"talk": 50.0, "talk_share": 0.5, "silence": {"share": 0.1}},
    )  # fmt: skip
