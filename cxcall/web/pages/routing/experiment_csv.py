"""An experiment's figures as CSV that spreadsheets open right: numbers bare, in Latin digits."""

from __future__ import annotations

import csv
import io

from cxcall.cells import BOM, harmless
from cxcall.routing.phrases import MEASURES
from cxcall.routing.rule import Trial
from cxcall.web.pages.routing.outcomes import SECONDS, Results
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

HEADER = (
    N_("Experiment"), N_("Figure"), N_("Unit"), N_("With the rule"), N_("from"), N_("to"), N_("Calls"), N_("Customers"),
    N_("Without"), N_("from"), N_("to"), N_("Calls"), N_("Customers"), N_("Difference"), N_("from"), N_("to"),
    N_("What it shows"),
)  # fmt: skip


def text_of(trial: Trial, results: Results) -> str:
    """A line for each measure, the experiment's own first."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_(word) for word in HEADER])
    for one in (results.chosen, *results.others):
        found = one.found
        unit = _("seconds") if one.measure in SECONDS else _("points") if one.measure == "nps" else _("per cent")
        cells = [trial.name, _(MEASURES[one.measure]), unit]
        for arm in (found.treated, found.control):
            cells += [_figure(arm.value), _figure(arm.low), _figure(arm.high), str(arm.n), str(arm.customers)]
        cells += [_figure(found.difference), _figure(found.low), _figure(found.high), _(one.label[0])]
        writer.writerow([harmless(cell) if n in (0, 1, 2) else cell for n, cell in enumerate(cells)])
    return BOM + out.getvalue()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
