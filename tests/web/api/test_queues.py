"""Queues over HTTP: drafts and their problems, plan, apply, conflict and way back, versions, who may."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cxcall.bus import CommandRefused
from cxcall.bus.queues import Applied, ApplyQueues, RollBackQueues
from cxcall.queues.differences import Diff, SectionDiff
from cxcall.store import queue_servers, queue_versions, queues
from tests.web.api.conftest import Client, Site

BILLING: dict[str, Any] = {
    "server": "lab",
    "definition": {
        "name": "billing", "numbers": ["4000"], "ring": 20, "longest_wait": 120,
        "then": {"kind": "number", "value": "1000"},
        "members": [{"kind": "interface", "value": "PJSIP/1001", "name": "Sara"}],
    },
}  # fmt: skip
ONE = "/queues/lab/billing"


def serve(site: Site, outcome: str = "applied") -> list[Any]:
    """An Asterisk that takes what is applied, or in whose way something stands."""
    asked: list[Any] = []

    async def write(definitions: Any, by: str, restores: int | None = None) -> Applied:
        now: datetime = site.clock()
        async with site.engine.begin() as conn:
            server = await queue_servers.get(conn, "lab")
            base = server.applied_version if server else None
            version = await queue_versions.begin(
                conn, "lab", text="", definitions=definitions, by=by, now=now, base=base, restores=restores
            )
            await queue_versions.end(conn, version.id, state="applied", seconds=0.2)
            await queues.applied(conn, "lab", definitions, by=by, now=now)
        return Applied(outcome="applied", version=version.n, seconds=0.2)

    async def apply(act: ApplyQueues) -> Applied:
        asked.append(act)
        if outcome == "conflict":
            lines = (Diff("-", "timeout = 20"), Diff("+", "timeout = 45"))
            return Applied(outcome="conflict", problem="Somebody else changed it.",
                           diff=(SectionDiff("billing", "changed", lines),))  # fmt: skip
        if outcome == "refused":
            raise CommandRefused("There is no connection to Asterisk now. Nothing was done.")
        return await write(act.definitions, act.by)

    async def roll_back(act: RollBackQueues) -> Applied:
        async with site.engine.connect() as conn:
            version = await queue_versions.get(conn, "lab", act.version)
        assert version is not None
        return await write(version.definitions, act.by, restores=act.version)

    site.commands.serve("queues:apply", apply)
    site.commands.serve("queues:rollback", roll_back)
    return asked


async def managed(admin: Client) -> None:
    answer = await admin.patch("/queue-servers/lab", json={"version": 0, "mode": "managed"})
    assert (answer.status, answer.json["mode"]) == (200, "managed")


async def test_a_queue_is_drafted_changed_planned_applied_and_gone_back_from(site: Site, admin: Client) -> None:
    asked = serve(site)
    await managed(admin)
    made = await admin.post("/queues", json=BILLING)
    assert (made.status, made.headers["Location"], made.json["state"]) == (201, "/api/v1" + ONE, "new")
    planned = (await admin.get(ONE + "/plan")).json
    assert {"sign": "+", "text": "timeout = 20"} in planned["lines"]
    assert planned["steps"][0] == {"kind": "dials", "values": {"numbers": "4000"}}
    assert planned["problems"] == []
    applied = await admin.post("/queue-servers/lab/apply", json={})
    assert (applied.status, applied.json["outcome"], applied.json["version"]) == (200, "applied", 1)
    draft = {**made.json["draft"], "ring": 35}
    changed = await admin.patch(ONE, json={"version": made.json["version"], "draft": draft})
    assert (changed.status, changed.json["state"]) == (200, "changed")
    assert (await admin.patch(ONE, json={"version": made.json["version"], "draft": draft})).status == 409
    second = await admin.post("/queue-servers/lab/apply", json={"queues": ["billing"], "base": 1})
    assert second.json["version"] == 2
    assert (await admin.post("/queue-servers/lab/apply", json={"base": 1})).status == 409
    assert (await admin.post("/queue-servers/lab/apply", json={})).json["outcome"] == "unchanged"
    back = await admin.post("/queue-servers/lab/rollback", json={"version": 1})
    assert (back.status, back.json["version"]) == (200, 3)
    assert (await admin.get(ONE)).json["applied"]["ring"] == 20
    versions = (await admin.get("/queue-servers/lab/versions?limit=2")).json
    assert ([one["n"] for one in versions["items"]], versions["next"]) == ([3, 2], 2)
    assert [one.base for one in asked] == [None, 1]
    etag = (await admin.get(ONE)).headers["ETag"]
    assert (await admin.delete(ONE, headers={"If-Match": etag})).status == 204
    assert (await admin.get(ONE)).json["state"] == "removed"


async def test_a_draft_with_errors_is_kept_and_not_applied_and_a_conflict_shows_both_sides(
    site: Site, admin: Client
) -> None:
    asked = serve(site, "conflict")
    await managed(admin)
    wrong = {**BILLING["definition"], "then": {"kind": "queue", "value": "nowhere"}}
    made = await admin.post("/queues", json={**BILLING, "definition": wrong})
    assert made.status == 201
    refused = await admin.post("/queue-servers/lab/apply", json={})
    assert (refused.status, refused.kind, asked) == (422, "application/problem+json", [])
    assert refused.json["errors"][0]["pointer"].startswith("#/queues/billing/then")
    await admin.patch(ONE, json={"version": 1, "draft": BILLING["definition"]})
    clash = await admin.post("/queue-servers/lab/apply", json={})
    assert (clash.status, clash.json["outcome"]) == (409, "conflict")
    assert {"sign": "+", "text": "timeout = 45"} in clash.json["lines"]
    serve(site, "refused")
    away = await admin.post("/queue-servers/lab/apply", json={})
    assert (away.status, "no connection" in away.json["detail"]) == (409, True)
    assert (await admin.get(ONE)).json["applied"] is None


async def test_names_that_asterisk_cannot_tell_apart_and_foreign_queues_are_refused(site: Site, admin: Client) -> None:
    await admin.post("/queues", json=BILLING)
    for definition, status in (({"name": "Billing"}, 409), ({"name": "general"}, 422), ({"name": "a b"}, 422)):
        assert (await admin.post("/queues", json={"server": "lab", "definition": definition})).status == status
    assert (await admin.post("/queues", json={**BILLING, "server": "moon"})).status == 422
    assert (await admin.post("/queues", json={**BILLING, "more": 1})).status == 422
    async with site.engine.begin() as conn:
        await queues.observe(conn, "lab", ["sales"], now=site.clock())
    look = await admin.patch("/queues/lab/sales", json={"version": 1, "look": {"title": {"en": "Sales"}}})
    assert (look.status, look.json["look"]["title"]) == (200, {"en": "Sales"})
    other = {"version": 2, "draft": {"name": "sales"}}
    assert (await admin.patch("/queues/lab/sales", json=other)).status == 409
    assert (await admin.delete("/queues/lab/sales", headers={"If-Match": '"2"'})).status == 409
    assert (await admin.post(ONE + "/test-call", json={"phone": "1001"})).status == 503
    listed = (await admin.get("/queues?server=lab&limit=1")).json
    assert ([one["name"] for one in listed["items"]], bool(listed["next"])) == (["billing"], True)


@pytest.mark.parametrize("role", ["supervisor", "agent"])
async def test_supervisors_read_queues_and_only_administrators_change_them(
    site: Site, admin: Client, role: Any
) -> None:
    await admin.post("/queues", json=BILLING)
    reader = await site.by_token(await site.user("other", role))
    assert (await reader.get(ONE)).status == (200 if role == "supervisor" else 403)
    assert (await reader.post("/queue-servers/lab/apply", json={})).status == 403
    assert (await reader.post("/queues", json=BILLING)).status == 403
