"""What the agent's desk shows: all that a moment of it needs, so that a reload or a reconnect draws the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cxcall.calls.record import Direction
from cxcall.store.desk import DeskDay
from cxcall.web.pages.desk_calls import Missed, MyCall
from cxcall.web.pages.desk_member import Duty
from cxcall.web.pages.labels import DIRECTIONS, Label
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.people import Person
from cxcall.web.pages.speech.talk_view import TalkView
from cxcall.web.phones import withheld
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

NO_DUTY = Duty(known=False)
NO_DAY = DeskDay()
REASONS: tuple[tuple[str, str], ...] = (
    ("break", N_("Break")),
    ("lunch", N_("Lunch")),
    ("training", N_("Training")),
    ("desk work", N_("Desk work")),
)
"""Pause reasons: what Asterisk is told (queue_log keeps it) and how it is shown."""
AUTOPAUSE = "Auto-Pause"
"""The reason Asterisk itself gives when a queue pauses a member who did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """The state button: `kind` is its shape and colour, `text` in the reader's words."""

    kind: Literal["ready", "ring", "talk", "pause", "off"]
    text: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A banner in the reader's words: what is wrong and what can be done; `kind` "" is red, "warn" amber."""

    text: str
    more: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An earlier call in a list."""

    id: str
    at: datetime
    name: str
    number: str | None
    queue: str | None
    agent: str | None
    talk: float
    label: Label
    icon: str
    notes: tuple[NoteLine, ...] = ()
    wait: float | None = None
    may_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LastView:
    """The contact before this one."""

    at: datetime
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call at the agent's phone, ringing, talked on or just ended; `person` is who the agent talks with."""

    id: str
    person: Person
    number: str | None
    state: Literal["ringing", "dialing", "talking", "held", "ended"]
    since: datetime
    talking_since: datetime | None = None
    held_by_me: bool = False
    muted: bool = False
    queue: str | None = None
    waiting_since: datetime | None = None
    wait: float | None = None
    talk: float | None = None
    direction: Direction = "inbound"
    ended_by: str = ""
    can_pass: bool = False
    first_contact: bool = False
    this_week: int = 0
    calls: int = 0
    last: LastView | None = None
    last_agent: str | None = None
    said: str = ""

    @property
    def internal(self) -> bool:
        return self.direction == "internal"

    @property
    def spoken(self) -> str:
        """How the announcement and the window's title name the caller."""
        return self.person.name or ("" if self.number is None or withheld(self.number) else self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    name: str
    value: Any
    kind: Literal["text", "phone", "code", "date", "word"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCard:
    id: str
    name: str
    facts: tuple[Fact, ...]
    tags: tuple[str, ...]
    notes: tuple[NoteLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """The agent's own note on the call, and what others wrote."""

    call_id: str
    version: int
    text: str
    others: tuple[NoteLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedView:
    key: str
    id: str
    at: datetime
    ring: float
    reason: str
    name: str
    number: str | None
    queue: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """`call`: talked on, held or being placed; `pop`: ringing; `wrap`: ended, its notes not finished."""

    now: datetime
    phones: tuple[str, ...]
    title: str
    state: StateView
    duty: Duty = NO_DUTY
    notices: Sequence[Notice] = ()
    call: CallView | None = None
    pop: CallView | None = None
    wrap: CallView | None = None
    others: Sequence[CallView] = ()
    missed: MissedView | None = None
    customer: CustomerCard | None = None
    recent: Sequence[Line] = ()
    mine: Sequence[Line] = ()
    note: NoteView | None = None
    day: DeskDay = NO_DAY
    reasons: Sequence[tuple[str, str]] = REASONS
    directions: dict[Direction, Label] = field(default_factory=lambda: DIRECTIONS)
    talk: TalkView | None = None

    @property
    def spoken(self) -> bool:
        """Whether the words of the call stand in the middle; without them the notes get the room."""
        return self.talk is not None and self.talk.shown

    @property
    def channels(self) -> str:
        return " ".join(f"desk:{phone}" for phone in self.phones)

    @property
    def paused(self) -> bool:
        return self.duty.paused

    @property
    def reason(self) -> str:
        return self.duty.reason

    @property
    def queues(self) -> tuple[str, ...]:
        return self.duty.queues


def state_of(current: MyCall | None, duty: Duty, phones: Sequence[str]) -> StateView:
    """What the agent does now: the call at the phone first, then what the queues say."""
    if current is not None and current.state == "ringing":
        return StateView(kind="ring", text=_("Ringing"), since=current.since)
    if current is not None:
        return StateView(kind="talk", text=_("On a call"), since=current.talking_since or current.since)
    if not phones or not duty.known or duty.registered is False:
        return StateView(kind="off", text=_("Offline"), since=duty.since if duty.known else None)
    if duty.paused:
        reasons = dict(REASONS) | {AUTOPAUSE: N_("Paused")}
        text = _(reasons[duty.reason]) if duty.reason in reasons else duty.reason or _("Paused")
        return StateView(kind="pause", text=text, since=duty.since)
    return StateView(kind="ready", text=_("Ready"), since=duty.since)


def notices_of(duty: Duty, phones: Sequence[str], refused: str) -> list[Notice]:
    """What stands in the agent's way, each with what to do; `refused` is why the last act was not done."""
    notices: list[Notice] = []
    if refused:
        notices.append(Notice(text=said(refused)))
    if phones and not duty.known:
        more = _("Your phone may still ring. An administrator sees the reason under Asterisk.")
        notices.append(Notice(text=_("cxcall is not connected to Asterisk, so calls do not open here."), more=more))
    elif duty.registered is False:
        more = _("Check that it is switched on and in the network; a softphone must be signed in.")
        notices.append(Notice(text=_("Your phone is not registered, so it can't ring."), more=more))
    elif phones and not duty.queues:
        more = _("An administrator adds your extension to a queue in Asterisk.")
        text = _("You are in no queue; only calls to your own number come.")
        notices.append(Notice(text=text, more=more, kind="warn"))
    return notices


def missed_view(missed: Missed, name: str) -> MissedView:
    return MissedView(
        key=missed.key,
        id=missed.record.id,
        at=missed.at,
        ring=missed.ring,
        reason=missed.reason,
        name=name,
        number=missed.record.caller.number,
        queue=missed.queue,
    )
