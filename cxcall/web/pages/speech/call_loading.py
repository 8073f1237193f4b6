"""What is kept of a call's talk, read in one go for its page and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.speech.category import Category
from cxcall.speech.listening import Listening
from cxcall.store import (
    categories,
    customers,
    recordings,
    speech_jobs,
    speech_settings,
    transcripts,
    turns,
    understood,
    users,
)
from cxcall.store.recordings import Recording
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import Transcript
from cxcall.store.turns import Said
from cxcall.store.understood import Found
from cxcall.web.pages.call_view import caller_name
from cxcall.web.unread_recordings import Unread, unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`recordings`: also deleted ones, the longest that can be heard first; `job`: what is done with the longest.

    `unread`: how far they are written down. `correctors`: names to be shown of those who corrected turns, by login
    name; `customer`: of the person outside, empty when it is not known."""

    record: CallRecord
    transcript: Transcript | None
    said: Sequence[Said]
    found: Sequence[Found]
    required: Mapping[str, bool]
    categories: Mapping[str, Category]
    recordings: Sequence[Recording]
    job: Job | None
    unread: Unread
    listening: Listening | None
    correctors: Mapping[str, str]
    customer: str

    @property
    def sound(self) -> Recording | None:
        """The recording that is heard on the page."""
        return next((one for one in self.recordings if one.state == "kept"), None)


async def load(conn: AsyncConnection, record: CallRecord) -> Kept:
    """Everything about what was said in the call."""
    transcript = await transcripts.of_call(conn, record.id)
    found = await recordings.of_call(conn, record.id, deleted=True)
    found.sort(key=lambda one: (one.state != "kept", -one.seconds))
    heard = [one for one in found if one.state == "kept"]
    kept = next(iter(heard), None)
    named = {one.id: one.category for one in await categories.everything(conn)} if transcript else {}
    queue = next((visit.queue for visit in reversed(record.queue_visits)), "")
    rules = await speech_settings.of(conn, record.server, queue)
    customer_id = record.caller.customer_id
    customer = await customers.get(conn, customer_id) if customer_id else None
    said = await turns.of_transcript(conn, transcript.id) if transcript else []
    return Kept(
        record=record,
        transcript=transcript,
        said=said,
        found=await understood.found(conn, transcript.id) if transcript else (),
        required=await understood.required(conn, transcript.id) if transcript else {},
        categories=named,
        recordings=found,
        job=await speech_jobs.of_subject(conn, "recording", kept.id) if kept else None,
        unread=await unread(conn, record.id, heard),
        listening=rules.listening if rules else None,
        correctors=await _names(conn, {one.corrected_by for one in said if one.corrected_by}),
        customer=caller_name(record, customer.profile.name if customer else None),
    )


async def _names(conn: AsyncConnection, logins: set[str]) -> dict[str, str]:
    found = [await users.by_name(conn, login) for login in sorted(logins)]
    return {user.name: user.display_name or user.name for user in found if user is not None}
