"""Changes: what the tracker says after an event, cheap marks from which a record is made only when someone asks."""

from __future__ import annotations

from typing import Literal

from cxcall.calls.record import CallId, CallRecord
from cxcall.calls.story import Story
from cxcall.calls.telling import tell

ChangeKind = Literal["started", "updated", "ended", "merged"]


class Change:
    """Something about a call is new.

    `revision` counts 1, 2, 3 … per call, the same for the same events. A `merged` call is over as a call of its own:
    its facts are part of `merged_into` from now on.
    """

    __slots__ = ("_server", "_story", "call_id", "kind", "merged_into", "revision")

    def __init__(
        self, kind: ChangeKind, story: Story, server: str, revision: int, *, into: Story | None = None
    ) -> None:
        self.kind: ChangeKind = kind
        self.call_id: CallId = story.id
        self.revision = revision
        self.merged_into: CallId | None = None if into is None else into.id
        self._story = story if into is None else into
        self._server = server

    def record(self) -> CallRecord:
        """The whole call as known now (not as it was at this change); of a merged call, the call it merged into."""
        return tell(self._story, self._server)

    def __repr__(self) -> str:
        return f"Change({self.kind!r}, {self.call_id!r}, revision={self.revision}, merged_into={self.merged_into!r})"
