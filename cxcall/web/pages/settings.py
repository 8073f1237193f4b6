"""/settings: how one's own pages look, the password, where one is signed in, one's tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from cxcall.store import attempts, audit, sessions, tokens, users
from cxcall.web import passwords, render
from cxcall.web.access import needs, user_of
from cxcall.web.keys import CLOCK, ENGINE, LIVE
from cxcall.web.observe import address_of
from cxcall.web.pages import secrets_view
from cxcall.web.pages.secrets_view import Access, Secret
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()

DONE = {
    "saved": N_("Saved."),
    "password": N_("The password was changed. Your other sessions were signed out."),
    "signed-out": N_("Signed out there."),
    "revoked": N_("The token was revoked."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    access: Access
    secret: Secret | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@routes.get("/settings")
@needs()
async def show(request: web.Request) -> web.Response:
    done = DONE.get(request.query.get("done", ""))
    return await _show(request, done=render.Done(text=_(done)) if done else None)


@routes.post("/settings/password")
@needs()
async def change_password(request: web.Request) -> web.StreamResponse:
    """The old password is asked for, so that a borrowed screen can't take the account; tries are limited."""
    me, form, now = user_of(request), await request.post(), request.app[CLOCK]()
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    fault = passwords.fault(new, me.name)
    if fault or new != again:
        errors = {"new": fault} if fault else {"again": N_("The two passwords are not the same.")}
        return await _show(request, errors=errors, status=422)
    subject = f"password:{me.id}"
    async with request.app[ENGINE].begin() as conn:
        if await attempts.locked_until(conn, [subject], now=now):
            return await _show(request, errors={"old": N_("Too many wrong tries. Wait some minutes.")}, status=429)
        await attempts.failed(conn, subject, attempts.NAME_LIMIT, now=now)
        kept = await users.password_hash(conn, me.id)
    if not await passwords.matches(old, kept):
        return await _show(request, errors={"old": N_("This is not your password.")}, status=422)
    hashed = await passwords.hash_password(new)
    async with request.app[ENGINE].begin() as conn:
        await attempts.forget(conn, subject)
        await users.set_password_hash(conn, me.id, hashed, keep_session=me.session)
        subject = f"user:{me.id}"
        await audit.add(conn, actor=me.name, act="password.change", subject=subject, address=address_of(request))
    request.app[LIVE].end_user(me.id, keep=me.session)
    raise web.HTTPSeeOther("/settings?done=password")


@routes.post("/settings/sessions/end")
@needs()
async def end_sessions(request: web.Request) -> web.StreamResponse:
    """One session, or all others."""
    me, form = user_of(request), await request.post()
    one = str(form.get("session", ""))
    async with request.app[ENGINE].begin() as conn:
        if one:
            await sessions.end(conn, one, user_id=me.id)
        else:
            await sessions.end_all(conn, me.id, keep=me.session or "")
    if one:
        request.app[LIVE].end_session(one)
    else:
        request.app[LIVE].end_user(me.id, keep=me.session)
    raise web.HTTPSeeOther("/settings?done=signed-out")


@routes.post("/settings/tokens")
@needs()
async def make_token(request: web.Request) -> web.StreamResponse:
    me, form = user_of(request), await request.post()
    try:
        async with request.app[ENGINE].begin() as conn:
            secret = await secrets_view.make_token(
                conn, me.id, form, actor=me.name, address=address_of(request), now=request.app[CLOCK]()
            )
    except secrets_view.TokenFault as fault:
        return await _show(request, errors={"token": str(fault)}, status=422)
    return await _show(request, secret=secret, status=201)


@routes.post("/settings/tokens/{token}/revoke")
@needs()
async def revoke_token(request: web.Request) -> web.StreamResponse:
    me, token = user_of(request), request.match_info["token"]
    async with request.app[ENGINE].begin() as conn:
        if await tokens.revoke(conn, token, user_id=me.id, now=request.app[CLOCK]()):
            subject, address = f"user:{me.id}", address_of(request)
            await audit.add(
                conn, actor=me.name, act="token.revoke", subject=subject, details={"token": token}, address=address
            )
    raise web.HTTPSeeOther("/settings?done=revoked")


async def _show(
    request: web.Request,
    *,
    secret: Secret | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    done: render.Done | None = None,
) -> web.Response:
    me = user_of(request)
    async with request.app[ENGINE].connect() as conn:
        now = request.app[CLOCK]()
        access = await secrets_view.access_of(conn, me.id, now=now, own_session=me.session)
    view = SettingsView(access=access, secret=secret, errors=errors or {})
    return render.page(request, "settings.html", view, status=status, done=done)
