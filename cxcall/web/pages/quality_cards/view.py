"""What the templates of scorecards show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from markupsafe import Markup

from cxcall.quality.examples import EXAMPLES
from cxcall.quality.scorecard import Scorecard
from cxcall.store.quality.scorecards import KeptScorecard, PublishedVersion
from cxcall.web.pages.quality import answering
from cxcall.web.pages.quality.answering import SectionView
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_cards.form import MOST_ITEMS, MOST_SECTIONS, Given, Gone
from cxcall.web.pages.quality_cards.shared import PATH, RULES, STATES, state_of
from cxcall.web.pages.quality_cards.told import ToldChange
from cxcall.web.pages.quality_cards.words import WRONG
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A scorecard as the list has it. `ahead`: its draft is not what calls are scored by."""

    kept: KeptScorecard
    title: str
    ahead: bool

    @property
    def state(self) -> str:
        return state_of(self.kept)

    @property
    def state_text(self) -> str:
        return _(STATES[self.state])

    @property
    def items(self) -> int:
        return sum(1 for _item in self.kept.draft.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """All scorecards; `message`: why what was asked for was not done."""

    lines: Sequence[Line]
    message: str = ""

    @property
    def examples(self) -> list[tuple[str, str, Scorecard]]:
        return [(key, in_language(card.title), card) for key, card in EXAMPLES.items()]

    def text(self, title: Mapping[str, str]) -> str:
        return in_language(title)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The editor; `kept` None for a new one. `card`: what was typed as far as it can be read.

    `todo`: what is missing before it can be published, while nothing is wrong with what was typed. `unsaved`: what is
    shown is not kept yet. `changes`: what publishing it changes in what was published last. `theirs`: what this would
    change in what somebody else saved meanwhile.
    """

    kept: KeptScorecard | None
    given: Given
    card: Scorecard
    phrases: Sequence[tuple[str, str]]
    todo: Mapping[str, str]
    changes: Sequence[ToldChange]
    message: Markup | str = ""
    theirs: Sequence[ToldChange] = ()
    unsaved: bool = False

    @property
    def action(self) -> str:
        return f"{PATH}/{self.kept.id}" if self.kept else f"{PATH}/new"

    @property
    def errors(self) -> dict[str, str]:
        return {name: _(WRONG[misfit]) for name, misfit in self.given.errors.items()}

    @property
    def focus(self) -> str:
        return next(iter(self.given.errors), "") or self.given.focus

    @property
    def state(self) -> str:
        return state_of(self.kept)

    @property
    def state_text(self) -> str:
        return _(STATES[self.state])

    @property
    def most_items(self) -> int:
        return MOST_ITEMS

    @property
    def most_sections(self) -> int:
        return MOST_SECTIONS

    @property
    def known(self) -> frozenset[str]:
        """Categories there are; one that is gone stays chosen until somebody chooses another."""
        return frozenset(id_ for id_, _name in self.phrases)

    @property
    def rules(self) -> list[tuple[str, str]]:
        return [(key, _(word)) for key, word in RULES.items()]

    @property
    def title(self) -> str:
        return _either(self.given.en, self.given.fa)

    @property
    def preview(self) -> list[SectionView]:
        """The form as reviewers will have it."""
        return answering.sections(_shown(self.card), {})

    def gone(self, of: str, at: int, last: bool) -> list[tuple[int, str]]:
        """Removed rows whose place is before row `at` (with `last` also those further on) of the section `of`, or of
        the sections: their numbers and names."""
        return [
            (n, _name(one))
            for n, one in enumerate(self.given.gone)
            if one.of == of and (one.at == at or (last and one.at > at))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsView:
    """What was published of a scorecard; with `shown` one of those versions, whole."""

    kept: KeptScorecard
    title: str
    versions: Sequence[PublishedVersion]
    n: int = 0
    shown: Given | None = None
    phrases: Mapping[str, str]

    @property
    def rules(self) -> dict[str, str]:
        return {key: _(word) for key, word in RULES.items()}


def _either(en: str, fa: str) -> str:
    return (fa or en) if current().language == "fa" else (en or fa)


def _name(gone: Gone) -> str:
    return _either(gone.row.en, gone.row.fa) or _("no name")


def _shown(card: Scorecard) -> Scorecard:
    """What was typed with a word where a title is missing, and nothing that weighs less than nothing."""
    blank = {"": _("no name")}
    sections = tuple(
        msgspec.structs.replace(
            section,
            title=section.title or blank,
            items=tuple(
                msgspec.structs.replace(item, title=item.title or blank, weight=max(item.weight, 0.0))
                for item in section.items
            ),
        )
        for section in card.sections
    )
    return msgspec.structs.replace(card, sections=sections)
