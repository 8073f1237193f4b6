"""The start page of each role, and the way to the login for those who are not signed in."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from cxcall.web import problems
from cxcall.web.access import needs, user_of
from cxcall.web.navigation import HOME

routes = web.RouteTableDef()


@routes.get("/")
@needs()
async def home(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(HOME[user_of(request).role])


def sign_in_first(request: web.Request) -> web.StreamResponse:
    """401 for programs and fragments, the login page for people, who come back to where they wanted to go."""
    if problems.wanted(request) or request.path == "/ws":
        response = problems.response(401, "Sign in, or send a token: Authorization: Bearer …")
        response.headers["WWW-Authenticate"] = 'Bearer realm="cxcall"'
        return response
    if request.headers.get("HX-Request") or request.headers.get("X-Fragment"):
        return web.Response(status=401, headers={"HX-Redirect": "/login"})
    query = {"next": str(request.rel_url)} if request.method == "GET" and request.path != "/" else {}
    raise web.HTTPFound("/login" + ("?" + urlencode(query) if query else ""))
