"""A whole stream through the tracker: every call it held, in order of start."""

from __future__ import annotations

from cxcall.calls.changes import Change
from cxcall.calls.directions import Directions
from cxcall.calls.events import WANTED, Message, read
from cxcall.calls.kinds import Event
from cxcall.calls.record import CallId, CallRecord
from cxcall.calls.tracker import Tracker

LOOKED_AT = 1000
"""Events without a SystemName (answers to actions have none) after which none is expected any more."""


NEVER_BARE = WANTED - {"VarSet", "Newexten"}
"""Events the tracker always has a use for, if they are whole."""


class Replay:
    """Collects the newest change of each call. Without `server` the stream's SystemName is taken, else `asterisk`."""

    def __init__(self, server: str | None, directions: Directions) -> None:
        self._server = server
        self._directions = directions
        self._tracker: Tracker | None = None
        self._nameless: list[Event] = []
        self._latest: dict[CallId, Change | CallRecord] = {}

    def take(self, message: Message, at: float | None) -> str | None:
        """One message, with its time where it tells none; gives what is wrong with it, None when nothing is."""
        event = read(message, at)
        if self._tracker is None:
            name = self._server or message.get("SystemName")
            if isinstance(name, str) and name:
                self._begin(name)
            elif event is not None:
                self._nameless.append(event)
                if len(self._nameless) > LOOKED_AT:
                    self._begin("asterisk")
                return None
        if event is not None:
            self._feed(event)
            return None
        name = message.get("Event")
        return f"{name} without what it needs" if name in NEVER_BARE else None

    def _begin(self, server: str) -> Tracker:
        self._tracker = tracker = Tracker(server, self._directions)
        for event in self._nameless:
            self._feed(event)
        self._nameless = []
        return tracker

    def _feed(self, event: Event) -> None:
        if self._tracker is None:
            return
        for change in self._tracker.feed(event):
            if change.kind == "merged":
                self._latest.pop(change.call_id, None)
            elif change.kind == "ended":
                self._latest[change.call_id] = change.record()  # frees the graph behind it
            else:
                self._latest[change.call_id] = change

    def records(self) -> list[CallRecord]:
        """Every call so far, in order of start; those without a known start keep the order they were seen in."""
        if self._tracker is None:
            self._begin(self._server or "asterisk")
        records = [item.record() if isinstance(item, Change) else item for item in self._latest.values()]
        records = [record for record in records if record.legs or record.queue_visits]
        times = [record.started_at for record in records]
        order = sorted(range(len(records)), key=lambda i: (times[i] is None, times[i] or 0, i))
        return [records[i] for i in order]
