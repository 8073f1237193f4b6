"""A report by what people call it: the name of a ready-made one, or the name or id of one that was saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.definition import Definition
from cxcall.reports.ready_made import READY_MADE
from cxcall.store import own_reports
from cxcall.store.own_reports import OwnReport
from cxcall.store.report_schedules import OWN
from cxcall.store.sharing import Reader
from cxcall.web.pages.own_reports import periods, typed
from cxcall.web.report_words import report_name

_DAYS = ("when", "from", "to")


class SeveralReports(Exception):
    """Several saved reports have this name; `ids` names each of them."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        super().__init__(f"There are {len(ids)} reports named {name}. Ask for one by its id: {', '.join(ids)}.")
        self.ids = tuple(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReport:
    """A report to be made. `title`: as people read it. `period`: what a saved one is kept with, "" for a ready-made
    one. `stem`: the beginning of its files' names."""

    name: str
    title: str
    definition: Definition
    period: str
    stem: str

    def said(self, words: Mapping[str, str]) -> dict[str, str]:
        """The words it is asked for with; where they name no days, those it is kept with."""
        if not self.period or any(words.get(name) for name in _DAYS):
            return dict(words)
        kept = periods.asked(self.period)
        days = {"when": kept.when} if kept.when else {"from": kept.since, "to": kept.until}
        return {**words, **days}


async def find_report(conn: AsyncConnection, word: str, reader: Reader | None) -> FoundReport | None:
    """The report of this name or id, of those a reader may see (None: of all there are). Raises `SeveralReports`.

    Ready-made ones come first, then the reader's own, then what others share with them; `own:` before an id is what
    schedules call a saved one.
    """
    if word in READY_MADE:
        return FoundReport(
            name=word, title=report_name(word), definition=READY_MADE[word], period="", stem=word
        )  # fmt: skip
    found = await own_reports.named(conn, word.removeprefix(OWN), reader)
    mine = [one for one in found if reader is not None and one.owner_id == reader.id]
    wanted = mine or found
    if len(wanted) > 1:
        raise SeveralReports(word, [one.id for one in wanted])
    return _own(wanted[0]) if wanted else None


def _own(kept: OwnReport) -> FoundReport:
    return FoundReport(
        name=kept.name, title=kept.name, definition=kept.definition, period=kept.period, stem=typed.stem(kept.name)
    )  # fmt: skip
