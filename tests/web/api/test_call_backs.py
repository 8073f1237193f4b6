"""`/call-backs` over HTTP: read with places, called off, tried now; and how queues call back."""

from __future__ import annotations

from datetime import timedelta

from cxcall.bus import CommandRefused
from cxcall.bus.call_backs import CANCEL, NOW, PLACES, CancelCallBack, TryCallBack
from cxcall.routing.call_back import CallBack
from cxcall.store import call_backs
from tests.web.api.conftest import Client, Site

PLAN = "/call-backs/plans/lab/billing"


async def test_call_backs_are_read_called_off_and_tried(site: Site, supervisor: Client, sara: Client) -> None:
    asked: list[object] = []
    now = site.clock()
    one = CallBack(
        id="a" * 26, server="lab", queue="billing", number="+989121234567", joined_at=now - timedelta(minutes=3),
        made_at=now, next_at=now,
    )  # fmt: skip
    async with site.engine.begin() as conn:
        await call_backs.add(conn, one)
    path = f"/call-backs/{one.id}"
    assert (await supervisor.post(f"{path}/now")).status == 503

    async def places(_: object) -> dict[str, int]:
        return {one.id: 2}

    async def take(act: object) -> None:
        asked.append(act)
        if len(asked) > 2:
            raise CommandRefused("This call-back is over.")

    for name, handler in ((PLACES, places), (CANCEL, take), (NOW, take)):
        site.commands.serve(name, handler)
    listed = await supervisor.get("/call-backs?state=waiting&queue=billing")
    assert [(item["id"], item["place"], item["number"]) for item in listed.json["items"]] == [(one.id, 2, one.number)]
    assert (await supervisor.get("/call-backs?state=done")).json["items"] == []
    assert (await supervisor.get(path)).json["state"] == "waiting"
    assert (await supervisor.get(f"/call-backs/{'b' * 26}")).status == 404
    assert (await sara.get("/call-backs")).status == 403
    assert (await supervisor.post(f"{path}/now")).status == 204
    assert (await supervisor.post(f"{path}/cancel")).status == 204
    assert (await supervisor.post(f"{path}/cancel")).status == 409
    assert [type(act) for act in asked[:2]] == [TryCallBack, CancelCallBack]


async def test_how_a_queue_calls_back_is_changed_by_administrators(admin: Client, supervisor: Client) -> None:
    body = {"plan": {"key": "5", "first": "customer"}, "version": 0}
    assert (await supervisor.put(PLAN, json=body)).status == 403
    assert (await admin.put(PLAN, json={"plan": {"key": "55"}})).status == 422
    assert (await admin.put(PLAN, json=body)).status == 200
    assert (await admin.put(PLAN, json=body)).status == 409
    (kept,) = (await supervisor.get("/call-backs/plans")).json["items"]
    assert (kept["queue"], kept["plan"]["key"], kept["version"]) == ("billing", "5", 1)
    assert (await admin.delete(PLAN)).status == 204
    assert (await admin.delete(PLAN)).status == 404
