"""A survey and callers who answer it, for tests of pages: calls of the call centre with what came of their survey."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy
import soundfile
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.customers.number import fold
from cxcall.store import survey_comments, survey_responses, surveys
from cxcall.store.survey_responses import Ended, Kind, NewResponse, Response
from cxcall.surveys.asking import Reason
from cxcall.surveys.dialogue import Given
from cxcall.surveys.script import Comment, Key, Question, Script, Thank
from tests.support.call_centre import OMID, SARA, CallCentre, past

NAMES = {SARA: "Sara Karimi", OMID: "Omid Rahimi"}
CSAT = Question(
    id="served", title={"en": "How was it?", "fa": "چطور بود؟"}, measure="csat",
    keys=tuple(Key(key=str(n), value=float(n), label={"en": f"{n}", "fa": f"{n}"}) for n in range(1, 6)),
)  # fmt: skip
NPS = Question(id="recommend", title={"en": "Would you recommend us?", "fa": "پیشنهاد می‌کنید؟"}, kind="nps",
               measure="nps")  # fmt: skip
SOLVED = Question(
    id="solved", title={"en": "Was it solved?", "fa": "حل شد؟"}, kind="yes_no",
    keys=(
        Key(key="1", value=1.0, label={"en": "Yes", "fa": "بله"}),
        Key(key="2", value=0.0, label={"en": "No", "fa": "نه"}),
    ),
)  # fmt: skip
SPEAK = Comment(id="why", title={"en": "Tell us why", "fa": "چرا؟"})
SCRIPT = Script(parts=(CSAT, NPS, SOLVED, SPEAK, Thank(id="thanks")))


@dataclass
class SurveyStage:
    """A published survey in a call centre. `responses` counts those made, so that each channel is one of its own."""

    centre: CallCentre
    survey_id: str
    made: int = 0

    async def call(
        self, started: datetime, *, number: str = "+989121110000", queue: str = "billing", at: str = SARA
    ) -> CallRecord:
        """A call that was answered at `at` and is over."""
        self.made += 1
        record = past(number, started + timedelta(microseconds=self.made), at=at)
        visits = tuple(replace(visit, queue=queue) for visit in record.queue_visits)
        record = replace(record, queue_visits=visits)
        await self.centre.tell(record)
        return record

    async def asked(
        self, record: CallRecord, scores: Mapping[str, float] | None = None, *, kind: Kind = "after_call",
        end: Ended = "finished", spoken: float = 0.0, text: str | None = None, wait: float = 30.0,
    ) -> Response:  # fmt: skip
        """The caller was asked: `scores` by part, in the order of the script; with `spoken` seconds of comment."""
        at = record.ended_at or self.centre.now
        async with self.centre.engine.begin() as conn:
            response = await survey_responses.offer(conn, self._new(record, at, kind, wait))
            for n, part in enumerate(SCRIPT.parts):
                if isinstance(part, Question) and scores and part.id in scores:
                    value = scores[part.id]
                    keys = {1.0: "1", 0.0: "2"}[value] if part is SOLVED else f"{value:g}"
                    given = Given(part=part.id, result="answered", keys=keys, value=value)
                    await survey_responses.give(conn, response, n, given, part, at + timedelta(seconds=5 * n + 5))
            if spoken:
                await self._speak(conn, response, at, spoken, text)
            if end:
                ended = await survey_responses.end(conn, response.id, end, at + timedelta(seconds=40))
                assert ended is not None
                response = ended
        return response

    async def not_asked(self, record: CallRecord, reason: Reason) -> Response:
        """The caller was not asked."""
        async with self.centre.engine.begin() as conn:
            new = self._new(record, record.ended_at or self.centre.now, "after_call", 30.0)
            return await survey_responses.not_asked(conn, new, reason)

    async def many(
        self, started: datetime, values: Sequence[tuple[float, float]], *, queue: str = "billing", at: str = SARA
    ) -> None:
        """A finished survey for each (csat, nps), a call a minute from `started`."""
        for n, (csat, nps) in enumerate(values):
            record = await self.call(started + timedelta(minutes=n), queue=queue, at=at)
            await self.asked(record, {"served": csat, "recommend": nps})

    async def _speak(
        self, conn: AsyncConnection, response: Response, at: datetime, seconds: float, text: str | None
    ) -> None:
        comment = await survey_comments.add(conn, response, "why", sha="0" * 64, seconds=seconds, at=at)
        path = self.centre.folder / "comments" / comment.file
        path.parent.mkdir(parents=True, exist_ok=True)
        time = numpy.arange(int(seconds * 8000)) / 8000
        loud = 0.1 + 0.8 * numpy.abs(numpy.sin(time * math.pi / seconds * 3))
        soundfile.write(path, (loud * numpy.sin(time * 2 * math.pi * 300)).astype("float32"), 8000, subtype="PCM_16")
        given = Given(part="why", result="answered", seconds=seconds)
        await survey_responses.give(conn, response, 3, given, SPEAK, at + timedelta(seconds=30))
        if text is not None:
            await survey_comments.transcribed(conn, response.id, "why", text, at)

    def _new(self, record: CallRecord, at: datetime, kind: Kind, wait: float) -> NewResponse:
        visit = record.queue_visits[-1]
        return NewResponse(
            server=record.server, unique_id=record.legs[0].unique_id + ("-l" if kind == "later" else ""), kind=kind,
            queue=visit.queue, at=at, survey_id=self.survey_id, survey_version=1, call_id=record.id,
            agent=visit.interface or "", agent_name=NAMES.get(visit.interface or "", ""),
            number=fold(record.caller.number or "", "IR") or "", language="fa", wait=wait, talk=240.0,
            transferred=False, repeat=False,
        )  # fmt: skip


async def survey_stage(centre: CallCentre, *, name: str = "After the call", goal: float | None = 40.0) -> SurveyStage:
    """A published survey in `centre`."""
    async with centre.engine.begin() as conn:
        made = await surveys.create(conn, name=name, draft=SCRIPT, by="admin", now=centre.now, goal_nps=goal)
        await surveys.publish(conn, made.id, version=made.version, by="admin", now=centre.now)
    return SurveyStage(centre, made.id)
