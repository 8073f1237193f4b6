"""Only our own pages may change things: the browser's word on where a request comes from, and a token in every form.

A request with an unsafe method is refused unless (1) `Sec-Fetch-Site` says same-origin, or `Origin` names this host
where the browser sends no Sec-Fetch-Site, and (2) it carries the token of its session in the field `csrf` or the header
`X-CSRF-Token`. The token is an HMAC of the session cookie's secret, so nothing is stored. Requests with a bearer token
carry nothing a browser adds by itself and are exempt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from contextvars import ContextVar
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from markupsafe import Markup

from cxcall.web.access import Forbidden, maybe_user_of
from cxcall.web.words import gettext as _

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf"
HEADER = "X-CSRF-Token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

UNREADABLE = (ValueError, LookupError, AssertionError, RuntimeError, HttpProcessingError, web.RequestPayloadError)
"""What aiohttp raises for forms in no charset, in torn pieces, or packed in a way they are not."""

_token: ContextVar[str] = ContextVar("csrf_token", default="")


def token() -> str:
    """The token of the request being answered."""
    return _token.get()


def field() -> Markup:
    """The hidden field every form that posts needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def use(secret: str) -> None:
    """Make the token of the cookie `secret` the one of this request."""
    _token.set(hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest() if secret else "")


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    user = maybe_user_of(request)
    with_token = user is not None and user.scopes is not None
    if request.method in SAFE or with_token:
        return await handler(request)
    if not from_here(request):
        raise Forbidden(_("This request came from another site, so nothing was changed."))
    sent = request.headers.get(HEADER)
    if request.content_type in FORMS:
        form = await _form(request)
        sent = str(form.get(FIELD, "")) if sent is None else sent
    if not token() or not hmac.compare_digest((sent or "").encode("utf-8", "replace"), token().encode()):
        raise Forbidden(_("This form is too old, so nothing was changed. Go back, reload the page and send it again."))
    return await handler(request)


def from_here(request: web.BaseRequest) -> bool:
    """What the browser says about the page that made the request; programs that say nothing are not browsers."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:
        return False


async def _form(request: web.Request) -> Mapping[str, object]:
    """The form, read once and kept by the request for its handler; HTTPBadRequest for one that can't be read."""
    try:
        return await request.post()
    except UNREADABLE as error:
        raise web.HTTPBadRequest from error
