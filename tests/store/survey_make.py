"""Surveys, calls and answers made short for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import survey_responses, surveys
from cxcall.store.survey_responses import NewResponse, Response
from cxcall.store.surveys import Survey
from cxcall.surveys.dialogue import Given
from cxcall.surveys.script import Comment, Key, Question, Script, Thank
from tests.store.make import MORNING, after

CSAT = Question(
    id="csat",
    title={"en": "How satisfied are you?", "fa": "چقدر راضی هستید؟"},
    kind="scale",
    measure="csat",
    prompt="prompt-csat",
    keys=tuple(Key(key=str(n), value=n, label={"en": f"{n} of 5"}) for n in range(1, 6)),
)
NPS = Question(id="nps", title={"en": "Would you recommend us?"}, kind="nps", measure="nps", prompt="prompt-nps")
SOLVED = Question(
    id="solved",
    title={"en": "Was it solved?"},
    kind="yes_no",
    keys=(Key(key="1", label={"en": "Yes"}), Key(key="2", label={"en": "No"})),
)
COMMENT = Comment(id="comment", title={"en": "Anything else?"})
SCRIPT = Script(parts=(CSAT, NPS, SOLVED, COMMENT, Thank(id="thanks", prompt="prompt-thanks")))


async def published(conn: AsyncConnection, name: str = "After the call", script: Script = SCRIPT) -> Survey:
    """A survey that is asked."""
    survey = await surveys.create(conn, name=name, draft=script, by="admin", now=MORNING)
    return await surveys.publish(conn, survey.id, version=survey.version, by="admin", now=MORNING)


def new(n: int, *, at: float = 0, **other: Any) -> NewResponse:
    """The n-th call, after a talk with Sara in the queue support."""
    defaults: dict[str, Any] = {
        "server": "lab", "unique_id": f"1763700000.{n}", "queue": "support", "agent": "PJSIP/1001",
        "agent_name": "Sara", "number": "+989123456789", "language": "fa",
    }  # fmt: skip
    return NewResponse(at=after(at), **{**defaults, **other})


async def answered(
    conn: AsyncConnection, n: int, *, nps: int | None = None, csat: int | None = None, solved: str = "",
    at: float = 0, **other: Any,
) -> Response:  # fmt: skip
    """The n-th call, asked and finished, with these answers."""
    response = await survey_responses.offer(conn, new(n, at=at, **other))
    given = (
        (CSAT, "" if csat is None else str(csat), csat),
        (NPS, "" if nps is None else str(nps), nps),
        (SOLVED, solved, None),
    )
    for place, (part, keys, value) in enumerate(each for each in given if each[1]):
        answer = Given(part=part.id, result="answered", keys=keys, value=value)
        await survey_responses.give(conn, response, place, answer, part, after(at + place + 1))
    done = await survey_responses.end(conn, response.id, "finished", after(at + 20))
    assert done is not None
    return done
