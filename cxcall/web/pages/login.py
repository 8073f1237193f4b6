"""/login, /logout, and /preferences, which also switches language and theme before sign-in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import audit, sessions, users
from cxcall.web import auth, preferences, render, session
from cxcall.web.access import maybe_user_of, needs, public, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import CLOCK, ENGINE, LIVE
from cxcall.web.observe import address_of
from cxcall.web.preferences import Preferences
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()

CHOICES = frozenset(Preferences.__struct_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    next: str
    name: str = ""
    error: str = ""
    locked_until: datetime | None = None


@routes.get("/login")
@public
async def show(request: web.Request) -> web.StreamResponse:
    next_ = local(request.query.get("next", ""))
    if maybe_user_of(request) is not None:
        raise web.HTTPFound(next_)
    return render.page(request, "login.html", LoginView(next=next_))


@routes.post("/login")
@public
async def login(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    name, next_ = typed(str(form.get("name", "")))[:200], local(str(form.get("next", "")))
    came = auth.Came(
        address=address_of(request),
        browser=request.headers.get("User-Agent", ""),
        now=request.app[CLOCK](),
        old_secret=session.cookie(request, session.SESSION_COOKIE),
    )
    outcome = await auth.sign_in(request.app[ENGINE], name, str(form.get("password", "")), came)
    if isinstance(outcome, auth.Locked):
        view = LoginView(next=next_, name=name, locked_until=outcome.until)
        response = render.page(request, "login.html", view, status=429)
        response.headers["Retry-After"] = str(math.ceil((outcome.until - came.now).total_seconds()))
        return response
    if not isinstance(outcome, auth.Welcome):
        view = LoginView(next=next_, name=name, error=_("Name or password is not right."))
        return render.page(request, "login.html", view, status=422)
    await _keep_look(request.app[ENGINE], outcome.user, session.preferences_of(request))
    answer = web.HTTPSeeOther(next_)
    session.set_cookie(
        request, answer, session.SESSION_COOKIE, outcome.secret, max_age=int(auth.LONGEST.total_seconds())
    )
    answer.del_cookie(session.GUEST_COOKIE, path="/")
    raise answer


@routes.post("/logout")
@needs()
async def logout(request: web.Request) -> web.StreamResponse:
    user = user_of(request)
    async with request.app[ENGINE].begin() as conn:
        await sessions.end(conn, user.session or "")
        await audit.add(conn, actor=user.name, act="logout", subject=f"user:{user.id}", address=address_of(request))
    request.app[LIVE].end_session(user.session)
    answer = web.HTTPSeeOther("/login")
    answer.del_cookie(session.SESSION_COOKIE, path="/")
    raise answer


@routes.post("/preferences")
@public
async def choose(request: web.Request) -> web.StreamResponse:
    """Set the preferences that the form names; what is no valid choice is left as it was."""
    form = await request.post()
    before = session.preferences_of(request)
    after = chosen(before, {name: str(form.getall(name)[-1]) for name in CHOICES & set(form)})
    back: web.StreamResponse = web.HTTPSeeOther(local(str(form.get("next", ""))))
    if request.headers.get("X-Fragment"):
        back = web.Response(status=204)
    user = maybe_user_of(request)
    if user is not None:
        await save(request.app[ENGINE], user.id, after)
    else:
        session.set_cookie(request, back, session.LOOK_COOKIE, session.write_look(after), max_age=session.LOOK_FOR_S)
    if isinstance(back, web.HTTPException):
        raise back
    return back


def chosen(before: Preferences, changes: dict[str, str]) -> Preferences:
    """`before` with the valid ones of `changes`, as a form sends them: "" takes one back, on and off are switches."""
    data: dict[str, Any] = msgspec.structs.asdict(before)
    for name, value in changes.items():
        new = {"on": True, "off": False, "": None}.get(value, value)
        try:
            msgspec.convert(data | {name: new}, Preferences)
        except msgspec.ValidationError:
            continue
        data[name] = new
    return Preferences(**data)


async def save(engine: AsyncEngine, user_id: str, after: Preferences) -> None:
    """Keep a person's preferences; the language has a column of its own."""
    kept = preferences.write(after)
    language = kept.pop("language", None)
    cleared = dict.fromkeys(CHOICES - {"language"})
    async with engine.begin() as conn:
        user = await users.get(conn, user_id)
        await users.set_preferences(conn, user_id, cleared | kept)
        if user is not None and user.language != language:
            await users.change(conn, user_id, language=language)


def local(target: str) -> str:
    """`target` if it is a path of ours, else the start page: nobody is sent to another site after login."""
    parts = urlsplit(target)
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if fine and target.isprintable() and "\\" not in target and len(target) < 2000 else "/"


async def _keep_look(engine: AsyncEngine, user: users.User, look: Preferences) -> None:
    """Who never chose a language or theme keeps the ones chosen on the login page."""
    had = preferences.read(dict(user.preferences))
    theme = look.theme if had.theme == "system" else had.theme
    language = user.language or look.language
    if (theme, language) != (had.theme, user.language):
        await save(engine, user.id, msgspec.structs.replace(had, theme=theme, language=language))
