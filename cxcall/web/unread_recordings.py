"""Recordings whose text is on its way, or could not be made: nobody knows yet which numbers are said in them.

Who may not know hidden numbers hears them when they have been read, and not before (docs/decisions/0225).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import speech_jobs, transcripts
from cxcall.store.recordings import Recording
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import Transcript
from cxcall.web.words import N_

UnhiddenFor = Literal["admin", "supervisor", "nobody"]
Unread = Literal["", "being_read", "not_read"]
"""Whether a call's recordings can be given with silence: yes (or nobody ever wanted a text), not yet, not at all."""

BEING_READ = N_(
    "The recording can be heard once it has been written down: only then is known which numbers to leave out."
)
NOT_READ: Mapping[UnhiddenFor, str] = {
    "admin": N_(
        "The recording could not be written down, so nobody knows which numbers to leave out: only administrators can"
        " hear it."
    ),
    "supervisor": N_(
        "The recording could not be written down, so nobody knows which numbers to leave out: only supervisors and"
        " administrators can hear it."
    ),
    "nobody": N_(
        "The recording could not be written down, so nobody knows which numbers to leave out: it can be heard once it"
        " has been."
    ),
}
"""By the setting recordings.unhidden_for."""


class NotRead(Exception):
    """The sound is not given to this person; the text is a sentence in English, a key of the catalogues."""

    def __init__(self, why: Unread, settings: Settings) -> None:
        super().__init__(sentence(why, settings.recordings.unhidden_for))
        self.why = why


def sentence(why: Unread, unhidden_for: UnhiddenFor) -> str:
    """What those are told who may not hear the recording; a key, empty when they may."""
    return {"": "", "being_read": BEING_READ, "not_read": NOT_READ[unhidden_for]}[why]


async def unread(conn: AsyncConnection, call_id: str, kept: Iterable[Recording]) -> Unread:
    """How far the recordings `kept` of a call are read."""
    found = [await speech_jobs.of_subject(conn, "recording", one.id) for one in kept]
    return judged(await transcripts.of_call(conn, call_id), [job for job in found if job is not None])


def judged(transcript: Transcript | None, jobs: Iterable[Job]) -> Unread:
    """By the transcript of the call and the jobs of its recordings. No text and no job: nobody asked for one."""
    jobs = list(jobs)
    if any(job.state in ("waiting", "running") for job in jobs):
        return "being_read"
    if transcript is None:
        return "not_read" if jobs else ""
    if transcript.state in ("live", "waiting", "running"):
        return "being_read"
    return "" if transcript.state == "done" else "not_read"
