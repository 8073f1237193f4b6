"""`/views`: filters of the list of calls kept under a name, shared by role, one of them opened first.

Agents keep views for themselves; what a view lists is always judged by the rights of who reads it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlencode

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import saved_views
from cxcall.store.errors import Conflict
from cxcall.store.saved_views import LONGEST_NAME, LONGEST_QUERY, NoSuchView, TooManyViews, View
from cxcall.web.access import Forbidden
from cxcall.web.api.acts import note_act
from cxcall.web.api.calls import CallList, listed
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.own_reports import Version
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.reports import reader_of
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.pages import calls_filter
from cxcall.web.pages.calls import wanted_by
from cxcall.web.pages.own_reports.call_views import LIST, query_of
from cxcall.web.problems import Problem

KNOWN = ("q", "when", "from", "to", "queue", "agent", "outcome", "direction", "number", "survey", "of")
"""Filters of the list of calls, as its address has them."""
_FIELDS = {"text": "q", "since": "from", "until": "to"}

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
Query = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_QUERY)]
Shares = Literal["nobody", "supervisors", "overseers", "everyone"]


class NewView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A view to keep. `query`: the filters as the address of the list of calls has them: `queue=support&when=week`."""

    name: Name
    query: Query
    shared: Shares = "nobody"


class ViewChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    query: Query | msgspec.UnsetType = msgspec.UNSET
    shared: Shares | msgspec.UnsetType = msgspec.UNSET


class ShownView(msgspec.Struct, frozen=True, kw_only=True):
    """A view; `owner` is a user's name, `first`: whether the reader's list opens with it."""

    id: str
    version: int
    name: str
    owner: str
    shared: str
    query: str
    first: bool
    made_at: Time


class ViewList(msgspec.Struct, frozen=True, kw_only=True):
    """One's own views first, each part by name; `next` is null on the last page."""

    items: list[ShownView]
    next: str | None


async def list_views(asked: Asked[PageQuery, None]) -> ViewList:
    reader = reader_of(asked)
    async with asked.engine.connect() as conn:
        found = await saved_views.listed(conn, LIST, reader)
        first = await saved_views.default_of(conn, LIST, reader)
    rows, following = part(found, asked.query, lambda one: one.id)
    return ViewList(items=[_shown(one, first) for one in rows], next=following)


async def create_view(asked: Asked[None, NewView]) -> Answer:
    """409 when so many are kept already that they could not be told apart."""
    given = asked.body
    _may_share(asked, given.shared)
    query = _filters(given.query)
    async with asked.engine.begin() as conn:
        try:
            made = await saved_views.create(
                conn, LIST, name=given.name, owner_id=asked.who.id, query=query, shared=given.shared, now=asked.now
            )
        except TooManyViews as error:
            raise Problem(409, str(error)) from error
        await _note(asked, conn, "create", made)
        return await _answer(asked, conn, made, {"Location": f"{ROOT}/views/{made.id}"})


