"""`/tasks`: what somebody owes a customer. Agents see their own and those nobody has; supervisors see all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import customers, tasks, users
from cxcall.store.errors import Conflict
from cxcall.store.paging import BadCursor
from cxcall.store.tasks import LONGEST, Kind, NewTask, State, Task, TaskFilter
from cxcall.web import keys, task_news
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

Text = Annotated[str, msgspec.Meta(max_length=LONGEST)]
Id = Annotated[str, msgspec.Meta(max_length=100)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType


class TaskQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list; all that are given must fit."""

    limit: Limit = 50
    after: After | None = None
    state: State | None = None
    kind: Kind | None = None
    owner: Annotated[Id | None, msgspec.Meta(description="A user id, `me`, or `none`.")] = None
    customer_id: Id | None = None
    due_since: Time | None = None
    due_before: Time | None = None


class TaskToMake(msgspec.Struct, frozen=True, kw_only=True):
    """A task to make. Without `owner_id` any supervisor may take it."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST, pattern=r"\S")]
    due_at: Time
    kind: Kind = "follow_up"
    owner_id: Id | None = None
    customer_id: Id | None = None
    call_id: Id | None = None
    promise: Text = ""


class TaskChange(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different; what is not named stays. `owner_id` null gives the task back to all.

    `version` is the one the change is based on (or use If-Match).
    """

    version: Version = msgspec.UNSET
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST, pattern=r"\S")] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    promise: Text | msgspec.UnsetType = msgspec.UNSET
    due_at: Time | msgspec.UnsetType = msgspec.UNSET
    owner_id: Id | msgspec.UnsetType | None = msgspec.UNSET


class TaskEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended: `done`, `cancelled`, or `open` to take an end back."""

    state: State
    outcome: Text = ""
    version: Version = msgspec.UNSET


class ShownTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task. `kept`: ended before it was due; null while that is open or when it was called off.

    `made_by` is a login name, or `rule:ID` of the survey rule that made it; `reason` says why.
    """

    id: str
    version: int
    kind: Kind
    title: str
    reason: dict[str, Any]
    customer_id: str | None
    number: str
    call_id: str | None
    response_id: str | None
    queue: str
    owner_id: str | None
    owner_name: str | None
    due_at: Time
    promise: str
    state: State
    outcome: str
    kept: bool | None
    made_at: Time
    made_by: str
    ended_at: Time | None
    ended_by: str


