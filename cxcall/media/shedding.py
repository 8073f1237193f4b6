"""What is given up when decoding falls behind, in which order, and when it comes back. Pure.

What counts is the wait a new utterance would have. First partial texts go (they are comfort); when that is not enough,
the newest calls are left for after their end, one by one, until the wait is short again: those who are already read
keep their text. A call that was left is not taken back, so no call flickers. Calls themselves are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass

from cxcall.bus.speech import Level

ORDER: tuple[Level, ...] = ("all", "finals", "later")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Waits in seconds. A level begins when the wait has been above its `above` for its patience, and ends when it has
    been below its `below` for `calm`; between two calls that are left lies the patience of `later`."""

    finals_above: float = 1.5
    finals_below: float = 0.5
    later_above: float = 6.0
    later_below: float = 2.0
    finals_patience: float = 1.0
    later_patience: float = 3.0
    calm: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shed:
    """The level, since when the wait has been too long or short enough for another one, and when a call was left."""

    level: Level = "all"
    over_since: float | None = None
    under_since: float | None = None
    left_at: float = float("-inf")


def wait(backlog: float, factor: float | None, workers: int) -> float:
    """Seconds until sound that comes now is decoded: `backlog` seconds before it, at `factor` seconds of work each."""
    return backlog * (factor if factor is not None else 0.5) / max(1, workers)


def step(shed: Shed, waits: float, now: float, plan: Plan = Plan()) -> tuple[Shed, bool]:
    """The state after looking once more, and whether one more call is to be left for after its end."""
    place = ORDER.index(shed.level)
    above = {"all": plan.finals_above, "finals": plan.later_above, "later": plan.later_above}[shed.level]
    below = {"all": 0.0, "finals": plan.finals_below, "later": plan.later_below}[shed.level]
    over = (shed.over_since if shed.over_since is not None else now) if waits > above else None
    under = (shed.under_since if shed.under_since is not None else now) if place > 0 and waits < below else None
    level, left_at, leave = shed.level, shed.left_at, False
    patience = plan.finals_patience if shed.level == "all" else plan.later_patience
    if over is not None and now - over >= patience:
        if level != "later":
            level, over = ORDER[place + 1], None
        if level == "later" and now - left_at >= plan.later_patience:
            leave, left_at = True, now
    elif under is not None and now - under >= plan.calm:
        level, under = ORDER[place - 1], None
    return Shed(level=level, over_since=over, under_since=under, left_at=left_at), leave
