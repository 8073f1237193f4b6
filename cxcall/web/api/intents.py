"""`/intents`: what callers may want; `/intents/match` tells what one sentence means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.reasons import CHANGED
from cxcall.speech.intent_checks import faults
from cxcall.speech.intents import Intent, Intents, body_of, intent_of
from cxcall.store import intents
from cxcall.store.errors import Conflict
from cxcall.store.intents import IntentNameTaken, NoSuchIntent
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.intents import asking, known_queues
from cxcall.web.keys import BUS
from cxcall.web.problems import Problem

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.-]+$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Title = Annotated[str, msgspec.Meta(max_length=80)]
Words = dict[Literal["en", "fa"], Annotated[list[Text], msgspec.Meta(max_length=200)]]
Titles = dict[Literal["en", "fa"], Title]
Short = Annotated[str, msgspec.Meta(max_length=128)]
Key = Annotated[str, msgspec.Meta(max_length=1, pattern=r"^[0-9*#]?$")]
Number = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[0-9*#+]*$")]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType


class NewIntent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An intent to make. `name` is what rules ask for; `phrases` are found word by word (`*` for any ending),
    `examples` are whole sentences. `queue` is where it usually goes, `number` what agents dial to transfer there ("":
    the queue's own), `key` of the menu, `prompt` the id of the prompt that asks for it when in doubt; `offered`: agents
    are offered the transfer when it is said while they talk."""

    name: Name
    title: Titles
    phrases: Words = {}
    examples: Words = {}
    queue: Short = ""
    number: Number = ""
    key: Key = ""
    prompt: Short = ""
    offered: bool = True
    enabled: bool = True


class IntentChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    title: Titles | msgspec.UnsetType = msgspec.UNSET
    phrases: Words | msgspec.UnsetType = msgspec.UNSET
    examples: Words | msgspec.UnsetType = msgspec.UNSET
    queue: Short | msgspec.UnsetType = msgspec.UNSET
    number: Number | msgspec.UnsetType = msgspec.UNSET
    key: Key | msgspec.UnsetType = msgspec.UNSET
    prompt: Short | msgspec.UnsetType = msgspec.UNSET
    offered: bool | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class ShownIntent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent as it counts now."""

    id: str
    version: int
    name: str
    title: dict[str, str]
    phrases: dict[str, list[str]]
    examples: dict[str, list[str]]
    queue: str
    number: str
    key: str
    prompt: str
    offered: bool
    enabled: bool
    updated_at: Time
    updated_by: str


class IntentList(msgspec.Struct, frozen=True, kw_only=True):
    """Intents by name; `next` is null on the last page."""

    items: list[ShownIntent]
    next: str | None


class Sentence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller may say; `language` "" looks in all."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    language: Literal["", "en", "fa"] = ""


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What the sentence means. Confidences are 0 to 1; `verdict`: `sure`, `ask` (the caller is asked) or `none`."""

    intent: str
    confidence: float
    verdict: Literal["sure", "ask", "none"]
    runner_up: str
    runner_up_confidence: float


async def list_intents(asked: Asked[PageQuery, None]) -> IntentList:
    async with asked.engine.connect() as conn:
        found = await intents.everything(conn)
    rows, following = part(found, asked.query, lambda one: one.id)
    return IntentList(items=[_shown(one) for one in rows], next=following)


async def match_sentence(asked: Asked[None, Sentence]) -> Meant:
    async with asked.engine.connect() as conn:
        known = [intent_of(one.name, one.body) for one in await intents.everything(conn, enabled_only=True)]
    match = Intents(known).match(asked.body.text, asked.body.language)
    return Meant(
        intent=match.intent, confidence=match.confidence, verdict=match.verdict, runner_up=match.runner_up,
        runner_up_confidence=match.runner_up_confidence,
    )  # fmt: skip


async def create_intent(asked: Asked[None, NewIntent]) -> Answer:
    given = msgspec.to_builtins(asked.body)
    async with asked.engine.begin() as conn:
        body = await _checked(conn, given)
        try:
            made = await intents.create(
                conn, asked.body.name, body, enabled=asked.body.enabled, by=asked.who.name, now=asked.now
            )
        except IntentNameTaken as error:
            raise Problem(409, str(error)) from error
        await note_act(asked, conn, "intent.create", f"intent:{made.id}", {"name": made.name})
    _tell(asked, made.id)
    return _answer(made, {"Location": f"{ROOT}/intents/{made.id}"})


async def get_intent(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _found(asked, conn))


