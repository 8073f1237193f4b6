"""Calls by what came of their survey: the same rows the figures of surveys count, as ids of calls.

A score counts by the time of its answer, a comment by that of its recording, everything else by the time of the offer;
tests never count. So a figure and the list of calls behind it agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Select, and_, func, or_, select, text, true

from cxcall.store.survey_responses import Kind, State
from cxcall.store.survey_tables import survey_answers, survey_comments, survey_responses
from cxcall.store.tables import call_aliases
from cxcall.surveys.asking import Reason
from cxcall.surveys.script import Measure

_ASKED = text("survey_responses.state <> 'not_asked'")
_NOT_ASKED = text("survey_responses.state = 'not_asked'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer to a question of `measure` between `least` and `most`, both included; None is open."""

    measure: Measure
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """Calls with a response like this; what is empty does not matter. `since` ≤ its time < `until`.

    `scores`: one of them was given. `part`: this question was answered. `commented`: something was said. `agents`:
    interfaces or names. `states` and `kinds`: one of them.
    """

    states: tuple[State, ...] = ("offered", "started", "finished", "not_asked")
    kinds: tuple[Kind, ...] = ("after_call", "later")
    reason: Reason | None = None
    scores: tuple[Answered, ...] = ()
    part: str = ""
    commented: bool = False
    since: datetime | None = None
    until: datetime | None = None
    queue: str = ""
    agents: tuple[str, ...] = ()
    survey_id: str = ""


def ids_of_calls(wanted: Surveyed) -> Select[tuple[str]]:
    """Ids of the calls; those that were merged into another by the other's id."""
    source, columns, conditions = _counted(wanted)
    conditions += [columns.c.queue == wanted.queue] if wanted.queue else []
    if wanted.agents:
        names = survey_responses.c.agent_name.in_(wanted.agents)
        conditions.append(or_(columns.c.agent.in_(wanted.agents), names))
    call = survey_responses.c.call_id
    kept = func.coalesce(call_aliases.c.call_id, call)
    return (
        select(kept)
        .select_from(source.outerjoin(call_aliases, call_aliases.c.alias == call))
        .where(call.is_not(None), survey_responses.c.kind.in_(wanted.kinds), *conditions)
    )


def _counted(wanted: Surveyed) -> tuple[FromClause, Any, list[ColumnElement[bool]]]:
    """What is counted: the tables read, the one that holds queue and agent, and what must be so."""
    responses, answers, comments = survey_responses.c, survey_answers.c, survey_comments.c
    if wanted.scores or wanted.part:
        source = survey_answers.join(survey_responses, responses.id == answers.response_id)
        told: list[ColumnElement[bool]] = [or_(*(_gave(one) for one in wanted.scores))] if wanted.scores else []
        told += [answers.part == wanted.part, answers.result == "answered"] if wanted.part else []
        told += [answers.survey_id == wanted.survey_id] if wanted.survey_id else []
        return source, survey_answers, [*told, *_within(answers.given_at, wanted)]
    by_survey = [responses.survey_id == wanted.survey_id] if wanted.survey_id else []
    if wanted.commented:
        source = survey_comments.join(survey_responses, responses.id == comments.response_id)
        return source, survey_responses, [*by_survey, *_within(comments.recorded_at, wanted)]
    why = [responses.reason == wanted.reason] if wanted.reason else []
    return survey_responses, survey_responses, [_stands(wanted), *why, *by_survey]


def _stands(wanted: Surveyed) -> ColumnElement[bool]:
    """How far it went, and when it was offered; in the words of the two indexes that share the rows by time."""
    responses = survey_responses.c
    within = _within(responses.offered_at, wanted)
    asked = [state for state in wanted.states if state != "not_asked"]
    ways = [and_(_ASKED, responses.state.in_(asked), *within)] if asked else []
    ways += [and_(_NOT_ASKED, *within)] if "not_asked" in wanted.states else []
    return or_(*ways)


def _gave(one: Answered) -> ColumnElement[bool]:
    answers = survey_answers.c
    least = answers.value >= one.least if one.least is not None else true()
    most = answers.value <= one.most if one.most is not None else true()
    return and_(answers.measure == one.measure, answers.value.is_not(None), least, most)


def _within(column: Column[datetime], wanted: Surveyed) -> list[ColumnElement[bool]]:
    since = [column >= wanted.since] if wanted.since else []
    return since + ([column < wanted.until] if wanted.until else [])
