"""`/webhooks`: addresses that are told what happened, and every telling with its answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import webhooks
from cxcall.store.errors import Conflict
from cxcall.store.webhooks import Delivery, Webhook
from cxcall.web import keys
from cxcall.web.access import Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Event = Literal["survey.finished", "survey.rule", "task.created", "task.ended", "alert.raised"]
Events = Annotated[list[Event], msgspec.Meta(min_length=1, max_length=20)]
MOST = 50


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook to set up: an http or https address and what it is told."""

    name: Name
    url: Address
    events: Events


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different; what is not named stays. `version` as everywhere, or If-Match."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    url: Address | msgspec.UnsetType = msgspec.UNSET
    events: Events | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class ShownWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook without its secret."""

    id: str
    version: int
    name: str
    url: str
    events: list[str]
    enabled: bool
    made_at: Time
    made_by: str


class WebhookList(msgspec.Struct, frozen=True, kw_only=True):
    """All webhooks, oldest first; `next` is null on the last page."""

    items: list[ShownWebhook]
    next: str | None


class MadeWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` signs the bodies; it is not shown again."""

    webhook: ShownWebhook
    secret: str


class ShownDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One telling. `status` and `answer` are those of the last try; `next_at` is when it is tried again."""

    id: str
    event: str
    body: str
    state: Literal["waiting", "delivered", "given_up"]
    tries: int
    made_at: Time
    next_at: Time | None
    sent_at: Time | None
    status: int | None
    answer: str


class DeliveryList(msgspec.Struct, frozen=True, kw_only=True):
    """The last tellings, newest first; `next` is null on the last page."""

    items: list[ShownDelivery]
    next: str | None


async def list_webhooks(asked: Asked[PageQuery, None]) -> WebhookList:
    async with asked.engine.connect() as conn:
        found = await webhooks.every(conn)
    rows, following = part(found, asked.query, lambda hook: hook.id)
    return WebhookList(items=[_shown(hook) for hook in rows], next=following)


async def create_webhook(asked: Asked[None, NewWebhook]) -> Answer:
    body = asked.body
    _check_address(body.url)
    async with asked.engine.begin() as conn:
        if len(await webhooks.every(conn)) >= MOST:
            raise Problem(409, f"There are {MOST} webhooks. Remove one that is no longer used.")
        hook = await webhooks.create(
            conn, name=body.name, url=body.url, events=sorted(set(body.events)), by=asked.who.name, now=asked.now
        )
        await note_act(asked, conn, "webhook.create", f"webhook:{hook.id}", {"url": hook.url})
    made = MadeWebhook(webhook=_shown(hook), secret=hook.secret)
    return Answer(value=made, headers={"Location": f"{ROOT}/webhooks/{hook.id}", "ETag": etag(hook.version)})


async def get_webhook(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        hook = await _found(asked, conn)
    return Answer(value=_shown(hook), headers={"ETag": etag(hook.version)})


async def change_webhook(asked: Asked[None, WebhookChange]) -> Answer:
    """A webhook that is switched off keeps what waits for it."""
    body = asked.body
    version = expected_version(asked.request, body.version)
    given: dict[str, Any] = {
        name: value
        for name in ("name", "url", "events", "enabled")
        if (value := getattr(body, name)) is not msgspec.UNSET
    }
    if "url" in given:
        _check_address(given["url"])
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            hook = await webhooks.change(conn, known.id, version=version.number, **given)
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "webhook.change", f"webhook:{hook.id}", {"changed": sorted(given)})
    asked.request.app[keys.BUS].publish("webhooks", {})
    return Answer(value=_shown(hook), headers={"ETag": etag(hook.version)})


async def renew_webhook_secret(asked: Asked[None, None]) -> MadeWebhook:
    """From now on bodies are signed with the new secret, those that wait too."""
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            hook = await webhooks.change(conn, known.id, version=known.version, secret=webhooks.new_secret())
        except Conflict as error:
            raise Problem(409, "This was changed meanwhile. Load it again and repeat the change.") from error
        await note_act(asked, conn, "webhook.secret", f"webhook:{hook.id}")
    return MadeWebhook(webhook=_shown(hook), secret=hook.secret)


async def remove_webhook(asked: Asked[None, None]) -> None:
    """Its deliveries go with it."""
    async with asked.engine.begin() as conn:
        hook = await _found(asked, conn)
        await webhooks.remove(conn, hook.id)
        await note_act(asked, conn, "webhook.remove", f"webhook:{hook.id}", {"url": hook.url})


async def send_webhook_test(asked: Asked[None, None]) -> None:
    """Send the event `test` to it now; the answer is in its deliveries."""
    async with asked.engine.begin() as conn:
        hook = await _found(asked, conn)
        if not hook.enabled:
            raise Problem(409, "This webhook is switched off. Switch it on first.")
        await webhooks.enqueue(conn, "test", {"by": asked.who.name}, now=asked.now, to=hook.id)
    asked.request.app[keys.BUS].publish("webhooks", {})


async def list_webhook_deliveries(asked: Asked[PageQuery, None]) -> DeliveryList:
    """The last 500; those that are over are kept for 30 days."""
    async with asked.engine.connect() as conn:
        hook = await _found(asked, conn)
        found = await webhooks.deliveries(conn, hook.id, limit=500)
    rows, following = part(found, asked.query, lambda delivery: delivery.id)
    return DeliveryList(items=[_delivery(row) for row in rows], next=following)


async def repeat_webhook_delivery(asked: Asked[None, None]) -> None:
    """Send it again now, whatever became of it."""
    async with asked.engine.begin() as conn:
        hook = await _found(asked, conn)
        theirs = {delivery.id for delivery in await webhooks.deliveries(conn, hook.id, limit=500)}
        wanted = asked.path["delivery"]
        if wanted not in theirs or not await webhooks.try_again(conn, wanted, now=asked.now):
            raise Problem(404, "There is no such delivery.")
    asked.request.app[keys.BUS].publish("webhooks", {})


def address_fault(url: str) -> str:
    """Why a webhook can't go to `url`, "" when it can."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        fine = False
    return "" if fine and url.isprintable() and " " not in url else "Write an address like https://crm.example/hook."


def _check_address(url: str) -> None:
    fault = address_fault(url)
    if fault:
        raise Problem(422, "The webhook can't be taken as it is.", errors=[{"detail": fault, "pointer": "#/url"}])


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Webhook:
    hook = await webhooks.get(conn, asked.path["id"])
    if hook is None:
        raise Problem(404, "There is no such webhook.")
    return hook


def _shown(hook: Webhook) -> ShownWebhook:
    values = {name: getattr(hook, name) for name in ShownWebhook.__struct_fields__}
    return ShownWebhook(**{**values, "events": list(hook.events)})


def _delivery(delivery: Delivery) -> ShownDelivery:
    return ShownDelivery(**{name: getattr(delivery, name) for name in ShownDelivery.__struct_fields__})


def _row(**fields: Any) -> Endpoint:
    return Endpoint(tag="webhooks", scope=Scope.WEBHOOKS_ADMIN, roles=(Role.ADMIN,), **fields)


ENDPOINTS = (
    _row(method="GET", path="/webhooks", handler=list_webhooks, summary="List webhooks", query=PageQuery,
         gives=WebhookList),
    _row(method="POST", path="/webhooks", handler=create_webhook, summary="Set up a webhook", body=NewWebhook,
         gives=MadeWebhook, status=201, problems=(409,), gives_headers=("Location", "ETag")),
    _row(method="GET", path="/webhooks/{id}", handler=get_webhook, summary="One webhook", gives=ShownWebhook,
         gives_headers=("ETag",)),
    _row(method="PATCH", path="/webhooks/{id}", handler=change_webhook, summary="Change a webhook",
         body=WebhookChange, gives=ShownWebhook, problems=(409, 412, 428), headers=("If-Match",),
         gives_headers=("ETag",)),
    _row(method="DELETE", path="/webhooks/{id}", handler=remove_webhook, summary="Remove a webhook", status=204),
    _row(method="POST", path="/webhooks/{id}/secret", handler=renew_webhook_secret, summary="Make a new secret",
         gives=MadeWebhook, problems=(409,)),
    _row(method="POST", path="/webhooks/{id}/test", handler=send_webhook_test, summary="Send a test", status=204,
         problems=(409,)),
    _row(method="GET", path="/webhooks/{id}/deliveries", handler=list_webhook_deliveries,
         summary="What was sent to a webhook", query=PageQuery, gives=DeliveryList),
    _row(method="POST", path="/webhooks/{id}/deliveries/{delivery}/repeat", handler=repeat_webhook_delivery,
         summary="Send it again", status=204),
)  # fmt: skip
