"""Which queues need somebody: the numbers of one queue against its targets."""

from __future__ import annotations

from cxcall.calls.board_shapes import Need, QueueTargets, Why

ENOUGH = 10
"""Visits of today below which shares say nothing: one caller of two who gave up is not half the day lost."""

NEAR = 0.5
"""Share of the longest wait allowed from which on it is worth watching."""


def need(
    *,
    targets: QueueTargets,
    waited: float,
    waiting: int,
    deserted: bool,
    level: float | None,
    decided: int,
    abandoned: float | None,
    offered: int,
) -> tuple[Need, tuple[Why, ...]]:
    """`act` when a caller waits too long, too many wait or nobody is there for them; `watch` when it comes near that or
    a share of today is missed.

    `waited`: seconds of the longest wait now; `deserted`: all its agents are offline, or it has none; `level` and
    `abandoned`: shares of today, of `decided` and `offered` visits.
    """
    acute: list[Why] = []
    if waited > targets.longest_wait:
        acute.append("longest")
    if waiting > targets.most_waiting:
        acute.append("waiting")
    if waiting and deserted:
        acute.append("nobody")
    if acute:
        return "act", tuple(acute)
    worth: list[Why] = []
    if waiting and waited > targets.longest_wait * NEAR:
        worth.append("longest")
    if level is not None and level < targets.answer_share and decided >= ENOUGH:
        worth.append("sl")
    if abandoned is not None and abandoned > targets.abandon_share and offered >= ENOUGH:
        worth.append("abandoned")
    return ("watch", tuple(worth)) if worth else ("ok", ())
