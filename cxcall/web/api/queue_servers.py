"""`/queue-servers`: who defines the queues of each Asterisk, what was applied to it and when, and the way back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from cxcall.store import queue_servers, queue_versions
from cxcall.store.errors import Conflict
from cxcall.store.queue_versions import VersionLine
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import Limit
from cxcall.web.api.queues import QueueLine, shown_problems
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import SETTINGS
from cxcall.web.pages.queues import applying
from cxcall.web.pages.queues.applying import Outcome
from cxcall.web.pages.queues.loading import around
from cxcall.web.problems import Problem

N = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)]
Mode = Literal["observe", "managed"]
READERS, WRITERS = tuple(OVERSEERS), (Role.ADMIN,)


class ShownQueueServer(msgspec.Struct, frozen=True, kw_only=True):
    """`observe`: queues are only watched; `managed`: drafts can be applied. `applied`: the version Asterisk has.

    `version` 0: nobody chose yet.
    """

    server: str
    mode: Mode
    version: int
    applied: int | None


class QueueServerList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ShownQueueServer]


class QueueServerChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who defines the queues from now on; nothing in Asterisk changes by it. `version` 0 for the first choice."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET
    mode: Mode


class QueueApply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Queues to apply by name; empty: all whose draft differs. `base`: the version you saw (null: don't look)."""

    queues: tuple[str, ...] = ()
    base: N | None = None


class QueueRollback(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version whose lines Asterisk is given again."""

    version: N


class QueueApplied(msgspec.Struct, frozen=True, kw_only=True):
    """Asterisk has read it and says the same. `unchanged`: it had it like this already. `version`: as kept."""

    outcome: Literal["applied", "unchanged"]
    version: int | None
    seconds: float


class QueueVersionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Versions before this one."""

    limit: Limit = 50
    before: N | None = None


class ShownQueueVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was written or was to be. `restores`: the older one it brought back."""

    n: int
    made_at: Time
    by: str
    state: Literal["applying", "applied", "failed", "rolled_back"]
    problem: str
    seconds: float | None
    restores: int | None
    queues: int


class QueueVersionList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `before` of the next page, null on the last."""

    items: list[ShownQueueVersion]
    next: int | None


async def list_queue_servers(asked: Asked[None, None]) -> QueueServerList:
    async with asked.engine.connect() as conn:
        known = {one.server: one for one in await queue_servers.everything(conn)}
    return QueueServerList(items=[_shown(name, known.get(name)) for name in _names(asked)])


async def change_queue_server(asked: Asked[None, QueueServerChange]) -> ShownQueueServer:
    """409 or 412 when somebody else chose since `version`."""
    server, version = _server(asked), expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        try:
            kept = await queue_servers.save(
                conn, server, mode=asked.body.mode, version=version.number, by=asked.who.name, now=asked.now
            )
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "queues.mode", f"server:{server}", {"mode": asked.body.mode})
    return _shown(server, kept)


async def apply_queues(asked: Asked[None, QueueApply]) -> QueueApplied:
    """All or nothing. 422 when a draft has errors; 409 when somebody else changed the file or applied meanwhile, with
    the `lines` in the way; 503 when Asterisk does not answer. Nothing was written then."""
    server = _server(asked)
    here = await around(asked.request, server, fresh=True)
    managed = {one.name: one for one in here.kept if one.kind == "managed"}
    if missing := [name for name in asked.body.queues if name not in managed]:
        raise Problem(422, f"There is no queue of cxcall’s called {missing[0]}.")
    wanted = [managed[name] for name in asked.body.queues] or [one for one in managed.values() if one.changed]
    if asked.body.base is not None and asked.body.base != here.version:
        raise Problem(409, "Another version was applied meanwhile. Look at it and apply again.")
    errors = [
        {"detail": one.sentence, "pointer": f"#/queues/{queue.name}/{one.field}"}
        for queue in wanted
        for one in shown_problems(here.faults(queue))
    ]
    if errors:
        raise Problem(422, "These drafts can't be applied, see errors.", errors=errors)
    if not wanted:
        return QueueApplied(outcome="unchanged", version=here.version, seconds=0.0)
    return _applied(await applying.apply(asked.request, here, wanted))


