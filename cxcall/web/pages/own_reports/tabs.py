"""What a list shows of the views kept of it: the tabs above, and how the filters now can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.web.words import N_

SHARED: dict[str, str] = {
    "nobody": N_("nobody else"),
    "supervisors": N_("supervisors"),
    "overseers": N_("supervisors and administrators"),
    "everyone": N_("everyone, agents too"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A view: `address` of the list with its filters; `edit` is where its owner changes it, "" for others."""

    id: str
    name: str
    address: str
    current: bool
    first: bool
    edit: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabs:
    """`query`: the filters now. `can_save`: they are no view's yet. `choices`: whom it can be shared with. `all`: the
    list opens with a view, so that all of it has an address of its own."""

    tabs: Sequence[Tab] = ()
    query: str = ""
    can_save: bool = False
    choices: Sequence[tuple[str, str]] = ()
    all: str = "/calls"
    all_current: bool = True
