"""`/survey-responses`: who was asked after which call, what they answered and said, and all of it as a table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from cxcall.customers.number import fold
from cxcall.store import survey_answers, survey_pages
from cxcall.store.held import Phones
from cxcall.store.paging import BadCursor
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_pages import ResponseFilter
from cxcall.store.survey_responses import Ended, Kind, State
from cxcall.surveys.asking import Reason
from cxcall.surveys.dialogue import Result
from cxcall.surveys.script import Measure
from cxcall.web import comment_sound
from cxcall.web.access import OVERSEERS
from cxcall.web.api.calls import Word, phones_of
from cxcall.web.api.endpoint import ROOT, Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import SETTINGS
from cxcall.web.pages import survey_export
from cxcall.web.problems import Problem
from cxcall.web.rights import had, hears_comment

Value = Annotated[float, msgspec.Meta(ge=0, le=1000)]


def _about(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class ResponseChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Filters; all that are given must fit. Without `state` those that were asked."""

    since: Annotated[Time | None, _about("Offered at this time or later; with `measure` or `part`: answered.")] = None
    until: Annotated[Time | None, _about("Offered (or answered) before this time.")] = None
    queue: Annotated[Word | None, _about("Of calls of this queue.")] = None
    agent: Annotated[Word | None, _about("Of calls this agent took, as Asterisk names the phone: PJSIP/1001.")] = None
    survey_id: Annotated[Word | None, _about("Of this survey, in any version.")] = None
    server: Annotated[Word | None, _about("Of calls of this Asterisk.")] = None
    customer_id: Annotated[Word | None, _about("Of this customer.")] = None
    number: Annotated[Word | None, _about("Of this caller, in any usual way of writing a number.")] = None
    kind: Annotated[Kind | None, _about("Asked right after the call, later, or as a test.")] = None
    state: Annotated[State | None, _about("How far it went.")] = None
    reason: Annotated[Reason | None, _about("Why the call was not asked; with `state` not_asked.")] = None
    end: Annotated[Ended | None, _about("How the survey ended.")] = None
    measure: Annotated[Measure | None, _about("Answered a question of this measure.")] = None
    part: Annotated[Word | None, _about("Answered this question (id of the part).")] = None
    at_least: Annotated[Value | None, _about("With `measure` or `part`: with this value or a higher one.")] = None
    at_most: Annotated[Value | None, _about("With `measure` or `part`: with this value or a lower one.")] = None
    commented: Annotated[bool, _about("With a spoken comment.")] = False

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since must not be later than until")


class ResponseQuery(ResponseChoice, frozen=True, kw_only=True):
    """A page of the list; newest responses come first."""

    limit: Limit = 50
    after: After | None = None


class ExportQuery(ResponseChoice, frozen=True, kw_only=True):
    """What the table holds, and its form."""

    format: Annotated[Literal["csv", "xlsx"], _about("UTF-8 text with a mark, or a spreadsheet.")] = "csv"


class GivenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one question: `title` and `label` in the words of that time, by language; `value` it counts."""

    n: int
    part: str
    kind: str
    measure: Measure | None
    title: dict[str, str]
    label: dict[str, str]
    result: Result
    keys: str
    value: float | None
    tries: int
    given_at: Time


class SpokenComment(msgspec.Struct, frozen=True, kw_only=True):
    """What was said. `audio`: where its sound is; `state` of its text: `no_model` = nothing here can write it."""

    part: str
    seconds: float
    recorded_at: Time
    state: Literal["no_model", "waiting", "done", "failed"]
    text: str | None
    audio: str


class SurveyResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One call that could be asked. `reason` is "ask" when it was, else why not; `end` is "" while it goes on."""

    id: str
    survey_id: str | None
    survey_version: int | None
    kind: Kind
    server: str
    unique_id: str
    call_id: str | None
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    customer_name: str | None
    number: str
    language: str
    state: State
    reason: Reason
    end: Ended
    offered_at: Time
    started_at: Time | None
    ended_at: Time | None
    handed_to: str | None
    answers: list[GivenAnswer]
    comments: list[SpokenComment]


