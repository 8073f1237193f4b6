"""What pages of scorecards and of plans share: numbers as people type them, and what is said to the second of two
people who change the same thing."""

from __future__ import annotations

import math
from datetime import datetime

from markupsafe import Markup, escape

from cxcall.web import filters
from cxcall.web.digits import typed
from cxcall.web.pages.forms import Form, field
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

SAVED = N_(
    "%(who)s saved this while you were at it (%(when)s). What you typed is here and not saved: saving it puts it in "
    "place of theirs."
)
UNDONE = N_("Nothing was done: %(who)s changed “%(name)s” meanwhile (%(when)s). Below is how it stands now.")
GONE = N_("Nothing was done: somebody deleted it meanwhile.")


def saved_by(who: str, when: datetime) -> Markup:
    """Why what was typed is not saved."""
    return _said(SAVED, who=who, when=filters.when(when))


def undone_by(name: str, who: str, when: datetime) -> Markup:
    """Why nothing was done to what somebody else changed meanwhile."""
    return _said(UNDONE, name=name, who=who, when=filters.when(when))


def _said(sentence: str, **values: object) -> Markup:
    apart = {name: value if isinstance(value, Markup) else Markup("<bdi>{}</bdi>").format(value)
             for name, value in values.items()}  # fmt: skip
    return escape(_(sentence)) % apart


def version_sent(form: Form) -> int:
    """The version a form was made from; 0, which nothing has, when there is none."""
    version = typed(field(form, "version"))
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def number(text: str) -> float | None:
    """A number as people type it, `0.5`, `۰٫۵` or `0,5`; None for anything else."""
    try:
        found = float(typed(text).replace("٫", ".").replace(",", ".").removesuffix("%").removesuffix("٪"))
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) < 1e6 else None


def plain(value: float) -> str:
    """A number as a field has it."""
    return f"{value:g}" if abs(value) < 1e6 else str(value)
