"""How files of reports call their parts: by names in the reader's language, or by the ids of measures and rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cxcall.reports.answer import Key, Note
from cxcall.reports.definition import Definition, Narrowing, Row, Short
from cxcall.reports.period import Span
from cxcall.reports.table import unit_of
from cxcall.web import report_words
from cxcall.web.dates import jalali_text
from cxcall.web.report_keys import key_text
from cxcall.web.words import gettext as _

_NAMED_BY_LANGUAGE: frozenset[Row] = frozenset(("category", "menu"))
"""Rows that people named in several languages: programs get what is the same in all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWords:
    """`ids`: headings are ids and values as addresses have them, the same in all languages: for programs."""

    ids: bool = False

    def row(self, row: Row) -> str:
        return row if self.ids else report_words.row_name(row)

    def row_jalali(self, row: Row) -> str:
        if self.ids:
            return f"{row}.jalali"
        return _("%(row)s (Jalali)") % {"row": report_words.row_name(row)}

    def measure(self, measure: str) -> str:
        return measure if self.ids else report_words.name(measure)

    def made_of(self, measure: str) -> str:
        return f"{measure}.n" if self.ids else _("%(measure)s: of how many") % {"measure": self.measure(measure)}

    def before(self, measure: str) -> str:
        return f"{measure}.before" if self.ids else _("%(measure)s: before") % {"measure": self.measure(measure)}

    def before_made_of(self, measure: str) -> str:
        if self.ids:
            return f"{measure}.before_n"
        return _("%(measure)s: before, of how many") % {"measure": self.measure(measure)}

    def sentence(self, measure: str, short: Short) -> str:
        """With the unit the column has in a file without formats."""
        unit = unit_of(measure)
        text = report_words.sentence(measure, short)
        return text if unit == "count" else f"{text} ({report_words.unit_name(unit)})"

    def key(self, key: Key) -> str:
        if self.ids:
            return key.value if key.row in _NAMED_BY_LANGUAGE else key.title or key.value
        if key.row == "queue":
            return key.title or key.value or _("Not through a queue")  # files have names, not titles
        return key_text(key)

    def jalali(self, day: date) -> str:
        return jalali_text(day)

    def total(self) -> str:
        return "total" if self.ids else _("Total")

    def server(self) -> str:
        return "on_server" if self.ids else report_words.row_name("server")

    def note(self, note: Note) -> str:
        return report_words.note_text(note)

    def about(self, definition: Definition, span: Span, before: Span | None) -> list[tuple[str, str]]:
        """The period in both calendars, what it is compared with, what it is narrowed to."""
        found = [(_("Days"), f"{span.first} – {span.last}"), (_("Days (Jalali)"), _jalali(span))]
        if before is not None:
            found.append((_("Compared with"), f"{before.first} – {before.last} ({_jalali(before)})"))
        if definition.other_queue:
            found.append((_("Compared with"), definition.other_queue))
        found += _narrowed(definition.narrowing)
        if definition.short == "in":
            found.append((_("Short abandons"), _("They count.")))
        return found


def _jalali(span: Span) -> str:
    return f"{jalali_text(span.first)} – {jalali_text(span.last)}"


def _narrowed(only: Narrowing) -> list[tuple[str, str]]:
    parts: list[tuple[Row, tuple[str, ...]]] = [
        ("server", only.servers),
        ("queue", only.queues),
        ("agent", only.agents),
        ("did", only.dids),
        ("direction", only.directions),
        ("weekday", tuple(map(str, only.weekdays))),
        ("hour_of_day", tuple(map(str, only.hours))),
    ]
    return [
        (report_words.row_name(row), ", ".join(key_text(Key(row=row, value=one)) for one in values))
        for row, values in parts
        if values
    ]
