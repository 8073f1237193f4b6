"""What the dialplan reads in Asterisk's own database: hours, where callers go, numbers, closures.

All that one version says here is under a generation of its own (`cxcall/7/…`), and the key `cxcall/generation` names
the one in force: changing it is one step, and half a generation is never seen. A version that says the same here as the
one before goes on with its generation. Closures are beside it, as they come and go
without a version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.probe import Probe, ProbeFailed
from cxcall.queues.definition import Destination, PenaltyStep, QueueDefinition
from cxcall.queues.hours import Calendar
from cxcall.queues.iftime import dialplan

FAMILY = "cxcall"
GENERATION = "generation"
DIGEST = "digest"
"""Key of a generation that tells whether another one would say the same."""
ALL_CLOSED = "closed-all"
_BEFORE = "generation-before"
_EVERYBODY = 2_147_483_646
"""A highest penalty nobody is above; one more means to Asterisk that there is none."""
_AT_ONCE = 50
"""Keys that are sent before their answers are waited for."""


def entries(
    definitions: Iterable[QueueDefinition], calendars: Mapping[str, Calendar], sounds: Mapping[str, str], today: date
) -> dict[str, str]:
    """Keys below the generation, and their values. A calendar that is not there any more closes nothing.

    The penalties a rule begins with are here too.
    """
    found: dict[str, str] = {}
    used = set()
    for one in definitions:
        if not one.enabled:
            continue
        place = f"q/{one.name}"
        found[f"{place}/wait"] = str(one.longest_wait)
        found[f"{place}/then"] = destination(one.then, sounds)
        if one.calendar in calendars:
            used.add(one.calendar)
            found[f"{place}/hours"] = one.calendar
        found[f"{place}/shut"] = destination(one.when_closed, sounds)
        if one.rule:
            found[f"{place}/penalty"] = penalties(one.rule)
        for number in one.numbers:
            found[f"number/{number}"] = one.name
    for calendar in sorted(used):
        rules = dialplan(calendars[calendar], today)
        found[f"h/{calendar}/n"] = str(len(rules))
        found |= {f"h/{calendar}/{n}": rule for n, rule in enumerate(rules, 1)}
    return found


def destination(where: Destination, sounds: Mapping[str, str]) -> str:
    """A destination as the dialplan reads it: `kind|value`."""
    value = sounds.get(where.value, where.value) if where.kind == "prompt" else where.value
    return f"{where.kind}|{value}"


def penalties(rule: Iterable[PenaltyStep]) -> str:
    """What a caller begins with, as the dialplan reads it: `most|least`, empty where no step says anything of it.

    Asterisk looks at rules only after its first ring, and changes only what the channel has already (measured on
    22.10): a limit that comes later begins as one that keeps nobody out.
    """
    steps = tuple(rule)
    most = next((step.most for step in steps if step.after == 0 and step.most is not None), _EVERYBODY)
    least = next((step.least for step in steps if step.after == 0 and step.least is not None), 0)
    limited = (any(step.most is not None for step in steps), any(step.least is not None for step in steps))
    return "|".join(str(value) if named else "" for value, named in zip((most, least), limited, strict=True))


def closed_key(queue: str) -> str:
    """The key that says a queue is closed now; "" all queues."""
    return f"closed/{queue}" if queue else ALL_CLOSED


async def in_force(probe: Probe) -> str:
    """The digest of what the dialplan reads now, "" before the first."""
    generation = await get(probe, GENERATION)
    return await get(probe, f"{generation}/{DIGEST}") if generation else ""


async def prepare(probe: Probe, generation: str, values: Mapping[str, str]) -> bool:
    """Write a generation nobody reads yet, unless the one in force says the same: whether it has to be switched to.

    Raises ProbeFailed.
    """
    if await in_force(probe) == values[DIGEST]:
        return False
    if await get(probe, f"{generation}/{DIGEST}") != values[DIGEST]:
        await put(probe, generation, values)
    return True


async def put(probe: Probe, generation: str, values: Mapping[str, str]) -> None:
    """Write a generation that nobody reads yet. Raises ProbeFailed."""
    await _delete_tree(probe, generation)
    puts = [("DBPut", {"Family": FAMILY, "Key": f"{generation}/{key}", "Val": value}) for key, value in values.items()]
    for at in range(0, len(puts), _AT_ONCE):
        for reply in await probe.ask_all(*puts[at : at + _AT_ONCE]):
            if not reply.done:
                raise ProbeFailed(f"Asterisk did not keep the hours and destinations of the queues: {reply.message}.")


async def switch(probe: Probe, generation: str) -> None:
    """Have the dialplan read `generation` from now on. Raises ProbeFailed.

    A call may be in the middle of reading the one before, so that goes with the next switch only.
    """
    before = await get(probe, GENERATION)
    if before == generation:
        return
    await put_one(probe, GENERATION, generation)
    older = await get(probe, _BEFORE)
    if before:
        await put_one(probe, _BEFORE, before)
    if older and older not in (generation, before):
        await _delete_tree(probe, older)


async def put_one(probe: Probe, key: str, value: str) -> None:
    """Write one key. Raises ProbeFailed."""
    reply = await probe.ask("DBPut", Family=FAMILY, Key=key, Val=value)
    if not reply.done:
        raise ProbeFailed(f"Asterisk did not keep {key}: {reply.message}.")


async def delete_one(probe: Probe, key: str) -> None:
    """Take one key away; one that is not there is no matter."""
    await probe.ask("DBDel", Family=FAMILY, Key=key)


async def get(probe: Probe, key: str) -> str:
    """A key's value, "" without one."""
    reply = await probe.ask("DBGet", Family=FAMILY, Key=key)
    return text(reply.items[0], "Val") if reply.items else ""


async def _delete_tree(probe: Probe, key: str) -> None:
    await probe.ask("DBDelTree", Family=FAMILY, Key=key)
