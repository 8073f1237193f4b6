"""From a session cookie or a bearer token to the person behind it."""

from __future__ import annotations

import msgspec
from aiohttp import web

from cxcall.store import sessions, sign_ins, tokens, users
from cxcall.store.sign_ins import Held, SignIn
from cxcall.web import auth, preferences
from cxcall.web.access import Role, Seat, SignedIn
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.problems import API

FOR_PROGRAMS = (API, "/metrics")


async def person_behind(request: web.Request, secret: str) -> SignedIn | None:
    """The person of the session `secret`, or on paths for programs of `Authorization: Bearer TOKEN`; else None.

    A request with a bearer header is judged by the token alone.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and request.path.startswith(FOR_PROGRAMS):
        return await _by_token(request, token.strip())
    return await _by_session(request, secret) if secret else None


async def _by_session(request: web.Request, secret: str) -> SignedIn | None:
    engine, now = request.app[ENGINE], request.app[CLOCK]()
    async with engine.connect() as conn:
        session = await sessions.find(conn, secret, now=now)
        user = await users.get(conn, session.user_id) if session else None
        sits = await sign_ins.of_user(conn, user.id) if user else None
        held = await sign_ins.held(conn, user.id, user.extensions) if user else ()
    if session is None or user is None:
        return None
    await auth.seen(engine, session, now)
    return signed_in(user, session=session.id_hash, sits=sits, held=held)


async def _by_token(request: web.Request, secret: str) -> SignedIn | None:
    engine, now = request.app[ENGINE], request.app[CLOCK]()
    async with engine.connect() as conn:
        token = await tokens.find(conn, secret, now=now)
        user = await users.get(conn, token.user_id) if token else None
        sits = await sign_ins.of_user(conn, user.id) if user else None
        held = await sign_ins.held(conn, user.id, user.extensions) if user else ()
    if token is None or user is None:
        return None
    if token.used_at is None or now - token.used_at >= auth.TOUCH_EVERY:
        async with engine.begin() as conn:
            await tokens.used(conn, token.id, now=now)
    return signed_in(user, scopes=frozenset(token.scopes), sits=sits, held=held)


def signed_in(
    user: users.User,
    *,
    session: str | None = None,
    scopes: frozenset[str] | None = None,
    sits: SignIn | None = None,
    held: tuple[Held, ...] = (),
) -> SignedIn:
    """The store's user as the pages know one; the language has a column of its own."""
    chosen = preferences.read(dict(user.preferences))
    language = user.language if user.language in ("en", "fa") else None
    return SignedIn(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=Role(user.role),
        extensions=user.extensions,
        preferences=msgspec.structs.replace(chosen, language=language),
        session=session,
        scopes=scopes,
        kept=user.preferences,
        seat=Seat(server=sits.server, phone=sits.interface, since=sits.since) if sits else None,
        held=held,
    )
