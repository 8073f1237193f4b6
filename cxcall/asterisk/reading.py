"""Which messages are worth parsing, and those of a stored stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cxcall.asterisk.ami.framing import Splitter
from cxcall.asterisk.ami.message import Headers, Wanted, parse
from cxcall.asterisk.members import WANTED as MEMBERS_WANTED
from cxcall.calls import events
from cxcall.calls.variables import VARIABLES

WATCHED = frozenset({"ChanSpyStart", "DTMFEnd", "Hangup", "Hold", "Newchannel", "OriginateResponse"})
"""Events told to who watches: somebody listens in; a key was pressed; a channel is gone, holds another, or is new; what
became of one that Asterisk was asked to make."""


def wanted() -> Wanted:
    """What this edge parses: what the tracker uses, what tells of queue members, and what is told to who watches."""
    return Wanted(events.WANTED | MEMBERS_WANTED | WATCHED, events.APPLICATIONS, VARIABLES)


def messages(chunks: Iterable[tuple[int, bytes]], choose: Wanted) -> Iterator[tuple[int, list[Headers]]]:
    """The wanted messages of a stored stream, chunk by chunk, each with the position after it."""
    splitter = Splitter()
    for position, chunk in chunks:
        _, whole = splitter.feed(chunk)
        yield position + len(chunk) - splitter.unfinished, [parse(raw) for raw in choose.among(whole)]


def seconds(message: Mapping[str, str | list[str]]) -> float | None:
    """A message's own time in epoch seconds."""
    return events.moment(message.get("Timestamp"))
