"""Columns of a table of queues: which field each is, how its cell is written and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from cxcall.letters import ascii_digits
from cxcall.queues.csv_table import WrongCell, figure, listed, number, yes_or_no
from cxcall.queues.definition import (
    AutoPause,
    Destination,
    PenaltyStep,
    PlaceTold,
    Presence,
    Strategy,
    Told,
)
from cxcall.queues.settings import SETTINGS
from cxcall.queues.value_checks import RANGES

_KINDS = ("queue", "number", "prompt", "voicemail", "hangup")
_STEP = re.compile(r"([0-9]{1,6}) ?s?(?: from ([0-9]{1,4}))?(?: up to ([0-9]{1,4}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its field (as in `settings.value_of`), the cell of a value and the value of a cell (`WrongCell`)."""

    field: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _whole(field: str) -> Column:
    low, high = RANGES[field]

    def read(cell: str) -> int:
        value = number(cell)
        if not low <= value <= high:
            raise WrongCell("out_of_range", low=low, high=high)
        return value

    return Column(field=field, write=str, read=read)


def _figure(field: str) -> Column:
    def write(value: float | None) -> str:
        return "" if value is None else format(value, "g")

    return Column(field=field, write=write, read=figure)


def _yes_no(field: str) -> Column:
    return Column(field=field, write=lambda value: "yes" if value else "no", read=yes_or_no)


def _text(field: str) -> Column:
    return Column(field=field, write=str, read=str)


def _word(field: str, words: tuple[str, ...]) -> Column:
    def read(cell: str) -> str:
        if cell.lower() not in words:
            raise WrongCell("not_one_of", value=cell, words=", ".join(words))
        return cell.lower()

    return Column(field=field, write=str, read=read)


def _list(field: str, words: tuple[str, ...] = ()) -> Column:
    """Several values with ; between them, of `words` if there are any."""

    def read(cell: str) -> tuple[str, ...]:
        values = listed(cell.lower() if words else cell)
        for value in values:
            if words and value not in words:
                raise WrongCell("not_one_of", value=value, words=", ".join(words))
        return values

    return Column(field=field, write=lambda values: "; ".join(values or ()), read=read)


def _numbers(cell: str) -> tuple[str, ...]:
    return tuple(re.sub(r"[\s()-]", "", part) for part in listed(ascii_digits(cell)))


def _destination(field: str) -> Column:
    def read(cell: str) -> Destination:
        word, _, value = cell.partition(" ")
        kind = word.lower()
        if kind not in _KINDS or (bool(value) != (kind != "hangup") and kind != "voicemail"):
            raise WrongCell("destination_form", value=cell)
        return Destination(kind=kind, value=value)  # type: ignore[arg-type]  # it is one of the kinds

    return Column(field=field, write=lambda way: f"{way.kind} {way.value}".strip(), read=read)


def _steps_written(rule: tuple[PenaltyStep, ...]) -> str:
    def one(step: PenaltyStep) -> str:
        least = "" if step.least is None else f" from {step.least}"
        most = "" if step.most is None else f" up to {step.most}"
        return f"{step.after} s{least}{most}"

    return "; ".join(map(one, rule))


def _steps_read(cell: str) -> tuple[PenaltyStep, ...]:
    steps: list[PenaltyStep] = []
    for part in listed(ascii_digits(cell)):
        found = _STEP.fullmatch(part)
        if not found:
            raise WrongCell("step_form", value=part)
        after, least, most = (None if text is None else int(text) for text in found.groups())
        steps.append(PenaltyStep(after=after or 0, least=least, most=most))
    return tuple(steps)


COLUMNS: Mapping[str, Column] = {
    "numbers": Column(field="numbers", write="; ".join, read=_numbers),
    "enabled": _yes_no("enabled"),
    "colour": _word("colour", ("d1", "d2", "d3", "d4", "d5")),
    "strategy": _word("strategy", get_args(Strategy)),
    "ring": _whole("ring"),
    "retry": _whole("retry"),
    "wrap_up": _whole("wrap_up"),
    "weight": _whole("weight"),
    "most_callers": _whole("most_callers"),
    "join_empty": _list("join_empty", get_args(Presence)),
    "leave_empty": _list("leave_empty", get_args(Presence)),
    "music": _text("music"),
    "autofill": _yes_no("autofill"),
    "ring_busy": _yes_no("ring_busy"),
    "member_delay": _whole("member_delay"),
    "restart_ring": _yes_no("restart_ring"),
    "auto_pause": _word("auto_pause", get_args(AutoPause)),
    "auto_pause_after": _whole("auto_pause_after"),
    "auto_pause_busy": _yes_no("auto_pause_busy"),
    "auto_pause_unavailable": _yes_no("auto_pause_unavailable"),
    "steps": Column(field="rule", write=_steps_written, read=_steps_read),
    "place": _word("announcements.place", get_args(PlaceTold)),
    "place_limit": _whole("announcements.place_limit"),
    "wait": _word("announcements.wait", get_args(Told)),
    "round_seconds": Column(field="announcements.round_seconds", write=str, read=number),
    "told_every": _whole("announcements.every"),
    "least_every": _whole("announcements.least_every"),
    "first_at": _yes_no("announcements.first_at"),
    "periodic": _list("announcements.periodic"),
    "periodic_every": _whole("announcements.periodic_every"),
    "to_agent": _text("announcements.to_agent"),
    "wait_to_agent": _yes_no("announcements.wait_to_agent"),
    "longest_wait": _whole("longest_wait"),
    "then": _destination("then"),
    "when_closed": _destination("when_closed"),
    "exit_context": _text("exit_context"),
    "answer_within": _whole("targets.answer_within"),
    "answer_share": _figure("targets.answer_share"),
    "abandon_share": _figure("targets.abandon_share"),
    "short_abandon": _whole("targets.short_abandon"),
    "target_longest_wait": _whole("targets.longest_wait"),
    "target_most_waiting": _whole("targets.most_waiting"),
    "target_csat": _figure("targets.csat"),
}
"""Columns by name, in the order they are written; name, titles and hours come before them."""

ALSO: Mapping[str, str] = {
    setting.var.replace("-", "_"): column
    for setting in SETTINGS
    for column, each in COLUMNS.items()
    if each.field == setting.field and setting.var.replace("-", "_") not in COLUMNS
}
"""Asterisk's names for columns, which are understood as well."""