async def roll_back_queues(asked: Asked[None, QueueRollback]) -> QueueApplied:
    """The lines of an older version, written as a new one. 409 and 503 as for applying."""
    server = _server(asked)
    async with asked.engine.connect() as conn:
        if await queue_versions.get(conn, server, asked.body.version) is None:
            raise Problem(404, "There is no such version.")
    return _applied(await applying.roll_back(asked.request, server, asked.body.version))


async def accept_queues(asked: Asked[None, None]) -> QueueApplied:
    """The way out of a conflict: what somebody else wrote into the file becomes a version. Drafts that differ stay."""
    return _applied(await applying.accept(asked.request, _server(asked)))


async def renew_queues(asked: Asked[None, None]) -> QueueApplied:
    """Write again what follows from people and calendars: somebody joined a team, hours changed."""
    return _applied(await applying.renew(asked.request, _server(asked)))


async def list_queue_versions(asked: Asked[QueueVersionQuery, None]) -> QueueVersionList:
    async with asked.engine.connect() as conn:
        rows = await queue_versions.history(
            conn, _server(asked), limit=asked.query.limit + 1, before=asked.query.before
        )
    items = [_version(row) for row in rows[: asked.query.limit]]
    return QueueVersionList(items=items, next=items[-1].n if len(rows) > asked.query.limit else None)


def _applied(outcome: Outcome) -> QueueApplied:
    told = outcome.applied
    if told is None:  # nobody answered, or the server is only watched
        raise Problem(409 if outcome.refused else 503, outcome.plain)
    if told.outcome == "applied" or told.outcome == "unchanged":
        return QueueApplied(outcome=told.outcome, version=told.version, seconds=told.seconds)
    lines = [QueueLine(sign=one.sign, text=one.text) for one in outcome.diff]
    raise Problem(409, told.problem, outcome=told.outcome, lines=msgspec.to_builtins(lines))


def _shown(server: str, kept: queue_servers.QueueServer | None) -> ShownQueueServer:
    if kept is None:
        return ShownQueueServer(server=server, mode="observe", version=0, applied=None)
    return ShownQueueServer(server=server, mode=kept.mode, version=kept.version, applied=kept.applied_version)


def _version(row: VersionLine) -> ShownQueueVersion:
    return ShownQueueVersion(
        n=row.n, made_at=row.made_at, by=row.by, state=row.state, problem=row.problem, seconds=row.seconds,
        restores=row.restores, queues=row.queues,
    )  # fmt: skip


def _names(asked: Asked[Any, Any]) -> list[str]:
    return [one.name for one in asked.request.app[SETTINGS].ami]


def _server(asked: Asked[Any, Any]) -> str:
    if asked.path["server"] not in _names(asked):
        raise Problem(404, "There is no such Asterisk in the configuration.")
    return asked.path["server"]


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="queues", scope=Scope.QUEUES_READ, roles=READERS, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="queues", scope=Scope.QUEUES_WRITE, roles=WRITERS, **fields)


ONE = "/queue-servers/{server}"
ENDPOINTS = (
    _read(path="/queue-servers", handler=list_queue_servers, summary="Who defines the queues", gives=QueueServerList),
    _write(method="PATCH", path=ONE, handler=change_queue_server, summary="Watch or manage the queues",
           body=QueueServerChange, gives=ShownQueueServer, problems=(409, 412, 428), headers=("If-Match",)),
    _write(method="POST", path=ONE + "/apply", handler=apply_queues, summary="Apply drafts to Asterisk",
           body=QueueApply, gives=QueueApplied, problems=(409, 503)),
    _write(method="POST", path=ONE + "/rollback", handler=roll_back_queues, summary="Go back to a version",
           body=QueueRollback, gives=QueueApplied, problems=(409, 503)),
    _write(method="POST", path=ONE + "/accept", handler=accept_queues, summary="Take over what others wrote",
           gives=QueueApplied, problems=(409, 503)),
    _write(method="POST", path=ONE + "/renew", handler=renew_queues, summary="Write members and hours anew",
           gives=QueueApplied, problems=(409, 503)),
    _read(path=ONE + "/versions", handler=list_queue_versions, summary="What was applied", query=QueueVersionQuery,
          gives=QueueVersionList),
)  # fmt: skip
