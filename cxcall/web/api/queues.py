"""`/queues`: drafts of queues, what is wrong with them, what would be written; and how observed ones are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import TrialCall
from cxcall.queues.definition import QueueDefinition, QueueLook
from cxcall.queues.journey import steps
from cxcall.store import queues
from cxcall.store.errors import Conflict
from cxcall.store.queues import KeptQueue, NoSuchQueue, QueueNameTaken
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import Expected, etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import COMMANDS, SETTINGS
from cxcall.web.pages.queues.form import name_problem
from cxcall.web.pages.queues.lines import change
from cxcall.web.pages.queues.loading import around
from cxcall.web.pages.queues.view import state_of
from cxcall.web.problems import Problem

Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Phone = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
READERS, WRITERS = tuple(OVERSEERS), (Role.ADMIN,)
TRIAL_S = 20.0


class QueueQuery(PageQuery, frozen=True, kw_only=True):
    """Queues of one server, or of all."""

    server: Name | None = None


class NewQueue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue to draft on a server. Asterisk gets it when it is applied."""

    server: Name
    definition: QueueDefinition


class QueueChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`draft` takes the place of a managed queue's draft (its name stays), `look` of how an observed one is shown."""

    version: Version = msgspec.UNSET
    draft: QueueDefinition | msgspec.UnsetType = msgspec.UNSET
    look: QueueLook | msgspec.UnsetType = msgspec.UNSET


class QueueTrial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone to ring, by its number or as Asterisk dials it; who answers waits in the queue."""

    phone: Phone


class ShownQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue. `draft` null: observed, or to be removed; `applied`: as Asterisk was given it, null: not yet."""

    server: str
    name: str
    version: int
    kind: Literal["managed", "observed"]
    state: Literal["new", "changed", "applied", "removed", "observed", "hidden"]
    draft: QueueDefinition | None
    applied: QueueDefinition | None
    look: QueueLook
    updated_at: Time
    updated_by: str


class QueueList(msgspec.Struct, frozen=True, kw_only=True):
    """Queues by server and name; `next` is null on the last page."""

    items: list[ShownQueue]
    next: str | None


class QueueProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a field; an error keeps the queue from being applied."""

    field: str
    code: str
    severity: Literal["error", "warning"]
    sentence: str


class QueueStep(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a caller, in order: the kind of the step and its values."""

    kind: str
    values: dict[str, str]


class QueueLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the configuration that stays (a space), comes or goes."""

    sign: Literal[" ", "+", "-"]
    text: str


class QueuePlanned(msgspec.Struct, frozen=True, kw_only=True):
    """What applying the draft would do, and what speaks against it. `changes` 0: Asterisk has it like this."""

    changes: int
    problems: list[QueueProblem]
    lines: list[QueueLine]
    steps: list[QueueStep]


async def list_queues(asked: Asked[QueueQuery, None]) -> QueueList:
    async with asked.engine.connect() as conn:
        if asked.query.server is not None:
            found = await queues.of_server(conn, asked.query.server)
        else:
            found = await queues.everything(conn)
    rows, following = part(found, asked.query, lambda kept: kept.id)
    return QueueList(items=[shown(kept) for kept in rows], next=following)


async def create_queue(asked: Asked[None, NewQueue]) -> Answer:
    """409 when the server has a queue of this name, with capital letters or without."""
    server, definition = asked.body.server, asked.body.definition
    if server not in [one.name for one in asked.request.app[SETTINGS].ami]:
        raise _wrong("There is no such Asterisk in the configuration.", "#/server")
    if why := name_problem(definition.name):
        raise _wrong(why, "#/definition/name")
    async with asked.engine.begin() as conn:
        there = {one.name.casefold() for one in await queues.of_server(conn, server)}
        try:
            if definition.name.casefold() in there:
                raise Problem(409, str(QueueNameTaken.__doc__))
            kept = await queues.create(conn, server, definition, by=asked.who.name, now=asked.now)
        except QueueNameTaken as error:
            raise Problem(409, str(error)) from error
        await note_act(asked, conn, "queue.create", _subject(kept))
    return _answer(kept, {"Location": f"{ROOT}/queues/{kept.server}/{kept.name}"})


async def get_queue(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await found_queue(asked, conn))


async def change_queue(asked: Asked[None, QueueChange]) -> Answer:
    """Only the draft changes, problems and all; 409 or 412 when somebody else changed the queue since `version`."""
    version, body = expected_version(asked.request, asked.body.version), asked.body
    async with asked.engine.begin() as conn:
        known = await found_queue(asked, conn)
        try:
            if isinstance(body.draft, QueueDefinition):
                kept = await _with_draft(asked, conn, known, body.draft, version)
            elif isinstance(body.look, QueueLook):
                kept = await _with_look(asked, conn, known, body.look, version)
            else:
                raise _wrong("Say what shall be different.", "#")
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchQueue as error:
            raise _gone() from error
        await note_act(asked, conn, "queue.change", _subject(kept))
    return _answer(kept)


async def remove_queue(asked: Asked[None, None]) -> Answer:
    """A draft that was never applied is gone; another goes from Asterisk with what is applied next."""
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await found_queue(asked, conn)
        if known.kind == "observed":
            raise Problem(409, "Somebody else defines this queue; cxcall does not remove it.")
        try:
            if known.applied is None:
                await queues.discard(
                    conn, known.server, known.name, version=version.number, by=asked.who.name, now=asked.now
                )
            else:
                await _with_draft(asked, conn, known, None, version)
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "queue.remove", _subject(known))
    return Answer(status=204)


async def plan_queue(asked: Asked[None, None]) -> QueuePlanned:
    """The draft against what Asterisk was given, and a caller's way through it. Nothing is written."""
    async with asked.engine.connect() as conn:
        known = await found_queue(asked, conn)
    here = await around(asked.request, known.server)
    made = change(here, known, known.draft)
    if known.draft is None:
        problems = shown_problems(here.removal_problems(known))
        return QueuePlanned(changes=made.n, problems=problems, lines=_lines(made.lines), steps=[])
    return QueuePlanned(
        changes=made.n,
        problems=shown_problems(here.problems(known, known.draft)),
        lines=_lines(made.lines),
        steps=[QueueStep(kind=one.kind, values=dict(one.values)) for one in steps(known.draft, here.facts(known))],
    )