async def get_view(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return await _answer(asked, conn, await _found(asked, conn))


async def list_view_calls(asked: Asked[PageQuery, None]) -> CallList:
    """The calls it shows now, of those the reader may see; relative days are as of today."""
    async with asked.engine.connect() as conn:
        kept = await _found(asked, conn)
    return await listed(asked, wanted_by(asked.who, _read_query(kept.query)), asked.query.limit, asked.query.after)


async def change_view(asked: Asked[None, ViewChange]) -> Answer:
    """409 or 412 when it was changed since `version`; 403 for a view of somebody else."""
    body = asked.body
    expected = expected_version(asked.request, body.version)
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        name = known.name if isinstance(body.name, msgspec.UnsetType) else body.name
        query = known.query if isinstance(body.query, msgspec.UnsetType) else _filters(body.query)
        shared = known.shared
        if not isinstance(body.shared, msgspec.UnsetType):
            _may_share(asked, body.shared)
            shared = body.shared
        try:
            saved = await saved_views.save(
                conn, known.id, owner_id=asked.who.id, version=expected.number, name=name, shared=shared, query=query
            )
        except Conflict as error:
            raise expected.outdated() from error
        except NoSuchView as error:
            raise _gone() from error
        await _note(asked, conn, "change", saved)
        return await _answer(asked, conn, saved)


async def delete_view(asked: Asked[None, None]) -> Answer:
    """It comes back by `restore` for some days."""
    expected = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await _mine(asked, conn)
        try:
            await saved_views.remove(
                conn, known.id, owner_id=asked.who.id, version=expected.number, now=asked.now
            )  # fmt: skip
        except Conflict as error:
            raise expected.outdated() from error
        except NoSuchView as error:
            raise _gone() from error
        await _note(asked, conn, "remove", known)
    return Answer(status=204)


async def restore_view(asked: Asked[None, None]) -> Answer:
    """One's own; 404 where there is nothing to bring back."""
    async with asked.engine.begin() as conn:
        if not await saved_views.restore(conn, asked.path["id"], owner_id=asked.who.id):
            raise _gone()
        known = await _found(asked, conn)
        await _note(asked, conn, "restore", known)
        return await _answer(asked, conn, known)


async def open_view_first(asked: Asked[None, None]) -> Answer:
    """The reader's list of calls opens with it from now on."""
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        await saved_views.open_first(conn, LIST, asked.who.id, known.id)
        return await _answer(asked, conn, known)


async def open_view_no_more(asked: Asked[None, None]) -> Answer:
    """Where the list opens with it, it opens with all calls again."""
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        first = await saved_views.default_of(conn, LIST, reader_of(asked))
        if first is not None and first.id == known.id:
            await saved_views.open_first(conn, LIST, asked.who.id, None)
    return Answer(status=204)


def _read_query(text: str) -> calls_filter.Asked:
    return calls_filter.read({name: values[0] for name, values in parse_qs(text).items()})


def _filters(text: str) -> str:
    """The filters, always written alike. Raises Problem 422 for what the list can't be asked."""
    try:
        given = parse_qs(text.lstrip("?"), max_num_fields=50)
    except ValueError:
        raise _refused(["It is no query of an address."]) from None
    unknown = [f"There is no filter {name[:50]}. There are: {', '.join(KNOWN)}." for name in given if name not in KNOWN]
    asked = _read_query(urlencode({name: values[0] for name, values in given.items()}))
    wrong = [f"{_FIELDS.get(name, name)} can't be {value[:50]}." for name, value in asked.problems]
    kept = query_of(asked)
    if unknown or wrong or not kept:
        raise _refused([*unknown, *wrong] or ["Name at least one filter, such as queue=support."])
    if len(kept) > LONGEST_QUERY:
        raise _refused([f"The filters may have at most {LONGEST_QUERY} letters, written as an address has them."])
    return kept


def _refused(details: list[str]) -> Problem:
    errors = [{"detail": detail, "pointer": "#/query"} for detail in details]
    return Problem(422, "The view can't be kept as it is, see errors.", errors=errors)


def _may_share(asked: Asked[Any, Any], shared: Shares) -> None:
    if shared != "nobody" and not asked.who.oversees:
        raise Forbidden("Agents keep views for themselves.")


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> View:
    kept = await saved_views.get(conn, asked.path["id"], reader_of(asked))
    if kept is None:
        raise _gone()
    return kept


async def _mine(asked: Asked[Any, Any], conn: AsyncConnection) -> View:
    kept = await _found(asked, conn)
    if kept.owner_id != asked.who.id:
        raise Problem(403, "Only who made the view changes it.")
    return kept


def _gone() -> Problem:
    return Problem(404, "There is no such view.")


async def _note(asked: Asked[Any, Any], conn: AsyncConnection, act: str, of: View) -> None:
    await note_act(asked, conn, f"view.{act}", f"view:{of.id}", {"name": of.name})


def _shown(kept: View, first: View | None) -> ShownView:
    return ShownView(
        id=kept.id, version=kept.version, name=kept.name, owner=kept.owner, shared=kept.shared, query=kept.query,
        first=first is not None and first.id == kept.id, made_at=kept.made_at,
    )  # fmt: skip


async def _answer(
    asked: Asked[Any, Any], conn: AsyncConnection, kept: View, headers: dict[str, str] | None = None
) -> Answer:
    first = await saved_views.default_of(conn, LIST, reader_of(asked))
    return Answer(value=_shown(kept, first), headers={"ETag": etag(kept.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="calls", scope=Scope.CALLS_READ, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="calls", scope=Scope.CALLS_WRITE, **fields)


_ONE = "/views/{id}"
ENDPOINTS = (
    _read(path="/views", handler=list_views, summary="Views of the list of calls", query=PageQuery, gives=ViewList),
    _write(method="POST", path="/views", handler=create_view, summary="Keep a view of the list of calls", body=NewView,
           gives=ShownView, status=201, problems=(403, 409), gives_headers=("Location", "ETag")),
    _read(path=_ONE, handler=get_view, summary="One view", gives=ShownView, gives_headers=("ETag",)),
    _read(path=_ONE + "/calls", handler=list_view_calls, summary="The calls of a view", query=PageQuery,
          gives=CallList),
    _write(method="PATCH", path=_ONE, handler=change_view, summary="Change a view of one's own", body=ViewChange,
           gives=ShownView, problems=(403, 409, 412, 428), headers=("If-Match",), gives_headers=("ETag",)),
    _write(method="DELETE", path=_ONE, handler=delete_view, summary="Remove a view of one's own", status=204,
           problems=(403, 409, 412, 428), headers=("If-Match",)),
    _write(method="POST", path=_ONE + "/restore", handler=restore_view, summary="Bring back a view of one's own",
           gives=ShownView, gives_headers=("ETag",)),
    _write(method="PUT", path=_ONE + "/first", handler=open_view_first, summary="Open the list of calls with a view",
           gives=ShownView, gives_headers=("ETag",)),
    _write(method="DELETE", path=_ONE + "/first", handler=open_view_no_more, status=204,
           summary="Open the list of calls with all of them"),
)  # fmt: skip
