"""`/quality/results` and `/quality/agreement`: what reviews of a period came to, and whether reviewers agree."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec

from cxcall.store.paging import BadCursor
from cxcall.store.quality import results, scorecards
from cxcall.store.quality.results import By, Only
from cxcall.web.access import OVERSEERS
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.quality_period import PeriodWords, period_of
from cxcall.web.api.quality_shapes import EvaluationList, Id, evaluation
from cxcall.web.api.scopes import Scope
from cxcall.web.problems import Problem

Words = Annotated[str, msgspec.Meta(max_length=4000)]


class ResultsQuery(PeriodWords, frozen=True, kw_only=True):
    """Submitted evaluations of calls of these days. `agent` (as the records name them) and `queue` take several with
    commas between them."""

    by: By = "agent"
    agent: Words = ""
    queue: Words = ""
    scorecard_id: Annotated[str, msgspec.Meta(max_length=100)] = ""

    def only(self) -> Only:
        return Only(agents=_several(self.agent), queues=_several(self.queue), scorecard_id=self.scorecard_id)


class BehindResultsQuery(ResultsQuery, frozen=True, kw_only=True):
    """Those of the row `key`; without it all."""

    key: Annotated[str, msgspec.Meta(max_length=400)] = ""
    limit: Limit = 50
    after: After | None = None


class AgreementQuery(PeriodWords, frozen=True, kw_only=True):
    """Of one scorecard."""

    scorecard_id: Id


class QualityResult(msgspec.Struct, frozen=True, kw_only=True):
    """A row. `key`: an agent's name, a queue, a scorecard's id, SCORECARD/ITEM, or the first day of a week. `score`:
    the mean, 0 to 1, of those of the `n` that have one; `critical`: evaluations with a critical item missed; `csat`:
    the share of good answers to surveys in the same days, of `csat_n`."""

    key: str
    n: int
    score: float | None
    critical: int
    csat: float | None
    csat_n: int


class QualityResults(msgspec.Struct, frozen=True, kw_only=True):
    """Rows by key, over whole days, the last included."""

    first: date
    last: date
    by: By
    items: list[QualityResult]


class ScoredPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two evaluations of the same part of a call."""

    first: str
    second: str


class AgreementOfItem(msgspec.Struct, frozen=True, kw_only=True):
    """Cohen's kappa of `n` pairs of answers: 1 is full agreement, 0 is chance, null where chance alone would have them
    agree always; weighted by steps for scales (`highest` above 0). `share`: of equal answers."""

    item_id: str
    title: dict[str, str]
    highest: int
    n: int
    share: float | None
    kappa: float | None


class ReviewersAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Of the newest version that two people scored by, with the pairs behind it."""

    first: date
    last: date
    items: list[AgreementOfItem]
    pairs: list[ScoredPair]


async def list_quality_results(asked: Asked[ResultsQuery, None]) -> QualityResults:
    query, when = asked.query, period_of(asked, asked.query)
    async with asked.engine.connect() as conn:
        found = await results.results(
            conn, when.span, by=query.by, only=query.only(), reader=asked.who.id, zone=when.zone,
            calendar=when.calendar,
        )  # fmt: skip
    items = [
        QualityResult(
            key=one.key, n=one.n, score=one.score, critical=one.critical, csat=one.csat, csat_n=one.csat_n
        )
        for one in found
    ]  # fmt: skip
    return QualityResults(first=when.span.first, last=when.span.last, by=query.by, items=items)


async def list_result_evaluations(asked: Asked[BehindResultsQuery, None]) -> EvaluationList:
    """As many as the row says."""
    query, when = asked.query, period_of(asked, asked.query)
    try:
        async with asked.engine.connect() as conn:
            found = await results.evaluations_behind(
                conn, when.span, by=query.by, key=query.key, only=query.only(), reader=asked.who.id, zone=when.zone,
                calendar=when.calendar, after=query.after, limit=query.limit,
            )  # fmt: skip
    except BadCursor as error:
        raise bad_cursor() from error
    return EvaluationList(items=[evaluation(one) for one in found.rows], next=found.next, previous=found.previous)


async def get_agreement(asked: Asked[AgreementQuery, None]) -> ReviewersAgreement:
    """Over calls two people scored without knowing of each other's answers."""
    when = period_of(asked, asked.query)
    async with asked.engine.connect() as conn:
        if await scorecards.get(conn, asked.query.scorecard_id) is None:
            errors = [{"detail": "There is no such scorecard.", "parameter": "scorecard_id"}]
            raise Problem(422, "The query can't be used, see errors.", errors=errors)
        found = await results.agreements(conn, when.span, asked.query.scorecard_id, reader=asked.who.id)
    items = [
        AgreementOfItem(
            item_id=one.item_id, title=one.title, highest=one.highest, n=one.agreement.n, share=one.agreement.share,
            kappa=one.agreement.kappa,
        )
        for one in found
    ]  # fmt: skip
    pairs = [ScoredPair(first=one.id, second=other.id) for one, other in found[0].pairs] if found else []
    return ReviewersAgreement(first=when.span.first, last=when.span.last, items=items, pairs=pairs)


def _several(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))[:500]


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="quality", scope=Scope.QUALITY_READ, roles=tuple(OVERSEERS), **fields)


ENDPOINTS = (
    _read(path="/quality/results", handler=list_quality_results, summary="What reviews came to", query=ResultsQuery,
          gives=QualityResults),
    _read(path="/quality/results/evaluations", handler=list_result_evaluations, query=BehindResultsQuery,
          summary="The evaluations behind a result", gives=EvaluationList),
    _read(path="/quality/agreement", handler=get_agreement, summary="Whether reviewers agree", query=AgreementQuery,
          gives=ReviewersAgreement),
)  # fmt: skip