async def call_queue(asked: Asked[None, QueueTrial]) -> Answer:
    """A test call: the phone rings, then waits in the queue as Asterisk has it now. 503 where calls don't run here."""
    async with asked.engine.begin() as conn:
        known = await found_queue(asked, conn)
        act = TrialCall(server=known.server, queue=known.name, phone=asked.body.phone.strip(), by=asked.who.name)
        await note_act(asked, conn, "queue.test_call", _subject(known), {"phone": act.phone})
    try:
        await asked.request.app[COMMANDS].ask("queues:test_call", act, timeout=TRIAL_S)
    except CommandRefused as error:
        raise Problem(409, str(error)) from error
    except NoAnswer as error:
        raise Problem(503, "Test calls do not run here just now.") from error
    return Answer(status=204)


async def found_queue(asked: Asked[Any, Any], conn: AsyncConnection) -> KeptQueue:
    kept = await queues.get(conn, asked.path["server"], asked.path["name"])
    if kept is None:
        raise _gone()
    return kept


def shown(kept: KeptQueue) -> ShownQueue:
    state: Any = state_of(kept)
    return ShownQueue(
        server=kept.server, name=kept.name, version=kept.version, kind=kept.kind, state=state, draft=kept.draft,
        applied=kept.applied, look=kept.shown, updated_at=kept.updated_at, updated_by=kept.updated_by,
    )  # fmt: skip


def shown_problems(found: Sequence[Any]) -> list[QueueProblem]:
    return [QueueProblem(field=one.field, code=one.code, severity=one.severity, sentence=one.text) for one in found]


async def _with_draft(
    asked: Asked[Any, Any], conn: AsyncConnection, known: KeptQueue, draft: QueueDefinition | None, version: Expected
) -> KeptQueue:
    if known.kind == "observed":
        raise Problem(409, "Somebody else defines this queue; cxcall only says how it is shown.")
    if draft is not None and draft.name != known.name:
        raise _wrong("A queue keeps its name: calls and figures go by it.", "#/draft/name")
    return await queues.save_draft(
        conn, known.server, known.name, draft, version=version.number, by=asked.who.name, now=asked.now
    )


async def _with_look(
    asked: Asked[Any, Any], conn: AsyncConnection, known: KeptQueue, look: QueueLook, version: Expected
) -> KeptQueue:
    if known.kind == "managed":
        raise Problem(409, "How a managed queue is shown is a part of its draft.")
    return await queues.save_look(
        conn, known.server, known.name, look, version=version.number, by=asked.who.name, now=asked.now
    )


def _lines(found: Sequence[Any]) -> list[QueueLine]:
    return [QueueLine(sign=one.sign, text=one.text) for one in found]


def _wrong(detail: str, pointer: str) -> Problem:
    return Problem(422, detail, errors=[{"detail": detail, "pointer": pointer}])


def _gone() -> Problem:
    return Problem(404, "There is no such queue.")


def _subject(kept: KeptQueue) -> str:
    return f"queue:{kept.server}/{kept.name}"


def _answer(kept: KeptQueue, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=shown(kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="queues", scope=Scope.QUEUES_READ, roles=READERS, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="queues", scope=Scope.QUEUES_WRITE, roles=WRITERS, **fields)


ONE = "/queues/{server}/{name}"
ENDPOINTS = (
    _read(path="/queues", handler=list_queues, summary="List queues", query=QueueQuery, gives=QueueList),
    _write(method="POST", path="/queues", handler=create_queue, summary="Draft a queue", body=NewQueue,
           gives=ShownQueue, status=201, problems=(409,), gives_headers=("Location", "ETag")),
    _read(path=ONE, handler=get_queue, summary="One queue", gives=ShownQueue, gives_headers=("ETag",)),
    _write(method="PATCH", path=ONE, handler=change_queue, summary="Change a draft", body=QueueChange,
           gives=ShownQueue, problems=(409, 412, 428), headers=("If-Match",), gives_headers=("ETag",)),
    _write(method="DELETE", path=ONE, handler=remove_queue, summary="Remove a queue", status=204,
           problems=(409, 412, 428), headers=("If-Match",)),
    _read(path=ONE + "/plan", handler=plan_queue, summary="What applying would do", gives=QueuePlanned),
    _write(method="POST", path=ONE + "/test-call", handler=call_queue, summary="Ring a phone and let it wait",
           body=QueueTrial, status=204, problems=(409, 503)),
)  # fmt: skip
