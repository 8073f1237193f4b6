"""`/quality/disputes` and `/quality/coaching`: what an agent does not agree with, and what they are to practise."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import users
from cxcall.store.errors import Conflict
from cxcall.store.quality import coaching, disputes
from cxcall.store.quality.coaching import CoachingTask, NoSuchCoachingTask
from cxcall.store.quality.disputes import AlreadyDisputed, NoSuchDispute, TooLate
from cxcall.store.quality.evaluations import NoSuchEvaluation
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.own_reports import Version
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.quality_reviews import found_evaluation
from cxcall.web.api.quality_shapes import Id, ShownCoachingTask, ShownDispute, Words, dispute, task
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.problems import Problem

MOST = 2000
Word = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=coaching.LONGEST, pattern=r"\S")]


class DisputeQuery(PageQuery, frozen=True, kw_only=True):
    """`state` open: the eldest first; all: the newest first. Agents get their own."""

    state: Literal["open", "all"] = "open"
    evaluation_id: Word = ""


class DisputeList(msgspec.Struct, frozen=True, kw_only=True):
    """Disputes; `next` is null on the last page."""

    items: list[ShownDispute]
    next: str | None


class NewDispute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agent sees otherwise."""

    said: Words


class DisputeAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the agent is right, and what is said to them. The score changes by a correction alone."""

    upheld: bool
    said: Words


class CoachingQuery(PageQuery, frozen=True, kw_only=True):
    """`state` open: by the day they are due; all: the newest first. Agents get their own."""

    state: Literal["open", "all"] = "open"
    agent_user_id: Word = ""


class CoachingList(msgspec.Struct, frozen=True, kw_only=True):
    """Coaching tasks; `next` is null on the last page."""

    items: list[ShownCoachingTask]
    next: str | None


class NewCoachingTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent is to practise, from an evaluation of theirs or without one."""

    agent_user_id: Id
    text: Text
    due_on: date | None = None
    evaluation_id: Id | None = None
    item_id: Annotated[str, msgspec.Meta(max_length=100)] = ""


class CoachingChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    text: Text | msgspec.UnsetType = msgspec.UNSET
    due_on: date | msgspec.UnsetType | None = msgspec.UNSET


class CoachingAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`note`: what there is to say of it when it is done."""

    version: Version = msgspec.UNSET
    note: Annotated[str, msgspec.Meta(max_length=coaching.LONGEST)] = ""


async def list_disputes(asked: Asked[DisputeQuery, None]) -> DisputeList:
    query, who = asked.query, asked.who
    async with asked.engine.connect() as conn:
        if query.evaluation_id:
            found = await disputes.of_evaluation(conn, query.evaluation_id)
            found = [one for one in found if query.state == "all" or one.state == "open"]
        else:
            by = None if who.oversees else who.id
            found = await disputes.listed(conn, open_only=query.state == "open", by=by, limit=MOST)
    rows = [one for one in found if who.oversees or one.by == who.id]
    shown, following = part(rows, query, lambda one: one.id)
    return DisputeList(items=[dispute(one) for one in shown], next=following)


async def open_dispute(asked: Asked[None, NewDispute]) -> Answer:
    """By the agent of the evaluation, within 14 days, one at a time."""
    try:
        async with asked.engine.begin() as conn:
            known = await found_evaluation(asked, conn)
            made = await disputes.open_(conn, known.id, asked.body.said, by=asked.who.id, now=asked.now)
            await note_act(asked, conn, "quality.dispute", f"evaluation:{known.id}")
    except NoSuchEvaluation as error:
        raise Problem(403, "Only the agent of an evaluation disputes it.") from error
    except TooLate as error:
        raise Problem(422, str(error)) from error
    except AlreadyDisputed as error:
        raise Problem(409, str(error)) from error
    return Answer(value=dispute(made), headers={"Location": f"{ROOT}/quality/disputes/{made.id}"})


async def get_dispute(asked: Asked[None, None]) -> ShownDispute:
    async with asked.engine.connect() as conn:
        return dispute(await _dispute(asked, conn))


async def answer_dispute(asked: Asked[None, DisputeAnswer]) -> ShownDispute:
    """409 where it was settled already."""
    body = asked.body
    async with asked.engine.begin() as conn:
        known = await _dispute(asked, conn)
        try:
            made = await disputes.answer(
                conn, known.id, upheld=body.upheld, said=body.said, by=asked.who.name, now=asked.now
            )  # fmt: skip
        except (Conflict, NoSuchDispute) as error:
            raise Problem(409, "It was settled already.") from error
        await note_act(asked, conn, "quality.answer", f"evaluation:{made.evaluation_id}", {"how": made.state})
    return dispute(made)


async def withdraw_dispute(asked: Asked[None, None]) -> ShownDispute:
    """By who opened it."""
    async with asked.engine.begin() as conn:
        known = await _dispute(asked, conn)
        try:
            made = await disputes.withdraw(conn, known.id, by=asked.who.id, now=asked.now)
        except NoSuchDispute as error:
            raise Problem(403, "Only who opened a dispute takes it back.") from error
        except Conflict as error:
            raise Problem(409, "It was settled already.") from error
        await note_act(asked, conn, "quality.withdraw", f"evaluation:{made.evaluation_id}")
    return dispute(made)


async def _dispute(asked: Asked[Any, Any], conn: AsyncConnection) -> Any:
    kept = await disputes.get(conn, asked.path["id"])
    if kept is None or not (asked.who.oversees or kept.by == asked.who.id):
        raise Problem(404, "There is no such dispute.")
    return kept


async def list_coaching(asked: Asked[CoachingQuery, None]) -> CoachingList:
    query, who = asked.query, asked.who
    agent = query.agent_user_id if who.oversees else who.id
    if query.agent_user_id not in ("", agent):
        raise Problem(403, "Agents read their own coaching tasks.")
    async with asked.engine.connect() as conn:
        if agent:
            found = await coaching.of_agent(conn, agent, limit=MOST)
            found = [one for one in found if query.state == "all" or one.done_at is None]
        else:
            found = await coaching.listed(conn, open_only=query.state == "open", limit=MOST)
    rows, following = part(found, query, lambda one: one.id)
    return CoachingList(items=[task(one) for one in rows], next=following)


async def give_coaching(asked: Asked[None, NewCoachingTask]) -> Answer:
    given = asked.body
    async with asked.engine.begin() as conn:
        if await users.get(conn, given.agent_user_id) is None:
            raise _refused("There is no such user.", "agent_user_id")
        if given.evaluation_id is not None:
            of = await found_evaluation(asked, conn, given.evaluation_id)
            if of.agent_user_id != given.agent_user_id:
                raise _refused("This evaluation is of somebody else.", "evaluation_id")
        made = await coaching.create(
            conn, given.agent_user_id, given.text, by=asked.who.name, now=asked.now, due_on=given.due_on,
            evaluation_id=given.evaluation_id, item_id=given.item_id,
        )  # fmt: skip
        await note_act(asked, conn, "coaching.give", f"coaching:{made.id}", {"agent": given.agent_user_id})
    return _answer(made, {"Location": f"{ROOT}/quality/coaching/{made.id}"})


async def get_coaching(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _task(asked, conn))


async def change_coaching(asked: Asked[None, CoachingChange]) -> Answer:
    body = asked.body

    async def edit(conn: AsyncConnection, known: CoachingTask, version: int) -> CoachingTask:
        text = known.text if isinstance(body.text, msgspec.UnsetType) else body.text
        due_on = known.due_on if isinstance(body.due_on, msgspec.UnsetType) else body.due_on
        return await coaching.edit(conn, known.id, text, due_on, version=version)

    return await _act(asked, "change", edit, body.version)


async def finish_coaching(asked: Asked[None, CoachingAct]) -> Answer:
    """It was practised; agents say so of their own."""
    return await _act(asked, "done", lambda conn, known, version: coaching.done(
        conn, known.id, asked.body.note, version=version, now=asked.now
    ), asked.body.version)  # fmt: skip


async def reopen_coaching(asked: Asked[None, CoachingAct]) -> Answer:
    return await _act(
        asked, "reopen", lambda conn, known, version: coaching.reopen(conn, known.id, version=version),
        asked.body.version,
    )  # fmt: skip


async def delete_coaching(asked: Asked[None, None]) -> Answer:
    """`restore` brings it back; what the agent is told of it ends at once."""
    await _act(asked, "remove", lambda conn, known, version: coaching.remove(
        conn, known.id, version=version, now=asked.now
    ), msgspec.UNSET)  # fmt: skip
    return Answer(status=204)


async def restore_coaching(asked: Asked[None, CoachingAct]) -> Answer:
    return await _act(
        asked, "restore", lambda conn, known, version: coaching.restore(conn, known.id, version=version),
        asked.body.version,
    )  # fmt: skip


async def _act(asked: Asked[Any, Any], act: str, do: Any, in_body: Any) -> Answer:
    expected = expected_version(asked.request, in_body)
    async with asked.engine.begin() as conn:
        known = await _task(asked, conn, removed=act == "restore")
        try:
            made = await do(conn, known, expected.number)
        except (Conflict, NoSuchCoachingTask) as error:
            raise expected.outdated() from error
        await note_act(asked, conn, f"coaching.{act}", f"coaching:{made.id}")
    return _answer(made)


async def _task(asked: Asked[Any, Any], conn: AsyncConnection, *, removed: bool = False) -> CoachingTask:
    kept = await coaching.get(conn, asked.path["id"])
    there = kept is not None and (removed or kept.deleted_at is None)
    if kept is None or not there or not (asked.who.oversees or kept.agent_user_id == asked.who.id):
        raise Problem(404, "There is no such coaching task.")
    return kept


def _refused(detail: str, place: str) -> Problem:
    errors = [{"detail": detail, "pointer": f"#/{place}"}]
    return Problem(422, "The task can't be given as it is, see errors.", errors=errors)


def _answer(kept: CoachingTask, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=task(kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _of(*, everyone: bool = False, **fields: Any) -> Endpoint:
    scope = Scope.QUALITY_READ if fields["method"] == "GET" else Scope.QUALITY_WRITE
    return Endpoint(tag="quality", scope=scope, roles=() if everyone else tuple(OVERSEERS), **fields)


_DISPUTE, _ALL, _ONE = "/quality/disputes/{id}", "/quality/coaching", "/quality/coaching/{id}"
_CHANGES: dict[str, Any] = {"problems": (409, 412, 428), "headers": ("If-Match",)}
_TASK: dict[str, Any] = {"gives": ShownCoachingTask, "gives_headers": ("ETag",)}
ENDPOINTS = (
    _of(method="GET", path="/quality/disputes", handler=list_disputes, summary="Disputes of evaluations",
        everyone=True, query=DisputeQuery, gives=DisputeList),
    _of(method="POST", path="/quality/evaluations/{id}/disputes", handler=open_dispute, everyone=True,
        summary="Disagree with one's own evaluation", body=NewDispute, gives=ShownDispute, status=201,
        problems=(403, 409), gives_headers=("Location",)),
    _of(method="GET", path=_DISPUTE, handler=get_dispute, summary="One dispute", everyone=True, gives=ShownDispute),
    _of(method="POST", path=_DISPUTE + "/answer", handler=answer_dispute, summary="Settle a dispute",
        body=DisputeAnswer, gives=ShownDispute, problems=(409,)),
    _of(method="POST", path=_DISPUTE + "/withdraw", handler=withdraw_dispute, summary="Take one's dispute back",
        everyone=True, gives=ShownDispute, problems=(403, 409)),
    _of(method="GET", path=_ALL, handler=list_coaching, summary="Coaching tasks", everyone=True, query=CoachingQuery,
        gives=CoachingList, problems=(403,)),
    _of(method="POST", path=_ALL, handler=give_coaching, summary="Give an agent something to practise",
        body=NewCoachingTask, status=201, **{**_TASK, "gives_headers": ("Location", "ETag")}),
    _of(method="GET", path=_ONE, handler=get_coaching, summary="One coaching task", everyone=True, **_TASK),
    _of(method="PATCH", path=_ONE, handler=change_coaching, summary="Change a coaching task", body=CoachingChange,
        **_TASK, **_CHANGES),
    _of(method="POST", path=_ONE + "/done", handler=finish_coaching, summary="Say that it was practised",
        everyone=True, body=CoachingAct, **_TASK, **_CHANGES),
    _of(method="POST", path=_ONE + "/reopen", handler=reopen_coaching, summary="Practise it after all",
        everyone=True, body=CoachingAct, **_TASK, **_CHANGES),
    _of(method="DELETE", path=_ONE, handler=delete_coaching, summary="Take a coaching task back", status=204,
        **_CHANGES),
    _of(method="POST", path=_ONE + "/restore", handler=restore_coaching, summary="Bring a coaching task back",
        body=CoachingAct, **_TASK, **_CHANGES),
)  # fmt: skip
