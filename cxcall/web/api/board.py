"""`/board`: the floor as it is now, as the wallboard shows it."""

from __future__ import annotations

import msgspec

from cxcall.bus import NoAnswer
from cxcall.bus.board import SNAPSHOT
from cxcall.calls.board_shapes import BoardSnapshot, open_view
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.keys import COMMANDS
from cxcall.web.problems import Problem

DEADLINE = 10.0


async def get_board(asked: Asked[None, None]) -> BoardSnapshot:
    """Times are epoch seconds. Who does not oversee gets no `calls`, and agents without who calls them."""
    try:
        board: BoardSnapshot = await asked.request.app[COMMANDS].ask(SNAPSHOT, None, timeout=DEADLINE)
    except NoAnswer as error:
        raise Problem(
            503, "Nobody follows the floor here: no Asterisk is set up, or cxcall has just started."
        ) from error
    if asked.who.oversees:
        return board
    return msgspec.convert({**open_view(msgspec.to_builtins(board)), "calls": ()}, BoardSnapshot)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/board", handler=get_board, summary="The floor now", tag="floor",
        scope=Scope.QUEUES_READ, gives=BoardSnapshot, problems=(503,),
    ),
)  # fmt: skip
