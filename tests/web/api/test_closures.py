"""Queues closed over HTTP: Asterisk first, then the record; opened again; refused."""

from __future__ import annotations

from typing import Any

from cxcall.bus import CommandRefused
from cxcall.bus.queues import CloseQueue, OpenQueue
from cxcall.queues.definition import QueueDefinition
from cxcall.store import queues
from tests.web.api.conftest import Client, Site


async def test_a_queue_is_closed_listed_and_opened_again(site: Site, supervisor: Client, sara: Client) -> None:
    asked: list[Any] = []
    away = ["Nothing was done."]

    async def take(act: Any) -> None:
        if away:
            raise CommandRefused(away.pop())
        asked.append(act)

    definition, body = QueueDefinition(name="billing"), {"server": "lab", "queue": "billing", "why": "Fire drill"}
    async with site.engine.begin() as conn:
        await queues.create(conn, "lab", definition, by="leila", now=site.clock())
    assert (await supervisor.post("/closures", json=body)).status == 404, "Asterisk does not have it yet"
    async with site.engine.begin() as conn:
        await queues.applied(conn, "lab", [definition], by="leila", now=site.clock())
    assert (await supervisor.post("/closures", json=body)).status == 503
    site.commands.serve("queues:close", take)
    site.commands.serve("queues:open", take)
    assert (await supervisor.post("/closures", json=body)).status == 409
    past = {**body, "until": "2020-01-01T00:00:00Z"}
    assert (await supervisor.post("/closures", json=past)).status == 422
    closed = await supervisor.post("/closures", json={**body, "until": "2099-01-01T00:00:00Z", "waiting": "leave"})
    assert closed.status == 201
    assert (closed.json["why"], closed.json["waiting"]) == ("Fire drill", "leave")
    assert closed.json["until"] == "2099-01-01T00:00:00.000000Z"
    listed = await supervisor.get("/closures")
    assert [one["id"] for one in listed.json["items"]] == [closed.json["id"]]
    path = f"/closures/{closed.json['id']}"
    assert (await sara.delete(path)).status == 403
    assert (await supervisor.delete(path)).status == 204
    assert (await supervisor.delete(path)).status == 404
    assert [type(act) for act in asked] == [CloseQueue, OpenQueue]
