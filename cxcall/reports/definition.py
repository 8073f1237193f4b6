"""What a report shows: its rows, its measures, what it is narrowed to. Ready-made and own reports are the same."""

from __future__ import annotations

from typing import Literal

import msgspec

Row = Literal[
    "interval", "hour", "day", "week", "month", "weekday", "hour_of_day",
    "server", "queue", "agent", "team",
    "did", "direction", "outcome", "menu", "transfer_kind", "segment", "rfm", "survey", "category",
]  # fmt: skip
"""What a row of a report stands for. The first seven are times (`period.Grouping`)."""

Short = Literal["out", "in"]
Compare = Literal["", "before", "year", "goal"]


class Narrowing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which calls count; what is empty does not matter. `agents`: names as the records have them."""

    servers: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    """0 is Monday."""
    hours: tuple[int, ...] = ()
    """Of the site's day, 0 to 23."""


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One report. `by`: one or two kinds of rows, none: the total alone. `measures`: ids of METRICS.md in the order
    shown. `short`: whether short abandons count in abandonment and service level. `other_queue`: a queue to compare
    with, "" none."""

    by: tuple[Row, ...] = ("queue",)
    measures: tuple[str, ...] = ("offered", "answered", "abandoned", "abandon_rate", "sl_offered", "asa")
    narrowing: Narrowing = Narrowing()
    short: Short = "out"
    compare: Compare = ""
    other_queue: str = ""
