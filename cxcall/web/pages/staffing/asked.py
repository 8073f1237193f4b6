"""What a page of staffing is asked for: read from its address, written back into its links."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from multidict import MultiMapping

from cxcall.queues.definition import Targets
from cxcall.staffing.erlang import Goal
from cxcall.staffing.plan import Wish
from cxcall.staffing.roster import read_day
from cxcall.web.digits import typed

PATIENCE = 120.0
"""Seconds where too few callers gave up to know better."""
LIMITS: Mapping[str, tuple[float, float]] = {
    "within": (0, 3600), "share": (1, 99.9), "occupancy": (10, 100), "abandoned": (0.1, 100), "shrinkage": (0, 90),
    "patience": (1, 36_000), "volume": (-100, 1000), "handle": (-90, 1000), "agents": (0, 5000),
}  # fmt: skip
"""Smallest and largest that is taken, in the units of the page: seconds and per cent."""
NUMBERS = tuple(LIMITS)
View = Literal["day", "week"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`numbers`: what was given of NUMBERS; `problems`: field → what could not be read."""

    queues: tuple[str, ...] = ()
    day: date | None = None
    view: View = "day"
    numbers: Mapping[str, float] = field(default_factory=dict)
    problems: Sequence[tuple[str, str]] = ()

    def address(self, path: str, **changes: str) -> str:
        """`path` with the question as its query, something changed; "" takes out."""
        pairs = [("queue", name) for name in self.queues]
        values = {
            "day": self.day.isoformat() if self.day else "", "view": "week" if self.view == "week" else "",
            **{name: f"{value:g}" for name, value in self.numbers.items()}, **changes,
        }  # fmt: skip
        if "queue" in changes:
            pairs = []
        query = urlencode(pairs + [(name, value) for name, value in values.items() if value])
        return f"{path}?{query}" if query else path


def read(query: MultiMapping[str]) -> Asked:
    """The question of an address; what can't be read is left out and named."""
    problems: list[tuple[str, str]] = []
    numbers = {}
    for name in NUMBERS:
        text = typed(query.get(name, ""))[:20].replace("٫", ".").replace("−", "-").rstrip("%٪ ")
        if not text:
            continue
        value = _number(text)
        least, most = LIMITS[name]
        if value is None or not least <= value <= most:
            problems.append((name, text))
        else:
            numbers[name] = value
    written = typed(query.get("day", ""))[:20]
    day = read_day(written) if written else None
    if written and day is None:
        problems.append(("day", written))
    queues = tuple(dict.fromkeys(name[:200] for name in query.getall("queue", []) if name))
    view: View = "week" if query.get("view") == "week" else "day"
    return Asked(queues=queues[:50], day=day, view=view, numbers=numbers, problems=problems)


def wish(asked: Asked, targets: Targets, patience: float | None) -> Wish:
    """What to plan for: what was given, else the targets of the queues and how patient their callers are."""
    given = asked.numbers
    goal = Goal(
        within=given.get("within", float(targets.answer_within)),
        answered=min(given.get("share", targets.answer_share), 99.9) / 100,
        occupancy=given.get("occupancy", 90.0) / 100,
        abandoned=max(given.get("abandoned", targets.abandon_share), 0.1) / 100,
    )
    agents = given.get("agents")
    return Wish(
        goal=goal,
        shrinkage=given.get("shrinkage", 0.0) / 100,
        patience=given.get("patience", round(patience) if patience else PATIENCE) or PATIENCE,
        volume=1.0 + given.get("volume", 0.0) / 100,
        handle=1.0 + given.get("handle", 0.0) / 100,
        agents=None if agents is None else int(agents),
    )


def week_of(day: date, *, jalali: bool) -> list[date]:
    """The seven days of its week, which begins on Saturday in the Jalali calendar."""
    first = day - timedelta(days=(day.weekday() + 2) % 7 if jalali else day.weekday())
    return [first + timedelta(days=n) for n in range(7)]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
