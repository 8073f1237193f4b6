"""Notes on a call and its raw events over HTTP."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cxcall.calls.record import CallRecord
from tests.store import make
from tests.web.api.conftest import Client, Site

CALL = make.queue_call(1)
PATH = f"/calls/{CALL.id}/notes"


@pytest.fixture
async def call(site: Site) -> CallRecord:
    await site.store(CALL)
    return CALL


async def test_everyone_has_one_note_a_call_and_sees_all(call: CallRecord, supervisor: Client, sara: Client) -> None:
    first = await sara.put(PATH, json={"text": "مشتری ناراضی بود", "version": 0})
    assert (first.status, first.json["version"], first.json["author_name"]) == (200, 1, "Sara")
    await supervisor.put(PATH, json={"text": "Called back", "version": 0})
    second = await sara.put(PATH, json={"text": "مشتری راضی شد", "version": 1})
    assert second.json["version"] == 2
    listed = (await supervisor.get(PATH)).json
    assert {note["author_name"]: note["text"] for note in listed["items"]} == {
        "Sara": "مشتری راضی شد",
        "Boss": "Called back",
    }
    assert listed["next"] is None


async def test_saving_the_same_again_changes_nothing(call: CallRecord, sara: Client) -> None:
    first = await sara.put(PATH, json={"text": "a", "version": 0})
    again = await sara.put(PATH, json={"text": "a", "version": 0})
    assert again.json == first.json


async def test_a_note_changed_elsewhere_is_409_with_the_other_text(call: CallRecord, sara: Client) -> None:
    await sara.put(PATH, json={"text": "a", "version": 0})
    answer = await sara.put(PATH, json={"text": "b", "version": 0})
    assert (answer.status, answer.kind, answer.json["theirs"]["text"]) == (409, "application/problem+json", "a")


async def test_an_empty_text_removes_the_note(call: CallRecord, sara: Client) -> None:
    await sara.put(PATH, json={"text": "a", "version": 0})
    assert (await sara.put(PATH, json={"text": "", "version": 1})).status == 200
    assert (await sara.get(PATH)).json["items"] == []


async def test_notes_on_a_call_that_one_may_not_see_are_404(call: CallRecord, site: Site) -> None:
    stranger = await site.by_token(await site.user("ali", "agent", "PJSIP/1009"))
    assert (await stranger.get(PATH)).status == 404
    assert (await stranger.put(PATH, json={"text": "a", "version": 0})).status == 404
    assert (await stranger.get("/calls/none/notes")).status == 404


async def test_raw_events_are_read_from_the_journal_for_administrators(
    call: CallRecord, site: Site, admin: Client, supervisor: Client
) -> None:
    path = f"/calls/{call.id}/events"
    assert (await admin.get(path)).status == 404
    _journal(site, call)
    first = (await admin.get(f"{path}?limit=2")).json
    assert first["items"][0]["n"] == 1
    assert ["Event", "Newchannel"] in first["items"][0]["headers"]
    rest = (await admin.get(f"{path}?after={first['next']}")).json
    assert ["Event", "Hangup"] in rest["items"][-1]["headers"]
    assert rest["next"] is None
    assert (await supervisor.get(path)).status == 403


def _journal(site: Site, call: CallRecord) -> None:
    """A segment with the call's events among another call's."""
    assert call.started_at is not None
    assert call.ended_at is not None
    folder = Path(site.settings.data.dir) / "journal" / call.server
    folder.mkdir(parents=True)
    began, ended = call.started_at.timestamp(), call.ended_at.timestamp()
    unique = call.legs[0].unique_id
    text = "".join(
        f"Event: {name}\r\nTimestamp: {at:.6f}\r\nUniqueid: {of}\r\n\r\n"
        for name, at, of in (
            ("Newchannel", began, unique),
            ("Newchannel", began, "1.1"),
            ("Newstate", began + 1, unique),
            ("Hangup", ended, unique),
        )
    )
    segment = folder / "00000000000000000000.ami"
    segment.write_bytes(text.encode())
    os.utime(segment, (ended, ended))
