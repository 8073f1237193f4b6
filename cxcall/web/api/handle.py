"""From a table row to an aiohttp route: the door, the typed input, the handler, the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from cxcall.web.access import maybe_user_of, needs, public
from cxcall.web.api.endpoint import Answer, Asked, Endpoint
from cxcall.web.api.reading import Misfits, read_body, read_query
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import encoded
from cxcall.web.pages.home import sign_in_first
from cxcall.web.problems import Problem

BODY_LIMIT = 256 * 1024
"""Bytes of a JSON body; the largest honest one, a customer with long notes, is under 50 KB."""
BODY_DEADLINE = 15.0
"""Seconds a client has to send its body."""


def route(endpoint: Endpoint) -> web.RouteDef:
    """The route of `endpoint`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if endpoint.scope is Scope.ANY and maybe_user_of(request) is None:
            return sign_in_first(request)
        try:
            asked = Asked(
                request=request,
                path=_path(request),
                query=read_query(endpoint.query, request.query.items()) if endpoint.query else None,
                body=await _body(request, endpoint),
            )
        except Misfits as error:
            raise _problem(error) from error
        return _response(endpoint, await endpoint.handler(asked))

    handle.__name__ = endpoint.name
    unguarded = endpoint.scope in (None, Scope.ANY)
    marked = public(handle) if unguarded else needs(*endpoint.roles, scope=endpoint.scope)(handle)
    return web.route(endpoint.method, endpoint.full_path, marked)


def _problem(error: Misfits) -> Problem:
    """The misfits as `errors`, each with a `pointer` into the body or the name of a query `parameter`."""
    member = "pointer" if error.place == "body" else "parameter"
    found = [{"detail": misfit.detail, member: misfit.where} for misfit in error.found]
    what = "body" if error.place == "body" else "query"
    return Problem(422, f"The {what} can't be used: {len(found)} thing(s) to put right, see errors.", errors=found)


def _path(request: web.Request) -> dict[str, str]:
    path = dict(request.match_info)
    if any("\0" in part or "\ufffd" in part for part in path.values()):
        raise Problem(404, "There is nothing at this address.")  # no id of ours holds such letters
    return path


async def _body(request: web.Request, endpoint: Endpoint) -> Any:
    """The JSON body as the struct the row names; None when the row has none or reads it itself."""
    if endpoint.body is None or not issubclass(endpoint.body, msgspec.Struct):
        return None
    if request.content_type != "application/json":
        raise Problem(415, "Send the body as application/json.")
    return read_body(endpoint.body, decoded(await read_at_most(request, BODY_LIMIT)))


async def read_at_most(request: web.Request, limit: int) -> bytes:
    """The whole body, at most `limit` bytes of it. Raises Problem 413 or 408."""
    if (request.content_length or 0) > limit:
        raise Problem(413, f"The body may hold at most {limit} bytes.")
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            async for chunk in request.content.iter_any():
                received += chunk
                if len(received) > limit:
                    raise Problem(413, f"The body may hold at most {limit} bytes.")
    except TimeoutError as error:
        raise Problem(408, f"The body did not arrive within {BODY_DEADLINE:g} s.") from error
    return bytes(received)


def decoded(data: bytes) -> Any:
    """`data` as JSON. Raises Problem 400."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"The body is not JSON: {error}") from error


def _response(endpoint: Endpoint, outcome: Any) -> web.StreamResponse:
    if isinstance(outcome, web.StreamResponse):
        return outcome
    answer = outcome if isinstance(outcome, Answer) else Answer(value=outcome)
    status = answer.status or endpoint.status
    headers = {"Cache-Control": "no-store", **answer.headers}
    if status == 204:
        return web.Response(status=204, headers=headers)
    return web.Response(
        body=encoded(answer.value), status=status, headers=headers, content_type=endpoint.gives_type, charset="utf-8"
    )
