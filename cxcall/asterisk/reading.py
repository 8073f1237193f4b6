"""Messages into the tracker, changes out: the same for what comes live and for what the journal replays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import structlog

from cxcall.asterisk.ami.framing import Splitter
from cxcall.asterisk.ami.message import Headers, Wanted, parse, text
from cxcall.asterisk.members import WANTED as MEMBERS_WANTED
from cxcall.asterisk.status import Meter
from cxcall.calls import events
from cxcall.calls.changes import Change
from cxcall.calls.tracker import Tracker

log = structlog.get_logger(__name__)


def wanted() -> Wanted:
    """What this edge parses: what the tracker uses, and what tells of queue members."""
    return Wanted(events.WANTED | MEMBERS_WANTED, events.APPLICATIONS)


class Reader:
    """Feeds one server's tracker. What it can't digest is counted in the meter and logged once per kind."""

    def __init__(self, tracker: Tracker, meter: Meter) -> None:
        self.tracker = tracker
        self._meter = meter
        self._complained: set[str] = set()

    def feed(self, message: Headers) -> list[Change]:
        """The changes that one message makes to calls."""
        try:
            event = events.read(message)
            return self.tracker.feed(event) if event is not None else []
        except Exception as error:  # an event we do not understand must not cost the others
            self._meter.unreadable += 1
            kind = f"{text(message, 'Event')} {type(error).__name__}"
            if kind not in self._complained:
                self._complained.add(kind)
                log.exception("an event could not be worked through", event_name=text(message, "Event"))
            return []


def messages(chunks: Iterable[tuple[int, bytes]], choose: Wanted) -> Iterator[tuple[int, list[Headers]]]:
    """The wanted messages of a stored stream, chunk by chunk, each with the position after it."""
    splitter = Splitter()
    for position, chunk in chunks:
        _, whole = splitter.feed(chunk)
        yield position + len(chunk) - splitter.unfinished, [parse(raw) for raw in whole if choose(raw)]


def seconds(message: Any) -> float | None:
    """A message's own time in epoch seconds."""
    return events.moment(message.get("Timestamp"))
