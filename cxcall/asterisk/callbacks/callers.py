"""Which customers with a call-back are on the line with us: watched only while there is a call-back."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cxcall.asterisk.callbacks.progress import line_of
from cxcall.asterisk.following import Follower
from cxcall.calls.record import CallRecord
from cxcall.customers.number import fold
from cxcall.routing.call_back import CallBack


class Callers:
    """Calls in progress by the customer's number, without the calls we make ourselves."""

    def __init__(self, country: str) -> None:
        self._country = country
        self._up: dict[str, str] = {}
        self.watching = False

    def begin(self, followers: Iterable[Follower]) -> None:
        """All calls that are up."""
        self._up.clear()
        self.watching = True
        for follower in followers:
            for call in tuple(follower.open_calls()):
                record = follower.record(call)
                if record is not None and not line_of(record):
                    self.told(record, ())

    def stop(self) -> None:
        self._up.clear()
        self.watching = False

    def forget(self, call: str) -> None:
        """It is part of another call from now on."""
        self._up.pop(call, None)

    def told(self, record: CallRecord, waiting: Collection[CallBack]) -> list[CallBack]:
        """A call as it is now; gives the call-backs that are not needed any more, as their customers were served."""
        inbound = record.direction != "outbound"
        number = fold(record.caller.number if inbound else record.called, self._country)
        if number is None:
            return []
        if record.ended_at is not None:
            self._up.pop(record.id, None)
        else:
            self._up[record.id] = number
        if not inbound or record.answered_at is None:
            return []
        return [one for one in waiting if one.number == number and one.first_call != record.id]

    def on_the_line(self, number: str) -> bool:
        """Whether this number is in a call now."""
        return number in self._up.values()