async def change_intent(asked: Asked[None, IntentChange]) -> Answer:
    """409 or 412 when somebody else changed it since `version`, and when a rule asks for the name that would go."""
    version = expected_version(asked.request, asked.body.version)
    given = msgspec.to_builtins(asked.body)
    given.pop("version", None)
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        if given.get("name", known.name) != known.name:
            await _refuse_used(conn, known.name)
        wanted = {**known.body, "name": known.name, "enabled": known.enabled, **given}
        body = await _checked(conn, wanted, known)
        try:
            saved = await intents.save(
                conn, known.id, name=wanted["name"], body=body, enabled=wanted["enabled"], version=version.number,
                by=asked.who.name, now=asked.now,
            )  # fmt: skip
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchIntent as error:
            raise _gone() from error
        except IntentNameTaken as error:
            raise Problem(409, str(error)) from error
        await note_act(asked, conn, "intent.change", f"intent:{saved.id}", {"changed": sorted(given)})
    _tell(asked, saved.id)
    return _answer(saved)


async def delete_intent(asked: Asked[None, None]) -> Answer:
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        await _refuse_used(conn, known.name)
        try:
            await intents.remove(conn, known.id, version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchIntent as error:
            raise _gone() from error
        await note_act(asked, conn, "intent.remove", f"intent:{known.id}", {"name": known.name})
    _tell(asked, known.id)
    return Answer(status=204)


async def _checked(
    conn: AsyncConnection, given: Mapping[str, Any], known: intents.Intent | None = None
) -> dict[str, Any]:
    """The body to keep, or 422 with what is wrong in it."""
    intent = intent_of(given["name"], {name: value for name, value in given.items() if name not in ("name", "enabled")})
    others: list[Intent] = [
        intent_of(one.name, one.body) for one in await intents.everything(conn) if known is None or one.id != known.id
    ]
    queues = await known_queues(conn)
    if queues and known is not None:  # what stood there before may stay
        queues |= {intent_of(known.name, known.body).queue}
    errors = [
        {"detail": f"{fault.code}: {fault.value}".rstrip(": "), "pointer": f"#/{fault.field}"}
        for fault in faults(intent, others, queues)
    ]
    if errors:
        raise Problem(422, "The intent can't be kept as it is, see errors.", errors=errors)
    return body_of(intent)


async def _refuse_used(conn: AsyncConnection, name: str) -> None:
    rules = await asking(conn, name)
    if rules:
        raise Problem(409, f"These rules ask for it: {', '.join(rules)}. Take it out of them first.")


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> intents.Intent:
    intent = await intents.get(conn, asked.path["id"])
    if intent is None:
        raise _gone()
    return intent


def _gone() -> Problem:
    return Problem(404, "There is no such intent.")


def _tell(asked: Asked[Any, Any], intent_id: str) -> None:
    asked.request.app[BUS].publish(CHANGED, {"id": intent_id})


def _shown(kept: intents.Intent) -> ShownIntent:
    body = body_of(intent_of(kept.name, kept.body))
    values = {name: getattr(kept, name) for name in ("id", "version", "name", "enabled", "updated_at", "updated_by")}
    return ShownIntent(**{**body, **values})


def _answer(kept: intents.Intent, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=_shown(kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(tag="intents", scope=Scope.SPEECH_READ, roles=tuple(OVERSEERS), **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="intents", scope=Scope.SPEECH_WRITE, roles=(Role.ADMIN,), **fields)


ENDPOINTS = (
    _read(method="GET", path="/intents", handler=list_intents, summary="List what callers may want", query=PageQuery,
          gives=IntentList),
    _write(method="POST", path="/intents", handler=create_intent, summary="Make an intent", body=NewIntent,
           gives=ShownIntent, status=201, problems=(409, 422), gives_headers=("Location", "ETag")),
    _read(method="POST", path="/intents/match", handler=match_sentence, summary="Tell what a sentence means",
          body=Sentence, gives=Meant),
    _read(method="GET", path="/intents/{id}", handler=get_intent, summary="One intent", gives=ShownIntent,
          problems=(404,), gives_headers=("ETag",)),
    _write(method="PATCH", path="/intents/{id}", handler=change_intent, summary="Change an intent", body=IntentChange,
           gives=ShownIntent, problems=(404, 409, 412, 422, 428), headers=("If-Match",), gives_headers=("ETag",)),
    _write(method="DELETE", path="/intents/{id}", handler=delete_intent, summary="Remove an intent", status=204,
           problems=(404, 409, 412, 428), headers=("If-Match",)),
)  # fmt: skip
