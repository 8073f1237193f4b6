"""/admin/webhooks: which systems are told what happened, with every telling and its answers; for administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import audit, webhooks
from cxcall.store.errors import Conflict
from cxcall.store.webhooks import Delivery, Webhook
from cxcall.web.access import Role, needs, user_of
from cxcall.web.api.webhooks import MOST, address_fault
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages import forms
from cxcall.web.pages.labels import Label
from cxcall.web.pages.secrets_view import Secret
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/webhooks"
SHOWN = 100

EVENTS: dict[str, str] = {
    "survey.finished": N_("A customer answered a survey"),
    "survey.rule": N_("A rule of a survey asked for it"),
    "task.created": N_("A follow-up was made"),
    "task.ended": N_("A follow-up was done or called off"),
    "alert.raised": N_("An alert was raised"),
    "test": N_("Test"),
}
STATES: dict[str, Label] = {
    "waiting": Label(text=N_("Waiting"), icon="clock", kind="warn"),
    "delivered": Label(text=N_("Arrived"), icon="check", kind="good"),
    "given_up": Label(text=N_("Given up"), icon="x", kind="bad"),
}
DONE = {
    "saved": N_("The webhook was saved."),
    "removed": N_("The webhook was removed."),
    "tested": N_("A test is on its way. Its answer is listed below."),
    "again": N_("It is sent again."),
    "on": N_("The webhook is on."),
    "off": N_("The webhook is off. What comes waits for nobody."),
}
NO_NAME = N_("Give the webhook a name.")
NO_EVENT = N_("Choose at least one thing it is told.")
NO_ADDRESS = N_("Write an address like https://crm.example/hook.")
TOO_MANY = N_("There are too many webhooks. Remove one that is no longer used.")
CHANGED = N_("Somebody else changed this meanwhile. Look at it as it is now and repeat your change.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksView:
    """All webhooks with their last telling."""

    hooks: Sequence[tuple[Webhook, Delivery | None]]

    @property
    def states(self) -> Mapping[str, Label]:
        return STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """One webhook, its form and its tellings; `hook` None: a new one."""

    hook: Webhook | None
    name: str = ""
    url: str = ""
    chosen: Sequence[str] = ()
    deliveries: Sequence[Delivery] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    secret: Secret | None = None

    @property
    def events(self) -> list[tuple[str, str]]:
        return [(event, EVENTS[event]) for event in webhooks.EVENTS]

    @property
    def words(self) -> Mapping[str, str]:
        return EVENTS

    @property
    def states(self) -> Mapping[str, Label]:
        return STATES


@routes.get(PATH)
@needs(Role.ADMIN)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        hooks = [
            (hook, next(iter(await webhooks.deliveries(conn, hook.id, limit=1)), None))
            for hook in await webhooks.every(conn)
        ]
    return page(request, "webhooks.html", WebhooksView(hooks=hooks), done=_done(request))


@routes.get(PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return page(request, "webhook.html", WebhookView(hook=None, chosen=webhooks.EVENTS))


@routes.post(PATH)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    asked = _asked(form)
    if asked.errors:
        return page(request, "webhook.html", asked, status=422)
    async with request.app[ENGINE].begin() as conn:
        if len(await webhooks.every(conn)) >= MOST:
            view = WebhookView(hook=None, name=asked.name, url=asked.url, chosen=asked.chosen, error=TOO_MANY)
            return page(request, "webhook.html", view, status=409)
        hook = await webhooks.create(
            conn, name=asked.name, url=asked.url, events=asked.chosen, by=user_of(request).name,
            now=request.app[CLOCK](),
        )  # fmt: skip
        await _note(request, conn, "webhook.create", hook)
    return await _show(request, hook, secret=True, status=201)


@routes.get(PATH + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def show_one(request: web.Request) -> web.Response:
    return await _show(request, await _found(request))


@routes.post(PATH + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    hook, form = await _found(request), await request.post()
    asked = _asked(form, hook)
    if asked.errors:
        return page(request, "webhook.html", asked, status=422)
    given = {"name": asked.name, "url": asked.url, "events": asked.chosen}
    return await _change(request, hook, form, "saved", **given)


@routes.post(PATH + "/{id:[0-9a-f]+}/{act:on|off}")
@needs(Role.ADMIN)
async def switch(request: web.Request) -> web.StreamResponse:
    """Switch it on or off; what waited goes on waiting."""
    act = request.match_info["act"]
    return await _change(request, await _found(request), await request.post(), act, enabled=act == "on")


@routes.post(PATH + "/{id:[0-9a-f]+}/secret")
@needs(Role.ADMIN)
async def renew_secret(request: web.Request) -> web.StreamResponse:
    """A new secret, shown once."""
    hook = await _found(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            hook = await webhooks.change(conn, hook.id, version=hook.version, secret=webhooks.new_secret())
            await _note(request, conn, "webhook.secret", hook)
    except Conflict:
        return await _show(request, await _found(request), error=CHANGED, status=409)
    return await _show(request, hook, secret=True)


@routes.post(PATH + "/{id:[0-9a-f]+}/test")
@needs(Role.ADMIN)
async def send_test(request: web.Request) -> web.StreamResponse:
    hook = await _found(request)
    async with request.app[ENGINE].begin() as conn:
        await webhooks.enqueue(conn, "test", {"by": user_of(request).name}, now=request.app[CLOCK](), to=hook.id)
    request.app[BUS].publish("webhooks", {})
    raise web.HTTPSeeOther(f"{PATH}/{hook.id}?done=tested")


@routes.post(PATH + "/{id:[0-9a-f]+}/deliveries/{delivery:[0-9a-f]+}/again")
@needs(Role.ADMIN)
async def send_again(request: web.Request) -> web.StreamResponse:
    hook = await _found(request)
    async with request.app[ENGINE].begin() as conn:
        await webhooks.try_again(conn, request.match_info["delivery"], now=request.app[CLOCK]())
    request.app[BUS].publish("webhooks", {})
    raise web.HTTPSeeOther(f"{PATH}/{hook.id}?done=again")


@routes.post(PATH + "/{id:[0-9a-f]+}/remove")
@needs(Role.ADMIN)
async def remove(request: web.Request) -> web.StreamResponse:
    """Gone with its tellings, once its name was typed."""
    hook, form = await _found(request), await request.post()
    if forms.field(form, "name").strip() != hook.name:
        return await _show(request, hook, error=N_("To remove the webhook, type its name."), status=422)
    async with request.app[ENGINE].begin() as conn:
        await webhooks.remove(conn, hook.id)
        await _note(request, conn, "webhook.remove", hook)
    raise web.HTTPSeeOther(f"{PATH}?done=removed")


async def _change(request: web.Request, hook: Webhook, form: forms.Form, done: str, **given: Any) -> web.StreamResponse:
    version = forms.field(form, "version")
    try:
        async with request.app[ENGINE].begin() as conn:
            known = int(version) if version.isdecimal() and len(version) < 10 else hook.version
            hook = await webhooks.change(conn, hook.id, version=known, **given)
            await _note(request, conn, "webhook.change", hook, changed=sorted(given))
    except Conflict:
        return await _show(request, await _found(request), error=CHANGED, status=409)
    request.app[BUS].publish("webhooks", {})
    raise web.HTTPSeeOther(f"{PATH}/{hook.id}?done={done}")


def _asked(form: forms.Form, hook: Webhook | None = None) -> WebhookView:
    """The fields as they were sent, and what is wrong with them."""
    name, url = forms.field(form, "name").strip()[:100], forms.field(form, "url").strip()[:2000]
    chosen = [event for event in webhooks.EVENTS if event in form.getall("event", [])]
    errors = {}
    if not name:
        errors["name"] = NO_NAME
    if address_fault(url):
        errors["url"] = NO_ADDRESS
    if not chosen:
        errors["event"] = NO_EVENT
    return WebhookView(hook=hook, name=name, url=url, chosen=chosen, errors=errors)


def _done(request: web.Request) -> Done | None:
    done = request.query.get("done", "")
    return Done(text=_(DONE[done])) if done in DONE else None


async def _found(request: web.Request) -> Webhook:
    async with request.app[ENGINE].connect() as conn:
        hook = await webhooks.get(conn, request.match_info["id"])
    if hook is None:
        raise web.HTTPNotFound
    return hook


async def _show(
    request: web.Request, hook: Webhook, *, secret: bool = False, error: str = "", status: int = 200
) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        sent = await webhooks.deliveries(conn, hook.id, limit=SHOWN)
    view = WebhookView(
        hook=hook, name=hook.name, url=hook.url, chosen=hook.events, deliveries=sent, error=error,
        secret=Secret(kind="webhook", name=hook.name, text=hook.secret) if secret else None,
    )  # fmt: skip
    return page(request, "webhook.html", view, status=status, done=_done(request))


async def _note(request: web.Request, conn: AsyncConnection, act: str, hook: Webhook, **details: Any) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"webhook:{hook.id}",
        details={"name": hook.name, "url": hook.url, **details}, address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip
