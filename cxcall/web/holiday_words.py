"""What public holidays are called in the reader's language; what a site wrote itself stays as it is."""

from __future__ import annotations

from cxcall.web.words import N_
from cxcall.web.words import gettext as _

KNOWN: frozenset[str] = frozenset((
    N_("Nowruz"), N_("Islamic Republic Day"), N_("Nature Day"), N_("Demise of Ayatollah Khomeini"),
    N_("Uprising of 15 Khordad"), N_("Victory of the Revolution"), N_("Nationalisation of the oil industry"),
))  # fmt: skip
"""Titles of `cxcall.reports.holidays`."""


def holiday_text(title: str) -> str:
    """A holiday's title as people read it; one without is just a holiday."""
    if not title:
        return _("Holiday")
    return _(title) if title in KNOWN else title
