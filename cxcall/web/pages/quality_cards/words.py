"""What can be wrong with a scorecard, as its form says it: there silence is typed in per cent."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.quality.scorecard import Misfit
from cxcall.web.words import N_

WRONG: Mapping[Misfit, str] = {
    "no_items": N_("A scorecard needs at least one item."),
    "empty_section": N_("This section has no items."),
    "weight": N_("A weight must be a number above 0 and up to 1000."),
    "title": N_("This needs a title in at least one language."),
    "same_id": N_("Another section or item has the same id."),
    "no_id": N_("This needs an id."),
    "highest": N_("A scale goes from 1 to a number between 2 and 10."),
    "critical_scale": N_("Only a yes/no item can be critical."),
    "rule_scale": N_("Only a yes/no item can be filled in from what was said."),
    "rule_phrase": N_("Choose what must have been said."),
    "rule_limit": N_("Silence is from 0 to 100 per cent, interruptions are a number from 0 on."),
}
