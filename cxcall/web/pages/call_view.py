"""One call on its page: who, when, how it ended, its parties, queues and notes, and the picture of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from cxcall.calls.record import CallRecord, LegRole
from cxcall.web.digits import clock_text
from cxcall.web.filters import phone
from cxcall.web.pages import timeline as lines
from cxcall.web.pages.call_answers import CallSurvey
from cxcall.web.pages.call_backs.about import CallBackOfCall
from cxcall.web.pages.follow_up_view import Row
from cxcall.web.pages.intents.said import Wish
from cxcall.web.pages.labels import (
    DIRECTIONS,
    ENDED_BY,
    LEG_RESULTS,
    OUTCOMES,
    ROLES,
    VISIT_RESULTS,
    WAITING,
    Label,
    cause,
)
from cxcall.web.pages.people import Person
from cxcall.web.pages.quality.of_call import QualityOfCall
from cxcall.web.pages.routing.why import WhyView
from cxcall.web.pages.speech.call_talk_view import TalkView
from cxcall.web.pages.speech.voicemail_view import MessageView
from cxcall.web.pages.timeline import Happening, Timeline
from cxcall.web.phones import withheld
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    name: str | None
    number: str | None
    channel: str
    role: LegRole
    rang_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    result: Label | None
    cause: str | None
    code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    agent: str | None
    at: datetime | None
    ring: float
    result: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    queue: str
    joined_at: datetime | None
    position: int | None
    wait: float | None
    ring: float
    talk: float
    hold: float
    agent: str | None
    result: Label
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPageView:
    """The page. `mine` and `version`: the reader's own note, for the field to go on writing it; `said`: what was said;
    `nonce`: of styles its script brings."""

    now: datetime
    call: CallRecord
    customer: Person | None
    line: Timeline
    legs: Sequence[LegView]
    visits: Sequence[VisitView]
    notes: Sequence[Note]
    mine: str
    version: int
    may_write: bool
    may_see_events: bool
    roles: Mapping[LegRole, str]
    said: TalkView
    nonce: str = ""
    surveys: Sequence[CallSurvey] = ()
    follow_ups: Sequence[Row] = ()
    messages: Sequence[MessageView] = ()
    call_back: CallBackOfCall | None = None
    wish: Wish | None = None
    why: Sequence[WhyView] = ()
    quality: QualityOfCall | None = None

    @property
    def name(self) -> str:
        return caller_name(self.call, self.customer.name if self.customer else None)

    @property
    def number(self) -> str | None:
        return self.call.called if self.call.direction == "outbound" else self.call.caller.number

    @property
    def title(self) -> str:
        who = self.name or (_("Anonymous caller") if self.number is None or withheld(self.number) else self.number)
        return _("Call with %(who)s") % {"who": who}

    @property
    def way(self) -> Label:
        return DIRECTIONS[self.call.direction]

    @property
    def outcome(self) -> Label:
        return OUTCOMES[self.call.outcome]

    @property
    def ended_by(self) -> str:
        return ENDED_BY[self.call.ended_by]

    @property
    def cause(self) -> str | None:
        return cause(self.call.hangup_cause)

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(visit.queue for visit in self.call.queue_visits))

    @property
    def agent(self) -> str | None:
        answered = [visit.agent for visit in self.call.queue_visits if visit.result == "answered" and visit.agent]
        return answered[-1] if answered else None

    @property
    def talk(self) -> float:
        return lines.talk_seconds(self.call, self.now)

    @property
    def hold(self) -> float:
        return lines.hold_seconds(self.call, self.now)

    @property
    def wait(self) -> float | None:
        return lines.wait_seconds(self.call, self.now)

    @property
    def finding(self) -> str:
        """The picture in one sentence, for those who don't see it; the list below says all of it."""
        values = {
            "length": clock_text(self.line.seconds),
            "wait": clock_text(self.wait or 0),
            "talk": clock_text(self.talk),
        }
        return (
            _("A call of %(length)s: waited %(wait)s, talked %(talk)s. The list below says the same in words.") % values
        )

    def called(self, name: str) -> Markup | str:
        """A party's name in its own direction; a number grouped, and the customer's own by the customer's name."""
        if self.customer is not None and self.customer.name and name == self.number:
            name = self.customer.name
        if withheld(name):
            return _("Anonymous caller")
        return phone(name) if name.lstrip("+").isdigit() else Markup("<bdi>{}</bdi>").format(name)

    def say(self, happening: Happening) -> Markup:
        """A line of "What happened" with its names kept in their own direction."""
        names = {key: Markup("<b>{}</b>").format(self.called(name)) for key, name in happening.names.items()}
        return escape(_(happening.text)) % names if names else escape(_(happening.text))


def caller_name(record: CallRecord, known: str | None) -> str:
    """The name of the person outside, as we know it or as the call told it; empty where neither does."""
    if known:
        return known
    told = None if record.direction == "outbound" else record.caller.name
    return "" if told is None or withheld(told) else told


def legs_of(record: CallRecord) -> list[LegView]:
    return [
        LegView(
            name=leg.agent or leg.name,
            number=leg.number,
            channel=leg.channel,
            role=leg.role,
            rang_at=leg.rang_at,
            answered_at=leg.answered_at,
            ended_at=leg.ended_at,
            result=LEG_RESULTS[leg.result] if leg.result else None,
            cause=cause(leg.hangup_cause),
            code=leg.hangup_cause,
        )
        for leg in record.legs
    ]


def visits_of(record: CallRecord) -> list[VisitView]:
    return [
        VisitView(
            queue=visit.queue,
            joined_at=visit.joined_at,
            position=visit.position,
            wait=visit.wait,
            ring=visit.ring,
            talk=visit.talk,
            hold=visit.hold,
            agent=visit.agent,
            result=VISIT_RESULTS[visit.result] if visit.result else WAITING,
            attempts=tuple(
                AttemptView(
                    agent=attempt.agent,
                    at=attempt.at,
                    ring=attempt.ring,
                    result=LEG_RESULTS[attempt.result] if attempt.result else None,
                )
                for attempt in visit.attempts
            ),
        )
        for visit in record.queue_visits
    ]


def page_view(
    record: CallRecord,
    now: datetime,
    *,
    said: TalkView,
    customer: Person | None,
    notes: Sequence[Note],
    mine: tuple[str, int],
    may_write: bool,
    may_see_events: bool,
    surveys: Sequence[CallSurvey] = (),
    follow_ups: Sequence[Row] = (),
    messages: Sequence[MessageView] = (),
    call_back: CallBackOfCall | None = None,
    wish: Wish | None = None,
    why: Sequence[WhyView] = (),
    quality: QualityOfCall | None = None,
) -> CallPageView:
    """The page of `record`; `mine` is the reader's own note and its version ("" and 0 when there is none)."""
    return CallPageView(
        now=now,
        call=record,
        customer=customer,
        line=lines.timeline(record, now),
        legs=legs_of(record),
        visits=visits_of(record),
        notes=notes,
        mine=mine[0],
        version=mine[1],
        may_write=may_write,
        may_see_events=may_see_events,
        roles=ROLES,
        said=said,
        surveys=surveys,
        follow_ups=follow_ups,
        messages=messages,
        call_back=call_back,
        wish=wish,
        why=why,
        quality=quality,
    )
