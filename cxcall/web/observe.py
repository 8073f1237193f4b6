"""Every request gets an id, one line in the log, and a time limit."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from cxcall.web.access import maybe_user_of
from cxcall.web.keys import SETTINGS

REQUEST_ID = web.RequestKey("request_id", str)
LIMIT_S = 20.0
LONGEST_PATH = 200
"""In the log."""
NO_LIMIT = frozenset({"/ws"})
QUIET = ("/static/", "/healthz", "/readyz", "/metrics", "/dialplan/", "/prompts/")
"""Asked by programs, many times a minute: a line for each would bury what people do. Faults of ours are told."""

log = structlog.get_logger("cxcall.web")


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost but one: the error pages inside have already turned exceptions into answers."""
    request[REQUEST_ID] = request_id = secrets.token_hex(6)
    started = time.monotonic()
    status = 499  # the browser went away
    try:
        response = await handler(request)
        status = response.status
        if not response.prepared:
            response.headers["X-Request-Id"] = request_id
    except web.HTTPException as error:
        status = error.status
        error.headers["X-Request-Id"] = request_id
        raise
    else:
        return response
    finally:
        if not request.path.startswith(QUIET) or status >= 500:
            user = maybe_user_of(request)
            log.info(
                "request",
                id=request_id,
                method=request.method,
                path=request.path[:LONGEST_PATH],
                status=status,
                ms=round((time.monotonic() - started) * 1000, 1),
                user=user.name if user else None,
                address=address_of(request),
            )


@web.middleware
async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """TimeoutError after LIMIT_S, but for the WebSocket, which lives as long as its page."""
    if request.path in NO_LIMIT:
        return await handler(request)
    async with asyncio.timeout(LIMIT_S):
        return await handler(request)


def address_of(request: web.Request) -> str:
    """The browser's address: the last hop of X-Forwarded-For that is no trusted proxy, else the peer."""
    peer = request.remote or ""
    trusted = request.app[SETTINGS].web.trusted_proxies
    if not _inside(peer, trusted):
        return peer
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if hop.strip() and not _inside(hop.strip(), trusted):
            return hop.strip()[:45]
    return peer


def _inside(address: str, networks: tuple[str, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
        return any(ip in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
