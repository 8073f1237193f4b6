"""Where callers go next: does the way exist, does it end somewhere, is anybody there when they come.

At one minute of the week a queue sends callers one way only: outside its hours to `when_closed`, within them, after
waiting, to `then`. So each minute at which nothing opens or closes is walked once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cxcall.problem import Problem
from cxcall.queues.definition import Destination, QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.hours import Calendar
from cxcall.queues.problems import problem
from cxcall.queues.sounds import of_sound
from cxcall.queues.week import WEEK_MINUTES, Minutes, clock, is_open, open_week

NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
"""What can be dialled."""


def can_leave(queue: QueueDefinition) -> bool:
    """Whether anything sends callers on who nobody answers: a longest wait, or a queue that is full or empty."""
    return bool(queue.longest_wait or queue.most_callers or queue.join_empty or queue.leave_empty)


def of_ways(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    """Problems of where callers go after waiting and outside the hours."""
    if can_leave(definition):
        yield from _target("then", definition.then, facts)
    elif definition.then != Destination():
        yield problem("then_unused", "then")
    if definition.calendar:
        yield from _target("when_closed", definition.when_closed, facts)
        if definition.when_closed.kind == "hangup":
            yield problem("closed_silently", "when_closed")
    if not definition.enabled:
        yield from _still_used(definition, facts)
    yield from _over_a_week(definition, facts)


def _target(field: str, destination: Destination, facts: Facts) -> Iterator[Problem]:
    """Problems of a destination by itself."""
    value, at = destination.value, f"{field}.value"
    match destination.kind:
        case "queue" | "number" | "prompt" if not value:
            yield problem("no_target", at)
        case "queue":
            queue = facts.queue(value)
            if queue is None and value not in facts.foreign:
                yield problem("unknown_queue", at, queue=value)
            elif queue is not None and not queue.enabled:
                yield problem("queue_off", at, queue=value)
        case "number" if not NUMBER.fullmatch(value):
            yield problem("number_form", at, number=value)
        case "number" if facts.dialable is not None and value not in facts.dialable:
            yield problem("unknown_number", at, number=value)
        case "prompt":
            yield from of_sound(at, value, facts)
        case "voicemail" if value and facts.mailboxes is not None and value not in facts.mailboxes:
            yield problem("unknown_mailbox", at, mailbox=value)


def _still_used(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    """Queues that are on and send their callers to this one, which is off."""
    yield from (problem("still_used", "enabled", queue=name) for name in leading_to(definition.name, facts))


def leading_to(name: str, facts: Facts) -> Iterator[str]:
    """Other queues that are on and send their callers to the queue `name`."""
    for queue in facts.queues.values():
        ways = [queue.then] if can_leave(queue) else []
        ways += [queue.when_closed] if queue.calendar else []
        leads_here = any(way.kind == "queue" and _same(way.value, name) for way in ways)
        if queue.enabled and leads_here and not _same(queue.name, name):
            yield queue.name


def _over_a_week(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    """Loops, and hours at which callers who have waited come to a closed door."""
    reached = _reached(definition, facts)
    calendars = {queue.calendar: queue for queue in reached.values()}
    by_calendar = {key: _week(queue, definition, facts) for key, queue in calendars.items()}
    weeks = {name: by_calendar[queue.calendar] for name, queue in reached.items()}
    edges = sorted({0, WEEK_MINUTES} | {edge for week in by_calendar.values() for span in week for edge in span})
    for minute in edges[:-1]:
        if path := _loop(definition, reached, weeks, minute):
            field = "then" if is_open(weeks[definition.name.lower()], minute) else "when_closed"
            yield problem("loop", f"{field}.value", path=" → ".join(path))
            return
    yield from _closed_doors(definition, reached, weeks, edges)


def _reached(definition: QueueDefinition, facts: Facts) -> dict[str, QueueDefinition]:
    """This queue and all that callers can come to from it, by their names in small letters."""
    reached = {definition.name.lower(): definition}
    ahead = [definition]
    while ahead:
        queue = ahead.pop()
        for way in (queue.then, queue.when_closed):
            name = way.value.lower()
            if way.kind == "queue" and name not in reached and (found := facts.queue(name)) and found.enabled:
                reached[name] = found
                ahead.append(found)
    return reached


def _week(queue: QueueDefinition, base: QueueDefinition, facts: Facts) -> Minutes:
    """A queue's week by the clock of the first one."""
    calendar = facts.calendar(queue)
    shift = 0 if calendar is None else _offset(facts.calendar(base) or calendar, facts) - _offset(calendar, facts)
    return open_week(calendar, shift)


def _offset(calendar: Calendar, facts: Facts) -> int:
    """How many minutes the calendar's clock is ahead of UTC now; an unknown zone counts as UTC."""
    try:
        zone = ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    offset = datetime.fromtimestamp(facts.now or 0.0, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


def _way(queue: QueueDefinition, week: Minutes, minute: int) -> Destination | None:
    """Where callers of a queue go at a minute; None: they stay."""
    if not is_open(week, minute):
        return queue.when_closed
    return queue.then if can_leave(queue) else None


def _loop(
    definition: QueueDefinition, reached: Mapping[str, QueueDefinition], weeks: Mapping[str, Minutes], minute: int
) -> list[str]:
    """The queues callers pass until they are back here, none when they do not come back."""
    path = [definition.name]
    queue = definition
    for _ in reached:
        way = _way(queue, weeks[queue.name.lower()], minute)
        if way is None or way.kind != "queue" or way.value.lower() not in reached:
            return []
        queue = reached[way.value.lower()]
        path.append(queue.name)
        if _same(queue.name, definition.name):
            return path
    return []


def _closed_doors(
    definition: QueueDefinition,
    reached: Mapping[str, QueueDefinition],
    weeks: Mapping[str, Minutes],
    edges: Sequence[int],
) -> Iterator[Problem]:
    """The first hours at which `then` is a closed queue that hangs up."""
    target = reached.get(definition.then.value.lower()) if definition.then.kind == "queue" else None
    if target is None or not can_leave(definition) or target.when_closed.kind != "hangup":
        return
    here, there = weeks[definition.name.lower()], weeks[target.name.lower()]
    closed = [minute for minute in edges[:-1] if is_open(here, minute) and not is_open(there, minute)]
    if closed:
        since, to = _first_run(closed, edges)
        yield problem("then_closed", "then.value", queue=target.name, since=clock(since), to=clock(to))


def _first_run(starts: Sequence[int], edges: Sequence[int]) -> tuple[int, int]:
    """The first stretch of the week made of the pieces that begin at `starts`; Sunday's end goes on into Monday."""
    ends = {since: to % WEEK_MINUTES for since, to in pairwise(edges) if since in starts}
    begins = [start for start in starts if start not in ends.values()]
    if not begins:
        return 0, WEEK_MINUTES
    to = ends[begins[0]]
    while to in ends:
        to = ends[to]
    return begins[0], to


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
