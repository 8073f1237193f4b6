"""What changed between two pictures of the floor, as plain data: what the live channel carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cxcall.calls.board_shapes import BoardSnapshot

_WHOLE = ("day", "day_began", "complete", "servers", "calls")
_BY_KEY = ("queues", "agents")


def patch(before: BoardSnapshot, after: BoardSnapshot) -> dict[str, Any] | None:
    """What a reader of `before` has to put in place to have `after`; None when nothing changed but the time.

    Figures, queues and agents come one by one and whole, None for one that is gone; the rest as it is now.
    """
    changed: dict[str, Any] = {name: getattr(after, name) for name in _WHOLE if _differ(before, after, name)}
    for name in _BY_KEY:
        old: Mapping[str, Any] = getattr(before, name)
        new: Mapping[str, Any] = getattr(after, name)
        entries = {key: value for key, value in new.items() if old.get(key) is not value and old.get(key) != value}
        entries.update(dict.fromkeys(old.keys() - new.keys()))
        if entries:
            changed[name] = entries
    figures = {
        name: getattr(after.figures, name)
        for name in after.figures.__struct_fields__
        if getattr(after.figures, name) != getattr(before.figures, name)
    }
    if figures:
        changed["figures"] = figures
    if not changed:
        return None
    plain: dict[str, Any] = msgspec.to_builtins({"at": after.at, **changed})
    return plain


def _differ(before: BoardSnapshot, after: BoardSnapshot, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))
