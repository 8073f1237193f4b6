"""The tracker's state: every channel, bridge and call in progress, and the moves on them that all transitions share."""

from __future__ import annotations

from itertools import islice

from cxcall.calls import graph
from cxcall.calls.changes import Change
from cxcall.calls.directions import Directions, endpoint
from cxcall.calls.graph import Bridge, Channel
from cxcall.calls.kinds import ChannelEvent, PairEvent
from cxcall.calls.numbers import birth_order, born_by_id
from cxcall.calls.record import CallId
from cxcall.calls.story import Held, Story, later

REMEMBERED = 2048
"""Hung-up channels and ended calls whose stragglers are still recognised: seconds' worth on the busiest switch."""


class Switchboard:
    """All that is up on one server. Transitions act on it; `changes` holds what the event in hand has changed."""

    def __init__(self, server: str, directions: Directions) -> None:
        self.server = server
        self.directions = directions
        self.now: float | None = None
        self.heard_at: float | None = None
        self.changes: list[Change] = []
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.away_since: float | None = None
        self.snapshot: set[str] | None = None
        self.seen_waiting: set[tuple[str, str]] = set()
        self.bridge_kinds: dict[str, tuple[str | None, str | None]] = {}
        self._stories: dict[str, Story] = {}
        self._locals: dict[str, Channel] = {}
        self._gone: dict[str, None] = {}
        self.unanswered: dict[str, Story] = {}
        self.members: dict[str, str] = {}
        self.turn = 0
        self._opened = 0

    @property
    def empty(self) -> bool:
        return not (self.channels or self.bridges or self._stories or self._locals)

    def begin(self) -> None:
        """A new event: nothing changed yet."""
        self.turn += 1
        self.changes = []

    def stories(self) -> list[Story]:
        """Every call in progress once, oldest first."""
        return sorted({story for story in self._stories.values() if story.shown}, key=lambda story: story.number)

    def story(self, linked: str) -> Story | None:
        """The call in progress that carries this Linkedid, if it is told of yet."""
        story = self._stories.get(linked)
        return story if story is not None and story.shown else None

    # -- channels ------------------------------------------------------------------------------------------------

    def channel(self, event: ChannelEvent, at: float | None) -> Channel | None:
        """The channel an event is about; one that was up before the stream began is opened here."""
        known = self.channels.get(event.uid)
        if known is not None:
            return known
        if event.channel is None or not event.uid or event.uid in self._gone:
            return None
        channel = self.birth(
            event.uid, event.linked, event.channel, event.context, born_by_id(event.uid, self.now or at), found=True
        )
        describe(channel, event.number, event.name, event.exten)
        return channel

    def dest(self, event: PairEvent) -> Channel | None:
        """The other channel of a pair event, opened when the stream began after its birth."""
        known = self.channels.get(event.dest_uid)
        if known is not None:
            return known
        if event.dest_channel is None or not event.dest_uid or event.dest_uid in self._gone:
            return None
        born_at = born_by_id(event.dest_uid, self.now)
        channel = self.birth(
            event.dest_uid, event.dest_linked, event.dest_channel, event.dest_context, born_at, found=True
        )
        describe(channel, event.dest_number, event.dest_name, None)
        return channel

    def birth(
        self,
        uid: str,
        linked: str | None,
        name: str,
        context: str | None,
        at: float | None,
        *,
        found: bool = False,
        spies: bool = False,
    ) -> Channel:
        """A channel comes into the graph and, unless it is a helper, into the call it was made for."""
        channel = Channel(uid, name, "helper" if spies else graph.kind_of(uid, name), at)
        channel.found = found
        channel.context = context
        channel.outside = self.directions.is_outside(name, context)
        self.channels[uid] = channel
        if self.snapshot is not None:
            self.snapshot.add(uid)
        if channel.kind == "helper":
            return channel
        story = self._story_for(uid, linked or uid, at, found=found)
        channel.story = story
        story.channels.append(channel)
        story.live += 1
        if channel.kind == "local":
            self._locals[name] = channel
            twin = self._locals.get(graph.twin_name(name) or "")
            if twin is not None and twin.story is story:
                pair(channel, twin)
        self.touch(story, show=channel.kind == "party")
        return channel

    def _story_for(self, uid: str, linked: str, at: float | None, *, found: bool) -> Story:
        story = self._stories.get(linked)
        if story is None:
            if linked in self._gone:
                linked = uid  # that call is over: whatever this is, it is a new one
            self._opened += 1
            midway = found or (linked != uid and linked not in self.channels)  # known: made for a helper
            began_at = born_by_id(linked, self.now) if midway else at
            story = Story(CallId(f"{self.server}-{linked}"), self._opened, linked, began_at)
            story.found = midway
            self._stories[linked] = story
        return story

    def bury(self, channel: Channel, at: float | None, *, parted_at: float | None = None) -> None:
        """A channel is gone. `parted_at`: when it was last known to talk, where that is not `at`."""
        self.unplug(channel, at if parted_at is None else parted_at)
        end_hold(channel, at if parted_at is None else parted_at)
        channel.ended_at = later(channel.born_at, at)
        del self.channels[channel.uid]
        self._remember(channel.uid)
        if self._locals.get(channel.name) is channel:
            del self._locals[channel.name]
        story = channel.story
        if story is None:
            return
        story.live -= 1
        self.touch(story)
        if story.live <= 0:
            self._end(story, at)

    def _end(self, story: Story, at: float | None) -> None:
        story.ended = True
        story.ended_at = later(story.began_at, at)
        story.unseen.clear()
        for linked in story.linked:
            if self._stories.get(linked) is story:
                del self._stories[linked]
                self._remember(linked)
        first = story.channels[0] if story.channels else None
        if story.originated and story.exten is None and first is not None and first.answered_at is None:
            self.unanswered[endpoint(first.name)] = story  # whom it was for may be told a moment later
            if len(self.unanswered) > 64:
                self.unanswered.clear()
        for change in self.changes:
            if change.call_id == story.id and change.kind != "merged":
                change.kind = "ended"

    def _remember(self, key: str) -> None:
        gone = self._gone
        gone[key] = None
        if len(gone) > REMEMBERED:
            for old in list(islice(gone, REMEMBERED // 4)):
                del gone[old]

    # -- bridges -------------------------------------------------------------------------------------------------

    def bridge(self, uid: str, kind: str | None, technology: str | None) -> Bridge:
        """The bridge of this id, known or new."""
        bridge = self.bridges.get(uid)
        if bridge is None:
            bridge = self.bridges[uid] = Bridge(uid, kind, technology)
        elif kind is not None or technology is not None:
            bridge.describe(kind, technology)
        return bridge

    def plug(self, channel: Channel, bridge: Bridge, at: float | None) -> None:
        """A channel enters a bridge: talks open, and in a plain bridge the calls of its parties become one."""
        if channel.bridge is not None and channel.bridge is not bridge:
            self.unplug(channel, at)
        joined = graph.enter(channel, bridge, at)
        if bridge.joins and channel.story is not None:
            for other in list(bridge.members.values()):
                if other.story is not None and other.story is not channel.story:
                    self.merge(channel.story, other.story)
        for party in joined:
            self.touch(party.story)
        self.touch(channel.story)

    def unplug(self, channel: Channel, at: float | None) -> None:
        """A channel leaves its bridge: its talks end; an empty bridge is forgotten."""
        bridge = channel.bridge
        if bridge is None:
            return
        for party in graph.leave(channel, at):
            self.touch(party.story)
        if not bridge.members:
            self.bridges.pop(bridge.uid, None)
        self.touch(channel.story)

    # -- calls ---------------------------------------------------------------------------------------------------

    def touch(self, story: Story | None, *, show: bool = False) -> None:
        """Mark a call as changed, once an event. A call is told from its first party (or queue visit) on."""
        if story is None or story.touched == self.turn:
            return
        if not story.shown:
            if not show:
                return
            story.shown = True
        story.touched = self.turn
        story.revision += 1
        kind = "ended" if story.ended else "started" if story.revision == 1 else "updated"
        self.changes.append(Change(kind, story, self.server, story.revision))  # type: ignore[arg-type]  # three literals

    def merge(self, one: Story | None, other: Story | None) -> None:
        """Two calls turn out to be one: the older takes over all facts of the younger."""
        if one is None or other is None or one is other:
            return
        older, younger = in_order_of_birth(one, other)
        older.take(younger)
        for linked in younger.linked:
            if self._stories.get(linked) is younger:
                self._stories[linked] = older
        self.changes = [change for change in self.changes if change.call_id != younger.id]
        if younger.shown:
            younger.revision += 1
            self.changes.append(Change("merged", younger, self.server, younger.revision, into=older))
        self.touch(older, show=younger.shown)

    def dismiss(self, channel: Channel, into: Story | None) -> None:
        """A phone turns out to be a spy: it is no party, and a call that was only its own is not a call."""
        story = channel.story
        self.unplug(channel, self.now)
        channel.kind = "helper"
        channel.story = None
        if story is None:
            return
        if channel in story.channels:
            story.channels.remove(channel)
        story.live -= 1
        if story.live <= 0 and into is not None and into is not story:
            for linked in story.linked:
                self._stories.pop(linked, None)
            if story.shown:
                story.revision += 1
                self.changes.append(Change("merged", story, self.server, story.revision, into=into))
            return
        self.touch(story)
        if story.live <= 0:
            self._end(story, self.now)


def in_order_of_birth(one: Story, other: Story) -> tuple[Story, Story]:
    """Two calls, the older first; of calls found midway, the ids of their first channels tell."""
    if one.found or other.found:
        births = birth_order(one.linked[0]), birth_order(other.linked[0])
        if births[0] is not None and births[1] is not None:
            return (one, other) if births[0] < births[1] else (other, one)
    return (one, other) if one.number < other.number else (other, one)


def describe(channel: Channel, number: str | None, name: str | None, exten: str | None) -> None:
    """Keep number, name and extension as first seen."""
    if channel.number is None:
        channel.number = number
    if channel.caller_name is None:
        channel.caller_name = name
    if channel.exten is None and exten != "s":
        channel.exten = exten


def pair(one: Channel, two: Channel) -> None:
    """The two halves of a Local channel."""
    one.half, two.half = two, one


def end_hold(channel: Channel, at: float | None) -> None:
    """The hold this channel pressed is over, if there is one."""
    if channel.hold is not None:
        channel.hold.until = later(channel.hold.since, at)
        channel.hold.over = True
        channel.hold = None


def begin_hold(channel: Channel, at: float | None) -> None:
    """This channel pressed hold; pressed twice is pressed once."""
    if channel.hold is None and channel.story is not None and channel.kind == "party":
        channel.hold = Held(channel, at)
        channel.story.holds.append(channel.hold)
