"""Queue members as Asterisk tells of them: at a phone or not, free, ringing, talking, paused and why. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from cxcall.asterisk.ami.message import text

WANTED = frozenset(
    {
        "QueueMember", "QueueMemberAdded", "QueueMemberRemoved", "QueueMemberStatus", "QueueMemberPause",
        "QueueMemberPenalty", "QueueMemberRinginuse", "CxcallSnapshotStart", "CxcallSnapshotEnd",
    }
)  # fmt: skip
"""Events that change what is known of members."""

MemberStatus = Literal["unknown", "free", "talking", "busy", "invalid", "unavailable", "ringing", "held"]
_STATUS: dict[str, MemberStatus] = {
    "0": "unknown", "1": "free", "2": "talking", "3": "busy", "4": "invalid",
    "5": "unavailable", "6": "ringing", "7": "ringing", "8": "held",
}  # fmt: skip
"""Asterisk's device states (`Status` of a queue member); 5 is a phone that is gone, 7 rings while it talks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member over all its queues, keyed by `interface`; `device` is the phone it stands for, as far as known.

    `since` is the epoch time at which status or pause last changed, `paused` whether it is paused in any queue.
    """

    interface: str
    device: str
    name: str
    status: MemberStatus = "unknown"
    paused: bool = False
    reason: str = ""
    since: float | None = None
    queues: tuple[str, ...] = ()
    paused_in: tuple[str, ...] = ()
    pauses: tuple[tuple[str, str], ...] = ()
    """(queue, reason) of each queue it is paused in."""
    static_in: tuple[str, ...] = ()
    """Queues whose configuration names it: it can't be taken out of them."""

    def plain(self) -> dict[str, Any]:
        """As it crosses the bus: strings, numbers and lists."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        lists = ("queues", "paused_in", "static_in")
        return {
            **plain,
            **{name: list(plain[name]) for name in lists},
            "pauses": [list(pause) for pause in self.pauses],
        }


class Members:
    """Fed with messages, it returns the members that changed; a snapshot replaces all it knew."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._listed: dict[str, Member] | None = None
        self._phones: dict[str, str] = {}

    def all(self) -> list[Member]:
        return sorted(self._members.values(), key=lambda member: member.interface)

    def devices(self) -> set[str]:
        """What the members stand for, phones and hints."""
        return {member.device for member in self._members.values()}

    def name_phone(self, hint: str, phone: str) -> list[Member]:
        """From now on members of `hint` stand for `phone`; those that changed."""
        self._phones[hint] = phone
        changed = [
            dataclasses.replace(member, device=phone)
            for member in self._members.values()
            if member.device == hint != phone
        ]
        self._members.update({member.interface: member for member in changed})
        return changed

    def feed(self, event: str, message: Mapping[str, str | list[str]]) -> list[Member]:
        """Take one event of WANTED."""
        if event == "CxcallSnapshotStart":
            self._listed = {}
            return []
        if event == "CxcallSnapshotEnd":
            return self._replace()
        interface = text(message, "Interface") or text(message, "Location")
        queue = text(message, "Queue")
        if not interface or not queue:
            return []
        if event == "QueueMember" and self._listed is not None:
            self._listed[interface] = self._told(self._listed.get(interface), interface, queue, message)
            return []
        before = self._members.get(interface)
        if event == "QueueMemberRemoved":
            return self._leave(before, queue)
        after = self._told(before, interface, queue, message)
        self._members[interface] = after
        return [after] if after != before else []

    def _told(
        self, before: Member | None, interface: str, queue: str, message: Mapping[str, str | list[str]]
    ) -> Member:
        """The member after a message that tells its whole state in one queue."""
        before = before or Member(interface=interface, device=interface, name="")
        pauses = dict(before.pauses)
        held = pauses.pop(queue, "")
        if text(message, "Paused") == "1":
            pauses[queue] = text(message, "PausedReason") or held
        status = _STATUS.get(text(message, "Status"), before.status)
        paused = bool(pauses)
        reason = text(message, "PausedReason") or (before.reason if paused and before.paused else "")
        known = self._members.get(interface, before)
        state = text(message, "StateInterface") or interface
        changed = (status, paused) != (known.status, known.paused) or known.since is None
        return Member(
            interface=known.interface,  # the strings it already has: a message is kept on the bus for each change
            device=_same(self._phones.get(state, state), known.device),
            name=_same(text(message, "MemberName") or text(message, "Name") or before.name, known.name),
            status=status,
            paused=paused,
            reason=reason if paused else "",
            since=_seconds(message) if changed else known.since,
            queues=before.queues if queue in before.queues else tuple(sorted({*before.queues, queue})),
            paused_in=tuple(sorted(pauses)),
            pauses=tuple(sorted(pauses.items())),
            static_in=_static(before.static_in, queue, text(message, "Membership")),
        )

    def _leave(self, before: Member | None, queue: str) -> list[Member]:
        """Taken out of one queue; without any queue left it is told once more, with none."""
        if before is None:
            return []
        after = dataclasses.replace(
            before,
            queues=tuple(name for name in before.queues if name != queue),
            paused_in=tuple(name for name in before.paused_in if name != queue),
            pauses=tuple(pause for pause in before.pauses if pause[0] != queue),
            static_in=tuple(name for name in before.static_in if name != queue),
        )
        after = dataclasses.replace(after, paused=bool(after.paused_in), reason=after.reason if after.paused_in else "")
        if after.queues:
            self._members[before.interface] = after
        else:
            del self._members[before.interface]
        return [after]

    def _replace(self) -> list[Member]:
        listed, self._listed = self._listed, None
        if listed is None:
            return []
        before, self._members = self._members, listed
        gone = [
            dataclasses.replace(member, queues=(), paused_in=(), pauses=(), static_in=(), paused=False, reason="")
            for interface, member in before.items()
            if interface not in listed
        ]
        return [*gone, *(member for interface, member in listed.items() if member != before.get(interface))]


def _static(before: tuple[str, ...], queue: str, membership: str) -> tuple[str, ...]:
    """The queues whose configuration names the member, after a message of one of them; not every message says."""
    if not membership or (membership != "dynamic") == (queue in before):
        return before
    return tuple(sorted({*before, queue} if membership != "dynamic" else {*before} - {queue}))


def _same(new: str, old: str) -> str:
    return old if new == old else new


def _seconds(message: Mapping[str, str | list[str]]) -> float | None:
    try:
        return float(text(message, "Timestamp"))
    except ValueError:
        return None
