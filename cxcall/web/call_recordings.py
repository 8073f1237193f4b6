"""The recording of a call as a person may hear it: which file, what is silent in it, and that it is written down who
listened. Pages and API answer with the same."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.speech import redact
from cxcall.speech.peaks import Cut
from cxcall.speech.redact import Hidden
from cxcall.speech.transcript import Speaker, Turn
from cxcall.store import audit, recordings, transcripts, turns
from cxcall.store.recordings import Recording
from cxcall.store.transcripts import Transcript
from cxcall.store.turns import Said
from cxcall.web.access import SignedIn, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.presentation import current
from cxcall.web.recording_sound import Copies, path_of
from cxcall.web.rights import knows_hidden
from cxcall.web.unread_recordings import NotRead, unread

KEPT = "private, max-age=600"
"""How browsers keep a recording: it is somebody's voice, so no cache but the listener's own."""
MOST_OPENINGS = 10_000
_CHANNELS: dict[Speaker, tuple[int, ...]] = {"customer": (0,), "agent": (1,), "unknown": (0, 1)}
_EDGE_S = 3.0
_NO_SPEECH = frozenset({"held", "paused"})
"""Gaps of a transcript in which there was nothing to write down."""

COPIES = web.AppKey("recording_copies", Copies)


class Openings:
    """Which recordings were opened by whom: a player asks for one in many pieces, of which only the first is told."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def new(self, user_id: str, recording_id: str, opening: str) -> bool:
        """Whether this is the first piece; without an `opening` each request that begins at the beginning is one."""
        if not opening:
            return True
        key = (user_id, recording_id, opening)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > MOST_OPENINGS:
            self._seen.popitem(last=False)
        return True


OPENINGS = web.AppKey("recording_openings", Openings)


def setup(app: web.Application) -> None:
    """What the application remembers of recordings."""
    app[COPIES] = Copies()
    app[OPENINGS] = Openings()


async def heard_ones(conn: AsyncConnection, call_id: str) -> list[Recording]:
    """The recordings of a call that can be heard, the longest first."""
    found = await recordings.of_call(conn, call_id)
    return sorted((one for one in found if one.state == "kept"), key=lambda one: -one.seconds)


async def answer(
    request: web.Request, record: CallRecord, *, wanted: str = "", opening: str = "", download: bool = False
) -> web.StreamResponse:
    """The sound of the recording `wanted` (its id; empty: the longest), in pieces as asked for.

    Raises HTTPNotFound when there is none, NotRead, SoundGone, SoundLate. Whoever may not know
    hidden numbers gets silence in their place.
    """
    user = user_of(request)
    found, path, cuts = await _given(request, record, wanted)
    path = await request.app[COPIES].heard(path, cuts)
    if _begins(request) and request.app[OPENINGS].new(user.id, found.id, "" if download else opening):
        await _told(request, user, record, found, download=download, clear=not cuts)
    headers = {"Content-Type": "audio/flac", "Cache-Control": KEPT, "Vary": "Cookie"}
    if path.suffix.lower() != ".flac":
        headers.pop("Content-Type")
    if download:
        name = f"call-{current().local(found.began_at):%Y-%m-%d-%H%M%S}{path.suffix}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return web.FileResponse(path, headers=headers)


async def shape(request: web.Request, record: CallRecord, wanted: str = "") -> bytes:
    """The peaks of what `answer` gives to the same person, as JSON. Raises as it does."""
    _found, path, cuts = await _given(request, record, wanted)
    copies = request.app[COPIES]
    return await copies.shape(await copies.heard(path, cuts))


async def _given(request: web.Request, record: CallRecord, wanted: str) -> tuple[Recording, Path, Sequence[Cut]]:
    """The recording with this id, or the longest; its file; what the person who asks does not hear of it."""
    user, settings = user_of(request), request.app[SETTINGS]
    async with request.app[ENGINE].connect() as conn:
        kept = await heard_ones(conn, record.id)
        found = next((one for one in kept if wanted in ("", one.id)), None)
        path = path_of(settings, found.file) if found else None
        if found is None or path is None:
            raise web.HTTPNotFound
        if knows_hidden(settings, user):
            return found, path, ()
        if why := await unread(conn, record.id, kept):
            raise NotRead(why, settings)
        return found, path, await cuts_of(conn, record.id, found)


