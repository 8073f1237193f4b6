"""/admin/users: who may sign in, for administrators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key
from cxcall.store import audit, sessions, tokens, users
from cxcall.web import passwords, render
from cxcall.web.access import Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import CLOCK, ENGINE, LIVE
from cxcall.web.observe import address_of
from cxcall.web.pages import people_form, secrets_view
from cxcall.web.pages.people_form import PersonForm
from cxcall.web.pages.secrets_view import Secret
from cxcall.web.pages.users_view import CONFLICT, DONE, LAST_ADMIN, NOT_YOURSELF, TAKEN, PersonView, UsersView
from cxcall.web.searches import Group, Hit
from cxcall.web.turned_out import places_of, turn_out_of_all
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()
PATH = "/admin/users"


@routes.get(PATH)
@needs(Role.ADMIN)
async def show_all(request: web.Request) -> web.Response:
    text, role = typed(request.query.get("q", ""))[:100], request.query.get("role", "")
    async with request.app[ENGINE].connect() as conn:
        everyone = await users.everyone(conn)
    view = UsersView(
        people=[user for user in everyone if _fits(user, text, role)],
        text=text,
        role=role,
        total=len(everyone),
        roles=_roles(),
    )
    who = next((user for user in everyone if user.id == request.query.get("who")), None)
    return render.page(request, "users.html", view, done=_done(request, who))


@routes.get(PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return render.page(request, "user.html", PersonView(person=None, form=PersonForm(), roles=_roles()))


@routes.post(PATH)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    """Make a person; without a typed password one is made up and shown once."""
    form = people_form.read(await request.post(), with_password=True)
    if form.errors:
        return render.page(request, "user.html", PersonView(person=None, form=form, roles=_roles()), status=422)
    password = form.password or passwords.made_up()
    hashed = await passwords.hash_password(password)
    try:
        async with request.app[ENGINE].begin() as conn:
            fields: dict[str, Any] = form.changes
            made = await users.create(conn, password_hash=hashed, **fields)
            await _note(request, conn, "user.create", made, role=made.role)
    except users.NameTaken:
        form = replace(form, errors={"name": TAKEN})
        return render.page(request, "user.html", PersonView(person=None, form=form, roles=_roles()), status=409)
    if form.password:
        raise web.HTTPSeeOther(f"{PATH}?done=created&who={made.id}")
    return await _show(request, made, secret=Secret(kind="password", name=made.name, text=password), status=201)


@routes.get(PATH + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def show_one(request: web.Request) -> web.Response:
    person = await _person(request)
    return await _show(request, person, done=_done(request, person))


@routes.post(PATH + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    person, sent = await _person(request), await request.post()
    form = people_form.read(sent, with_password=False)
    if form.errors:
        return await _show(request, person, form=form, status=422)
    version = str(sent.get("version", ""))
    try:
        async with request.app[ENGINE].begin() as conn:
            expected = int(version) if version.isdecimal() else person.version
            person = await users.change(conn, person.id, version=expected, **form.changes)
            await _note(request, conn, "user.change", person, role=person.role)
    except users.NameTaken:
        return await _show(request, person, form=replace(form, errors={"name": TAKEN}), status=409)
    except users.LastAdmin:
        return await _show(request, person, form=form, error=LAST_ADMIN, status=409)
    except users.Conflict:
        return await _show(request, await _person(request), form=form, error=CONFLICT, status=409)
    raise web.HTTPSeeOther(f"{PATH}/{person.id}?done=saved&who={person.id}")


@routes.post(PATH + "/{id:[0-9a-f]+}/{act:disable|enable}")
@needs(Role.ADMIN)
async def switch(request: web.Request) -> web.StreamResponse:
    """Disable (signed out everywhere at once) or let in again."""
    person, off = await _person(request), request.match_info["act"] == "disable"
    if off and person.id == user_of(request).id:
        return await _show(request, person, error=NOT_YOURSELF, status=409)
    try:
        async with request.app[ENGINE].begin() as conn:
            places = await places_of(conn, request, person) if off else ()
            await users.change(conn, person.id, disabled=off)
            await _note(request, conn, "user.disable" if off else "user.enable", person)
    except users.LastAdmin:
        return await _show(request, person, error=LAST_ADMIN, status=409)
    if off and not await turn_out_of_all(request, person, places):
        raise web.HTTPSeeOther(f"{PATH}?done=disabled-rings&who={person.id}")
    raise web.HTTPSeeOther(f"{PATH}?done={'disabled' if off else 'enabled'}&who={person.id}")


@routes.post(PATH + "/{id:[0-9a-f]+}/password")
@needs(Role.ADMIN)
async def reset_password(request: web.Request) -> web.StreamResponse:
    """A made-up password, shown once; every session of the person ends."""
    person = await _person(request)
    password = passwords.made_up()
    hashed = await passwords.hash_password(password)
    own = user_of(request).session if person.id == user_of(request).id else None
    async with request.app[ENGINE].begin() as conn:
        await users.set_password_hash(conn, person.id, hashed, keep_session=own)
        await _note(request, conn, "user.password", person)
    request.app[LIVE].end_user(person.id, keep=own)
    return await _show(request, person, secret=Secret(kind="password", name=person.name, text=password))


@routes.post(PATH + "/{id:[0-9a-f]+}/sessions/end")
@needs(Role.ADMIN)
async def end_sessions(request: web.Request) -> web.StreamResponse:
    person, form = await _person(request), await request.post()
    one = str(form.get("session", ""))
    async with request.app[ENGINE].begin() as conn:
        if one:
            await sessions.end(conn, one, user_id=person.id)
        else:
            await sessions.end_all(conn, person.id, keep=user_of(request).session or "")
        await _note(request, conn, "user.sessions.end", person)
    if one:
        request.app[LIVE].end_session(one)
    else:
        request.app[LIVE].end_user(person.id, keep=user_of(request).session)
    raise web.HTTPSeeOther(f"{PATH}/{person.id}?done=signed-out&who={person.id}")


@routes.post(PATH + "/{id:[0-9a-f]+}/tokens")
@needs(Role.ADMIN)
async def make_token(request: web.Request) -> web.StreamResponse:
    person, form = await _person(request), await request.post()
    try:
        async with request.app[ENGINE].begin() as conn:
            secret = await secrets_view.make_token(
                conn,
                person.id,
                form,
                actor=user_of(request).name,
                address=address_of(request),
                now=request.app[CLOCK](),
            )
    except secrets_view.TokenFault as fault:
        return await _show(request, person, error=str(fault), status=422)
    return await _show(request, person, secret=secret, status=201)


@routes.post(PATH + "/{id:[0-9a-f]+}/tokens/{token}/revoke")
@needs(Role.ADMIN)
async def revoke_token(request: web.Request) -> web.StreamResponse:
    person = await _person(request)
    async with request.app[ENGINE].begin() as conn:
        token = request.match_info["token"]
        if await tokens.revoke(conn, token, user_id=person.id, now=request.app[CLOCK]()):
            await _note(request, conn, "token.revoke", person, token=token)
    raise web.HTTPSeeOther(f"{PATH}/{person.id}?done=revoked&who={person.id}")


async def search(request: web.Request, text: str) -> Group | None:
    """People by name, for administrators."""
    if user_of(request).role is not Role.ADMIN or not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        everyone = await users.everyone(conn)
    found = [user for user in everyone if _fits(user, text, "")][:5]
    hits = [Hit(path=f"{PATH}/{user.id}", icon="user", title=user.display_name, note=user.name) for user in found]
    return Group(title=_("Users"), hits=hits)


def _fits(user: users.User, text: str, role: str) -> bool:
    looked_in = search_key(" ".join((user.name, user.display_name, *user.extensions)))
    return search_key(text) in looked_in and role in ("", user.role)


def _roles() -> list[tuple[str, str]]:
    return [(role.value, _(name)) for role, name in render.ROLE_NAMES.items()]


def _done(request: web.Request, who: users.User | None) -> render.Done | None:
    """The sentence for what was just done, with its undo."""
    if who is None:
        return None
    done = request.query.get("done", "")
    if done not in DONE:
        return None
    undo = {"disabled": "enable", "disabled-rings": "enable", "enabled": "disable"}.get(done)
    return render.Done(
        text=_(DONE[done]) % {"name": who.display_name},
        undo=f"{PATH}/{who.id}/{undo}" if undo else "",
    )


async def _person(request: web.Request) -> users.User:
    async with request.app[ENGINE].connect() as conn:
        person = await users.get(conn, request.match_info["id"])
    if person is None:
        raise web.HTTPNotFound
    return person


async def _show(
    request: web.Request,
    person: users.User,
    *,
    form: PersonForm | None = None,
    secret: Secret | None = None,
    error: str = "",
    status: int = 200,
    done: render.Done | None = None,
) -> web.Response:
    me = user_of(request)
    async with request.app[ENGINE].connect() as conn:
        now = request.app[CLOCK]()
        access = await secrets_view.access_of(conn, person.id, now=now, own_session=me.session)
    stored = PersonForm(
        name=person.name,
        display_name=person.display_name,
        role=person.role,
        language=person.language or "",
        extensions=" ".join(person.extensions),
    )
    view = PersonView(
        person=person,
        form=form or stored,
        roles=_roles(),
        access=access,
        secret=secret,
        error=_(error) if error else "",
        myself=person.id == me.id,
    )
    return render.page(request, "user.html", view, status=status, done=done)


async def _note(request: web.Request, conn: AsyncConnection, act: str, person: users.User, **details: Any) -> None:
    await audit.add(
        conn,
        actor=user_of(request).name,
        act=act,
        subject=f"user:{person.id}",
        details={"name": person.name, **details},
        address=address_of(request),
    )
