"""A voice message that is kept: its sound a tone while somebody speaks, its text with a card number."""

from __future__ import annotations

import soundfile

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.stream import RATE
from cxcall.speech.understanding import understand
from cxcall.store import speech_jobs, transcripts, turns, understood, voicemail_files
from cxcall.store.transcripts import NewTranscript
from cxcall.store.turns import NewTurn
from cxcall.store.voicemail_files import Message
from cxcall.web.corrections import outcome_of
from cxcall.web.keys import SETTINGS
from tests.support.call_centre import SERVER, CallCentre
from tests.support.talk_stage import CARD, Line, tones, turns_of

ID = "1795000000-00000001"
PAGE, SOUND = f"/speech/voicemail/{ID}", f"/speech/voicemail/{ID}/sound"
LINES: tuple[Line, ...] = (
    ("customer", 0.5, 3.0, "Hello, please call me back about my parcel."),
    ("customer", 3.5, 7.5, f"My card number is {CARD}. Thank you very much."),
)


async def leave(centre: CallCentre, *, text: bool = True, call_id: str | None = None) -> None:
    """A message in the mailbox 1001; `text`: it is written down, else its job waits."""
    settings, said = centre.app[SETTINGS], turns_of(LINES)
    message = Message(
        id=ID, mailbox="1001@default", at=centre.ago(minutes=9), seconds=8.0, number="+989123456789", name="Maryam H"
    )
    file = voicemail_files.sound_of(settings, ID)
    tones(file, said, 8.0)
    mono = soundfile.read(file)[0][:, 0]
    soundfile.write(file, mono, RATE, format="FLAC", subtype="PCM_16")
    voicemail_files.write(settings, message)
    async with centre.engine.begin() as conn:
        job = await speech_jobs.make(conn, "voicemail", ID, now=centre.now, language="en")
        if not text:
            return
        new = NewTranscript(
            kind="voicemail", subject=ID, began_at=message.at, state="running", source="file", call_id=call_id,
            server=SERVER, number=message.number, language="en", engine="whisper", model="tiny.en",
        )  # fmt: skip
        transcript = await transcripts.begin(conn, new, now=centre.now)
        await turns.put(conn, transcript.id, [NewTurn(turn=turn) for turn in said])
        found = understand(said, language="en", catalogue=Catalogue(()), began=0.0, end=8.0)
        await understood.keep(conn, transcript.id, outcome_of(found), now=centre.now)
        await transcripts.finish(conn, transcript.id, now=centre.now)
        taken = await speech_jobs.take(conn, now=centre.now)
        assert taken is not None
        assert taken.id == job.id
        await speech_jobs.done(conn, taken, now=centre.now)
