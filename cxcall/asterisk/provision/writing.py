"""One version written into an Asterisk, all of it or nothing, and read back.

The order makes the switch of the queues' file the one step that counts. Before it: penalty rules are added beside those
in use (their names change with their content), and the database gets a generation nobody reads yet. After it: the file
is read back, the dialplan is pointed at the new generation, and rules nobody names any more go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.probe import Probe, ProbeFailed
from cxcall.asterisk.provision import astdb, files
from cxcall.asterisk.provision.files import Replacement
from cxcall.asterisk.provision.planning import Target
from cxcall.asterisk.provision.sections import same
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.line import Section
from cxcall.queues.strategies import made_anew

STANDARD_FILE = "queues_cxcall.conf"
_FEW = 8
"""Up to so many changed sections are read back one by one."""


class NotTaken(Exception):
    """It was written, but Asterisk does not have it so; the file is as it was before. The text says why."""


@dataclass(slots=True)
class Progress:
    """How far a writing came: `switched` once the action that changes the real file has been sent."""

    switched: bool = False
    file: str = STANDARD_FILE
    rules: str = field(default="")

    def __post_init__(self) -> None:
        self.rules = rules_file(self.file)


def rules_file(file: str) -> str:
    """The file of penalty rules that belongs to a file of queues."""
    return "queuerules_cxcall.conf" if file == STANDARD_FILE else f"queuerules_{file.removeprefix('queues_')}"


async def write(
    probe: Probe,
    goal: Target,
    before: Sequence[Section],
    *,
    generation: str,
    progress: Progress,
    standing: Sequence[QueueDefinition] = (),
) -> None:
    """Write `goal` over a file that holds `before`. Raises ProbeFailed, TooLong, NotTaken."""
    old_rules = await files.there(probe, progress.rules)
    change = Replacement(probe, progress.file, before, goal.queues)
    await _add_rules(probe, progress.rules, old_rules, goal.rules)
    await astdb.prepare(probe, generation, goal.keys)
    await change.prepare()
    if change.needed:
        anew = await _anew(probe, standing, goal.definitions)
        progress.switched = True
        await change.switch(reload=True, anew=anew)
        await _confirm(probe, goal, before, progress.file, change.touched)
    else:  # somebody else wrote it; whether they reloaded it is not known
        await probe.ask("QueueReload")
    await finish(probe, goal, generation=generation, progress=progress)


async def finish(probe: Probe, goal: Target, *, generation: str, progress: Progress) -> None:
    """What comes after the switch; doing it again changes nothing. Raises ProbeFailed."""
    if await astdb.prepare(probe, generation, goal.keys):
        await astdb.switch(probe, generation)
    await put_rules(probe, progress.rules, await files.there(probe, progress.rules), goal.rules)


async def put_rules(probe: Probe, name: str, there: Sequence[Section], wanted: Sequence[Section]) -> bool:
    """Have the file of rules as wanted; whether it was not. Asterisk reads it anew, unless rules only go that nobody
    names any more. Raises ProbeFailed, TooLong."""
    if same(there, wanted):
        return False
    before = {section.name: section.lines for section in there}
    more = any(before.get(section.name) != section.lines for section in wanted)
    await _replace(probe, name, there, wanted, reload=more)
    return True


async def _add_rules(probe: Probe, name: str, there: Sequence[Section], wanted: Sequence[Section]) -> None:
    known = {section.name for section in there}
    both = (*there, *(section for section in wanted if section.name not in known))
    if len(both) > len(there):
        await _replace(probe, name, there, both, reload=False)


async def _replace(
    probe: Probe, name: str, there: Sequence[Section], wanted: Sequence[Section], *, reload: bool
) -> None:
    change = Replacement(probe, name, there, wanted)
    await change.prepare()
    if change.needed:
        await change.switch(reload=reload)


async def _confirm(probe: Probe, goal: Target, before: Sequence[Section], file: str, touched: Sequence[str]) -> None:
    """Read back what changed in the file, and which queues there are. Undoes what is not as planned; raises NotTaken.

    Of a few sections only they are read: all of a file of two hundred queues takes longer than writing it.
    """
    few = len(touched) <= _FEW
    there = await (files.these(probe, file, touched) if few else files.there(probe, file))
    if not same(there, (one for one in goal.queues if not few or one.name in touched)):
        await _replace(probe, file, await files.there(probe, file), before, reload=True)
        raise NotTaken(f"{file} did not read back as it was written. It is as before.")
    missing = {section.name for section in goal.queues} - set(await live_queues(probe))
    if missing:
        await _replace(probe, file, await files.there(probe, file), before, reload=True)
        raise NotTaken(
            f"Asterisk does not read {file}: {', '.join(sorted(missing)[:3])} did not appear. Add `#include {file}` at"
            " the end of queues.conf (FreePBX, Issabel: queues_custom.conf). The file is as before."
        )


async def live_queues(probe: Probe) -> dict[str, int]:
    """Queues Asterisk has now, and how many callers wait in each. Raises ProbeFailed."""
    reply = await probe.ask("QueueSummary")
    found = {}
    for item in reply.items:
        if text(item, "Event") == "QueueSummary":
            callers = text(item, "Callers")
            found[text(item, "Queue")] = int(callers) if callers.isdecimal() else 0
    return found


async def _anew(probe: Probe, standing: Sequence[QueueDefinition], goal: Sequence[QueueDefinition]) -> list[str]:
    """Queues whose members Asterisk would go on keeping in the old order: made anew while nobody waits in them."""
    before = {one.name: one.strategy for one in standing if one.enabled}
    wanted = [one for one in goal if one.enabled and one.name in before]
    changed = [one.name for one in wanted if made_anew(before[one.name], one.strategy)]
    if not changed:
        return []
    waiting = await live_queues(probe)
    return [name for name in changed if not waiting.get(name)]


__all__ = [
    "STANDARD_FILE",
    "NotTaken",
    "ProbeFailed",
    "Progress",
    "finish",
    "live_queues",
    "put_rules",
    "rules_file",
    "write",
]
