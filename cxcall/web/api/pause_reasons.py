"""`/pause-reasons`: what agents pause for, how long each is meant, and whether it counts as work."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from cxcall.store import pause_reasons
from cxcall.store.errors import Conflict
from cxcall.store.pause_reasons import NoSuchPauseReason, PauseReason, PauseReasonTaken
from cxcall.web.api.acts import note_act
from cxcall.web.api.agent_lists import Version, answer, endpoints, taken
from cxcall.web.api.endpoint import Answer, Asked
from cxcall.web.api.versions import expected_version
from cxcall.web.pages.desk_shift import floor_changed
from cxcall.web.problems import Problem

Names = dict[Literal["en", "fa"], Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"\S")]]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
ReasonId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="What Asterisk is told.")]


class NewPauseReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`limit`: seconds a pause is meant to last, 0 without."""

    id: ReasonId
    name: Names
    limit: Seconds = 0
    counts_as: Literal["break", "work"] = "break"


class PauseReasonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays. Not `enabled`: no longer offered, the history keeps it."""

    version: Version = msgspec.UNSET
    name: Names | msgspec.UnsetType = msgspec.UNSET
    limit: Seconds | msgspec.UnsetType = msgspec.UNSET
    counts_as: Literal["break", "work"] | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class ShownPauseReason(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: int
    name: dict[str, str]
    limit: int
    counts_as: Literal["break", "work"]
    enabled: bool


class PauseReasonList(msgspec.Struct, frozen=True, kw_only=True):
    """All of them in the order agents see, those that are off too."""

    items: list[ShownPauseReason]


async def list_pause_reasons(asked: Asked[None, None]) -> PauseReasonList:
    async with asked.engine.connect() as conn:
        return PauseReasonList(items=[_reason(reason) for reason in await pause_reasons.everything(conn)])


async def create_pause_reason(asked: Asked[None, NewPauseReason]) -> Answer:
    body = asked.body
    async with asked.engine.begin() as conn:
        try:
            made = await pause_reasons.create(
                conn,
                reason_id=body.id,
                name={str(language): name for language, name in body.name.items()},
                limit_s=body.limit,
                counts_as=body.counts_as,
            )
        except PauseReasonTaken as error:
            raise taken("id", error) from error
        await note_act(asked, conn, "pause_reason.create", f"pause_reason:{made.id}", {"name": dict(made.name)})
    await floor_changed(asked.request)
    return answer(_reason(made), made.version, f"pause-reasons/{made.id}")


async def change_pause_reason(asked: Asked[None, PauseReasonChange]) -> Answer:
    version, body = expected_version(asked.request, asked.body.version), asked.body
    fields = {"name": body.name, "limit_s": body.limit, "counts_as": body.counts_as, "enabled": body.enabled}
    given: dict[str, Any] = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
    async with asked.engine.begin() as conn:
        try:
            kept = await pause_reasons.change(conn, asked.path["id"], version=version.number, **given)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchPauseReason as error:
            raise Problem(404, "There is no such pause reason.") from error
        await note_act(asked, conn, "pause_reason.change", f"pause_reason:{kept.id}", {"changed": sorted(given)})
    await floor_changed(asked.request)
    return answer(_reason(kept), kept.version)


def _reason(reason: PauseReason) -> ShownPauseReason:
    return ShownPauseReason(
        id=reason.id, version=reason.version, name=dict(reason.name), limit=reason.limit_s,
        counts_as=reason.counts_as, enabled=reason.enabled,
    )  # fmt: skip


ENDPOINTS = tuple(
    endpoints(
        "/pause-reasons",
        "pause reason",
        ShownPauseReason,
        {"list": list_pause_reasons, "create": create_pause_reason, "change": change_pause_reason},
        {"list": PauseReasonList, "create": NewPauseReason, "change": PauseReasonChange},
    )
)
