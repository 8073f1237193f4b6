"""What the board's pages read: the snapshot, names of pause reasons, and the alert of a queue."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from cxcall.bus import NoAnswer
from cxcall.bus.board import SNAPSHOT
from cxcall.calls.board_shapes import BoardSnapshot, open_view
from cxcall.store import pause_reasons
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.pages.wallboard.words import in_language

DEADLINE_S = 5.0


async def board_of(request: web.Request, *, everything: bool) -> BoardSnapshot | None:
    """The floor now, without what tells who calls unless `everything`; None while nobody follows the floor."""
    try:
        board: BoardSnapshot = await request.app[COMMANDS].ask(SNAPSHOT, None, timeout=DEADLINE_S)
    except (NoAnswer, TimeoutError):
        return None
    return board if everything else msgspec.convert({**open_view(plain(board)), "calls": ()}, BoardSnapshot)


async def reasons_of(request: web.Request) -> dict[str, str]:
    """Names of the reasons to pause in the reader's language."""
    async with request.app[ENGINE].connect() as conn:
        return {reason.id: in_language(reason.name, reason.id) for reason in await pause_reasons.everything(conn)}


def plain(board: BoardSnapshot) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(board)
    return data


def script(data: Any) -> str:
    """`data` as JSON that is safe inside a script element."""
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")
