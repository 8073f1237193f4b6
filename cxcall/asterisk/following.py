"""Messages into the tracker, changes out, and from where in the journal that would have to be done again."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.reading import seconds
from cxcall.asterisk.safepoint import SafePoint
from cxcall.asterisk.status import Meter
from cxcall.calls import events
from cxcall.calls.changes import Change
from cxcall.calls.directions import OUTSIDE_CONTEXTS, Directions
from cxcall.calls.record import CallId, CallRecord
from cxcall.calls.stage import Stage
from cxcall.calls.tracker import Tracker
from cxcall.settings import Ami

log = structlog.get_logger(__name__)


class Follower:
    """Follows the calls of one server, alike for what comes live and for what the journal replays.

    What it can't digest is counted in the meter and logged once per kind: one strange event must not cost the others.
    """

    def __init__(self, server: Ami, meter: Meter) -> None:
        outside = (*OUTSIDE_CONTEXTS, *server.outside_contexts)
        self._tracker = Tracker(server.name, Directions(outside=outside, trunks=frozenset(server.outside_channels)))
        self._meter = meter
        self._safe = SafePoint()
        self._in_snapshot = False
        self._complained: set[str] = set()
        self.found: list[CallId] = []
        """Calls a snapshot found up; whoever writes them empties this."""

    def piece(self, position: int, first: Headers) -> None:
        """What follows was kept from `position` of the journal on and begins with `first`."""
        self._safe.piece(position, seconds(first))

    def feed(self, message: Headers, position: int) -> list[Change]:
        """The changes that one message makes to calls; it was kept at or after `position` of the journal."""
        name = text(message, "Event")
        if name == "CxcallSnapshotStart":
            self._in_snapshot = True
            self._safe.snapshot(position)
        changes = self._changes(message, name)
        for change in changes:
            self._note(change, position)
        if name == "CxcallSnapshotEnd":
            self._in_snapshot = False
            self._safe.snapshot(None)
        return changes

    def safe(self, end: int) -> int:
        """From where to replay when everything before `end` has been fed and written."""
        return self._safe.position(end)

    def open_calls(self) -> Collection[CallId]:
        return {call.id for call in self._tracker.open_calls()}

    def stage_of(self, call: CallId) -> Stage | None:
        """Who is on the line in a call; None when it is over."""
        return self._tracker.stage_of(call)

    def record(self, call: CallId) -> CallRecord | None:
        """A call in progress as known now; None when it is over or can't be told."""
        try:
            return self._tracker.record(call)
        except Exception:
            log.exception("a call can't be told", call=call)
            return None

    def helpers(self) -> list[tuple[str, str]]:
        """Unique id and name of every channel that is up and nobody's party."""
        return self._tracker.helpers()

    def near(self, channel: str) -> str:
        """The channel by which a phone is with its caller: itself, or the Local half that stands for it there."""
        return self._tracker.near(channel)

    def record_of(self, unique_id: str) -> CallRecord | None:
        """The call that a channel which is up is in, as known now; None when that can't be told."""
        try:
            return self._tracker.record_of(unique_id)
        except Exception:
            log.exception("a call can't be told", channel=unique_id)
            return None

    def _changes(self, message: Headers, name: str) -> list[Change]:
        try:
            event = events.read(message)
            return self._tracker.feed(event) if event is not None else []
        except Exception as error:
            self._meter.unreadable += 1
            kind = f"{name} {type(error).__name__}"
            if kind not in self._complained:
                self._complained.add(kind)
                log.exception("an event could not be worked through", event_name=name)
            return []

    def _note(self, change: Change, position: int) -> None:
        """Remember where calls begin and end in the journal."""
        if change.kind == "started":
            self._safe.started(change.call_id, position, self._began(change))
            if self._in_snapshot:
                self.found.append(change.call_id)
        elif change.kind == "ended":
            self._safe.ended(change.call_id)
        elif change.kind == "merged" and change.merged_into is not None:
            self._safe.merged(change.call_id, change.merged_into)

    def _began(self, change: Change) -> float | None:
        try:
            began = change.record().started_at
        except Exception:
            log.exception("a call can't be told", call=change.call_id)
            return None
        return None if began is None else began.timestamp()
