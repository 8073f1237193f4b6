"""Keys pressed in a call: a run of them is a number that somebody types, and not a feature code."""

from __future__ import annotations

from collections import OrderedDict, deque

from cxcall.asterisk.ami.message import Headers, text

RUN = 6
"""So many digits in a row are a number; the first of them are no sound but key presses (RFC 4733)."""

WITHIN_S = 20.0
_CHANNELS = 1_000


class Keys:
    """The last presses of each channel, by its unique id."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def run(self, message: Headers, at: float) -> str:
        """Of an event DTMFEnd at `at` seconds: the channel's unique id if its last RUN digits came within WITHIN_S,
        else "". A key is told of on each leg it passes; only where it comes in counts."""
        if text(message, "Direction") != "Received" or text(message, "Digit") not in "0123456789":
            return ""
        uid = text(message, "Uniqueid")
        times = self._times.setdefault(uid, deque(maxlen=RUN))
        self._times.move_to_end(uid)
        if len(self._times) > _CHANNELS:
            self._times.popitem(last=False)
        times.append(at)
        return uid if len(times) == RUN and at - times[0] <= WITHIN_S else ""