async def cuts_of(conn: AsyncConnection, call_id: str, recording: Recording) -> Sequence[Cut]:
    """What must be silent in the recording, by what is hidden in the transcript of its call."""
    transcript = await transcripts.of_call(conn, call_id)
    if transcript is None:
        return ()
    said = await turns.of_transcript(conn, transcript.id)
    return await asyncio.to_thread(cuts, transcript, said, recording, current().country)


def cuts(transcript: Transcript, said: Sequence[Said], recording: Recording, country: str) -> list[Cut]:
    """Where hidden pieces are heard, in seconds of the recording.

    Word times are the engine's, so they fit what it heard. Of a corrected turn that hides something all of it is
    silent, and so are the numbers the engine heard in it, whatever was made of them.
    """
    shift = (transcript.began_at - recording.began_at).total_seconds()
    before = _heard_hidden(transcript, said, country)
    found: list[Cut] = []
    for one in said:
        corrected = one.text != one.heard
        hidden = hidden_of(one)
        if corrected:
            spans = [*_spans(heard(one), before.get(one.n, ())), *([(one.start, one.end)] if hidden else [])]
        else:
            spans = _spans(one.turn, hidden)
        found += [
            Cut(channel=channel, start=max(0.0, start + shift), end=end + shift)
            for start, end in spans
            for channel in _CHANNELS[one.speaker]
            if end + shift > 0
        ]
    unread = unread_spans(transcript, recording)
    return found + [Cut(channel=channel, start=start, end=end) for start, end in unread for channel in (0, 1)]


def unread_spans(transcript: Transcript, recording: Recording) -> list[tuple[float, float]]:
    """What nobody wrote down of the recording, in its seconds: what numbers are said there is not known.

    Before somebody asked for live text, after its end, and its gaps. A few seconds at either end are no such part.
    """
    shift = (transcript.began_at - recording.began_at).total_seconds()
    spans = [(gap.since + shift, gap.until + shift) for gap in transcript.gaps if gap.why not in _NO_SPEECH]
    if shift > _EDGE_S:
        spans.append((0.0, shift))
    ended = (transcript.ended_at - recording.began_at).total_seconds() if transcript.ended_at else recording.seconds
    if recording.seconds - ended > _EDGE_S:
        spans.append((max(0.0, ended), recording.seconds))
    return sorted((max(0.0, start), end) for start, end in spans if end > 0)


def hidden_of(said: Said) -> tuple[Hidden, ...]:
    """The hidden pieces of a turn's text."""
    return tuple(
        msgspec.convert({"start": start, "end": end, "kind": kind}, Hidden) for start, end, kind in said.hidden
    )


def heard(said: Said) -> Turn:
    """The turn as the engine heard it."""
    return Turn(n=said.n, speaker=said.speaker, start=said.start, end=said.end, text=said.heard, words=said.words)


def _heard_hidden(transcript: Transcript, said: Sequence[Said], country: str) -> dict[int, tuple[Hidden, ...]]:
    if all(one.text == one.heard for one in said):
        return {}
    return redact.find([heard(one) for one in said], transcript.language, country)


def _spans(turn: Turn, hidden: Iterable[Hidden]) -> list[tuple[float, float]]:
    hidden = tuple(hidden)
    return list(redact.seconds(turn, hidden)) if hidden else []


def _begins(request: web.Request) -> bool:
    """Whether the first piece is asked for."""
    asked = request.headers.get("Range", "")
    return not asked or asked.replace(" ", "").startswith("bytes=0-")


async def _told(
    request: web.Request, user: SignedIn, record: CallRecord, recording: Recording, *, download: bool, clear: bool
) -> None:
    async with request.app[ENGINE].begin() as conn:
        await audit.add(
            conn,
            actor=user.name,
            act="recording.downloaded" if download else "recording.listened",
            subject=f"call:{record.id}",
            details={"recording": recording.id, "silenced": not clear},
            address=address_of(request),
            at=current().now,
        )
