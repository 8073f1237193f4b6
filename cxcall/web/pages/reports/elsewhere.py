"""Figures whose rows are no calls of a queue: the lists of surveys, talks, contacts and transfers that hold as many.

A figure opens where its list can be narrowed as the figure is; a list that would hold more than was counted is worse
than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from cxcall.reports.answer import Key
from cxcall.reports.arranging import slots_of
from cxcall.reports.definition import Narrowing
from cxcall.reports.measures import Measure
from cxcall.web.pages.reports.asking import PATH, Asked
from cxcall.web.presentation import current

ANSWERS = {
    "csat": "csat:4-5", "csat_mean": "csat", "nps": "nps", "ces": "ces:6-7", "survey_offered": "asked",
    "survey_started": "begun", "survey_finished": "finished", "response_rate": "finished",
}  # fmt: skip
"""What the list of calls is narrowed to (`survey_filter`); of a share those above the line."""
TALKS = {
    **dict.fromkeys(
        ("talks", "talk_share", "silence", "silence_longest", "overlap", "interruptions", "pace"),
        ("marked", "measured"),
    ),
    "sentiment": ("feeling", "known"),
}
"""What the list of talks is narrowed to."""
REPEATERS = ("repeat", "repeat_rate")
_DAYS = ("day", "week", "month")
Pairs = dict[str, str]


def url(asked: Asked, measure: Measure, keys: Sequence[Key]) -> str:
    """The list behind a figure of a row, () of the total; "" where there is none that holds as many."""
    family = next(iter(measure.families), "") if len(measure.families) == 1 else ""
    find = _LISTS.get(family)
    if find is None or measure.behind:
        return ""
    return find(asked, measure, keys)


def _answers(asked: Asked, measure: Measure, keys: Sequence[Key]) -> str:
    which = ANSWERS.get(measure.id, "")
    pairs = _narrowed(asked, keys, {"queue": "queue", "agent": "agent", "survey": "of"}) if which else None
    return "" if pairs is None else f"/calls?{urlencode({**pairs, 'survey': which})}"


def _talks(asked: Asked, measure: Measure, keys: Sequence[Key]) -> str:
    which = TALKS.get(measure.id)
    pairs = _narrowed(asked, keys, {"queue": "queue", "category": "category"}) if which else None
    return "" if pairs is None or which is None else f"/speech/calls?{urlencode({**pairs, which[0]: which[1]})}"


def _contacts(asked: Asked, measure: Measure, keys: Sequence[Key]) -> str:
    path = "/repeat" if measure.id in REPEATERS else "/fcr/again" if measure.id == "fcr" else ""
    pairs = _narrowed(asked, keys, {"queue": "queue", "agent": "agent"}, whole=True) if path else None
    return "" if pairs is None else f"{PATH}{path}?{urlencode(pairs)}"


def _transfers(asked: Asked, measure: Measure, keys: Sequence[Key]) -> str:
    known = {"queue": "queue", "agent": "agent", "transfer_kind": "kind"}
    pairs = _narrowed(asked, keys, known)
    return "" if pairs is None else f"{PATH}/transfers/calls?{urlencode(pairs)}"


def _narrowed(asked: Asked, keys: Sequence[Key], known: dict[str, str], *, whole: bool = False) -> Pairs | None:
    """The days and what else a list is narrowed to; None where it can't be. `whole`: it knows all a report does."""
    span, shown = asked.question.span, current()
    first, last = span.first, span.last
    pairs: Pairs = {}
    for word, value in _given(asked.definition.narrowing, whole=whole):
        if value is None or (word not in known.values() and not whole):
            return None
        pairs[word] = value
    for key in keys:
        if key.row in _DAYS:
            times = slots_of((key.row,), span, shown.zone, shown.calendar)[key.row]
            slot = next((slot for slot in times if slot.value == key.value), None)
            if slot is None:
                return None
            first = slot.first
            last = (slot.until - timedelta(microseconds=1)).astimezone(shown.zone).date()
        elif key.row not in known or not key.value or pairs.get(known[key.row], key.value) != key.value:
            return None
        else:
            pairs[known[key.row]] = key.value
    return {**pairs, "from": str(first), "to": str(last)}


def _given(only: Narrowing, *, whole: bool) -> Iterator[tuple[str, str | None]]:
    """What a report is narrowed to, as words of an address; None: no list can be narrowed so."""
    several = {"queue": only.queues, "agent": only.agents, "server": only.servers, "did": only.dids,
               "direction": only.directions, "weekday": only.weekdays, "hour": only.hours}  # fmt: skip
    for word, values in several.items():
        if values:
            yield word, ",".join(map(str, values)) if whole or len(values) == 1 else None


_LISTS: dict[str, Callable[[Asked, Measure, Sequence[Key]], str]] = {
    "answers": _answers, "speech": _talks, "resolution": _contacts, "customers": _contacts, "transfers": _transfers,
}  # fmt: skip
