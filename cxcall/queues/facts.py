"""What is known beside a queue when it is checked and told: the other queues, people, phones, prompts, hours."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Calendar, Closure
from cxcall.queues.membership import People


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """None means not known (Asterisk is off): what would need it is not checked.

    `queues`: all queues cxcall writes on this server, by name; `before`: the checked one as Asterisk has it. `foreign`:
    names of queues other files define. `phones`: interfaces that exist. `prompts`: names prompts can be given by;
    `silent`: those without a recording. `numbers`: who has a number already. `dialable`: numbers callers can be sent
    to. `calendars` by id. `now`: epoch seconds.
    """

    queues: Mapping[str, QueueDefinition] = {}
    before: QueueDefinition | None = None
    foreign: frozenset[str] = frozenset()
    people: People = People()
    phones: frozenset[str] | None = None
    prompts: frozenset[str] | None = None
    silent: frozenset[str] = frozenset()
    music: frozenset[str] | None = None
    contexts: frozenset[str] | None = None
    mailboxes: frozenset[str] | None = None
    numbers: Mapping[str, str] = {}
    dialable: frozenset[str] | None = None
    calendars: Mapping[str, Calendar] = {}
    closures: tuple[Closure, ...] = ()
    now: float | None = None

    def queue(self, name: str) -> QueueDefinition | None:
        """The queue of this name; as for Asterisk, capital letters are the same as small ones."""
        wanted = name.lower()
        return self.queues.get(name) or next(
            (queue for queue in self.queues.values() if queue.name.lower() == wanted), None
        )

    def calendar(self, queue: QueueDefinition) -> Calendar | None:
        """The queue's hours, None: always open (or hours that do not exist)."""
        return self.calendars.get(queue.calendar)
