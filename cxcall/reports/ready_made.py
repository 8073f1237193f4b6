"""The reports everybody has, by the names they have in addresses, API and on the command line."""

from __future__ import annotations

from typing import Literal

from cxcall.reports.definition import Definition, Narrowing

Kind = Literal["table", "heat", "waits", "calls", "customers", "map", "staffing"]
"""How a report is shown: as a table of its rows; hours by weekdays; how waits are spread; a list of calls or of
customers behind its total; from where to where; what its figures need in agents."""

READY_MADE: dict[str, Definition] = {
    "queues": Definition(
        measures=("offered", "answered", "abandoned", "abandon_rate", "sl_offered", "asa", "wait_max"),
    ),
    "queues-by-hour": Definition(
        by=("hour_of_day",),
        measures=("offered", "answered", "abandoned", "abandon_rate", "sl_offered", "asa", "wait_max"),
    ),
    "service-level": Definition(
        measures=("offered", "answered", "sl_answered", "sl_offered", "sl_strict", "sl_fair"),
    ),
    "waits": Definition(measures=("offered", "asa", "wait_p50", "wait_p90", "wait_max", "abandon_wait")),
    "heat": Definition(by=("weekday", "hour_of_day"), measures=("offered", "abandon_rate", "sl_offered", "asa")),
    "abandoned": Definition(by=("queue",), measures=("abandoned", "short_abandoned", "abandon_rate", "abandon_wait")),
    "recalls": Definition(by=("queue",), measures=("offered", "abandoned", "short_abandoned", "abandon_rate")),
    "agents": Definition(
        by=("agent",),
        measures=("handled", "talk", "hold", "acw", "aht", "ring_no_answer", "transfer_rate"),
    ),
    "agent-time": Definition(
        by=("agent",),
        measures=("login", "ready", "ringing", "on_call", "wrap_up", "paused", "occupancy", "utilisation"),
    ),
    "traffic": Definition(
        by=("did",),
        measures=("calls", "calls_answered", "answer_rate", "calls_talk", "calls_wait"),
        narrowing=Narrowing(directions=("inbound",)),
    ),
    "menu": Definition(
        by=("menu",),
        measures=("calls", "calls_answered", "answer_rate", "calls_talk", "calls_wait"),
        narrowing=Narrowing(directions=("inbound",)),
    ),
    "transfers": Definition(by=("transfer_kind",), measures=("transfers",)),
    "surveys": Definition(
        by=("survey",),
        measures=(
            "survey_offered",
            "survey_started",
            "survey_finished",
            "response_rate",
            "csat",
            "csat_mean",
            "nps",
            "ces",
        ),
    ),
    "sentiment": Definition(
        by=("queue",), measures=("talks", "sentiment", "mood_trend", "talk_share", "silence", "interruptions", "pace")
    ),
    "categories": Definition(by=("category",), measures=("talks", "sentiment", "mood_trend", "talk_share", "silence")),
    "segments": Definition(by=("segment",), measures=("customers", "repeat", "repeat_rate")),
    "rfm": Definition(by=("rfm",), measures=("rfm",)),
    "repeat": Definition(by=("queue",), measures=("customers", "repeat", "repeat_rate")),
    "fcr": Definition(by=("queue",), measures=("fcr",)),
    "staffing": Definition(by=("interval",), measures=("offered", "aht", "abandon_rate", "sl_offered")),
}
"""In the order they are listed."""

KINDS: dict[str, Kind] = {
    "abandoned": "calls",
    "recalls": "calls",
    "repeat": "customers",
    "heat": "heat",
    "waits": "waits",
    "transfers": "map",
    "staffing": "staffing",
}
"""Those that are more than a table of their rows."""


def kind_of(name: str) -> Kind:
    """How a ready-made report is shown."""
    return KINDS.get(name, "table")
