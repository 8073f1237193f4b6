"""What the templates of plans show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import categories, lists, teams
from cxcall.store.quality.expected import LOOKED, Expected
from cxcall.store.quality.plans import Plan
from cxcall.web.pages.quality.shared import in_language, published
from cxcall.web.pages.quality_plans.form import Given
from cxcall.web.pages.quality_plans.shared import PATH
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

NEEDS = {"any": N_("any call"), "recording": N_("with a recording"), "transcript": N_("with a transcript")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What plans name by id; `cards` those that can be chosen."""

    cards: Mapping[str, str]
    teams: Mapping[str, str]
    categories: Mapping[str, str]
    queues: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A plan as the list has it. `ready`: its scorecard is published and not retired."""

    plan: Plan
    card: str
    ready: bool
    teams: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """All plans; `cards`: whether there is a scorecard to score by. `message`: why what was asked for was not done."""

    lines: Sequence[Line]
    cards: bool
    message: Markup | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form; `plan` None for a new one. `expected`: what it would draw as it was typed, None where that can't be
    read."""

    plan: Plan | None
    given: Given
    names: Names
    expected: Expected | None
    message: Markup | str = ""

    @property
    def action(self) -> str:
        return f"{PATH}/{self.plan.id}" if self.plan else f"{PATH}/new"

    @property
    def errors(self) -> Mapping[str, str]:
        return self.given.errors

    @property
    def focus(self) -> str:
        return next(iter(self.errors), "" if self.plan else "name")

    @property
    def calls(self) -> int:
        """Drawn a week, at least one where any is."""
        return max(round(self.expected.calls), 1 if self.expected.calls else 0) if self.expected else 0

    @property
    def of(self) -> int:
        return max(round(self.expected.of), self.calls) if self.expected else 0

    @property
    def looked(self) -> int:
        return LOOKED

    @property
    def needs(self) -> list[tuple[str, str]]:
        return [(key, _(word)) for key, word in NEEDS.items()]

    @property
    def cards(self) -> dict[str, str]:
        return {"": _("choose"), **self.names.cards}

    @property
    def categories(self) -> dict[str, str]:
        gone = {self.given.category: self.given.category}  # stays chosen, so that its being gone is told
        return {**gone, "": _("any"), **self.names.categories}


async def names(conn: AsyncConnection) -> Names:
    return Names(
        cards=dict(await published(conn)),
        teams={team.id: team.name for team in await teams.everything(conn)},
        categories={id_: in_language(name) or id_ for id_, name in (await categories.names(conn)).items()},
        queues=await lists.queues(conn),
    )
