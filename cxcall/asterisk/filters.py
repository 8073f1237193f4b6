"""The event filter of our session: Asterisk then sends about 30 events of a queue call instead of 143.

Set at login by `Action: Filter`, so manager.conf needs no change. An include list: once it has an entry, Asterisk
sends this session nothing else (answers and lists excepted), so it is all or nothing. The syntax with
MatchCriteria is that of Asterisk 18.26, 20.11, 21.6 and 22; older ones, or a user without the right, refuse the
first entry and keep sending everything, which the protocol then drops by name.
Source: Asterisk's manager_event_filter documentation and our measurements (docs/decisions/0031).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import Headers, Wanted

Outcome = Literal["set", "refused", "half"]
CONDITIONAL = frozenset({"VarSet", "Newexten"})
Do = Callable[[str, Mapping[str, Any]], Awaitable[Headers]]


def entries(wanted: Wanted) -> list[dict[str, str]]:
    """The fields of one Filter action for each event name, with what `wanted` asks of VarSet and Newexten."""
    names = set(wanted.names())
    found = [_entry(f"name({name})") for name in sorted(names - CONDITIONAL) if not name.startswith("Cxcall")]
    if "VarSet" in names:
        found += [_entry("name(VarSet),header(Variable),method(exact)", name) for name in wanted.variables]
    if "Newexten" in names:
        found += [
            _entry("name(Newexten),header(Application),method(regex)", text) for text in _any_of(wanted.applications)
        ]
    return found


async def install(action: Do, wanted: Wanted) -> Outcome:
    """Set the filter of this session; `half` means some entries are in, and only a new session can undo that."""
    first, *others = entries(wanted)
    try:
        await action("Filter", first)
    except AmiError:
        return "refused"
    results = await asyncio.gather(*(action("Filter", entry) for entry in others), return_exceptions=True)
    return "half" if any(isinstance(result, BaseException) for result in results) else "set"


def _entry(criteria: str, text: str = "") -> dict[str, str]:
    return {"Operation": "Add", "MatchCriteria": f"action(include),{criteria}", **({"Filter": text} if text else {})}


def _any_of(names: list[str], longest: int = 800) -> list[str]:
    """Patterns that match any of the names in any case, each short enough for one line of the interface (1024)."""
    patterns: list[str] = []
    parts: list[str] = []
    for name in names:
        part = "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in name)
        if parts and len("|".join([*parts, part])) > longest:
            patterns.append(f"^({'|'.join(parts)})$")
            parts = []
        parts.append(part)
    return [*patterns, f"^({'|'.join(parts)})$"] if parts else patterns
