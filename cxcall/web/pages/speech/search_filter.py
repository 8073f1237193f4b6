"""What is looked for in all that was said: read from the address of the page, written back into its links.

The address holds the whole question: `q` (words, "phrases", begin*), `speaker`, `when` or `from` and `to` (days of
either calendar, both included), `queue`, `agent` (an interface, PJSIP/1001), `feeling`, `category` (an id).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from cxcall.speech.sentiment import CLEAR
from cxcall.store.speech_search import SearchFilter
from cxcall.web.digits import typed
from cxcall.web.pages import calls_filter
from cxcall.web.pages.calls_filter import LONGEST, Period, read_date

Who = Literal["customer", "agent"]
Feeling = Literal["negative", "neutral", "positive"]
NOBODY = "\u2400"
"""Stands for the phones of an agent who has none: no phone is called so."""
_RANGES: Mapping[Feeling, tuple[float | None, float | None]] = {
    "negative": (None, -CLEAR),
    "neutral": (-CLEAR + 1e-6, CLEAR - 1e-6),
    "positive": (CLEAR, None),
}
_ADDRESS = {"text": "q", "since": "from", "until": "to"}
_NAMES = ("text", "speaker", "when", "since", "until", "queue", "agent", "feeling", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question as given. `problems` names the values that could not be read: field → what was written."""

    text: str = ""
    speaker: Who | Literal[""] = ""
    when: Period = ""
    since: date | None = None
    until: date | None = None
    queue: str = ""
    agent: str = ""
    feeling: Feeling | Literal[""] = ""
    category: str = ""
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what narrows the result; a period counts as one."""
        names = [name for name in ("text", "speaker", "queue", "agent", "feeling", "category") if getattr(self, name)]
        if self.when or self.since or self.until:
            names.insert(1 if self.text else 0, "when")
        return tuple(names)

    def without(self, name: str) -> Asked:
        """The same question with one filter taken out."""
        if name == "when":
            return dataclasses.replace(self, when="", since=None, until=None)
        changes: dict[str, Any] = {name: ""}
        return dataclasses.replace(self, **changes)

    def address(self, path: str, **more: str | None) -> str:
        """`path` with the question (and `more`, such as `after`) as its query."""
        pairs = {_ADDRESS.get(name, name): _written(getattr(self, name)) for name in _NAMES}
        pairs |= {name: value or "" for name, value in more.items()}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{path}?{query}" if query else path


def read(query: Mapping[str, str]) -> Asked:
    """The question of an address; values that mean nothing are left out, unreadable days named in `problems`."""
    given = {name: typed(query.get(_ADDRESS.get(name, name), ""))[:LONGEST] for name in _NAMES}
    days = {name: read_date(given[name]) for name in ("since", "until")}
    when = given["when"] if given["when"] in get_args(Period) and not any(days.values()) else ""
    return Asked(
        text=given["text"],
        speaker=cast("Who", given["speaker"] if given["speaker"] in get_args(Who) else ""),
        when=cast("Period", when),
        since=days["since"],
        until=days["until"],
        queue=given["queue"],
        agent=given["agent"],
        feeling=cast("Feeling", given["feeling"] if given["feeling"] in get_args(Feeling) else ""),
        category=given["category"],
        problems=tuple((name, given[name]) for name, day in days.items() if given[name] and day is None),
    )


def wanted(
    asked: Asked, now: datetime, zone: ZoneInfo, *, jalali: bool, phones: tuple[str, ...] | None = None
) -> SearchFilter:
    """The question as the store takes it; with `phones` only talks these took part in."""
    of_days = calls_filter.Asked(when=asked.when, since=asked.since, until=asked.until)
    since, until = calls_filter.span(of_days, now, zone, jalali=jalali)
    low, high = _RANGES[asked.feeling] if asked.feeling else (None, None)
    return SearchFilter(
        text=asked.text,
        speaker=asked.speaker or None,
        since=since,
        until=until,
        queue=asked.queue or None,
        agents=held_to(asked.agent, phones),
        mood_min=low,
        mood_max=high,
        category_id=asked.category or None,
    )


def held_to(agent: str, phones: tuple[str, ...] | None) -> tuple[str, ...]:
    """The interfaces to look for: the agent asked for, or the asker's own `phones` (None: may see all)."""
    if phones is None:
        return (agent,) if agent else ()
    own = tuple(phone for phone in phones if not agent or phone.casefold() == agent.casefold())
    return own or (NOBODY,)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
