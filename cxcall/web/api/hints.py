"""`/calls/{id}/hints`, `/hints/{id}`: what agents were told while they talked, and what became of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from cxcall.store import calls, hints
from cxcall.store.hints import Hint
from cxcall.web.api.calls import found_call
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.hints import decide
from cxcall.web.keys import COMMANDS
from cxcall.web.problems import Problem
from cxcall.web.rights import sees_call


class HintOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent made of a hint. Only the first word counts."""

    outcome: Literal["used", "dismissed"]


class CallHint(msgspec.Struct, frozen=True, kw_only=True):
    """A hint an agent was shown. `at`: seconds of the transcript; `quote`: what was said, numbers hidden."""

    id: str
    kind: Literal["category", "required", "feeling", "article", "intent"]
    category: str | None
    article: str | None
    at: float
    title: str
    reason: str
    quote: str
    shown_at: Time
    outcome: Literal["shown", "used", "dismissed", "expired"]
    by: str | None
    decided_at: Time | None


class HintList(msgspec.Struct, frozen=True, kw_only=True):
    """Hints in the order they were shown; `next` is null on the last page."""

    items: list[CallHint]
    next: str | None


async def list_call_hints(asked: Asked[PageQuery, None]) -> HintList:
    call = await found_call(asked)
    async with asked.engine.connect() as conn:
        found = await hints.of_call(conn, call.id)
    shown, following = part(found, asked.query, lambda hint: hint.id)
    return HintList(items=[_shown(hint) for hint in shown], next=following)


async def decide_hint(asked: Asked[None, HintOutcome]) -> CallHint:
    """409 when it was decided already. Hints of calls one may not see are 404 as well."""
    id_ = asked.path["id"]
    async with asked.engine.connect() as conn:
        hint = await hints.get(conn, id_)
        record = await calls.get(conn, hint.call_id) if hint is not None and hint.call_id else None
    if hint is None or record is None or not sees_call(asked.who, record):
        raise Problem(404, "There is no such hint.")
    done = await decide(
        asked.request.app[COMMANDS],
        asked.engine,
        call_id=record.id,
        hint_id=id_,
        outcome=asked.body.outcome,
        by=asked.who.name,
        now=asked.now,
    )
    if not done:
        raise Problem(409, "This hint was decided already.")
    async with asked.engine.connect() as conn:
        return _shown(await hints.get(conn, id_) or hint)


def _shown(hint: Hint) -> CallHint:
    return CallHint(
        id=hint.id,
        kind=hint.kind,
        category=hint.category_id or None,
        article=hint.article_id or None,
        at=hint.at,
        title=hint.title,
        reason=hint.reason,
        quote=hint.quote,
        shown_at=hint.shown_at,
        outcome=hint.outcome,
        by=hint.by or None,
        decided_at=hint.decided_at,
    )


ENDPOINTS = (
    Endpoint(
        method="GET", path="/calls/{id}/hints", handler=list_call_hints, summary="Hints shown in a call", tag="speech",
        scope=Scope.SPEECH_READ, query=PageQuery, gives=HintList,
    ),
    Endpoint(
        method="POST", path="/hints/{id}", handler=decide_hint, summary="Say that a hint was used or dismissed",
        tag="speech", scope=Scope.SPEECH_WRITE, body=HintOutcome, gives=CallHint, problems=(409,),
    ),
)  # fmt: skip