class ResponseList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of responses, newest first; `next` is null on the last one."""

    items: list[SurveyResponse]
    next: str | None


async def list_survey_responses(asked: Asked[ResponseQuery, None]) -> ResponseList:
    """Agents get those of their own calls."""
    try:
        async with asked.engine.connect() as conn:
            wanted = filter_of(asked, asked.query)
            found = await survey_pages.page(conn, wanted, limit=asked.query.limit, after=asked.query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    return ResponseList(items=[shown(row) for row in found.rows], next=found.next)


async def get_survey_response(asked: Asked[None, None]) -> SurveyResponse:
    """One response with its answers and comments."""
    async with asked.engine.connect() as conn:
        row = await survey_answers.get(conn, asked.path["id"])
        own = row is not None and await had(conn, asked.who, row)
    if row is None or not (asked.who.oversees or own):
        raise Problem(404, "There is no such response.")
    return shown(row)


async def get_survey_comment(asked: Asked[None, None]) -> web.StreamResponse:
    """The sound of a spoken comment; `Range` gives a piece of it. Agents hear those about their own calls."""
    try:
        async with asked.engine.connect() as conn:
            row = await hears_comment(conn, asked.who, asked.path["id"])
    except web.HTTPNotFound as error:
        raise Problem(404, "There is no such response.") from error
    comment = next((one for one in row.comments if one.part == asked.path["part"]), None)
    path = comment_sound.path_of(asked.request.app[SETTINGS], comment.file) if comment else None
    if path is None:
        raise Problem(404, "There is no such comment.")
    return web.FileResponse(path, headers={"Content-Type": "audio/wav", "Cache-Control": comment_sound.KEPT})


async def export_survey_responses(asked: Asked[ExportQuery, None]) -> web.StreamResponse:
    """All responses that fit with their answers, a column a question. Times are on the site's clock."""
    send = survey_export.send_xlsx if asked.query.format == "xlsx" else survey_export.send_csv
    return await send(asked.request, filter_of(asked, asked.query))


def filter_of(asked: Asked[Any, None], choice: ResponseChoice) -> ResponseFilter:
    """What is asked for, narrowed to what whoever asks may see."""
    return ResponseFilter(
        since=choice.since,
        until=choice.until,
        queue=choice.queue,
        agent=_agent_of(asked, choice.agent),
        survey_id=choice.survey_id,
        server=choice.server,
        customer_id=choice.customer_id,
        number=choice.number and (fold(choice.number, asked.country) or choice.number),
        kind=choice.kind,
        state=choice.state,
        reason=choice.reason,
        end=choice.end,
        measure=choice.measure,
        part=choice.part,
        at_least=choice.at_least,
        at_most=choice.at_most,
        commented=choice.commented,
    )


def _agent_of(asked: Asked[Any, None], wanted: str | None) -> str | Phones | None:
    phones = phones_of(asked.who, wanted)
    return phones if phones != () else "nobody"  # an agent without a phone, or who asks for another's: none


def shown(row: ResponseRow) -> SurveyResponse:
    """A response as the API writes it."""
    own = {
        name: getattr(row.response, name) for name in SurveyResponse.__struct_fields__ if hasattr(row.response, name)
    }
    return SurveyResponse(
        **own,
        customer_name=row.customer_name,
        answers=[
            GivenAnswer(**{name: getattr(answer, name) for name in GivenAnswer.__struct_fields__})
            for answer in row.answers
        ],
        comments=[
            SpokenComment(
                part=comment.part,
                seconds=comment.seconds,
                recorded_at=comment.recorded_at,
                state=comment.state,
                text=comment.text,
                audio=f"{ROOT}/survey-responses/{row.response.id}/comments/{comment.part}",
            )
            for comment in row.comments
        ],
    )


ENDPOINTS = (
    Endpoint(
        method="GET", path="/survey-responses", handler=list_survey_responses, summary="List survey responses",
        tag="survey-responses", scope=Scope.SURVEYS_READ, query=ResponseQuery, gives=ResponseList,
    ),
    Endpoint(
        method="GET", path="/survey-responses/export", handler=export_survey_responses,
        summary="Survey responses as CSV or XLSX", tag="survey-responses", scope=Scope.SURVEYS_READ, roles=OVERSEERS,
        query=ExportQuery, gives=str, gives_type="text/csv", gives_headers=("X-Total-Count",),
    ),
    Endpoint(
        method="GET", path="/survey-responses/{id}", handler=get_survey_response, summary="One survey response",
        tag="survey-responses", scope=Scope.SURVEYS_READ, gives=SurveyResponse,
    ),
    Endpoint(
        method="GET", path="/survey-responses/{id}/comments/{part}", handler=get_survey_comment,
        summary="The sound of a spoken comment", tag="survey-responses", scope=Scope.SURVEYS_READ, gives=Any,
        gives_type="audio/wav",
    ),
)  # fmt: skip
