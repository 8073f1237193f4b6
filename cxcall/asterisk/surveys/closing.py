"""Closing the loop: what an answer sets off becomes tasks, alerts, tags and webhooks, in the transaction of its end.

The rules are those the survey has now, not those of the version that was asked: they say what we do, not what we asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.asterisk.surveys.news import News
from cxcall.calls.record import iso
from cxcall.store import (
    alerts,
    customers,
    sign_ins,
    survey_answers,
    survey_opt_outs,
    survey_responses,
    surveys,
    tasks,
    users,
    webhooks,
)
from cxcall.store.alerts import Alert, NewAlert
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_responses import Ended, Response
from cxcall.store.tasks import NewTask, Task
from cxcall.surveys import closing
from cxcall.surveys.closing import Action, AddTag, CallWebhook, MakeTask, RaiseAlert, Rule
from cxcall.surveys.dialogue import Done, Given
from cxcall.surveys.script import Question, Script

CALL_BACK_WITHIN = timedelta(hours=1)
"""When somebody who asked in a survey to be called back is to be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A survey that is over: all that closing the loop asks about. `done` is None when it was lost in the middle."""

    response: Response
    script: Script
    tier: str
    given: tuple[Given, ...]
    done: Done | None
    commented: bool
    at: datetime

    @property
    def how(self) -> Ended:
        return "lost" if self.done is None else self.done.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What was made of it."""

    response: Response | None
    tasks: tuple[Task, ...] = ()
    alerts: tuple[Alert, ...] = ()

    def tell(self, news: News, heard: int) -> None:
        """Tell the pages, once it is committed. `heard`: alerts that stand open now."""
        if self.response is not None:
            news.of(self.response)
        for task in self.tasks:
            news.task(task.id, task.owner_id)
        for alert in self.alerts:
            news.alert(alert.id, heard)


async def close(conn: AsyncConnection, ending: Ending) -> Closed:
    """End the response and do all that follows from it. Safe to do again: only the first end does anything."""
    response, done = ending.response, ending.done
    before = await survey_responses.find(conn, response.id)
    if before is None or before.end:
        return Closed(response=before)
    handed_to = f"{done.to} {done.target}".strip() if done is not None and done.end == "handed_over" else ""
    ended = await survey_responses.end(conn, response.id, ending.how or "lost", ending.at, handed_to=handed_to)
    if ended is None:
        return Closed(response=None)
    if ending.how == "opted_out" and ended.number:
        await survey_opt_outs.add(conn, ended.number, how="key", by="", at=ending.at)
    made = [await _promise(conn, ended, ending.at)] if done is not None and done.to == "call_back" else []
    survey = await surveys.get(conn, ended.survey_id) if ended.survey_id else None
    outcome = closing.outcome(ending.script, ending.given, queue=ended.queue, tier=ending.tier)
    closed = await _do(conn, ended, ending, closing.due(survey.rules if survey is not None else (), outcome), made)
    await webhooks.enqueue(conn, "survey.finished", told(ended, ending), now=ending.at)
    return closed


async def read(conn: AsyncConnection, response_id: str, part: str, at: datetime) -> Closed:
    """A spoken comment has its text: do what the rules wanted to know its words for, and not what was done before."""
    response, found = await survey_responses.find(conn, response_id), await survey_answers.get(conn, response_id)
    survey = await surveys.get(conn, response.survey_id) if response is not None and response.survey_id else None
    if response is None or not response.end or found is None or survey is None:
        return Closed(response=None)
    ending = await _left(conn, response, found, at)
    if ending is None:
        return Closed(response=None)
    words = {one.part: one.text or "" for one in found.comments}
    before, now = (
        closing.due(
            survey.rules,
            closing.outcome(ending.script, ending.given, queue=response.queue, tier=ending.tier, words=" ".join(said)),
        )
        for said in ([words[one] for one in words if one != part], words.values())
    )
    return await _do(conn, response, ending, [one for one in now if one not in before], [])


async def _do(
    conn: AsyncConnection, response: Response, ending: Ending, due: Sequence[tuple[Rule, Action]], made: list[Task]
) -> Closed:
    """Do what is due, beside the tasks that were `made` before."""
    raised: list[Alert] = []
    for rule, action in due:
        match action:
            case MakeTask():
                made.append(await _task(conn, response, rule, action, ending))
            case RaiseAlert():
                raised.append(await _alert(conn, response, rule, action, ending.at))
            case AddTag():
                await _tag(conn, response, action.tag)
            case CallWebhook():
                body = told(response, ending) | {"rule": {"id": rule.id, "name": rule.name}}
                await webhooks.enqueue(conn, "survey.rule", body, now=ending.at)
    for task in made:
        await webhooks.enqueue(conn, "task.created", told_task(task), now=ending.at)
    for alert in raised:
        await webhooks.enqueue(conn, "alert.raised", {"id": alert.id, "title": alert.title}, now=ending.at)
    return Closed(response=response, tasks=tuple(made), alerts=tuple(raised))


async def close_left(conn: AsyncConnection, response: Response, at: datetime) -> Closed:
    """End a response that nobody asks any more, for cxcall was gone: what was answered sets off what it would have."""
    found = await survey_answers.get(conn, response.id)
    ending = await _left(conn, response, found, at) if found is not None else None
    if ending is None:
        return Closed(response=await survey_responses.end(conn, response.id, "lost", at))
    return await close(conn, ending)


