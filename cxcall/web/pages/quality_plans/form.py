"""The form of a plan: what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from cxcall.letters import tidy
from cxcall.store.quality.plans import Drawn, Needs
from cxcall.web.digits import typed
from cxcall.web.pages.agents.shared import LONGEST_NAME, NAME_MISSING
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.quality_kept import number, plain, version_sent
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

MOST_DRAWN = 1000
MOST_NAMES = 500
NO_CARD = N_("Choose a published scorecard.")
NO_COUNT = N_("Write a whole number from 0 to 1000.")
NOTHING = N_("With all four at 0 the plan draws no calls.")
NO_MINUTES = N_("Write minutes from 0 to 1440.")
NO_CSAT = N_("Write a number from 1 to 5.")
NO_SHARE = N_("Write per cent from 0 to 100.")
NO_CATEGORY = N_("This category is gone. Choose another one.")
COUNTS = ("random", "worst_mood", "longest", "low_csat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands in the form; `long_from` minutes, `double` per cent, as typed. `look`: sent to see what it would
    draw, not to be saved."""

    name: str = ""
    scorecard: str = ""
    queues: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    category: str = ""
    needs: str = "any"
    random: str = "2"
    worst_mood: str = "0"
    longest: str = "0"
    long_from: str = "10"
    low_csat: str = "0"
    csat_to: str = "2"
    double: str = "0"
    version: int = 0
    look: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field's text by its name, for the template."""
        return str(getattr(self, name))


def of_plan(drawn: Drawn, version: int) -> Given:
    """The form of a plan that is kept."""
    return Given(
        name=drawn.name, scorecard=drawn.scorecard_id, queues=drawn.queues, teams=drawn.teams, category=drawn.category,
        needs=drawn.needs, random=str(drawn.random), worst_mood=str(drawn.worst_mood), longest=str(drawn.longest),
        long_from=plain(drawn.long_from / 60), low_csat=str(drawn.low_csat), csat_to=plain(drawn.csat_to),
        double=plain(drawn.double * 100), version=version,
    )  # fmt: skip


def of_form(form: Form) -> Given:
    """What was sent."""

    def text(name: str, most: int = 12) -> str:
        return sent(form, name).strip()[:most]

    def several(name: str) -> tuple[str, ...]:
        some = dict.fromkeys(value[:200] for value in form.getall(name, []) if isinstance(value, str) and value)
        return tuple(some)[:MOST_NAMES]

    return Given(
        name=tidy(sent(form, "name"))[:LONGEST_NAME], scorecard=text("scorecard", 60), queues=several("queues"),
        teams=several("teams"), category=text("category", 60), needs=text("needs"), random=text("random"),
        worst_mood=text("worst_mood"), longest=text("longest"), long_from=text("long_from"), low_csat=text("low_csat"),
        csat_to=text("csat_to"), double=text("double"),
        version=version_sent(form), look=sent(form, "do") == "look",
    )  # fmt: skip


def read(given: Given, cards: Collection[str], categories: Collection[str]) -> tuple[Drawn | None, dict[str, str]]:
    """What the plan draws, or what is wrong by the name of the field. `cards`, `categories`: those to choose from."""
    errors: dict[str, str] = {}
    if not given.name:
        errors["name"] = _(NAME_MISSING)
    if given.scorecard not in cards:
        errors["scorecard"] = _(NO_CARD)
    if given.category and given.category not in categories:
        errors["category"] = _(NO_CATEGORY)
    counts = {name: _count(given.text(name)) for name in COUNTS}
    errors |= {name: _(NO_COUNT) for name, n in counts.items() if n is None}
    if not any(counts.values()) and not set(COUNTS) & set(errors):
        errors["random"] = _(NOTHING)
    minutes = _between(given, "long_from", 0, 1440, NO_MINUTES, errors)
    csat = _between(given, "csat_to", 1, 5, NO_CSAT, errors)
    share = _between(given, "double", 0, 100, NO_SHARE, errors)
    if errors:
        return None, errors
    needs: Needs = given.needs if given.needs in get_args(Needs) else "any"  # type: ignore[assignment]  # just looked
    drawn = Drawn(
        name=given.name, scorecard_id=given.scorecard, queues=given.queues, teams=given.teams, category=given.category,
        needs=needs, long_from=minutes * 60, csat_to=csat, double=share / 100,
        **{name: n or 0 for name, n in counts.items()},
    )  # fmt: skip
    return drawn, {}


def sketch(given: Given, categories: Collection[str]) -> Drawn | None:
    """What the plan would draw as far as it was typed: a name and a scorecard may be missing. None for what can't be
    read."""
    drawn, _errors = read(replace(given, name="-", scorecard="-"), {"-"}, categories)
    return drawn


def _count(text: str) -> int | None:
    digits = typed(text) or "0"
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) <= MOST_DRAWN else None


def _between(given: Given, name: str, least: float, most: float, said: str, errors: dict[str, str]) -> float:
    found = number(given.text(name))
    if found is None or not least <= found <= most:
        errors[name] = _(said)
        return least
    return found
