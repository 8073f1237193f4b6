"""Many calls at once and one after the other: the tracker keeps no more than is up, and works no harder for it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

from cxcall.calls.events import read
from cxcall.calls.graph import Channel
from cxcall.calls.kinds import Event
from cxcall.calls.story import Story
from cxcall.calls.tracker import Tracker


def direct_call(number: int, start: float) -> Iterator[Event]:
    """One call of two phones that talk, with a fresh pair of channels."""
    caller = {"Channel": f"PJSIP/trunk-{number:08x}", "Uniqueid": f"lab-{int(start)}.{2 * number}"}
    callee = {"Channel": f"PJSIP/1001-{number:08x}", "Uniqueid": f"lab-{int(start)}.{2 * number + 1}"}
    linked, bridge = caller["Uniqueid"], {"BridgeUniqueid": f"bridge-{number}", "BridgeType": "basic"}
    dest = {f"Dest{key}": value for key, value in callee.items()}
    script: list[dict[str, str]] = [
        {"Event": "Newchannel", **caller, "Context": "from-trunk", "Exten": "1001"},
        {"Event": "Newchannel", **callee, "Context": "internal", "Exten": "s"},
        {"Event": "DialBegin", **caller, **dest, "DialString": "1001"},
        {"Event": "DialEnd", **caller, **dest, "DialStatus": "ANSWER"},
        {"Event": "BridgeEnter", **callee, **bridge},
        {"Event": "BridgeEnter", **caller, **bridge},
        {"Event": "HangupRequest", **caller},
        {"Event": "BridgeLeave", **caller, **bridge},
        {"Event": "BridgeLeave", **callee, **bridge},
        {"Event": "Hangup", **callee, "Cause": "16"},
        {"Event": "Hangup", **caller, "Cause": "16"},
    ]
    for index, message in enumerate(script):
        event = read({**message, "Linkedid": linked, "Timestamp": f"{start + index / 10:.6f}"})
        assert event is not None
        yield event


def test_two_thousand_calls_open_at_once_end_without_a_trace():
    tracker = Tracker("lab")
    calls = [direct_call(number, 1795300000.0) for number in range(2000)]
    for _ in range(7):
        for call in calls:
            tracker.feed(next(call))
    assert len(tracker.open_calls()) == 2000
    for call in calls:
        for event in call:
            tracker.feed(event)
    assert tracker.empty


def test_calls_one_after_the_other_leave_no_objects_behind():
    before = alive()
    tracker = Tracker("lab")
    for number in range(300):
        for event in direct_call(number, 1795300000.0 + number):
            for change in tracker.feed(event):
                change.record()
    assert tracker.empty
    assert alive() - before <= 3  # at most those of the last changes, which the tracker still hands out


def alive() -> int:
    """Channels and stories in memory, those of other tests too."""
    gc.collect()
    return sum(isinstance(thing, (Channel, Story)) for thing in gc.get_objects())