class TaskList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of tasks, earliest due first; `next` is null on the last one."""

    items: list[ShownTask]
    next: str | None


async def list_tasks(asked: Asked[TaskQuery, None]) -> TaskList:
    query = asked.query
    owner = {"me": asked.who.id, "none": ""}.get(query.owner or "", query.owner)
    if not asked.who.oversees and owner not in (None, "", asked.who.id):
        raise Problem(403, "Other people's tasks are for supervisors.")
    wanted = TaskFilter(
        owner_id=asked.who.id if owner is None and not asked.who.oversees else owner,
        or_free=owner is None and not asked.who.oversees,
        state=query.state, kind=query.kind, customer_id=query.customer_id,
        due_since=query.due_since, due_before=query.due_before,
    )  # fmt: skip
    try:
        async with asked.engine.connect() as conn:
            found = await tasks.page(conn, wanted, limit=query.limit, after=query.after)
            names = await _names(conn)
    except BadCursor as error:
        raise bad_cursor() from error
    return TaskList(items=[shown(task, names, asked.now) for task in found.rows], next=found.next)


async def create_task(asked: Asked[None, TaskToMake]) -> Answer:
    """Agents make tasks for themselves or for anybody to take; supervisors for everyone."""
    body = asked.body
    async with asked.engine.begin() as conn:
        await _check_owner(asked, conn, body.owner_id)
        number = ""
        if body.customer_id is not None:
            customer = await customers.get(conn, body.customer_id)
            if customer is None:
                raise _misfit("#/customer_id", "There is no such customer.")
            number = next(iter(customer.profile.numbers), "")
        new = NewTask(
            kind=body.kind, title=body.title, due_at=body.due_at, made_by=asked.who.name, owner_id=body.owner_id,
            customer_id=body.customer_id, number=number, call_id=body.call_id, promise=body.promise,
        )  # fmt: skip
        task = await tasks.create(conn, new, now=asked.now)
        await note_act(asked, conn, "task.create", f"task:{task.id}")
        answer = await _tell(asked, conn, task, "task.created")
    task_news.publish(asked.request.app[keys.BUS], task)
    return Answer(value=answer, headers={"ETag": etag(task.version), "Location": f"{ROOT}/tasks/{task.id}"})


async def get_task(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        task = await _found(asked, conn)
        names = await _names(conn)
    return Answer(value=shown(task, names, asked.now), headers={"ETag": etag(task.version)})


async def change_task(asked: Asked[None, TaskChange]) -> Answer:
    """409 or 412 when somebody else changed it since `version`."""
    body = asked.body
    version = expected_version(asked.request, body.version)
    given: dict[str, Any] = {
        name: value for name in ("title", "promise", "due_at") if (value := getattr(body, name)) is not msgspec.UNSET
    }
    async with asked.engine.begin() as conn:
        before = await _found(asked, conn)
        if body.owner_id is not msgspec.UNSET:
            await _check_owner(asked, conn, body.owner_id)
            given["owner_id"] = body.owner_id or ""
        try:
            task = await tasks.change(conn, before.id, version=version.number, **given)
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "task.change", f"task:{task.id}", {"changed": sorted(given)})
        names = await _names(conn)
    task_news.publish(asked.request.app[keys.BUS], before, task)
    return Answer(value=shown(task, names, asked.now), headers={"ETag": etag(task.version)})


async def end_task(asked: Asked[None, TaskEnd]) -> Answer:
    """409 or 412 when somebody else changed it since `version`."""
    body = asked.body
    version = expected_version(asked.request, body.version)
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            task = await tasks.end(
                conn, known.id, version=version.number, state=body.state, outcome=body.outcome, by=asked.who.name,
                now=asked.now,
            )  # fmt: skip
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "task.end", f"task:{task.id}", {"state": task.state})
        answer = await _tell(asked, conn, task, "task.ended" if task.state != "open" else None)
    task_news.publish(asked.request.app[keys.BUS], task)
    return Answer(value=answer, headers={"ETag": etag(task.version)})


def shown(task: Task, names: Mapping[str, str], now: datetime) -> ShownTask:
    """A task as the API and webhooks show one."""
    values: dict[str, Any] = {name: getattr(task, name, None) for name in ShownTask.__struct_fields__}
    owner_name = names.get(task.owner_id) if task.owner_id else None
    return ShownTask(**{**values, "reason": dict(task.reason), "owner_name": owner_name, "kept": task.kept(now)})


async def _tell(
    asked: Asked[Any, Any], conn: AsyncConnection, task: Task, event: Literal["task.created", "task.ended"] | None
) -> ShownTask:
    answer = shown(task, await _names(conn), asked.now)
    if event is not None:
        await task_news.tell(conn, event, answer, asked.now)
    return answer


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Task:
    """The task of the path, if it is any business of whoever asks. Raises Problem 404."""
    task = await tasks.get(conn, asked.path["id"])
    if task is None or not (asked.who.oversees or task.owner_id in (None, asked.who.id)):
        raise Problem(404, "There is no such task.")
    return task


async def _check_owner(asked: Asked[Any, Any], conn: AsyncConnection, owner_id: str | None) -> None:
    if owner_id is None or owner_id == asked.who.id:
        return
    if not asked.who.oversees:
        raise Problem(403, "Only supervisors give tasks to other people.")
    if await users.get(conn, owner_id) is None:
        raise _misfit("#/owner_id", "There is no such user.")


def _misfit(pointer: str, detail: str) -> Problem:
    return Problem(
        422, "The task can't be taken as it is, see errors.", errors=[{"detail": detail, "pointer": pointer}]
    )


async def _names(conn: AsyncConnection) -> dict[str, str]:
    return {user.id: user.display_name for user in await users.everyone(conn)}


ENDPOINTS = (
    Endpoint(
        method="GET", path="/tasks", handler=list_tasks, summary="List tasks", tag="tasks", scope=Scope.TASKS_READ,
        query=TaskQuery, gives=TaskList,
    ),
    Endpoint(
        method="POST", path="/tasks", handler=create_task, summary="Make a task", tag="tasks",
        scope=Scope.TASKS_WRITE, body=TaskToMake, gives=ShownTask, status=201, gives_headers=("Location", "ETag"),
    ),
    Endpoint(
        method="GET", path="/tasks/{id}", handler=get_task, summary="One task", tag="tasks", scope=Scope.TASKS_READ,
        gives=ShownTask, gives_headers=("ETag",),
    ),
    Endpoint(
        method="PATCH", path="/tasks/{id}", handler=change_task, summary="Change a task", tag="tasks",
        scope=Scope.TASKS_WRITE, body=TaskChange, gives=ShownTask, problems=(409, 412, 428), headers=("If-Match",),
        gives_headers=("ETag",),
    ),
    Endpoint(
        method="POST", path="/tasks/{id}/end", handler=end_task, summary="End a task, or open it again", tag="tasks",
        scope=Scope.TASKS_WRITE, body=TaskEnd, gives=ShownTask, problems=(409, 412, 428), headers=("If-Match",),
        gives_headers=("ETag",),
    ),
)  # fmt: skip
