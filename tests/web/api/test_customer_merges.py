"""Two customers made one over HTTP, and that taken back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.store import make
from tests.web.api.conftest import Client, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    kept: str
    gone: str
    merge: str

    @property
    def undo(self) -> str:
        return f"/customers/{self.kept}/merges/{self.merge}/undo"


async def _made(client: Client, name: str, number: str, city: str = "") -> str:
    return str((await client.post("/customers", json={"name": name, "numbers": [number], "city": city})).json["id"])


@pytest.fixture
async def merged(site: Site, supervisor: Client) -> Merged:
    """Reza, with whom somebody else with a call and a note was made one by mistake."""
    kept = await _made(supervisor, "Reza", "09123456780")
    gone = await _made(supervisor, "Ali", "09351112233", "Karaj")
    await site.store(make.queue_call(1, number="09351112233"))
    await supervisor.post(f"/customers/{gone}/notes", json={"text": "of Ali"})
    await supervisor.post("/customers/merge", json={"kept": kept, "gone": gone})
    (merge,) = (await supervisor.get(f"/customers/{kept}/merges")).json["items"]
    assert (merge["kept"], merge["gone"], merge["by"]) == (kept, gone, "boss")
    return Merged(kept=kept, gone=gone, merge=merge["id"])


async def _calls_and_notes(client: Client, customer: str) -> tuple[int, int]:
    calls = (await client.get(f"/customers/{customer}/calls")).json["items"]
    return len(calls), len((await client.get(f"/customers/{customer}/notes")).json["items"])


async def test_a_merge_taken_back_gives_each_its_numbers_calls_and_notes(merged: Merged, supervisor: Client) -> None:
    assert await _calls_and_notes(supervisor, merged.kept) == (1, 1)
    answer = await supervisor.post(merged.undo)
    assert (answer.status, answer.json["stays"]) == (200, [])
    assert (answer.json["kept"]["name"], answer.json["kept"]["numbers"]) == ("Reza", ["+989123456780"])
    assert (answer.json["gone"]["name"], answer.json["gone"]["numbers"]) == ("Ali", ["+989351112233"])
    assert (await supervisor.get(f"/customers/{merged.gone}")).json == answer.json["gone"]
    assert await _calls_and_notes(supervisor, merged.kept) == (0, 0)
    assert await _calls_and_notes(supervisor, merged.gone) == (1, 1)
    assert (await supervisor.get(f"/customers/{merged.kept}/merges")).json["items"] == []


async def test_what_was_changed_since_the_merge_stays_and_is_named(merged: Merged, supervisor: Client) -> None:
    version = (await supervisor.get(f"/customers/{merged.kept}")).json["version"]
    await supervisor.patch(f"/customers/{merged.kept}", json={"version": version, "city": "Shiraz"})
    answer = await supervisor.post(merged.undo)
    assert (answer.json["kept"]["city"], answer.json["stays"]) == ("Shiraz", ["city"])
    assert answer.json["gone"]["city"] == "Karaj"


async def test_a_merge_is_taken_back_once_and_by_who_may_merge(
    merged: Merged, supervisor: Client, sara: Client
) -> None:
    assert (await sara.get(f"/customers/{merged.kept}/merges")).status == 403
    assert (await sara.post(merged.undo)).status == 403
    assert (await supervisor.post(f"/customers/{merged.gone}/merges/{merged.merge}/undo")).status == 404
    assert (await supervisor.post(merged.undo)).status == 200
    assert (await supervisor.post(merged.undo)).status == 404


async def test_a_customer_merged_further_is_409_until_that_is_taken_back(merged: Merged, supervisor: Client) -> None:
    last = await _made(supervisor, "Last", "09351119999")
    await supervisor.post("/customers/merge", json={"kept": last, "gone": merged.kept})
    answer = await supervisor.post(merged.undo)
    assert (answer.status, answer.kind) == (409, "application/problem+json")
    (later,) = (await supervisor.get(f"/customers/{last}/merges")).json["items"]
    assert (await supervisor.post(f"/customers/{last}/merges/{later['id']}/undo")).status == 200
    assert (await supervisor.post(merged.undo)).status == 200


async def test_taking_back_is_written_down(merged: Merged, supervisor: Client, admin: Client) -> None:
    await supervisor.post(merged.undo)
    newest = (await admin.get("/audit")).json["items"][0]
    assert (newest["act"], newest["subject"]) == ("customer.unmerge", f"customer:{merged.kept}")
