"""`/quality/scorecards` and `/quality/plans`: what calls are scored by, and which are drawn."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scorecard import Scorecard, check
from cxcall.store.errors import Conflict
from cxcall.store.quality import drawing, plans, scorecards
from cxcall.store.quality.plans import Drawn, NoSuchPlan, Plan
from cxcall.store.quality.scorecards import KeptScorecard, NoSuchScorecard, NotReady
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.own_reports import Version
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.quality_period import PeriodWords, period_of
from cxcall.web.api.quality_shapes import ShownQualityPlan, ShownScorecard, plan, scorecard
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.keys import SETTINGS
from cxcall.web.problems import Problem

MOST_DRAWN = 1000
MOST_NAMES = 500


class NewScorecard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft; it may have problems until it is published."""

    draft: Scorecard


class ScorecardChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The draft as it shall be."""

    draft: Scorecard
    version: Version = msgspec.UNSET


class VersionOnly(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an act is based on."""

    version: Version = msgspec.UNSET


class ScorecardList(msgspec.Struct, frozen=True, kw_only=True):
    """Scorecards, retired ones too, the last changed first."""

    items: list[ShownScorecard]
    next: str | None


class NewQualityPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan to make."""

    drawn: Drawn


class QualityPlanChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    drawn: Drawn | msgspec.UnsetType = msgspec.UNSET
    paused: bool | msgspec.UnsetType = msgspec.UNSET


class QualityPlanList(msgspec.Struct, frozen=True, kw_only=True):
    """Plans, the last changed first."""

    items: list[ShownQualityPlan]
    next: str | None


class DrawnReviews(msgspec.Struct, frozen=True, kw_only=True):
    """How many reviews were added; 0 where all of them were there already, or the plan draws none."""

    added: int


async def list_scorecards(asked: Asked[PageQuery, None]) -> ScorecardList:
    async with asked.engine.connect() as conn:
        found = await scorecards.everything(conn)
    rows, following = part(found, asked.query, lambda one: one.id)
    return ScorecardList(items=[scorecard(one, check(one.draft)) for one in rows], next=following)


async def create_scorecard(asked: Asked[None, NewScorecard]) -> Answer:
    async with asked.engine.begin() as conn:
        made = await scorecards.create(conn, asked.body.draft, by=asked.who.name, now=asked.now)
        await note_act(asked, conn, "scorecard.create", f"scorecard:{made.id}")
    return _card(made, {"Location": f"{ROOT}/quality/scorecards/{made.id}"})


async def get_scorecard(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        kept = await scorecards.get(conn, asked.path["id"])
    if kept is None:
        raise _no_card()
    return _card(kept)


async def get_scorecard_version(asked: Asked[None, None]) -> Scorecard:
    """As it was published; evaluations name the version they were made by."""
    n = asked.path["n"]
    async with asked.engine.connect() as conn:
        is_number = n.isascii() and n.isdecimal() and len(n) < 9
        card = await scorecards.published(conn, asked.path["id"], int(n)) if is_number else None
    if card is None:
        raise Problem(404, "There is no such version of a scorecard.")
    return card


async def change_scorecard(asked: Asked[None, ScorecardChange]) -> Answer:
    """The draft alone: what calls are scored by changes when it is published."""
    return await _act(asked, "change", lambda conn, n: scorecards.save(
        conn, asked.path["id"], asked.body.draft, version=n, by=asked.who.name, now=asked.now
    ))  # fmt: skip


async def publish_scorecard(asked: Asked[None, VersionOnly]) -> Answer:
    """422 with what is wrong with the draft."""
    return await _act(asked, "publish", lambda conn, n: scorecards.publish(
        conn, asked.path["id"], version=n, by=asked.who.name, now=asked.now
    ))  # fmt: skip


async def retire_scorecard(asked: Asked[None, VersionOnly]) -> Answer:
    """Its versions and what was scored by them stay; `restore` takes it into use again."""
    return await _act(asked, "retire", lambda conn, n: scorecards.retire(
        conn, asked.path["id"], version=n, by=asked.who.name, now=asked.now
    ))  # fmt: skip


async def restore_scorecard(asked: Asked[None, VersionOnly]) -> Answer:
    return await _act(asked, "restore", lambda conn, n: scorecards.restore(
        conn, asked.path["id"], version=n, by=asked.who.name, now=asked.now
    ))  # fmt: skip


async def _act(asked: Asked[Any, Any], act: str, do: Any) -> Answer:
    expected = expected_version(asked.request, asked.body.version)
    try:
        async with asked.engine.begin() as conn:
            made: KeptScorecard = await do(conn, expected.number)
            await note_act(asked, conn, f"scorecard.{act}", f"scorecard:{made.id}", {"published": made.published})
    except Conflict as error:
        raise expected.outdated() from error
    except NoSuchScorecard as error:
        raise _no_card() from error
    except NotReady as error:
        errors = [{"detail": one.sentence, "pointer": f"#/draft/{one.where}"} for one in error.problems]
        raise Problem(422, "The draft can't be published as it is, see errors.", errors=errors) from error
    return _card(made)


def _card(kept: KeptScorecard, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=scorecard(kept, check(kept.draft)), headers={"ETag": etag(kept.version), **(headers or {})})


def _no_card() -> Problem:
    return Problem(404, "There is no such scorecard.")


async def list_quality_plans(asked: Asked[PageQuery, None]) -> QualityPlanList:
    async with asked.engine.connect() as conn:
        found = await plans.everything(conn)
    rows, following = part(found, asked.query, lambda one: one.id)
    return QualityPlanList(items=[plan(one) for one in rows], next=following)


async def create_quality_plan(asked: Asked[None, NewQualityPlan]) -> Answer:
    async with asked.engine.begin() as conn:
        await _check(conn, asked.body.drawn)
        made = await plans.create(conn, asked.body.drawn, by=asked.who.name, now=asked.now)
        await note_act(asked, conn, "plan.create", f"plan:{made.id}", {"name": made.drawn.name})
    return _plan(made, {"Location": f"{ROOT}/quality/plans/{made.id}"})


async def get_quality_plan(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _plan(await _kept(asked, conn))


async def change_quality_plan(asked: Asked[None, QualityPlanChange]) -> Answer:
    body = asked.body
    expected = expected_version(asked.request, body.version)
    try:
        async with asked.engine.begin() as conn:
            known = await _kept(asked, conn)
            drawn = known.drawn
            if not isinstance(body.drawn, msgspec.UnsetType):
                drawn = body.drawn
                await _check(conn, drawn)
            made = await plans.save(
                conn, known.id, drawn, version=expected.number, by=asked.who.name, now=asked.now
            )  # fmt: skip
            if not isinstance(body.paused, msgspec.UnsetType) and body.paused != made.paused:
                made = await plans.pause(
                    conn, known.id, body.paused, version=made.version, by=asked.who.name, now=asked.now
                )  # fmt: skip
            await note_act(asked, conn, "plan.change", f"plan:{made.id}", {"name": made.drawn.name})
    except Conflict as error:
        raise expected.outdated() from error
    except NoSuchPlan as error:
        raise _no_plan() from error
    return _plan(made)


async def delete_quality_plan(asked: Asked[None, None]) -> Answer:
    """What it drew stays to be scored."""
    expected = expected_version(asked.request, msgspec.UNSET)
    try:
        async with asked.engine.begin() as conn:
            known = await _kept(asked, conn)
            await plans.remove(conn, known.id, version=expected.number)
            await note_act(asked, conn, "plan.remove", f"plan:{known.id}", {"name": known.drawn.name})
    except Conflict as error:
        raise expected.outdated() from error
    except NoSuchPlan as error:
        raise _no_plan() from error
    return Answer(status=204)


async def draw_quality_plan(asked: Asked[None, PeriodWords]) -> DrawnReviews:
    """Of these days, what is not there yet; the service draws by itself too."""
    when = period_of(asked, asked.body)
    weeks = drawing.weeks_of(asked.request.app[SETTINGS].site.language)
    async with asked.engine.connect() as conn:
        known = await _kept(asked, conn)
        chosen = await drawing.choose(conn, known, when.span, zone=when.zone, calendar=weeks, now=asked.now)
    async with asked.engine.begin() as conn:
        added = await drawing.keep(conn, chosen)
        await note_act(asked, conn, "plan.draw", f"plan:{known.id}", {"added": added})
    return DrawnReviews(added=added)


async def _check(conn: AsyncConnection, drawn: Drawn) -> None:
    """Raises Problem 422 for a plan that could draw nothing, or too much."""
    errors: list[tuple[str, str]] = []
    if not drawn.name.strip() or len(drawn.name) > 100:
        errors.append(("name", "Give it a name of at most 100 letters."))
    counts = ("random", "worst_mood", "longest", "low_csat")
    errors += [(name, f"From 0 to {MOST_DRAWN}.") for name in counts if not 0 <= getattr(drawn, name) <= MOST_DRAWN]
    if not (math.isfinite(drawn.double) and 0 <= drawn.double <= 1):
        errors.append(("double", "A share from 0 to 1."))
    if not (0 <= drawn.long_from <= 86_400 and 1 <= drawn.csat_to <= 5):
        errors.append(("long_from", "long_from is seconds up to a day, csat_to from 1 to 5."))
    if max(len(drawn.queues), len(drawn.teams)) > MOST_NAMES:
        errors.append(("queues", f"At most {MOST_NAMES} of each."))
    if await scorecards.get(conn, drawn.scorecard_id) is None:
        errors.append(("scorecard_id", "There is no such scorecard."))
    if errors:
        told = [{"detail": text, "pointer": f"#/drawn/{name}"} for name, text in errors]
        raise Problem(422, "The plan can't be kept as it is, see errors.", errors=told)


async def _kept(asked: Asked[Any, Any], conn: AsyncConnection) -> Plan:
    kept = await plans.get(conn, asked.path["id"])
    if kept is None:
        raise _no_plan()
    return kept


def _plan(kept: Plan, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=plan(kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _no_plan() -> Problem:
    return Problem(404, "There is no such plan.")


def _of(**fields: Any) -> Endpoint:
    scope = Scope.QUALITY_READ if fields["method"] == "GET" else Scope.QUALITY_WRITE
    return Endpoint(tag="quality", scope=scope, roles=tuple(OVERSEERS), **fields)


_CARDS, _CARD, _PLANS, _PLAN = (
    "/quality/scorecards", "/quality/scorecards/{id}", "/quality/plans", "/quality/plans/{id}",
)  # fmt: skip
_CHANGES: dict[str, Any] = {"problems": (409, 412, 428), "headers": ("If-Match",)}
ENDPOINTS = (
    _of(method="GET", path=_CARDS, handler=list_scorecards, summary="Scorecards", query=PageQuery, gives=ScorecardList),
    _of(method="POST", path=_CARDS, handler=create_scorecard, summary="Make a scorecard", body=NewScorecard,
        gives=ShownScorecard, status=201, gives_headers=("Location", "ETag")),
    _of(method="GET", path=_CARD, handler=get_scorecard, summary="One scorecard", gives=ShownScorecard,
        gives_headers=("ETag",)),
    _of(method="GET", path=_CARD + "/versions/{n}", handler=get_scorecard_version, gives=Scorecard,
        summary="A scorecard as it was published"),
    _of(method="PATCH", path=_CARD, handler=change_scorecard, summary="Change a scorecard's draft",
        body=ScorecardChange, gives=ShownScorecard, gives_headers=("ETag",), **_CHANGES),
    *(
        _of(method="POST", path=f"{_CARD}/{act}", handler=handler, summary=summary, body=VersionOnly,
            gives=ShownScorecard, gives_headers=("ETag",), **_CHANGES)
        for act, handler, summary in (
            ("publish", publish_scorecard, "Score calls by a scorecard's draft from now on"),
            ("retire", retire_scorecard, "Use a scorecard no more"),
            ("restore", restore_scorecard, "Use a scorecard again"),
        )
    ),
    _of(method="GET", path=_PLANS, handler=list_quality_plans, summary="Plans of reviews", query=PageQuery,
        gives=QualityPlanList),
    _of(method="POST", path=_PLANS, handler=create_quality_plan, summary="Make a plan of reviews", body=NewQualityPlan,
        gives=ShownQualityPlan, status=201, gives_headers=("Location", "ETag")),
    _of(method="GET", path=_PLAN, handler=get_quality_plan, summary="One plan of reviews", gives=ShownQualityPlan,
        gives_headers=("ETag",)),
    _of(method="PATCH", path=_PLAN, handler=change_quality_plan, summary="Change, pause or resume a plan of reviews",
        body=QualityPlanChange, gives=ShownQualityPlan, gives_headers=("ETag",), **_CHANGES),
    _of(method="DELETE", path=_PLAN, handler=delete_quality_plan, summary="Remove a plan of reviews", status=204,
        **_CHANGES),
    _of(method="POST", path=_PLAN + "/draw", handler=draw_quality_plan, summary="Draw reviews of a period",
        body=PeriodWords, gives=DrawnReviews),
)  # fmt: skip
