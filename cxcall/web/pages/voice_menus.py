"""The filters above pages about surveys: quick periods, queues, agents, surveys, the export; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from cxcall.web.pages.voice_filter import Asked, Quick
from cxcall.web.pages.voice_view import Choice, Menus
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PERIODS: tuple[tuple[Quick, str], ...] = (
    ("today", N_("Today")),
    ("week", N_("Last 7 days")),
    ("month", N_("This month")),
    ("last_month", N_("Last month")),
    ("quarter", N_("Last 90 days")),
)
_FIELDS = {"since": N_("From day"), "until": N_("To day")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to choose from: queues, agents (interface → name), surveys (id → name)."""

    queues: Sequence[str]
    agents: Mapping[str, str]
    surveys: Mapping[str, str]


def menus(asked: Asked, known: Known, path: str, *, exported: int = 0) -> Menus:
    """The filters of the page at `path`; each link keeps the other filters."""
    day = asked.but(since=None, until=None, when="")
    return Menus(
        asked=asked,
        period=periods(asked, path),
        queues=_choices(asked, path, "queue", _("All queues"), [(queue, titled(queue)) for queue in known.queues]),
        agents=_choices(asked, path, "agent", _("All agents"), known.agents.items()),
        surveys=_choices(asked, path, "survey", _("All surveys"), known.surveys.items()),
        since="" if asked.since is None else str(asked.since),
        until="" if asked.until is None else str(asked.until),
        example="1405/08/30" if current().calendar == "jalali" else "2026-11-21",
        hidden=parse_qsl(urlsplit(day.address(path)).query),
        exported=exported,
        csv_url=asked.address("/surveys/export", format="csv"),
        xlsx_url=asked.address("/surveys/export", format="xlsx"),
        problems=[(_FIELDS[name], value) for name, value in asked.problems],
    )


def periods(asked: Asked, path: str) -> list[Choice]:
    """The quick periods."""
    return [
        Choice(name=_(text), url=asked.but(when=key).address(path), current=asked.quick == key)
        for key, text in PERIODS
    ]  # fmt: skip


def _choices(asked: Asked, path: str, field: str, all_: str, known: Iterable[tuple[str, str]]) -> list[Choice]:
    chosen = getattr(asked, field)
    options = dict(known)
    if chosen and chosen not in options:
        options[chosen] = chosen
    pairs = [("", all_), *sorted(options.items(), key=lambda pair: pair[1].casefold())]
    return [
        Choice(name=name, url=asked.but(**{field: key}).address(path), current=chosen == key) for key, name in pairs
    ]
