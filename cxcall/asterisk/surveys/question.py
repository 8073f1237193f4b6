"""What the dialplan says of a call that may be asked, and what the tracker knows of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.settings import Settings

_SETTLES_S = 0.3
"""The agent's end is told to us and to the dialplan in the same millisecond, by two ways."""

_LOOK_S = 0.02

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this call be asked? `call`: unique id of the caller's channel; `agent`: the interface that had the caller.

    `server` as the dialplan names it, "" where it does not; `language`: what the caller chose, or their channel has.
    """

    call: str
    queue: str
    agent: str = ""
    server: str = ""
    language: str = ""


def question_of(said: Mapping[str, Any]) -> Question:
    """A question from names and values; what is missing is "", and nothing is in it that no database takes."""
    known = {name: _clean(said.get(name)) for name in ("call", "queue", "agent", "server", "language")}
    return Question(**known)


def _clean(value: Any) -> str:
    return str(value or "").replace("\0", "").encode("utf-8", "replace").decode()[:_LONGEST]


def server_of(settings: Settings, named: str, unique_id: str) -> str:
    """Which of our servers a call is on: as the dialplan says, else the only one, else by the call's id.

    A unique id begins with Asterisk's systemname where one is set, which often is the name it has with us.
    """
    names = [server.name for server in settings.ami]
    if named in names:
        return named
    if len(names) == 1:
        return names[0]
    return next((name for name in names if unique_id.startswith(f"{name}-")), names[0] if names else named)


async def live_record(commands: Commands, server: str, unique_id: str) -> CallRecord | None:
    """The call as the tracker knows it once the agent's end has come through; None where it is not known."""
    until = time.monotonic() + _SETTLES_S
    while True:
        try:
            record: CallRecord | None = await commands.ask(f"live:{server}", unique_id, timeout=0.5)
        except (NoAnswer, CommandRefused):
            return None
        if (record is not None and not _talks(record, unique_id)) or time.monotonic() >= until:
            return record
        await asyncio.sleep(_LOOK_S)


def unique_id_of(record: CallRecord) -> str:
    """Unique id of the caller's channel."""
    caller = next((leg.unique_id for leg in record.legs if leg.role == "caller"), "")
    return caller or next(iter(record.linked_ids), record.id.removeprefix(f"{record.server}-"))


def visit_of(record: CallRecord, queue: str) -> QueueVisit | None:
    """The caller's last stay in this queue."""
    return next((visit for visit in reversed(record.queue_visits) if visit.queue == queue), None)


def talked(record: CallRecord, unique_id: str, visit: QueueVisit, now: datetime) -> float:
    """Seconds the caller has talked since joining the queue, with whomever the call was transferred to."""
    channel = _channel(record, unique_id)
    total = 0.0
    for talk in record.talks:
        if channel not in talk.channels or talk.from_ is None:
            continue
        if visit.joined_at is None or talk.from_ >= visit.joined_at:
            total += max(0.0, ((talk.to or now) - talk.from_).total_seconds())
    return max(total, visit.talk)


def _talks(record: CallRecord, unique_id: str) -> bool:
    channel = _channel(record, unique_id)
    return any(talk.to is None and channel in talk.channels for talk in record.talks)


def _channel(record: CallRecord, unique_id: str) -> str | None:
    found = next((leg.channel for leg in record.legs if leg.unique_id == unique_id), None)
    return found or record.caller.channel
