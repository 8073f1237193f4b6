"""Words of the board. Those with {braces} are shared with the browser, which fills them in itself (wallboard-*.ts)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date

from cxcall.calls.board_shapes import AgentKind, Need, QueueTile, Seat
from cxcall.web.dates import date_text
from cxcall.web.digits import digits, number_text
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A state in a word, with its icon and the class that colours it."""

    text: str
    icon: str
    kind: str


NEEDS: dict[Need, Mark] = {
    "act": Mark(text=N_("Act now"), icon="alert", kind="bad"),
    "watch": Mark(text=N_("Watch"), icon="clock", kind="warn"),
    "ok": Mark(text=N_("On target"), icon="check", kind="good"),
    "closed": Mark(text=N_("Closed"), icon="moon", kind=""),
}
STATES: dict[AgentKind, tuple[str, str]] = {
    "ready": (N_("Ready"), "ready"),
    "ringing": (N_("Ringing"), "ring"),
    "on_call": (N_("On a call"), "talk"),
    "wrap_up": (N_("Wrap-up"), "wrap"),
    "paused": (N_("Paused"), "pause"),
    "offline": (N_("Offline"), "off"),
}
"""How a state is called, and its shape."""
AUTO_PAUSE = "Auto-Pause"
"""Asterisk's own word for a member who did not answer."""
MISSED = N_("Missed a call")
FREE_OF = N_("{free} free of {of}")
ON_HOLD = N_("on hold")
MINUTES_OF = N_("{n} of {limit} min")
PHONE_GONE = N_("Phone not reachable")
OF_CALLS = N_("{n} of {all} calls")
BUSY = N_("{n} on calls, {away} away")
SATISFIED = N_("of {n} satisfied")
CALLERS = N_("{n} callers")
CALLER = N_("{n} caller")


def fill(sentence: str, **values: str) -> str:
    """A translated sentence with its {braces} filled."""
    text = _(sentence)
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def count(sentence: str, **values: float) -> str:
    """`fill` with numbers, in the reader's digits."""
    return fill(sentence, **{name: number_text(value) for name, value in values.items()})


def in_language(title: Mapping[str, str], otherwise: str) -> str:
    """A title in the reader's language, else in the other one, else what is given."""
    return title.get(current().language) or next((text for text in title.values() if text), otherwise)


def title_of(tile: QueueTile) -> str:
    return in_language(tile.title, tile.name)


def state_of(seat: Seat, reasons: Mapping[str, str]) -> str:
    """The state in a word, a pause by its reason."""
    if seat.state == "paused" and seat.auto:
        return _(MISSED)
    if seat.state == "paused" and seat.reason:
        return reasons.get(seat.reason, seat.reason)
    return _(STATES[seat.state][0])


def plural(one: str, many: str, n: int) -> str:
    """`count` where English has a form for one; the browser chooses the same way."""
    return count(one if n == 1 else many, n=n)


def where(seat: Seat, titles: Mapping[str, str], now: float) -> str:
    """What stands below an agent's name: the queue and the caller, the queues they serve, what is wrong."""
    if seat.gone:
        return _(PHONE_GONE)
    if seat.state in ("on_call", "ringing", "wrap_up"):
        return " · ".join(
            part for part in _with_whom(seat, titles.get(f"{seat.server}:{seat.queue}", seat.queue)) if part
        )
    if seat.state == "paused" and seat.limit and seat.since is not None:
        gone = max(0, int((now - seat.since) // 60))
        return fill(MINUTES_OF, n=digits(gone), limit=digits(round(seat.limit / 60)))
    between = "، " if current().rtl else ", "
    return between.join(titles.get(f"{seat.server}:{name}", name) for name in seat.queues if seat.state != "offline")


def _with_whom(seat: Seat, queue: str) -> tuple[str, str]:
    """The queue and the caller. A number comes first: the end is what is cut where there is little room, and half a
    number is none."""
    if seat.held_since:
        return queue, _(ON_HOLD)
    if seat.state == "wrap_up" or seat.caller_name or not seat.caller:
        return queue, "" if seat.state == "wrap_up" else seat.caller_name
    return f"\u2066{digits(seat.caller)}\u2069", queue


def day_line(at: datetime) -> str:
    """The day in words: Saturday 21 November, or with its year in the Persian calendar."""
    shown = current()
    day = shown.local(at).date()
    if shown.calendar == "jalali" or shown.rtl:
        return date_text(day, weekday=True)
    return format_date(day, "EEEE d MMMM", locale=shown.language)
