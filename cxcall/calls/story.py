"""A call as it is being lived: the raw facts, gathered event by event; `telling` makes the record of them.

Facts only, no conclusions: conclusions (outcome, who ended it, roles, results) change as the last 10 ms of a call come
in any order, so they are drawn from all facts at once, when a record is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxcall.calls.record import CallId, TransferKind

if TYPE_CHECKING:
    from cxcall.calls.graph import Channel


def later(since: float | None, at: float | None) -> float | None:
    """`at`, but never before `since`: a clock that was set back ends nothing before it began."""
    return since if since is not None and at is not None and at < since else at


class Talk:
    """Two parties who hear each other, for as long as they do. Known to the calls of both."""

    __slots__ = ("a", "b", "over", "since", "until")

    def __init__(self, a: Channel, b: Channel, since: float | None) -> None:
        self.a = a
        self.b = b
        self.since = since
        self.until: float | None = None
        self.over = False

    @staticmethod
    def open(a: Channel, b: Channel, at: float | None) -> None:
        """Begin a talk, or take up the one that was torn a moment ago."""
        talk = Talk(a, b, at)
        a.talking[b] = talk
        b.talking[a] = talk
        for story in {a.story, b.story}:
            if story is not None:
                story.talks.append(talk)

    def has(self, uid: str) -> bool:
        return uid in (self.a.uid, self.b.uid)

    def close(self, at: float | None) -> None:
        self.until = later(self.since, at)
        self.over = True
        self.a.talking.pop(self.b, None)
        self.b.talking.pop(self.a, None)


class Attempt:
    """One offer to a queue member: the channel that was called for it, and when it rang out."""

    __slots__ = ("at", "dest_uid", "interface", "member", "rang_out_at")

    def __init__(self, at: float | None, dest_uid: str, member: str | None, interface: str | None) -> None:
        self.at = at
        self.dest_uid = dest_uid
        self.member = member
        self.interface = interface
        self.rang_out_at: float | None = None


class Visit:
    """One stay of a caller in a queue. `left`: the queue said so (its time may be unknown). `outside`: the queue itself
    has not got the caller yet, as `first`, an interface, was to be rung before."""

    __slots__ = (
        "abandoned",
        "agent_uid",
        "attempts",
        "completed_at",
        "connected",
        "connected_at",
        "first",
        "interface",
        "joined_at",
        "left",
        "left_at",
        "member",
        "outside",
        "position",
        "queue",
        "reason",
        "status",
        "who",
    )  # fmt: skip

    def __init__(self, who: Channel, queue: str, joined_at: float | None, position: int | None) -> None:
        self.who = who
        self.queue = queue
        self.joined_at = joined_at
        self.position = position
        self.left = False
        self.left_at: float | None = None
        self.connected = False
        self.connected_at: float | None = None
        self.completed_at: float | None = None
        self.agent_uid = ""
        self.member: str | None = None
        self.interface: str | None = None
        self.abandoned = False
        self.status: str | None = None
        self.reason: str | None = None
        self.attempts: list[Attempt] = []
        self.outside = False
        self.first: str | None = None

    def settled(self) -> bool:
        """Whether a QUEUESTATUS can no longer be about this visit."""
        return self.status is not None


class Move:
    """A transfer as told by Asterisk, or a redirect as inferred (not `certain`: only by where the channel got to)."""

    __slots__ = ("at", "by", "by_uid", "certain", "kind", "ok", "target", "to", "who_uid")

    def __init__(
        self,
        kind: TransferKind,
        at: float | None,
        *,
        by: str | None = None,
        by_uid: str = "",
        who_uid: str,
        to: str | None,
        ok: bool = True,
    ) -> None:
        self.kind: TransferKind = kind
        self.at = at
        self.by = by
        self.by_uid = by_uid
        self.who_uid = who_uid
        self.to = to
        self.target: Channel | None = None
        self.ok = ok
        self.certain = True


class Held:
    """A hold pressed by one phone."""

    __slots__ = ("over", "since", "until", "who")

    def __init__(self, who: Channel, since: float | None) -> None:
        self.who = who
        self.since = since
        self.until: float | None = None
        self.over = False


class Story:
    """All facts of one call."""

    __slots__ = (
        "began_at", "blocked", "channels", "consulted", "ended", "ended_at", "exten", "found", "gaps", "holds", "id",
        "linked", "live", "moves", "number", "originated", "revision", "shown", "talks", "touched", "unseen", "visits",
    )  # fmt: skip

    def __init__(self, call_id: CallId, number: int, linked: str, began_at: float | None) -> None:
        self.id = call_id
        self.number = number
        self.linked = [linked]
        self.began_at = began_at
        self.ended_at: float | None = None
        self.ended = False
        self.blocked = False
        self.found = False
        self.originated = False
        self.exten: str | None = None
        self.shown = False
        self.revision = 0
        self.touched = -1
        self.live = 0
        self.channels: list[Channel] = []
        self.talks: list[Talk] = []
        self.visits: list[Visit] = []
        self.moves: list[Move] = []
        self.holds: list[Held] = []
        self.gaps: list[tuple[float | None, float | None]] = []
        self.consulted: set[Channel] = set()
        self.unseen: dict[str, list[tuple[Channel, float | None]]] = {}

    def not_younger_than(self, at: float | None) -> None:
        """A call found midway began no later than this: ages are told in whole seconds and may contradict."""
        if self.found and at is not None and self.began_at is not None and at < self.began_at:
            self.began_at = at

    def lived_through(self, since: float) -> bool:
        """Whether the call was up, as far as anyone knows, when the listener went away or while it was."""
        return self.found or self.began_at is None or self.began_at <= since

    def take(self, younger: Story) -> None:
        """All facts of another call become this one's."""
        for channel in younger.channels:
            channel.story = self
        self.channels += younger.channels
        self.live += younger.live
        self.linked += younger.linked
        known = set(self.talks)
        self.talks += [talk for talk in younger.talks if talk not in known]
        self.visits += younger.visits
        self.moves += younger.moves
        self.holds += younger.holds
        self.gaps += [gap for gap in younger.gaps if gap not in self.gaps]
        self.consulted |= younger.consulted
        self.blocked |= younger.blocked
