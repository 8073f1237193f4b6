"""A scorecard as a form: what was answered to each item, and reading it back from what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxcall.quality.scorecard import Item, Scorecard
from cxcall.quality.scoring import Answer
from cxcall.web.digits import number_text
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.words import gettext as _

NA = "na"
LONGEST_COMMENT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer an item can have; `key` is pressed for it while the item has the focus."""

    value: str
    text: str
    chosen: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item. `share`: what it weighs of the whole, 0 to 1. `from_speech`: the answer was filled in from what was
    heard."""

    id: str
    title: str
    choices: Sequence[Choice]
    comment: str
    share: float
    critical: bool
    from_speech: bool
    missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    id: str
    title: str
    items: Sequence[ItemView]


def sections(card: Scorecard, answers: Mapping[str, Answer], missing: Sequence[str] = ()) -> list[SectionView]:
    """The form of a scorecard; `missing`: items that have to be answered still."""
    weights = sum(item.weight for item in card.items()) or 1.0
    return [
        SectionView(
            id=section.id,
            title=in_language(section.title),
            items=[_item(item, answers.get(item.id), weights, item.id in missing) for item in section.items],
        )
        for section in card.sections
    ]


def read(card: Scorecard, form: Form, before: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers that were sent; an answer from speech stays one while nobody answers otherwise."""
    found: dict[str, Answer] = {}
    for item in card.items():
        sent, comment = field(form, f"a.{item.id}"), field(form, f"c.{item.id}").strip()[:LONGEST_COMMENT]
        if sent == NA:
            value: int | None = None
        elif sent.isascii() and sent.isdecimal() and len(sent) <= 2:
            value = int(sent)
        else:
            continue
        was = before.get(item.id)
        heard = was is not None and was.from_speech and was.value == value
        found[item.id] = Answer(value=value, comment=comment, from_speech=heard)
    return found


def said(item: Item, answer: Answer | None) -> str:
    """An answer in words."""
    if answer is None:
        return _("not answered")
    if answer.value is None:
        return _("Does not apply")
    if item.highest:
        return _("%(n)s of %(highest)s") % {"n": number_text(answer.value), "highest": number_text(item.highest)}
    return _("Yes") if answer.value else _("No")


def _item(item: Item, answer: Answer | None, weights: float, missing: bool) -> ItemView:
    value = None if answer is None else NA if answer.value is None else str(answer.value)
    return ItemView(
        id=item.id,
        title=in_language(item.title),
        choices=[Choice(value=one, text=text, chosen=one == value, key=key) for one, text, key in _choices(item)],
        comment=answer.comment if answer else "",
        share=item.weight / weights,
        critical=item.critical,
        from_speech=bool(answer and answer.from_speech),
        missing=missing,
    )


def _choices(item: Item) -> list[tuple[str, str, str]]:
    if item.highest:
        found = [(str(n), number_text(n), str(n % 10)) for n in range(1, item.highest + 1)]
    else:
        found = [("1", _("Yes"), "Y"), ("0", _("No"), "N")]
    return [*found, (NA, _("Does not apply"), "X")] if item.na else found
