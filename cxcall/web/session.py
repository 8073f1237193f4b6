"""Who sends this request, and how they want to see things: read once, before anything else looks.

The cookie holds a random secret, the table its hash. Before sign-in a guest's cookie carries a secret for the forms'
tokens, and another one language and theme.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from cxcall.web import csrf, preferences, presentation
from cxcall.web.accept_language import asked_language
from cxcall.web.access import USER, maybe_user_of
from cxcall.web.assets import PREFIX as STATIC
from cxcall.web.keys import CLOCK, SETTINGS
from cxcall.web.preferences import Preferences
from cxcall.web.prompt_files import PREFIX as PROMPTS
from cxcall.web.queue_titles import TITLES
from cxcall.web.security import is_https
from cxcall.web.visitors import person_behind

SESSION_COOKIE = "cxcall_session"
GUEST_COOKIE = "cxcall_guest"
LOOK_COOKIE = "cxcall_look"
LOOK_FOR_S = 365 * 86400
GUESTS_BODY = 64 * 1024
FOR_ALL = frozenset({"/healthz", "/readyz"})
"""The same for everybody, and wanted most when the database can't say who asks."""
DIALPLAN = "/dialplan/"
"""Asked by Asterisk while a caller waits; nobody signs in there."""
LOOKUP_S = 5.0
"""For the database to say who this is; a page that waits longer for it would seem to hang."""

_GUEST = web.RequestKey("guest_secret", str)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith((STATIC, PROMPTS, DIALPLAN)) or request.path in FOR_ALL:
        return await handler(request)
    secret = cookie(request, SESSION_COOKIE)
    presentation.use(_presentation(request))  # for the error page, should the next line fail
    async with asyncio.timeout(LOOKUP_S):
        user = await person_behind(request, secret)
    if user is not None:
        request[USER] = user
        await _name_queues(request)
    else:
        _hold_back(request)
    guest = cookie(request, GUEST_COOKIE)
    if user is None and not guest:
        guest = request[_GUEST] = secrets.token_urlsafe(24)
    csrf.use(secret if user is not None else guest)
    response = await handler(request)
    if _GUEST in request and response.content_type == "text/html" and not response.prepared:
        set_cookie(request, response, GUEST_COOKIE, request[_GUEST])
    return response


def cookie(request: web.BaseRequest, name: str) -> str:
    """A cookie of ours, which is ASCII; empty when it is not there or nothing we ever set."""
    value = request.cookies.get(name, "")
    return value if value.isascii() else ""


def preferences_of(request: web.BaseRequest) -> Preferences:
    """The signed-in person's, else the guest's cookie."""
    user = maybe_user_of(request)
    return user.preferences if user is not None else read_look(cookie(request, LOOK_COOKIE))


def read_look(look: str) -> Preferences:
    """`fa.dark`; anything else counts as nothing chosen."""
    language, _, theme = look.partition(".")
    return preferences.read({"language": language or None, "theme": theme or "system"})


def write_look(chosen: Preferences) -> str:
    return f"{chosen.language or ''}.{chosen.theme}"


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, *, max_age: int | None = None
) -> None:
    """A cookie scripts can't read and other sites' forms don't send."""
    response.set_cookie(name, value, max_age=max_age, path="/", httponly=True, samesite="Lax", secure=is_https(request))


def _hold_back(request: web.Request) -> None:
    """Strangers send a name and a password, nothing large, and say how long it is before it is read."""
    if not request.can_read_body:
        return
    if request.content_length is None:
        raise web.HTTPLengthRequired
    if request.content_length > GUESTS_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=GUESTS_BODY, actual_size=request.content_length)


async def _name_queues(request: web.Request) -> None:
    shown = _presentation(request)
    presentation.use(replace(shown, queues=await request.app[TITLES].of(shown.language)))


def _presentation(request: web.Request) -> presentation.Presentation:
    """As the person chose, or in the words a program with a token asks for: browsers ask for their own language."""
    shown = preferences.presentation(preferences_of(request), request.app[SETTINGS].site, request.app[CLOCK]())
    if "Authorization" not in request.headers:
        return shown
    language = asked_language(request.headers.get("Accept-Language", ""))
    return replace(shown, language=language) if language else shown
