"""What a closed queue's tile says: when it opens and with how many, and where callers go until then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from cxcall.calls.board_shapes import QueueTile
from cxcall.web.dates import date_text, time_text
from cxcall.web.digits import digits
from cxcall.web.pages.wallboard.moments import moment
from cxcall.web.pages.wallboard.words import fill
from cxcall.web.presentation import current
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

TODAY, TODAY_WITH = N_("Opens at {time}."), N_("Opens at {time} with {agents}.")
TOMORROW, TOMORROW_WITH = N_("Opens tomorrow at {time}."), N_("Opens tomorrow at {time} with {agents}.")
LATER, LATER_WITH = N_("Opens on {day} at {time}."), N_("Opens on {day} at {time} with {agents}.")
GOING = {
    "queue": N_("Callers now go to {to}."),
    "number": N_("Callers now go to {to}."),
    "voicemail": N_("Calls now go to the voice mailbox."),
    "prompt": N_("Callers now hear a message."),
}


def closed_text(tile: QueueTile) -> str:
    """Why nobody gets into a queue, and until when; the agents are those logged in to it."""
    shut = tile.closed
    if shut is None:
        return ""
    if shut.opens is None:
        return shut.title or _("Outside business hours.")
    return f"{shut.title} {_opens(shut.opens, _members(tile))}".strip()


def going_text(tile: QueueTile, titles: Mapping[str, str]) -> str:
    """Where callers of a closed queue go now."""
    shut = tile.closed
    if shut is None or shut.then not in GOING:
        return _("No caller is let in now.")
    to = titles.get(f"{tile.server}:{shut.to}", shut.to) if shut.then == "queue" else digits(shut.to)
    return fill(GOING[shut.then], to=to)


def messages_text(tile: QueueTile) -> str:
    """How many voice messages nobody has heard; "" for none and where that is not known."""
    n = tile.closed.messages if tile.closed else None
    if not n:
        return ""
    return ngettext("%(num)s message to hear", "%(num)s messages to hear", n) % {"num": digits(n)}


def _members(tile: QueueTile) -> str:
    seats = tile.seats
    n = seats.ready + seats.ringing + seats.on_call + seats.wrap_up + seats.paused + seats.offline
    return ngettext("%(num)s agent", "%(num)s agents", n) % {"num": digits(n)} if n else ""


def _opens(at: float, agents: str) -> str:
    shown, opens = current(), moment(at)
    day, today = shown.local(opens).date(), shown.local(shown.now).date()
    if day == today:
        plain, with_agents = TODAY, TODAY_WITH
    elif day == today + timedelta(days=1):
        plain, with_agents = TOMORROW, TOMORROW_WITH
    else:
        plain, with_agents = LATER, LATER_WITH
    text = with_agents if agents else plain
    return fill(text, time=time_text(opens), day=date_text(day, year=False, weekday=True), agents=agents)
