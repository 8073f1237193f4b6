"""A message in a mailbox becomes text by itself, with whoever left it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile

from cxcall.media.voicemail import Mailboxes
from cxcall.settings import Ami, Data, Settings, Voicemail
from cxcall.speech.stream import RATE
from cxcall.store import transcripts, turns
from cxcall.store.engine import open_engine
from tests.speech.hearing import speech
from tests.support import spoken
from tests.support.schema import new_database
from tests.support.spoken import word_errors
from tests.unit.media.mailbox import BEGAN, Mailbox


async def test_a_message_is_written_down_with_its_moment_and_its_number(tmp_path: Path) -> None:
    database = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    box, said = Mailbox(tmp_path / "spool"), spoken.prompt("demo-nomatch")
    file = box.leave(ending="")
    sound = np.concatenate((spoken.samples(said), np.zeros(RATE, np.int16)))
    soundfile.write(file.with_suffix(".WAV"), sound, RATE, subtype="GSM610", format="WAV")
    box.rest(file)
    settings = Settings(data=Data(dir=str(tmp_path)), voicemail=Voicemail(dir=str(box.folder)), ami=(Ami(name="lab"),))
    async with speech(tmp_path, database) as heard:
        mailboxes = Mailboxes(settings=settings, engine=database, bus=heard.bus)
        assert await mailboxes.look() == 1
        async with asyncio.timeout(60):
            while True:
                async with database.connect() as conn:
                    text = await transcripts.of_subject(conn, "voicemail", "1795000000-00000001")
                    if text is not None and text.state == "done":
                        (turn,) = await turns.of_transcript(conn, text.id)
                        break
                await asyncio.sleep(0.1)
    await database.dispose()
    assert (text.number, text.began_at) == ("+989123456789", datetime.fromtimestamp(BEGAN, UTC))
    assert turn.speaker == "customer"
    assert word_errors(said.text, turn.text)[0] <= 2
