"""`/calls/{id}/notes`: what people wrote about a call, one note each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from cxcall.store import notes, users
from cxcall.store.notes import LONGEST, CallNote, NoteConflict
from cxcall.web.api.calls import found_call
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time, plain
from cxcall.web.problems import Problem


class NoteText(msgspec.Struct, frozen=True, kw_only=True):
    """One's own note as it shall be. `version` is the one it was changed from, 0 for the first; empty removes it."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST)]
    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What `author` (user id) wrote; `author_name` is null when that user is gone."""

    author: str
    author_name: str | None
    text: str
    version: int
    saved_at: Time


class NoteList(msgspec.Struct, frozen=True, kw_only=True):
    """Notes on a call, oldest first; `next` is null on the last page."""

    items: list[Note]
    next: str | None


async def list_call_notes(asked: Asked[PageQuery, None]) -> NoteList:
    call = await found_call(asked)
    async with asked.engine.connect() as conn:
        found = await notes.of_call(conn, call.id)
        names = {user.id: user.display_name for user in await users.everyone(conn)} if found else {}
    shown, following = part(found, asked.query, lambda note: note.author)
    return NoteList(items=[_shown(note, names) for note in shown], next=following)


async def save_call_note(asked: Asked[None, NoteText]) -> Note:
    """Saving the same text again changes nothing, so a request may be repeated.

    409 when the note was changed elsewhere since `version`; `theirs` is the note as it is now.
    """
    call = await found_call(asked)
    names = {asked.who.id: asked.who.shown_name}
    try:
        async with asked.engine.begin() as conn:
            saved = await notes.save(conn, call.id, asked.who.id, asked.body.text, version=asked.body.version)
    except NoteConflict as conflict:
        theirs = plain(_shown(conflict.theirs, names))
        raise Problem(409, "The note was changed elsewhere; `theirs` is newer.", theirs=theirs) from conflict
    return _shown(saved, names)


def _shown(note: CallNote, names: Mapping[str, str]) -> Note:
    return Note(
        author=note.author,
        author_name=names.get(note.author),
        text=note.text,
        version=note.version,
        saved_at=note.saved_at,
    )


ENDPOINTS = (
    Endpoint(
        method="GET", path="/calls/{id}/notes", handler=list_call_notes, summary="Notes on a call", tag="calls",
        scope=Scope.CALLS_READ, query=PageQuery, gives=NoteList,
    ),
    Endpoint(
        method="PUT", path="/calls/{id}/notes", handler=save_call_note, summary="Save one's own note on a call",
        tag="calls", scope=Scope.CALLS_WRITE, body=NoteText, gives=Note, problems=(409,),
    ),
)  # fmt: skip
