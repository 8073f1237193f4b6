"""What pages ask of the queues of an Asterisk: what is there, what would be written, write it, undo it, close it.

Commands and what they take → give; each refuses (CommandRefused) with a sentence for people:

* `queues:read` QueuesAsk → ServerQueues; `queues:facts` QueuesAsk → SwitchFacts
* `queues:plan` QueuePlan → Planned; `queues:apply` ApplyQueues → Applied; `queues:renew` RenewQueues → Applied;
  `queues:rollback` RollBackQueues → Applied; `queues:accept` AcceptQueues → Applied (give these four `timeout=LONG`)
* `queues:close` CloseQueue → None; `queues:open` OpenQueue → None; `queues:test_call` TrialCall → None
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cxcall.queues.definition import QueueDefinition
from cxcall.queues.differences import SectionDiff
from cxcall.queues.line import Line, Section

QUEUES = "queues"
"""Channel: `{"server", "version", "outcome", "by"}` after each apply and rollback; outcome `rules` (version None):
queue rules were written that published routing rules need."""

LONG = 180.0
"""Seconds that writing the queues of a very large site may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesAsk:
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSection:
    """A section of a file as Asterisk reads it. `lines` begin with those of the templates it `inherits` from."""

    name: str
    lines: tuple[Line, ...] = ()
    template: bool = False
    inherits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A file of queues, with the files it includes."""

    name: str
    sections: tuple[FoundSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMember:
    """A member of one queue now. `membership`: static (of the file), dynamic (added by somebody), realtime.

    `status` as Asterisk numbers device states (1 free, 2 in use, 5 gone, 6 ringing). `calls`: taken since Asterisk
    started; `last_call`: epoch seconds, 0 none yet.
    """

    interface: str
    name: str
    penalty: int
    paused: bool
    reason: str
    status: int
    membership: str
    state_interface: str
    ring_busy: bool
    calls: int
    last_call: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQueue:
    """A queue as it is in Asterisk now. `file`: which one defines it, "" none that can be seen (realtime).

    `managed`: cxcall writes it. `lines`: its settings with those of its templates; `own_lines` without them.
    `waiting`, `completed`, `abandoned`: callers now, and since Asterisk counts; `most` 0: no limit.
    """

    name: str
    file: str
    managed: bool
    lines: tuple[Line, ...]
    own_lines: tuple[Line, ...]
    inherits: tuple[str, ...]
    strategy: str
    waiting: int
    completed: int
    abandoned: int
    weight: int
    most: int
    members: tuple[LiveMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerQueues:
    """What is known of the queues of `server`.

    `connected` False: Asterisk does not answer, `problem` says why, nothing else is known. `file`: where cxcall writes;
    `version`: the number of what it wrote last, None nothing yet. `writable`: this manager user may write files;
    `included`: Asterisk reads `file` as a part of queues.conf; None: it can't be told. `foreign`: `file` is not as
    cxcall wrote it (`-` what it wrote, `+` what is there).
    """

    server: str
    mode: Literal["observe", "managed"]
    connected: bool
    problem: str = ""
    file: str = ""
    rules_file: str = ""
    version: int | None = None
    writable: bool | None = None
    included: bool | None = None
    foreign: tuple[SectionDiff, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    queues: tuple[LiveQueue, ...] = ()
    read_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFacts:
    """What this Asterisk has that a queue may name; None: it can't be told. `phones`: interfaces (`PJSIP/1001`);
    `foreign`: queues that other files define."""

    phones: frozenset[str] | None = None
    music: frozenset[str] | None = None
    foreign: frozenset[str] | None = None
    dial: str = "PJSIP/"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlan:
    """What would be written if these definitions took the place of those of the same name and `remove` went."""

    server: str
    definitions: tuple[QueueDefinition, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The sections of the file as last written and as they would be, each queue with its lines beside the file."""

    before: tuple[Section, ...]
    after: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyQueues:
    """Write these queues and take `remove` away; all others stay. `by`: who asks.

    `base`: the number of the version the asker saw (None: none was there yet); another one is a conflict.
    """

    server: str
    by: str
    definitions: tuple[QueueDefinition, ...] = ()
    remove: tuple[str, ...] = ()
    base: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewQueues:
    """Write again what follows from people and calendars: somebody joined a team, hours changed."""

    server: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBackQueues:
    """Write the lines of an earlier version again, as a new version."""

    server: str
    by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptQueues:
    """Take what somebody else wrote into the file over as a version of ours; nothing is written into it."""

    server: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of it. `conflict`: somebody else changed the file (`diff`: `-` what cxcall wrote, `+` what is there),
    or another version stands than the asker saw; nothing was written. `failed`: `problem` says why and what holds now.
    """

    outcome: Literal["applied", "unchanged", "conflict", "failed"]
    version: int | None = None
    problem: str = ""
    diff: tuple[SectionDiff, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseQueue:
    """Nobody new comes in until `until` (epoch seconds; None: until it is opened). `queue` "": every queue.

    `prompt`: what callers hear first, "" nothing.
    """

    server: str
    queue: str
    until: float | None = None
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQueue:
    """End of a CloseQueue for the same `queue`."""

    server: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCall:
    """Ring `phone` (its number, or as Asterisk dials it); who answers waits in `queue` like a caller."""

    server: str
    queue: str
    phone: str
    by: str = ""
