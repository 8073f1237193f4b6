"""A follow-up for who gave up waiting, made by one click in the list of them, and taken back by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.store import audit, calls, tasks, users, webhooks
from cxcall.store.errors import Conflict
from cxcall.store.merged_calls import survivors
from cxcall.store.tables import calls as call_rows
from cxcall.store.tasks import NewTask, Task
from cxcall.web import task_news
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.api.tasks import shown
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import field
from cxcall.web.queue_titles import titled
from cxcall.web.render import Done
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/reports/{name:abandoned|recalls}/follow-up"
DUE = timedelta(hours=1)
MADE = "made"
SAID = {
    MADE: N_("A call-back is owed within an hour. Who is free may take it."),
    "there": N_("Somebody is to call back already."),
    "undone": N_("The follow-up was taken back."),
    "changed": N_("Somebody has changed this follow-up meanwhile, so it stays."),
}
_OWN = ("done", "task")

routes = web.RouteTableDef()


@routes.post(PATH)
@needs(*OVERSEERS)
async def make(request: web.Request) -> web.StreamResponse:
    """A call-back that nobody owns yet, due in an hour; none where one is open for the call."""
    form, now = await request.post(), request.app[CLOCK]()
    call_id = field(form, "call_id")[:100]
    async with request.app[ENGINE].begin() as conn:
        call_id = (await survivors(conn, [call_id])).get(call_id, call_id)
        # Two who click at once wait for each other here.
        await conn.execute(select(call_rows.c.id).where(call_rows.c.id == call_id).with_for_update())
        record = await calls.get(conn, call_id)
        if record is None:
            raise web.HTTPNotFound
        there = (await tasks.open_of_calls(conn, [call_id])).get(call_id)
        task = there or await _create(request, conn, record, now)
    if there is None:
        task_news.publish(request.app[BUS], task)
    raise _back(request, field(form, "here"), "there" if there else MADE, task)


@routes.post(PATH + "/{id:[0-9a-f]+}/undo")
@needs(*OVERSEERS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Call it off, unless somebody has made anything of it."""
    now, me = request.app[CLOCK](), user_of(request)
    async with request.app[ENGINE].connect() as conn:
        before = await tasks.get(conn, request.match_info["id"])
    if before is None:
        raise web.HTTPNotFound
    task, done = before, "changed"
    if before.made_by == me.name and before.version == 1:
        try:
            async with request.app[ENGINE].begin() as conn:
                task = await tasks.end(conn, before.id, version=1, state="cancelled", outcome="", by=me.name, now=now)
                await _note(request, conn, "task.end", task, state="cancelled")
                await _tell(conn, "task.ended", task, now)
        except Conflict:
            task = before
        else:
            done = "undone"
            task_news.publish(request.app[BUS], before, task)
    raise _back(request, f"?{request.query_string}", done, task)


async def done(request: web.Request) -> Done | None:
    """The sentence for what was just done, with its undo."""
    word, task_id = request.query.get("done", ""), request.query.get("task", "")
    if word not in SAID:
        return None
    async with request.app[ENGINE].connect() as conn:
        task = await tasks.get(conn, task_id)
    if task is None:
        return None
    fresh = word == MADE and task.state == "open" and task.version == 1 and task.made_by == user_of(request).name
    query = urlencode([pair for pair in parse_qsl(request.query_string) if pair[0] not in _OWN])
    address = f"/reports/{request.match_info['name']}/follow-up/{task.id}/undo"
    return Done(text=_(SAID[word]), undo=f"{address}?{query}" if fresh else "")


async def _create(request: web.Request, conn: AsyncConnection, record: CallRecord, now: datetime) -> Task:
    queue = next((visit.queue for visit in record.queue_visits if visit.result == "abandoned"), "")
    new = NewTask(
        kind="call_back",
        title=_("Call back: gave up waiting in %(queue)s") % {"queue": titled(queue) or _("a queue")},
        due_at=now + DUE,
        made_by=user_of(request).name,
        customer_id=record.caller.customer_id,
        number=record.caller.number or "",
        call_id=record.id,
        queue=queue,
    )
    task = await tasks.create(conn, new, now=now)
    await _note(request, conn, "task.create", task)
    await _tell(conn, "task.created", task, now)
    return task


def _back(request: web.Request, here: str, word: str, task: Task) -> web.HTTPSeeOther:
    """To the list it was asked from, as it was, with a word on what was done."""
    pairs = [pair for pair in parse_qsl(here.partition("?")[2][:4000]) if pair[0] not in _OWN]
    query = urlencode([*pairs, ("done", word), ("task", task.id)])
    return web.HTTPSeeOther(f"/reports/{request.match_info['name']}?{query}")


async def _tell(conn: AsyncConnection, event: webhooks.Event, task: Task, now: datetime) -> None:
    names: Mapping[str, str] = {user.id: user.display_name for user in await users.everyone(conn)}
    await task_news.tell(conn, event, shown(task, dict(names), now), now)


async def _note(request: web.Request, conn: AsyncConnection, act: str, task: Task, **details: Any) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"task:{task.id}", details=details,
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip
