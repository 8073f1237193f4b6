"""/alerts/rules: which figures of the floor raise an alert, at which limits, for which queues, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.floor import ALERT_RULES
from cxcall.queues.alerting import FloorRule
from cxcall.store import alert_rules, audit, queues, users
from cxcall.store.alert_rules import AlertRule, NoSuchAlertRule
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.alerting.form import Typed, read, typed_of
from cxcall.web.pages.alerting.words import MEASURES, limit_text
from cxcall.web.pages.forms import field as text_of
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.removed import REMOVED, undo_of
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/alerts/rules"
ONE = PATH + "/{id:[0-9a-f]{20,}}"
DONE = {
    "saved": N_("The rule was saved."),
    "removed": N_("The rule was removed; what it raised is over."),
    "restored": N_("It is back."),
    "on": N_("The rule is on."),
    "off": N_("The rule is off; what it raised is over."),
    "usual": N_("The usual rules were added. Change them as you like."),
}
CONFLICT = N_("Somebody else changed this meanwhile. Look at it and save again.")
USUAL: tuple[tuple[str, FloorRule], ...] = (
    (N_("Callers wait long"), FloorRule(name="", measure="longest", yellow=120, red=300)),
    (N_("Many callers wait"), FloorRule(name="", measure="waiting", yellow=5, red=10)),
    (N_("Nobody is free"), FloorRule(name="", measure="free", yellow=0, hold=60)),
    (N_("Service level falls"), FloorRule(name="", measure="sl", yellow=80, red=60, margin=2, least=20)),
    (N_("Callers give up"), FloorRule(name="", measure="abandoned", yellow=5, red=10, margin=1, least=20)),
    (N_("Callers are not satisfied"), FloorRule(name="", measure="csat", yellow=3.5, red=3, margin=0.1)),
    (N_("A mood falls"), FloorRule(name="", measure="mood", yellow=-0.5, red=-0.8, margin=0.1)),
    (N_("Pauses past their limit"), FloorRule(name="", measure="pause", yellow=60, red=600, calm=5)),
    (N_("Wrap-up past its limit"), FloorRule(name="", measure="wrap_up", yellow=30, red=300, calm=5)),
)
"""What most sites begin with; names are in the language of who adds them."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """`readable` False: a newer version of cxcall wrote it."""

    id: str
    version: int
    enabled: bool
    name: str
    measure: str = ""
    yellow: str = ""
    red: str = ""
    queues: Sequence[str] = ()
    people: Sequence[str] = ()
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    rows: Sequence[RuleRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """One rule as typed; `id` "": a new one. `queues`: key and name of each there is."""

    id: str
    version: int
    typed: Typed
    queues: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    error: str = ""
    measures: Sequence[tuple[str, str]] = field(
        default_factory=lambda: [(key, _(words.name)) for key, words in MEASURES.items()]
    )


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        kept = await alert_rules.everything(conn)
        names = {user.id: user.display_name for user in await users.everyone(conn)}
    view = RulesView(rows=[_row(rule, names) for rule in kept])
    done = DONE.get(request.query.get("done", ""))
    shown = Done(text=_(done), undo=undo_of(request, PATH)) if done else None
    return page(request, "alerting/rules.html", view, done=shown)


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    usual = Typed(numbers={"calm": "30", "hold": "0", "least": "10"})
    return await _show(request, None, usual)


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    return await _save(request, None)


@routes.post(PATH + "/usual")
@needs(*OVERSEERS)
async def add_usual(request: web.Request) -> web.StreamResponse:
    """The usual rules, where there is none yet."""
    now, who = request.app[CLOCK](), user_of(request).name
    async with request.app[ENGINE].begin() as conn:
        if not await alert_rules.everything(conn):
            for name, rule in USUAL:
                body = msgspec.to_builtins(msgspec.structs.replace(rule, name=_(name)))
                kept = await alert_rules.create(conn, body, by=who, now=now)
                await _note(request, conn, "alert_rule.create", kept)
    return _changed(request, "usual")


@routes.get(ONE)
@needs(*OVERSEERS)
async def show_one(request: web.Request) -> web.Response:
    kept = await _found(request)
    return await _show(request, kept, _typed(kept))


@routes.post(ONE)
@needs(*OVERSEERS)
async def change(request: web.Request) -> web.StreamResponse:
    return await _save(request, await _found(request))


@routes.post(ONE + "/{act:on|off}")
@needs(*OVERSEERS)
async def switch(request: web.Request) -> web.StreamResponse:
    kept, act = await _found(request), request.match_info["act"]
    async with request.app[ENGINE].begin() as conn:
        try:
            saved = await alert_rules.save(
                conn, kept.id, kept.body, enabled=act == "on", version=kept.version, by=user_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
        except (Conflict, NoSuchAlertRule):
            raise web.HTTPSeeOther(PATH) from None
        await _note(request, conn, f"alert_rule.{act}", saved)
    return _changed(request, act)


@routes.post(ONE + "/remove")
@needs(*OVERSEERS)
async def remove(request: web.Request) -> web.StreamResponse:
    kept = await _found(request)
    version = number_in(text_of(await request.post(), "version")) or kept.version
    try:
        async with request.app[ENGINE].begin() as conn:
            await alert_rules.remove(conn, kept.id, version=version)
            await _note(request, conn, "alert_rule.remove", kept)
    except (Conflict, NoSuchAlertRule):
        kept = await _found(request)
        return await _show(request, kept, _typed(kept), error=_(CONFLICT), status=409)
    request.app[REMOVED].put(kept.id, kept)
    return _changed(request, "removed", kept.id)


@routes.post(ONE + "/restore")
@needs(*OVERSEERS)
async def restore(request: web.Request) -> web.StreamResponse:
    """A rule that was removed, as it was."""
    kept = request.app[REMOVED].get(request.match_info["id"], AlertRule)
    if kept is None:
        raise web.HTTPNotFound
    now, who = request.app[CLOCK](), user_of(request).name
    async with request.app[ENGINE].begin() as conn:
        await alert_rules.create(conn, kept.body, enabled=kept.enabled, by=who, now=now, rule_id=kept.id)
        await _note(request, conn, "alert_rule.restore", kept)
    request.app[REMOVED].back(kept.id)
    return _changed(request, "restored")


async def _save(request: web.Request, kept: AlertRule | None) -> web.StreamResponse:
    form = await request.post()
    typed, rule = read(form)
    if rule is None:
        return await _show(request, kept, typed, status=422)
    now, who, body = request.app[CLOCK](), user_of(request).name, msgspec.to_builtins(rule)
    try:
        async with request.app[ENGINE].begin() as conn:
            if kept is None:
                saved = await alert_rules.create(conn, body, enabled=typed.enabled, by=who, now=now)
            else:
                version = number_in(text_of(form, "version"))
                saved = await alert_rules.save(
                    conn, kept.id, body, enabled=typed.enabled, version=version, by=who, now=now
                )
            await _note(request, conn, f"alert_rule.{'create' if kept is None else 'change'}", saved)
    except (Conflict, NoSuchAlertRule):
        return await _show(request, await _found(request), typed, error=_(CONFLICT), status=409)
    return _changed(request, "saved")


def _changed(request: web.Request, done: str, who: str = "") -> web.StreamResponse:
    request.app[BUS].publish(ALERT_RULES, {})
    raise web.HTTPSeeOther(f"{PATH}?done={done}" + (f"&who={who}" if who else ""))


async def _show(
    request: web.Request, kept: AlertRule | None, typed: Typed, *, error: str = "", status: int = 200
) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        there = await queues.everything(conn)
        people = [user for user in await users.everyone(conn) if not user.disabled and user.role != "agent"]
    servers = {queue.server for queue in there}
    language = current().language
    names = {}
    for queue in there:
        title = queue.shown.title.get(language) or queue.name
        names[f"{queue.server}:{queue.name}"] = f"{title} · {queue.server}" if len(servers) > 1 else title
    names |= {key: key for key in typed.queues if key not in names}
    view = RuleView(
        id=kept.id if kept else "",
        version=kept.version if kept else 0,
        typed=typed,
        queues=sorted(names.items(), key=lambda one: one[1]),
        people=[(user.id, user.display_name) for user in people],
        error=error,
    )
    return page(request, "alerting/rule.html", view, status=status)


async def _found(request: web.Request) -> AlertRule:
    async with request.app[ENGINE].connect() as conn:
        kept = await alert_rules.get(conn, request.match_info["id"])
    if kept is None:
        raise web.HTTPNotFound
    return kept


def _rule(kept: AlertRule) -> FloorRule | None:
    try:
        return msgspec.convert(kept.body, FloorRule)
    except msgspec.ValidationError:
        return None


def _typed(kept: AlertRule) -> Typed:
    rule = _rule(kept)
    return Typed(enabled=kept.enabled) if rule is None else typed_of(rule, enabled=kept.enabled)


def _row(kept: AlertRule, names: Mapping[str, str]) -> RuleRow:
    rule = _rule(kept)
    if rule is None:
        return RuleRow(id=kept.id, version=kept.version, enabled=kept.enabled, name=_text(kept.body), readable=False)
    return RuleRow(
        id=kept.id,
        version=kept.version,
        enabled=kept.enabled,
        name=rule.name,
        measure=_(MEASURES[rule.measure].name),
        yellow="" if rule.yellow is None else limit_text(rule, rule.yellow),
        red="" if rule.red is None else limit_text(rule, rule.red),
        queues=[key.partition(":")[2] for key in rule.queues],
        people=[names[one] for one in rule.people if one in names],
    )


def _text(body: Mapping[str, Any]) -> str:
    return str(body.get("name", ""))


async def _note(request: web.Request, conn: AsyncConnection, act: str, kept: AlertRule) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"alert_rule:{kept.id}",
        details={"name": _text(kept.body)}, address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip
