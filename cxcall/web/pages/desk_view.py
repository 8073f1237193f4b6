"""What the agent's desk shows: all that a moment of it needs, so that a reload or a reconnect draws the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from cxcall.calls.record import Direction, Leg
from cxcall.queues.presence import AUTO_PAUSE
from cxcall.routing.call_back import CallBack
from cxcall.store.desk import DeskDay
from cxcall.web.digits import number_text
from cxcall.web.pages.desk_calls import Missed, MyCall
from cxcall.web.pages.desk_member import Duty
from cxcall.web.pages.desk_shift import Shift
from cxcall.web.pages.intents.said import Wish
from cxcall.web.pages.labels import DIRECTIONS, Label
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.people import Person
from cxcall.web.pages.speech.talk_view import TalkView
from cxcall.web.phones import withheld
from cxcall.web.words import gettext as _

NO_DUTY = Duty(known=False)
NO_DAY = DeskDay()
NO_SHIFT = Shift()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """The state button: `kind` is its shape and colour, `text` in the reader's words.

    `limit`: seconds it may last; `until`: when it ends by itself; `after`: the pause that begins when the call ends.
    """

    kind: Literal["ready", "ring", "talk", "wrap", "pause", "off"]
    text: str
    since: datetime | None = None
    limit: float | None = None
    until: datetime | None = None
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A banner in the reader's words: what is wrong and what can be done; `kind` "" is red, "warn" amber.

    `ready`: a button that takes the agent back to ready.
    """

    text: str
    more: str = ""
    kind: str = ""
    ready: bool = False


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
    """A call at the agent's phone, ringing, talked on or just ended; `person` is who the agent talks with.

    `consulted`: the colleague the agent asks while the caller waits. `call_back`: a customer who kept their place and
    is called now. `why`: what rules did to bring it here; `wish`: what the caller said they want."""

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
    consulted: Leg | None = None
    call_back: CallBack | None = None
    wish: Wish | None = None
    why: tuple[str, ...] = ()

    @property
    def internal(self) -> bool:
        return self.direction == "internal" and self.call_back is None

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
    shift: Shift = NO_SHIFT
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


def state_of(current: MyCall | None, duty: Duty, phones: Sequence[str], shift: Shift) -> StateView:
    """What the agent does now: the call at the phone first, then what the queues say."""
    told = duty.state
    after = pause_text(duty.reason, shift) if duty.paused else ""
    if current is not None and current.state == "ringing":
        return StateView(kind="ring", text=_("Ringing"), since=current.since, after=after)
    if current is not None:
        return StateView(kind="talk", text=_("On a call"), since=current.talking_since or current.since, after=after)
    if not phones or not duty.known or duty.registered is False:
        return StateView(kind="off", text=_("Offline"), since=duty.since if duty.known else None)
    if told is None:
        return StateView(kind="ready", text=_("Ready"))
    if not told.queues:
        return StateView(kind="off", text=_("Logged out"), since=duty.since)
    if told.state == "wrap_up":
        until = datetime.fromtimestamp(told.until, UTC) if told.until else None
        return StateView(kind="wrap", text=_("Wrap-up"), since=duty.since, until=until)
    if duty.paused:
        text = pause_text(duty.reason, shift)
        return StateView(kind="pause", text=text, since=duty.since, limit=told.limit)
    return StateView(kind="ready", text=_("Ready"), since=duty.since)


def pause_text(reason: str, shift: Shift) -> str:
    """A pause reason as it is shown: the site's word for it, else what another tool wrote."""
    if reason in ("", AUTO_PAUSE):
        return _("Paused")
    return next((known.text for known in shift.reasons if known.id == reason), reason)


def notices_of(duty: Duty, phones: Sequence[str], refused: str, shift: Shift, now: datetime) -> list[Notice]:
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
        if shift.queues:
            more = _("Log in to a queue under “Your queues”.")
        text = _("You are in no queue; only calls to your own number come.")
        notices.append(Notice(text=text, more=more, kind="warn"))
    notices += _pauses(duty, shift, now)
    return notices


def _pauses(duty: Duty, shift: Shift, now: datetime) -> list[Notice]:
    """A pause that Asterisk made, that has no reason, or that lasts too long."""
    told = duty.state
    if told is None or not told.paused_in:
        return []
    if told.auto:
        text = _("Asterisk paused you because your phone rang and nobody answered.")
        return [Notice(text=text, more=_("No queue calls you until you are ready again."), kind="warn", ready=True)]
    if not duty.paused:
        names = ", ".join(queue.title for queue in shift.queues if queue.name in told.paused_in)
        text = _("You are paused in %(queues)s.") % {"queues": names or ", ".join(told.paused_in)}
        return [Notice(text=text, kind="warn", ready=True)]
    if told.state == "paused" and not told.reason:
        text = _("You are paused without a reason.")
        return [Notice(text=text, more=_("Choose one in the menu of your state."), kind="warn")]
    if told.state == "paused" and told.limit and now.timestamp() - told.since > told.limit:
        values = {"pause": pause_text(told.reason, shift), "minutes": number_text(told.limit / 60)}
        text = _("%(pause)s has lasted longer than its %(minutes)s minutes.") % values
        return [Notice(text=text, kind="warn", ready=True)]
    return []


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
