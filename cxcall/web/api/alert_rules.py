"""`/alert-rules`: which figures of the floor raise an alert, at which limits, for which queues, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.floor import ALERT_RULES
from cxcall.letters import tidy
from cxcall.queues.alerting import FloorRule, Measure
from cxcall.store import alert_rules, users
from cxcall.store.alert_rules import AlertRule, NoSuchAlertRule
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS
from cxcall.web.pages.alerting.form import LONGEST_NAME, wrong_with
from cxcall.web.problems import Problem

ROLES = tuple(sorted(OVERSEERS))
NONE = "There is no such rule."

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
Limit = Annotated[float, msgspec.Meta(ge=-1, le=1_000_000)] | None
Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]
Words = Annotated[list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=500)]


class NewAlertRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`yellow` and `red`: the limits, at least one. `queues`: `server:name`, none: all, each by itself; of `pause` and
    `wrap_up`, agents of these queues. `hold` and `calm`: seconds until it is raised, and over. `margin`: how far on the
    good side it is over. `least`: calls or answers of today a share needs. `people`: ids of users who hear of it by
    sound and notification, none: every supervisor and administrator."""

    name: Name
    measure: Measure
    yellow: Limit = None
    red: Limit = None
    queues: Words = []
    hold: Seconds = 0
    calm: Seconds = 30
    margin: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    least: Seconds = 10
    people: Words = []
    sound: bool = True
    enabled: bool = True


class AlertRuleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays. `yellow` or `red` null: no alert of this colour."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    measure: Measure | msgspec.UnsetType = msgspec.UNSET
    yellow: Limit | msgspec.UnsetType = msgspec.UNSET
    red: Limit | msgspec.UnsetType = msgspec.UNSET
    queues: Words | msgspec.UnsetType = msgspec.UNSET
    hold: Seconds | msgspec.UnsetType = msgspec.UNSET
    calm: Seconds | msgspec.UnsetType = msgspec.UNSET
    margin: Annotated[float, msgspec.Meta(ge=0, le=3600)] | msgspec.UnsetType = msgspec.UNSET
    least: Seconds | msgspec.UnsetType = msgspec.UNSET
    people: Words | msgspec.UnsetType = msgspec.UNSET
    sound: bool | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class ShownAlertRule(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: int
    enabled: bool
    name: str
    measure: Measure
    yellow: float | None
    red: float | None
    queues: list[str]
    hold: int
    calm: int
    margin: float
    least: int
    people: list[str]
    sound: bool
    updated_at: Time
    updated_by: str


class AlertRuleList(msgspec.Struct, frozen=True, kw_only=True):
    """All rules, oldest first; without those that a newer cxcall wrote and this one can't read."""

    items: list[ShownAlertRule]


async def list_alert_rules(asked: Asked[None, None]) -> AlertRuleList:
    async with asked.engine.connect() as conn:
        kept = await alert_rules.everything(conn)
    return AlertRuleList(items=[_shown(one, rule) for one in kept if (rule := _rule(one)) is not None])


async def get_alert_rule(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        kept, rule = await _found(asked, conn)
    return _answer(kept, rule)


async def create_alert_rule(asked: Asked[None, NewAlertRule]) -> Answer:
    """It is looked at from now on."""
    fields = msgspec.structs.asdict(asked.body)
    enabled = fields.pop("enabled")
    rule = _checked(fields)
    async with asked.engine.begin() as conn:
        await _refuse_strangers(conn, rule.people)
        kept = await alert_rules.create(
            conn, msgspec.to_builtins(rule), enabled=enabled, by=asked.who.name, now=asked.now
        )
        await note_act(asked, conn, "alert_rule.create", f"alert_rule:{kept.id}", {"name": rule.name})
    asked.request.app[BUS].publish(ALERT_RULES, {})
    return _answer(kept, rule, {"Location": f"{ROOT}/alert-rules/{kept.id}"})


async def change_alert_rule(asked: Asked[None, AlertRuleChange]) -> Answer:
    """What it raised is over when the rule is turned off, or no longer asks for it."""
    version = expected_version(asked.request, asked.body.version)
    given = {name: value for name, value in msgspec.structs.asdict(asked.body).items() if value is not msgspec.UNSET}
    given.pop("version", None)
    async with asked.engine.begin() as conn:
        kept, before = await _found(asked, conn)
        enabled = given.pop("enabled", kept.enabled)
        rule = _checked({**msgspec.structs.asdict(before), **given})
        await _refuse_strangers(conn, given.get("people", ()))
        try:
            kept = await alert_rules.save(
                conn, kept.id, msgspec.to_builtins(rule), enabled=enabled, version=version.number, by=asked.who.name,
                now=asked.now,
            )  # fmt: skip
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchAlertRule as error:
            raise Problem(404, NONE) from error
        await note_act(asked, conn, "alert_rule.change", f"alert_rule:{kept.id}", {"name": rule.name})
    asked.request.app[BUS].publish(ALERT_RULES, {})
    return _answer(kept, rule)


async def delete_alert_rule(asked: Asked[None, None]) -> None:
    """What it raised is over and stays in the history."""
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        try:
            await alert_rules.remove(conn, asked.path["id"], version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchAlertRule as error:
            raise Problem(404, NONE) from error
        await note_act(asked, conn, "alert_rule.remove", f"alert_rule:{asked.path['id']}")
    asked.request.app[BUS].publish(ALERT_RULES, {})


def _checked(fields: dict[str, Any]) -> FloorRule:
    """The rule these fields make; Problem 422 with what the page would say of it."""
    rule = msgspec.convert({**fields, "name": tidy(fields["name"])}, FloorRule)
    errors = [
        {"detail": sentence, "pointer": f"#/{'yellow' if name == 'limits' else name}"}
        for name, sentence in wrong_with(rule).items()
    ]
    if errors:
        raise Problem(422, "This can't be a rule, see errors.", errors=errors)
    return rule


async def _refuse_strangers(conn: AsyncConnection, people: Iterable[str]) -> None:
    known = {user.id for user in await users.everyone(conn)}
    wrong = [{"detail": f"There is no user {id_}.", "pointer": "#/people"} for id_ in people if id_ not in known]
    if wrong:
        raise Problem(422, "Some of these people do not exist.", errors=wrong)


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> tuple[AlertRule, FloorRule]:
    kept = await alert_rules.get(conn, asked.path["id"])
    if kept is None:
        raise Problem(404, NONE)
    rule = _rule(kept)
    if rule is None:
        raise Problem(409, "A newer cxcall wrote this rule; this one can't read it.")
    return kept, rule


def _rule(kept: AlertRule) -> FloorRule | None:
    try:
        return msgspec.convert(kept.body, FloorRule)
    except msgspec.ValidationError:
        return None


def _answer(kept: AlertRule, rule: FloorRule, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=_shown(kept, rule), headers={"ETag": etag(kept.version), **(headers or {})})


def _shown(kept: AlertRule, rule: FloorRule) -> ShownAlertRule:
    return ShownAlertRule(
        id=kept.id, version=kept.version, enabled=kept.enabled, updated_at=kept.updated_at, updated_by=kept.updated_by,
        **{**msgspec.structs.asdict(rule), "queues": list(rule.queues), "people": list(rule.people)},
    )  # fmt: skip


_READ: dict[str, Any] = {"tag": "alerts", "scope": Scope.TASKS_READ, "roles": ROLES}
_WRITE: dict[str, Any] = {"tag": "alerts", "scope": Scope.TASKS_WRITE, "roles": ROLES}
ENDPOINTS = (
    Endpoint(method="GET", path="/alert-rules", handler=list_alert_rules, summary="List rules for alerts",
             gives=AlertRuleList, **_READ),
    Endpoint(method="POST", path="/alert-rules", handler=create_alert_rule, summary="Add a rule for alerts",
             body=NewAlertRule, gives=ShownAlertRule, status=201, gives_headers=("Location", "ETag"), **_WRITE),
    Endpoint(method="GET", path="/alert-rules/{id}", handler=get_alert_rule, summary="One rule for alerts",
             gives=ShownAlertRule, problems=(409,), gives_headers=("ETag",), **_READ),
    Endpoint(method="PATCH", path="/alert-rules/{id}", handler=change_alert_rule, summary="Change a rule for alerts",
             body=AlertRuleChange, gives=ShownAlertRule, problems=(409, 412, 428), headers=("If-Match",),
             gives_headers=("ETag",), **_WRITE),
    Endpoint(method="DELETE", path="/alert-rules/{id}", handler=delete_alert_rule, summary="Remove a rule for alerts",
             status=204, problems=(412, 428), headers=("If-Match",), **_WRITE),
)  # fmt: skip