async def _left(conn: AsyncConnection, response: Response, found: ResponseRow, at: datetime) -> Ending | None:
    """What the store knows of a survey that is over; None when its script is gone."""
    script = None
    if response.survey_id is not None and response.survey_version is not None:
        script = await surveys.script_of(conn, response.survey_id, response.survey_version)
    if script is None:
        return None
    customer = await customers.get(conn, response.customer_id) if response.customer_id else None
    given = tuple(
        Given(part=one.part, result=one.result, keys=one.keys, value=one.value, tries=one.tries)
        for one in found.answers
    )
    tier = (customer.profile.tier or "") if customer is not None else ""
    return Ending(
        response=response, script=script, tier=tier, given=given, done=None, commented=bool(found.comments), at=at
    )


def told(response: Response, ending: Ending) -> dict[str, Any]:
    """A response as webhooks are told of it."""
    return {
        "response": response.id,
        "survey": response.survey_id,
        "version": response.survey_version,
        "kind": response.kind,
        "end": response.end,
        "call": response.call_id,
        "queue": response.queue,
        "agent": response.agent,
        "agent_name": response.agent_name,
        "customer": response.customer_id,
        "number": response.number,
        "language": response.language,
        "offered_at": iso(response.offered_at),
        "answers": [_answer(ending.script, given) for given in ending.given],
        "comment": ending.commented,
    }


def told_task(task: Task) -> dict[str, Any]:
    """A task as webhooks are told of it."""
    return {
        "id": task.id, "kind": task.kind, "title": task.title, "customer": task.customer_id, "number": task.number,
        "call": task.call_id, "owner": task.owner_id, "due_at": iso(task.due_at),
    }  # fmt: skip


def _answer(script: Script, given: Given) -> dict[str, Any]:
    part = script.part(given.part)
    title: Mapping[str, str] = getattr(part, "title", {})
    measure = part.measure if isinstance(part, Question) else None
    return {
        "part": given.part, "title": dict(title), "measure": measure, "result": given.result, "keys": given.keys,
        "value": given.value,
    }  # fmt: skip


async def _promise(conn: AsyncConnection, response: Response, at: datetime) -> Task:
    """The caller asked to be called back."""
    return await tasks.create(
        conn,
        NewTask(
            kind="call_back", title="", due_at=at + CALL_BACK_WITHIN, made_by="survey", reason={"asked": "call_back"},
            **_whose(response),
        ),
        now=at,
    )  # fmt: skip


async def _task(conn: AsyncConnection, response: Response, rule: Rule, action: MakeTask, ending: Ending) -> Task:
    return await tasks.create(
        conn,
        NewTask(
            kind=action.kind, title=action.title or rule.name, made_by=f"rule:{rule.id}",
            due_at=ending.at + timedelta(minutes=action.due_minutes), owner_id=await _owner(conn, response, action),
            reason={"rule": rule.name} | _score(ending, rule), **_whose(response),
        ),
        now=ending.at,
    )  # fmt: skip


def _whose(response: Response) -> dict[str, Any]:
    return {
        "customer_id": response.customer_id, "number": response.number, "call_id": response.call_id,
        "response_id": response.id, "queue": response.queue,
    }  # fmt: skip


def _score(ending: Ending, rule: Rule) -> dict[str, Any]:
    """The score the rule asks about, as the reason people read; else the first that was given."""
    asked = {when.measure for when in rule.when if when.of == "score"}
    scores: dict[str, float] = {}
    for given in ending.given:
        part = ending.script.part(given.part)
        if isinstance(part, Question) and part.measure is not None and given.value is not None:
            scores[part.measure] = given.value
    for measure, value in sorted(scores.items(), key=lambda score: score[0] not in asked):
        return {"measure": measure, "value": value}
    return {}


async def _owner(conn: AsyncConnection, response: Response, action: MakeTask) -> str | None:
    """The user a rule names; the agent of the call if it is somebody's phone; None: any supervisor, also for one who
    may not sign in any more."""
    if action.owner == "agent":
        return await _agent(conn, response) if response.agent else None
    if action.owner == "supervisor":
        return None
    user = await users.get(conn, action.owner)
    return user.id if user is not None and not user.disabled else None


async def _agent(conn: AsyncConnection, response: Response) -> str | None:
    """Who sat at the phone then, else whose it is."""
    sat = await sign_ins.who_sat(conn, response.server, response.agent, response.offered_at)
    if sat is not None:
        user = await users.get(conn, sat)
        return sat if user is not None and not user.disabled else None
    found = await users.with_extension(conn, response.agent)
    return found[0].id if found else None


async def _alert(conn: AsyncConnection, response: Response, rule: Rule, action: RaiseAlert, at: datetime) -> Alert:
    link = f"/calls/{response.call_id}" if response.call_id else "/surveys"
    params = {"queue": response.queue, "agent": response.agent_name or response.agent, "number": response.number}
    new = NewAlert(key=f"rule:{rule.id}", title=action.title or rule.name, link=link, params=params)
    return await alerts.raise_(conn, new, now=at)


async def _tag(conn: AsyncConnection, response: Response, tag: str) -> None:
    """Put a tag on the customer, if the caller is one."""
    customer = await customers.get(conn, response.customer_id) if response.customer_id else None
    if customer is not None and tag not in customer.profile.tags:
        profile = dataclasses.replace(customer.profile, tags=(*customer.profile.tags, tag))
        await customers.change(conn, customer.id, profile)
