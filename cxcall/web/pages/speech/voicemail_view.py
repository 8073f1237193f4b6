"""A message from a mailbox as the pages show it: whose it is, whether it may be heard, how far its text is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import customers, speech_jobs, transcripts, turns, voicemail_files, voicemails
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import Transcript
from cxcall.store.turns import Said
from cxcall.store.voicemail_files import Message
from cxcall.web import comment_sound
from cxcall.web.access import SignedIn
from cxcall.web.pages import listener_words
from cxcall.web.pages.speech.running_words import STATES
from cxcall.web.pages.speech.search_view import VOICEMAIL
from cxcall.web.pages.speech.uploads import Line, line_of
from cxcall.web.pages.voice_view import CommentLine
from cxcall.web.rights import knows_hidden
from cxcall.web.unread_recordings import judged, sentence
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far its text is. `state`: word, colour and icon; `progress` 0…1."""

    state: tuple[str, str, str]
    going_on: bool
    progress: float
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message. `player`: its sound, None when the reader may not hear it (`silent` says why); `who`: the customer's
    or the caller's name."""

    message: Message
    url: str
    who: str
    customer_id: str | None
    call_id: str | None
    player: CommentLine | None
    silent: str
    row: Progress
    lines: Sequence[Line]
    model: str
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What there is of a message."""

    message: Message
    transcript: Transcript | None
    job: Job | None
    said: Sequence[Said]


async def load(conn: AsyncConnection, settings: Settings, message_id: str) -> Kept | None:
    """A message with its text and the work on it; None when its owner deleted it."""
    message = await asyncio.to_thread(voicemail_files.read, settings, message_id)
    if message is None:
        return None
    transcript = await transcripts.of_subject(conn, "voicemail", message_id)
    return Kept(
        message=message,
        transcript=transcript,
        job=await speech_jobs.of_subject(conn, "voicemail", message_id),
        said=await turns.of_transcript(conn, transcript.id) if transcript else (),
    )


def silent_for(settings: Settings, user: SignedIn, kept: Kept) -> str:
    """Why `user` may not hear it: while nobody knows which numbers are said in it. Empty when they may."""
    if knows_hidden(settings, user):
        return ""
    unread = judged(kept.transcript, [kept.job] if kept.job else []) or ("" if kept.transcript else "being_read")
    return _(sentence(unread, settings.recordings.unhidden_for)) if unread else ""


async def of_call(conn: AsyncConnection, settings: Settings, user: SignedIn, call_id: str) -> list[MessageView]:
    """The messages that were left in a call, for those who hear messages."""
    left = await voicemails.of_call(conn, call_id) if user.oversees else []
    found = [await load(conn, settings, transcript.subject) for transcript in left]
    return [await view_of(conn, settings, user, kept) for kept in found if kept is not None]


async def view_of(conn: AsyncConnection, settings: Settings, user: SignedIn, kept: Kept) -> MessageView:
    """The message as `user` may have it."""
    message, transcript = kept.message, kept.transcript
    customer = await customers.get(conn, transcript.customer_id) if transcript and transcript.customer_id else None
    (bars,) = await comment_sound.shapes_of([voicemail_files.sound_of(settings, message.id)])
    silent = silent_for(settings, user, kept)
    player = CommentLine(
        id=message.id, url=f"{VOICEMAIL}/{message.id}/sound", seconds=message.seconds, at=message.at, bars=bars,
        text=None, why="",
    )  # fmt: skip
    return MessageView(
        message=message,
        url=f"{VOICEMAIL}/{message.id}",
        who=customer.profile.name if customer else message.name,
        customer_id=customer.id if customer else None,
        call_id=transcript.call_id if transcript else None,
        player=None if silent else player,
        silent=silent,
        row=_progress(transcript, kept.job),
        lines=[line_of(one) for one in kept.said],
        model=f"{transcript.engine} {transcript.model}".strip() if transcript else "",
        confidence=transcript.confidence if transcript else None,
    )


def _progress(transcript: Transcript | None, job: Job | None) -> Progress:
    going_on = job is not None and job.state in ("waiting", "running")
    state = job.state if job and going_on else transcript.state if transcript else job.state if job else "waiting"
    return Progress(
        state=STATES[state],
        going_on=going_on,
        progress=job.progress if job else 0.0,
        problem=listener_words.said((job.problem if job else "") or (transcript.problem if transcript else "")),
    )
