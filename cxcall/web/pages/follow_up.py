"""/followups/new and /followups/<id>: one follow-up, changed, taken, given on, ended, and ended taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.store import audit, calls, customers, tasks, users, webhooks
from cxcall.store.errors import Conflict
from cxcall.store.tasks import KINDS, Kind, NewTask, State, Task
from cxcall.web import digits, task_news
from cxcall.web.access import Forbidden, SignedIn, needs, user_of
from cxcall.web.api.tasks import shown
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.follow_up_due import NoSuchTime, read_due
from cxcall.web.pages.follow_up_view import FollowUpView, rows
from cxcall.web.pages.follow_ups import CALL_BACKS, PATH
from cxcall.web.pages.forms import Form, field
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

NO_TITLE = N_("Say in a few words what is to be done.")
CHANGED = N_("Somebody else changed this meanwhile. Look at it as it is now and repeat your change.")
NOT_YOURS = N_("Only supervisors give follow-ups to other people.")
FIELDS = ("title", "promise", "kind", "owner", "due", "day", "time", "outcome")
ENDS: dict[str, State] = {"done": "done", "cancel": "cancelled", "open": "open"}

routes = web.RouteTableDef()


@routes.get(PATH + "/new")
@needs()
async def show_new(request: web.Request) -> web.Response:
    return await _show(request, None)


@routes.post(PATH)
@needs()
async def create(request: web.Request) -> web.StreamResponse:
    form, me, now = await request.post(), user_of(request), request.app[CLOCK]()
    errors, due = _read(form, now, with_due=True)
    owner = await _owner(request, form)
    if errors or due is None:
        return await _show(request, None, form=form, errors=errors, status=422)
    async with request.app[ENGINE].begin() as conn:
        customer_id, number = await _customer(conn, field(form, "customer_id"))
        new = NewTask(
            kind=cast("Kind", field(form, "kind") if field(form, "kind") in KINDS else "follow_up"),
            title=field(form, "title"),
            promise=field(form, "promise"),
            due_at=due,
            owner_id=owner,
            made_by=me.name,
            customer_id=customer_id,
            number=number,
            call_id=field(form, "call_id")[:100] or None,
        )
        task = await tasks.create(conn, new, now=now)
        await _note(request, conn, "task.create", task)
        await _tell(conn, "task.created", task, now)
    task_news.publish(request.app[BUS], task)
    raise _back(form, "made", task)


@routes.get(PATH + "/{id:[0-9a-f]+}")
@needs()
async def show_one(request: web.Request) -> web.Response:
    return await _show(request, await _found(request))


@routes.post(PATH + "/{id:[0-9a-f]+}")
@needs()
async def change(request: web.Request) -> web.StreamResponse:
    before, form, now = await _found(request), await request.post(), request.app[CLOCK]()
    errors, due = _read(form, now, with_due=bool(field(form, "due")))
    owner = await _owner(request, form)
    if errors:
        return await _show(request, before, form=form, errors=errors, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            task = await tasks.change(
                conn, before.id, version=_version(form, before), title=field(form, "title"),
                promise=field(form, "promise"), due_at=due, owner_id=owner or "",
            )  # fmt: skip
            await _note(request, conn, "task.change", task)
    except Conflict:
        return await _show(request, await _found(request), form=form, error=CHANGED, status=409)
    task_news.publish(request.app[BUS], before, task)
    raise _back(form, "saved", task)


@routes.post(PATH + "/{id:[0-9a-f]+}/take")
@needs()
async def take(request: web.Request) -> web.StreamResponse:
    """Make a follow-up that nobody has one's own; a supervisor may take anybody's."""
    before, form, me = await _found(request), await request.post(), user_of(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            task = await tasks.change(conn, before.id, version=_version(form, before), owner_id=me.id)
            await _note(request, conn, "task.take", task)
    except Conflict:
        return await _show(request, await _found(request), error=CHANGED, status=409)
    task_news.publish(request.app[BUS], before, task)
    raise _back(form, "taken", task)


@routes.post(PATH + "/{id:[0-9a-f]+}/{act:done|cancel|open}")
@needs()
async def end(request: web.Request) -> web.StreamResponse:
    """End a follow-up with what came of it, or take an end back."""
    before, form, now = await _found(request), await request.post(), request.app[CLOCK]()
    state = ENDS[request.match_info["act"]]
    try:
        async with request.app[ENGINE].begin() as conn:
            task = await tasks.end(
                conn, before.id, version=_version(form, before), state=state, outcome=field(form, "outcome"),
                by=user_of(request).name, now=now,
            )  # fmt: skip
            await _note(request, conn, "task.end", task, state=state)
            if state != "open":
                await _tell(conn, "task.ended", task, now)
    except Conflict:
        return await _show(request, await _found(request), form=form, error=CHANGED, status=409)
    task_news.publish(request.app[BUS], before, task)
    raise _back(form, state, task)


def _read(form: Form, now: datetime, *, with_due: bool) -> tuple[dict[str, str], datetime | None]:
    """What is wrong with the fields, and when it is due."""
    errors: dict[str, str] = {}
    due = None
    if not field(form, "title").strip():
        errors["title"] = NO_TITLE
    if with_due:
        try:
            due = read_due(field(form, "due"), field(form, "day"), field(form, "time"), now=now, zone=current().zone)
        except NoSuchTime as fault:
            errors["due"] = str(fault)
    return errors, due


async def _owner(request: web.Request, form: Form) -> str | None:
    """Whose it shall be. Raises Forbidden when that is not for this person to say."""
    me, wanted = user_of(request), field(form, "owner")
    if wanted in ("", me.id):
        return wanted or None
    if not me.oversees:
        raise Forbidden(_(NOT_YOURS))
    async with request.app[ENGINE].connect() as conn:
        return wanted if await users.get(conn, wanted) else None


async def _customer(conn: AsyncConnection, customer_id: str) -> tuple[str | None, str]:
    customer = await customers.get(conn, customer_id) if customer_id else None
    if customer is None:
        return None, ""
    return customer.id, next(iter(customer.profile.numbers), "")


def _version(form: Form, task: Task) -> int:
    told = digits.typed(field(form, "version"))
    return int(told) if told.isdecimal() and len(told) < 10 else task.version


async def _found(request: web.Request) -> Task:
    """The task of the address, if it is any business of whoever asks."""
    async with request.app[ENGINE].connect() as conn:
        task = await tasks.get(conn, request.match_info["id"])
    me = user_of(request)
    if task is None or not _concerns(me, task):
        raise web.HTTPNotFound
    return task


def _concerns(me: SignedIn, task: Task) -> bool:
    return me.oversees or task.owner_id in (None, me.id)


def _back(form: Form, done: str, task: Task) -> web.HTTPSeeOther:
    """To the list it was asked from, with a word on what was done."""
    here = field(form, "here")
    path = here if here.partition("?")[0] in (PATH, CALL_BACKS) else PATH
    return web.HTTPSeeOther(f"{path}{'&' if '?' in path else '?'}done={done}&task={task.id}")


async def _tell(conn: AsyncConnection, event: webhooks.Event, task: Task, now: datetime) -> None:
    names = {user.id: user.display_name for user in await users.everyone(conn)}
    await task_news.tell(conn, event, shown(task, names, now), now)


async def _note(request: web.Request, conn: AsyncConnection, act: str, task: Task, **details: Any) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"task:{task.id}", details=details,
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip


async def _show(
    request: web.Request,
    task: Task | None,
    *,
    form: Form | None = None,
    errors: Mapping[str, str] | None = None,
    error: str = "",
    status: int = 200,
) -> web.Response:
    me, now = user_of(request), request.app[CLOCK]()
    typed = _shown_fields(task, me) if form is None else {name: field(form, name) for name in FIELDS}
    asked = {name: request.query.get(name, "")[:100] for name in ("customer_id", "call_id")}
    if form is not None and task is None:
        asked = {name: field(form, name)[:100] for name in asked}
    customer_id = (task.customer_id if task else asked["customer_id"]) or ""
    async with request.app[ENGINE].connect() as conn:
        people = await users.everyone(conn)
        if task is None and not customer_id and asked["call_id"]:
            customer_id = _of_call(await calls.get(conn, asked["call_id"]))
        known = await customers.many(conn, [customer_id]) if customer_id else {}
    customer = known.get(customer_id)
    view = FollowUpView(
        task=task,
        row=rows([task], {user.id: user for user in people}, known, me.id, now)[0] if task else None,
        people=[user for user in people if not user.disabled and (me.oversees or user.id == me.id)],
        customer_id=customer_id if customer else "",
        customer=customer.profile.name if customer else "",
        number=task.number if task else next(iter(customer.profile.numbers), "") if customer else "",
        call_id=(task.call_id if task else asked["call_id"]) or "",
        typed=typed,
        errors=errors or {},
        error=error,
    )
    return page(request, "follow_up.html", view, status=status)


def _shown_fields(task: Task | None, me: SignedIn) -> dict[str, str]:
    """What the forms say before anybody typed."""
    fields = dict.fromkeys(FIELDS, "")
    if task is None:
        return fields | {"kind": "call_back", "due": "1h", "owner": me.id}
    return fields | {"title": task.title, "promise": task.promise, "owner": task.owner_id or ""}


def _of_call(record: CallRecord | None) -> str:
    return (record.caller.customer_id or "") if record else ""
