"""The call tracker: AMI events in, changes of call records out. No I/O, no clock, no threads.

Theory of operation
-------------------
A call is not a linkedid and not a channel. It is a *story*: the parties (phones, trunks) that one caller met, in order.
The tracker keeps three things and nothing else:

* the graph (`graph`): which channels are up, which two are the ends of one Local channel, who is plugged into which
  bridge. Who hears whom follows from it; each pair that hears each other has an open `Talk`.
* for each call in progress its story (`story`): raw facts with their times.
* a short memory of what just ended, so that stragglers (DialEnd after Hangup …) raise no ghosts.

An event is looked up in a table by its type and its transition adds facts; it draws no conclusion that a later event of
the same 10 ms could overturn, because Asterisk's threads deliver those in any order. Conclusions are drawn by `telling`
when someone asks a `Change` for its record. So `feed` is cheap, and a writer that lags builds one record for many
changes.

How channels find their call: a new channel carries the Linkedid of the call it was made for, else it opens a call. Two
calls become one when their parties meet in a *plain* bridge (retrieved from parking, bridged by hand, consultation
completed), at an attended transfer or a pickup; the older one lives on and the younger one's id becomes an alias. In a
conference nobody merges: each party's call stays its own and its talks name the others.

What opens a call: the birth of a channel; and, because a stream may start in the middle, any event that shows a live
channel nobody knew. Its call then has the id it would have had, since a Linkedid is the Uniqueid of a call's first
channel, and the start that the Uniqueid tells. What ends it: the Hangup of its last channel. Then nothing of it stays.

Never parties: Local halves, spies (also when a phone turns out to be one: its call merges into the one it listens to),
AudioSocket and other helpers; see `graph.kind_of`.

After a gap (the listener was away) a snapshot of Asterisk tells what is up: known calls go on, those no longer there
end, new ones open, and every call that lived through the gap carries it; see `resync`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from cxcall.calls import kinds
from cxcall.calls.changes import Change
from cxcall.calls.directions import Directions
from cxcall.calls.record import CallId, CallRecord
from cxcall.calls.stage import Stage, near, stage
from cxcall.calls.story import Story
from cxcall.calls.switchboard import Switchboard
from cxcall.calls.telling import tell
from cxcall.calls.transitions import TRANSITIONS

Transition = Callable[[Switchboard, Any, float | None], None]


class Tracker:
    """Follows every call of one Asterisk server. Feed it typed events in the order they came; it never raises."""

    def __init__(self, server: str, directions: Directions | None = None) -> None:
        self.server = server
        self._board = Switchboard(server, directions or Directions())

    def feed(self, event: kinds.Event) -> list[Change]:
        """Take one event in; every call it touched gives one change."""
        board = self._board
        transition = TRANSITIONS.get(type(event))
        if transition is None:
            return []
        at = event.at
        board.heard_at = board.now
        if at is None:
            at = board.now
        elif board.now is None or at > board.now:
            board.now = at
        board.begin()
        transition(board, event, at)
        return board.changes

    def open_calls(self) -> Collection[OpenCall]:
        """The calls in progress, in order of their start."""
        return [OpenCall(story) for story in self._board.stories()]

    def record_of(self, unique_id: str) -> CallRecord | None:
        """The call that the channel `unique_id` is in, as known now; None for a channel that is not up."""
        channel = self._board.channels.get(unique_id)
        return None if channel is None or channel.story is None else tell(channel.story, self.server)

    def record(self, call: CallId) -> CallRecord | None:
        """A call in progress as known now; None when it is over. Of a merged call, the one it became part of."""
        story = self._board.story(call.removeprefix(f"{self.server}-"))
        return None if story is None else tell(story, self.server)

    def stage_of(self, call: CallId) -> Stage | None:
        """Who is on the line in a call; None when it is over. Of a merged call, the one it became part of."""
        story = self._board.story(call.removeprefix(f"{self.server}-"))
        return None if story is None else stage(story, self._board.channels)

    def helpers(self) -> list[tuple[str, str]]:
        """Unique id and name of every channel that is up and nobody's party: spies, AudioSocket …"""
        return [(channel.uid, channel.name) for channel in self._board.channels.values() if channel.kind == "helper"]

    def near(self, name: str) -> str:
        """The channel by which the phone whose channel is called `name` is with the others of its call."""
        channel = next((channel for channel in self._board.channels.values() if channel.name == name), None)
        return name if channel is None else near(channel)

    @property
    def empty(self) -> bool:
        """Whether no channel, bridge or call is left."""
        return self._board.empty


class OpenCall:
    """A call in progress: its id and when it began (epoch seconds, None when unknown)."""

    __slots__ = ("id", "started_at")

    def __init__(self, story: Story) -> None:
        self.id: CallId = story.id
        self.started_at = story.began_at
