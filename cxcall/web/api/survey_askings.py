"""`/survey-askings`: when the queues ask which survey. `/survey-opt-outs`: numbers that are never asked."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cxcall.customers.number import fold
from cxcall.store import survey_askings, survey_opt_outs, surveys
from cxcall.store.errors import Conflict
from cxcall.store.paging import BadCursor
from cxcall.store.survey_askings import QueueAsking
from cxcall.surveys.asking import Asking
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, PageQuery, bad_cursor, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

QueueName = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[\w@.+-]+$")]
ServerName = Annotated[str, msgspec.Meta(max_length=64, description="One Asterisk; empty: every one.")]


class AskingToSave(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue asks. `version` is the one this is based on, 0 for a queue that did not ask before."""

    queue: QueueName
    server: ServerName = ""
    asking: Asking
    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)] = 0


class AskingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which queue's rules are removed."""

    queue: QueueName
    server: ServerName = ""


class ShownAsking(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue asks; `server` is empty when it is so on every Asterisk."""

    server: str
    queue: str
    version: int
    asking: Asking


class AskingList(msgspec.Struct, frozen=True, kw_only=True):
    """Queues that ask, by server and name; `next` is null on the last page."""

    items: list[ShownAsking]
    next: str | None


class OptOutQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of numbers that are never asked."""

    limit: Limit = 50
    after: After | None = None


class NewOptOut(msgspec.Struct, frozen=True, kw_only=True):
    """A number that shall never be asked, written in any usual way."""

    number: Annotated[str, msgspec.Meta(min_length=3, max_length=40)]


class ShownOptOut(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is never asked: by the `key` in a survey or by a `person`."""

    number: str
    at: Time
    how: str
    by: str
    customer_id: str | None
    customer_name: str | None


class OptOutList(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that are never asked, newest first; `next` is null on the last page."""

    items: list[ShownOptOut]
    next: str | None


async def list_survey_askings(asked: Asked[PageQuery, None]) -> AskingList:
    async with asked.engine.connect() as conn:
        found = await survey_askings.everything(conn)
    rows, following = part(found, asked.query, lambda one: f"{one.server}/{one.queue}")
    return AskingList(items=[_shown(one) for one in rows], next=following)


async def save_survey_asking(asked: Asked[None, AskingToSave]) -> ShownAsking:
    """409 when somebody else changed it since `version`."""
    body = asked.body
    fault = asking_fault(body.asking)
    if fault:
        raise Problem(422, "The rules can't be taken as they are, see errors.", errors=[fault])
    async with asked.engine.begin() as conn:
        survey = await surveys.get(conn, body.asking.survey_id)
        if survey is None:
            errors = [{"detail": "There is no such survey.", "pointer": "#/asking/survey_id"}]
            raise Problem(422, "The rules can't be taken as they are, see errors.", errors=errors)
        try:
            saved = await survey_askings.save(conn, body.server, body.queue, body.asking, version=body.version)
        except Conflict as error:
            raise Problem(409, "This was changed meanwhile. Load it again and repeat the change.") from error
        await note_act(asked, conn, "survey.asking", f"queue:{body.queue}", {"survey": survey.id})
    return _shown(saved)


async def remove_survey_asking(asked: Asked[AskingQuery, None]) -> None:
    """The queue asks no more, or as the rules for every server say."""
    query = asked.query
    async with asked.engine.begin() as conn:
        if not await survey_askings.remove(conn, query.server, query.queue):
            raise Problem(404, "This queue has no rules of its own.")
        await note_act(asked, conn, "survey.asking.remove", f"queue:{query.queue}")


async def list_survey_opt_outs(asked: Asked[OptOutQuery, None]) -> OptOutList:
    try:
        async with asked.engine.connect() as conn:
            found = await survey_opt_outs.page(conn, limit=asked.query.limit, after=asked.query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    items = [ShownOptOut(**{name: getattr(row, name) for name in ShownOptOut.__struct_fields__}) for row in found.rows]
    return OptOutList(items=items, next=found.next)


async def add_survey_opt_out(asked: Asked[None, NewOptOut]) -> None:
    """Its customer's profile gets the tag `no-survey`."""
    number = fold(asked.body.number, asked.country)
    if number is None:
        errors = [{"detail": "This is not a phone number.", "pointer": "#/number"}]
        raise Problem(422, "The number can't be taken.", errors=errors)
    async with asked.engine.begin() as conn:
        await survey_opt_outs.add(conn, number, how="person", by=asked.who.name, at=asked.now)
        await note_act(asked, conn, "survey.opt_out", f"number:{number}")


async def remove_survey_opt_out(asked: Asked[None, None]) -> None:
    """The number and its customer may be asked again."""
    number = fold(asked.path["number"], asked.country) or asked.path["number"]
    async with asked.engine.begin() as conn:
        if not await survey_opt_outs.remove(conn, number):
            raise Problem(404, "Nothing keeps this number from being asked.")
        await note_act(asked, conn, "survey.opt_in", f"number:{number}")


def asking_fault(asking: Asking) -> dict[str, str] | None:
    """What in the rules of a queue can't be, with its place; None when all can."""
    checks = (
        (0 <= asking.share <= 100, "share", "The share is 0 to 100 per cent."),
        (0 <= asking.min_talk <= 86_400, "min_talk", "The shortest talk is 0 to 86400 seconds."),
        (0 <= asking.quiet_days <= 3650, "quiet_days", "The quiet time is 0 to 3650 days."),
        (
            all(_is_fine(one) for one in asking.hours),
            "hours",
            "Hours lie on weekdays 0 to 6, between 0 and 1440 minutes.",
        ),
        (
            asking.later is None or _later_is_fine(asking),
            "later",
            "Later calls: 1 to 10 tries, after 0 to 10080 minutes.",
        ),
    )
    for fine, name, sentence in checks:
        if not fine:
            return {"detail": sentence, "pointer": f"#/asking/{name}"}
    return None


def _is_fine(hours: Any) -> bool:
    minutes = 0 <= hours.since <= 1440 and 0 <= hours.until <= 1440 and hours.since != hours.until
    return minutes and all(0 <= day <= 6 for day in hours.days)


def _later_is_fine(asking: Asking) -> bool:
    later = asking.later
    if later is None:
        return True
    return 1 <= later.tries <= 10 and 0 <= later.after_minutes <= 10_080 and all(map(_is_fine, later.hours))


def _shown(one: QueueAsking) -> ShownAsking:
    return ShownAsking(server=one.server, queue=one.queue, version=one.version, asking=one.asking)


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="surveys", scope=Scope.SURVEYS_READ, roles=tuple(OVERSEERS), **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="surveys", scope=Scope.SURVEYS_WRITE, roles=(Role.ADMIN,), **fields)


ENDPOINTS = (
    _read(path="/survey-askings", handler=list_survey_askings, summary="When queues ask", query=PageQuery,
          gives=AskingList),
    _write(method="PUT", path="/survey-askings", handler=save_survey_asking, summary="Say when a queue asks",
           body=AskingToSave, gives=ShownAsking, problems=(409,)),
    _write(method="DELETE", path="/survey-askings", handler=remove_survey_asking, summary="A queue asks no more",
           query=AskingQuery, status=204),
    _read(path="/survey-opt-outs", handler=list_survey_opt_outs, summary="Numbers that are never asked",
          query=OptOutQuery, gives=OptOutList),
    _write(method="POST", path="/survey-opt-outs", handler=add_survey_opt_out, summary="Never ask a number",
           body=NewOptOut, status=204),
    _write(method="DELETE", path="/survey-opt-outs/{number}", handler=remove_survey_opt_out,
           summary="A number may be asked again", status=204),
)  # fmt: skip
