"""Configuration files of an Asterisk, read and written over its manager interface.

A file is replaced in one step: what can't be said in one action is built up in a staging file, and the last action
reads that and writes the real one, with the reload in it. Whatever breaks before leaves the real file as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxcall.asterisk.probe import Probe, ProbeFailed, Reply
from cxcall.asterisk.provision.edits import Edit, Fields, check, edits, headers, packed
from cxcall.asterisk.provision.sections import plain, read
from cxcall.bus.queues import FoundSection
from cxcall.queues.line import Section

RELOAD = "app_queue.so"


class Refused(ProbeFailed):
    """Asterisk would not do it, so nothing of it was done; the text says what and why."""


class MayNot(Refused):
    """This manager user may not write files."""


async def read_file(probe: Probe, name: str) -> tuple[FoundSection, ...] | None:
    """A file's sections with those of the files it includes; None when there is no such file, or none may be read.

    Raises MayNot when this user may not read files, ProbeFailed.
    """
    reply = await probe.ask("GetConfig", Filename=name, Filter="TEMPLATES=include")
    if reply.done:
        return read(reply.answer)
    if reply.forbidden:
        raise MayNot(f"This manager user may not read {name}: add config to its write line in manager.conf.")
    return None


async def there(probe: Probe, name: str) -> tuple[Section, ...]:
    """What stands in a file of ours; nothing when it does not exist."""
    return plain(await read_file(probe, name) or ())


async def these(probe: Probe, name: str, sections: Sequence[str]) -> tuple[Section, ...]:
    """Only these sections of a file of ours, those that are there. Raises ProbeFailed."""
    asked = [("GetConfig", {"Filename": name, "Category": section}) for section in sections]
    return tuple(part for reply in await probe.ask_all(*asked) if reply.done for part in plain(read(reply.answer)))


async def make(probe: Probe, name: str) -> None:
    """Make a file that is not there. Raises MayNot, ProbeFailed."""
    reply = await probe.ask("CreateConfig", Filename=name)
    if not reply.done and "exists" not in reply.message.lower():
        raise _refusal(reply, name)


class Replacement:
    """The change of one file from what is there to what is wanted: `prepare`, then `switch`."""

    def __init__(self, probe: Probe, name: str, before: Sequence[Section], after: Sequence[Section]) -> None:
        """Raises TooLong when a line can't be written."""
        self._probe = probe
        self._name = name
        self._staging = name.removesuffix(".conf") + "_staging.conf"
        self._before = before
        self._after = after
        acts = edits(before, after)
        check(acts)
        self._actions: list[Fields] = list(packed(acts))
        self._touched = tuple(dict.fromkeys(act.section for act in acts))

    @property
    def touched(self) -> tuple[str, ...]:
        """The sections that change, come or go."""
        return self._touched

    @property
    def needed(self) -> bool:
        """Whether the file changes at all."""
        return bool(self._actions)

    async def prepare(self) -> None:
        """Build all but the last action in the staging file. Raises MayNot, ProbeFailed."""
        await make(self._probe, self._name)
        if len(self._actions) < 2:
            return
        await make(self._probe, self._staging)
        source = self._name
        for fields in self._actions[:-1]:
            await self._update(headers(fields, source, self._staging))
            source = self._staging

    async def switch(self, *, reload: bool, anew: Sequence[str] = ()) -> None:
        """The one step that changes the real file. Raises MayNot, ProbeFailed.

        Queues of `anew` are taken away with a reload first, in the same piece of bytes: Asterisk then makes them anew.
        """
        source = self._name if len(self._actions) < 2 else self._staging
        how = RELOAD if reload else ""
        last = headers(self._actions[-1], source, self._name, reload=how)
        kept = {section.name for section in self._before}
        gone = [Edit(act="DelCat", section=name) for name in anew if name in kept]
        if not gone:
            await self._update(last)
            return
        await self._without(gone, how)

    async def _without(self, gone: Sequence[Edit], reload: str) -> None:
        """Both steps at once. The second writes all of the staging file, so nothing may be missing from that."""
        await make(self._probe, self._staging)
        source = self._name if len(self._actions) < 2 else self._staging
        await self._update(headers(self._actions[-1], source, self._staging))
        first, *rest = packed(gone)
        steps = [("UpdateConfig", headers(fields, self._name, self._name)) for fields in (first, *rest)]
        steps[-1] = (steps[-1][0], {**steps[-1][1], "Reload": reload})
        steps.append(("UpdateConfig", headers({}, self._staging, self._name, reload=reload)))
        for reply in await self._probe.ask_all(*steps):
            if not reply.done:
                raise ProbeFailed(str(_refusal(reply, self._name)))  # one of the steps may have been done

    async def _update(self, fields: Mapping[str, str]) -> None:
        reply = await self._probe.ask("UpdateConfig", **fields)
        if not reply.done:
            raise _refusal(reply, self._name)


def _refusal(reply: Reply, name: str) -> Refused:
    if reply.forbidden:
        return MayNot(f"This manager user may not write {name}: add config to its write line in manager.conf.")
    return Refused(f"Asterisk refused to write {name}: {reply.message}.")
