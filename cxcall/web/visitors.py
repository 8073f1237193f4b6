"""From a session cookie or a bearer token to the person behind it."""

from __future__ import annotations

from aiohttp import web

from cxcall.web.access import SignedIn


async def person_behind(request: web.Request, secret: str) -> SignedIn | None:
    """The signed-in person, or None."""
    return None
