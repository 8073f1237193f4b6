"""Notes on a customer over HTTP."""

from __future__ import annotations

import pytest

from cxcall.bus import Message
from tests.web.api.conftest import Client, Site


@pytest.fixture
async def path(supervisor: Client) -> str:
    """Where the notes of a customer are."""
    made = await supervisor.post("/customers", json={"name": "Maryam", "numbers": ["09123456789"]})
    return f"/customers/{made.json['id']}/notes"


async def test_everyone_writes_notes_and_reads_all_newest_first(path: str, supervisor: Client, sara: Client) -> None:
    first = await sara.post(path, json={"text": "  فاکتور را پس گرفت\n"})
    assert (first.status, first.json["text"], first.json["author_name"]) == (201, "فاکتور را پس گرفت", "Sara")
    second = await supervisor.post(path, json={"text": "Called back"})
    listed = (await sara.get(path)).json
    assert [note["id"] for note in listed["items"]] == [second.json["id"], first.json["id"]]
    assert listed["items"][1] == first.json
    page = (await sara.get(f"{path}?limit=1")).json
    rest = (await sara.get(f"{path}?limit=1&after={page['next']}")).json
    assert [*page["items"], *rest["items"]] == listed["items"]
    assert rest["next"] is None


async def test_only_who_wrote_a_note_removes_it(path: str, sara: Client, omid: Client) -> None:
    note = f"{path}/{(await sara.post(path, json={'text': 'mine'})).json['id']}"
    assert (await omid.delete(note)).status == 404
    assert (await sara.delete(note)).status == 204
    assert (await sara.delete(note)).status == 404
    assert (await sara.get(path)).json["items"] == []


@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * 20_001])
async def test_a_note_without_words_or_too_long_is_422(path: str, sara: Client, text: str) -> None:
    answer = await sara.post(path, json={"text": text})
    assert (answer.status, answer.kind) == (422, "application/problem+json")
    assert answer.json["errors"][0]["pointer"] == "#/text"


async def test_notes_need_a_customer_and_a_scope(path: str, site: Site, sara: Client) -> None:
    assert (await sara.get("/customers/none/notes")).status == 404
    assert (await sara.post("/customers/none/notes", json={"text": "a"})).status == 404
    reader = await site.by_token(await site.user("reader", "agent"), "customers:read")
    assert (await reader.get(path)).status == 200
    assert (await reader.post(path, json={"text": "a"})).status == 403


async def test_pages_that_show_the_customer_are_told(path: str, site: Site, sara: Client) -> None:
    heard: list[Message] = []
    channel = f"customer:{path.split('/')[2]}"
    site.bus.subscribe(channel, heard.append)
    await sara.post(path, json={"text": "a"})
    assert [message.channel for message in heard] == [channel]
