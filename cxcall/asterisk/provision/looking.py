"""The queues of an Asterisk as they are: which file defines which, what they say, who is in them. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.probe import Probe
from cxcall.asterisk.provision import files
from cxcall.asterisk.provision.sections import compare as compared
from cxcall.asterisk.provision.sections import own_lines, plain, same
from cxcall.asterisk.provision.writing import STANDARD_FILE, rules_file
from cxcall.bus.queues import ConfigFile, FoundSection, LiveMember, LiveQueue, ServerQueues
from cxcall.queues.line import Section
from cxcall.store.queue_servers import QueueServer

MAIN = "queues.conf"
KNOWN = (
    "queues_post_custom.conf",
    "queues_custom.conf",
    "queues_additional.conf",
    "queues_custom_general.conf",
    "queues_general_additional.conf",
)
"""Files that FreePBX and Issabel include in queues.conf."""

_NOBODY = "cxcall-nowhere.conf"
"""A file nobody has: asking to write it tells whether this user might."""


async def look(
    probe: Probe, server: str, kept: QueueServer | None, wrote: Sequence[Section] | None, version: int | None
) -> ServerQueues:
    """All of it. `wrote`: what cxcall wrote last, None nothing yet. Raises ProbeFailed."""
    file = (kept.file if kept else "") or STANDARD_FILE
    found = [ConfigFile(name=name, sections=sections) async for name, sections in _files(probe, file)]
    main = next((one.sections for one in found if one.name == MAIN), ())
    own = next((one.sections for one in found if one.name == file), ())
    there = plain(own)
    expected = wrote if wrote is not None else ()
    changed = bool(there or expected) and not same(there, expected)
    return ServerQueues(
        server=server,
        mode=kept.mode if kept else "observe",
        connected=True,
        file=file,
        rules_file=rules_file(file),
        version=version,
        writable=await may_write(probe),
        included=_included(main, own),
        foreign=compared(expected, there) if changed else (),
        files=tuple(found),
        queues=tuple(_queues(await _status(probe), found, file)),
        read_at=time.time(),
    )


async def may_write(probe: Probe) -> bool | None:
    """Whether this manager user may write files: asked with a file that is not there, so nothing is written."""
    reply = await probe.ask("UpdateConfig", SrcFilename=_NOBODY, DstFilename=_NOBODY)
    if reply.forbidden:
        return False
    return None if reply.done else True


def _included(main: Sequence[FoundSection], own: Sequence[FoundSection]) -> bool | None:
    """Whether the main file has our sections too; an empty file can't tell."""
    names = {section.name for section in main}
    return all(section.name in names for section in own) if own else None


async def _files(probe: Probe, own: str) -> AsyncIterator[tuple[str, tuple[FoundSection, ...]]]:
    for name in (MAIN, own, *KNOWN):
        sections = await files.read_file(probe, name)
        if sections is not None:
            yield name, sections


async def _status(probe: Probe) -> tuple[Headers, ...]:
    return (await probe.ask("QueueStatus")).items


def _queues(status: Sequence[Headers], found: Sequence[ConfigFile], own: str) -> Iterable[LiveQueue]:
    where = _defined(found, own)
    members: dict[str, list[LiveMember]] = {}
    for item in status:
        if text(item, "Event") == "QueueMember":
            members.setdefault(text(item, "Queue"), []).append(_member(item))
    for item in status:
        if text(item, "Event") != "QueueParams":
            continue
        name = text(item, "Queue")
        file, section, among = where.get(name, ("", None, ()))
        yield LiveQueue(
            name=name,
            file=file,
            managed=file == own,
            lines=section.lines if section else (),
            own_lines=own_lines(section, among) if section else (),
            inherits=section.inherits if section else (),
            strategy=text(item, "Strategy"),
            waiting=_int(item, "Calls"),
            completed=_int(item, "Completed"),
            abandoned=_int(item, "Abandoned"),
            weight=_int(item, "Weight"),
            most=_int(item, "Max"),
            members=tuple(members.get(name, ())),
        )


def _defined(found: Sequence[ConfigFile], own: str) -> Mapping[str, tuple[str, FoundSection, Sequence[FoundSection]]]:
    """The file of each queue. One that includes another has its sections too: the one with the fewest is the one."""
    where: dict[str, tuple[str, FoundSection, Sequence[FoundSection]]] = {}
    main = next((one.sections for one in found if one.name == MAIN), ())
    for one in sorted(found, key=lambda file: (-len(file.sections), file.name == own)):
        for section in one.sections:
            if not section.template and section.name != "general":
                where[section.name] = (one.name, section, main)
    return where


def _member(item: Headers) -> LiveMember:
    return LiveMember(
        interface=text(item, "Location"),
        name=text(item, "Name"),
        penalty=_int(item, "Penalty"),
        paused=text(item, "Paused") == "1",
        reason=text(item, "PausedReason"),
        status=_int(item, "Status"),
        membership=text(item, "Membership"),
        state_interface=text(item, "StateInterface"),
        ring_busy=text(item, "RingInUse") == "1",
        calls=_int(item, "CallsTaken"),
        last_call=float(_int(item, "LastCall")),
    )


def _int(item: Headers, name: str) -> int:
    value = text(item, name)
    return int(value) if value.removeprefix("-").isdecimal() else 0
