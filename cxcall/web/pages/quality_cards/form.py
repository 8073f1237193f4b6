"""The form of a scorecard: what was typed, and what is wrong where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from cxcall.letters import tidy
from cxcall.quality.scorecard import HIGHEST, Item, Misfit, Rule, Scorecard, Section, check
from cxcall.store.ids import new_id
from cxcall.web.digits import typed
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.quality_kept import number, plain, version_sent

MOST_SECTIONS = 20
MOST_ITEMS = 40
"""In a section."""
MOST = 90
"""Items of a scorecard: a form of more than 1,000 fields is not taken, for it would hold everybody up. What came over
the API may have more."""
MOST_GONE = 10
"""Removed rows that can be brought back."""
LONGEST = 200
LONGEST_ID = 40
PLACES: Mapping[Misfit, str] = {
    "title": "title.en", "weight": "weight", "highest": "highest", "critical_scale": "critical", "rule_scale": "rule",
    "rule_phrase": "phrase", "rule_limit": "limit", "empty_section": "add",
}  # fmt: skip
"""The field of a part at which a problem is told; others are told above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item as typed. `rule`: "", phrase, silence or interruptions; `limit` of silence in per cent."""

    id: str
    en: str = ""
    fa: str = ""
    weight: str = "1"
    highest: str = "0"
    critical: bool = False
    na: bool = False
    rule: str = ""
    phrase: str = ""
    limit: str = ""

    @property
    def number(self) -> float | None:
        """The weight, None for what is no number."""
        return number(self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRow:
    id: str
    en: str = ""
    fa: str = ""
    items: tuple[ItemRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A row that was removed and can be brought back: a section, or an item of the section with the id `of`. `at`: its
    place among the others, from 0."""

    section: SectionRow | None = None
    item: ItemRow | None = None
    at: int = 0
    of: str = ""

    @property
    def row(self) -> SectionRow | ItemRow:
        return self.item or self.section or ItemRow(id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands in the form. `errors`: by the name of a field. `gone`: what was removed since it was opened, the last
    one first. `outdated`: somebody else saved meanwhile, and nobody said yet that this goes before theirs."""

    en: str = ""
    fa: str = ""
    sections: tuple[SectionRow, ...] = ()
    gone: tuple[Gone, ...] = ()
    outdated: bool = False
    version: int = 0
    errors: Mapping[str, Misfit] = field(default_factory=dict)
    focus: str = ""

    @property
    def room(self) -> int:
        """How many more items there may be."""
        return max(MOST - sum(len(section.items) for section in self.sections), 0)

    @property
    def gone_text(self) -> str:
        """What was removed, as the form carries it."""
        return msgspec.json.encode(self.gone).decode()

    @property
    def total(self) -> float:
        """All weights together."""
        return sum(weighed(item) for section in self.sections for item in section.items)

    def share(self, item: ItemRow) -> float:
        """What an item weighs of the whole, 0 to 1."""
        return weighed(item) / self.total if self.total else 0.0


def weighed(item: ItemRow) -> float:
    return max(item.number or 0.0, 0.0)


def of_card(card: Scorecard, version: int) -> Given:
    """The form of a scorecard that is kept."""
    sections = tuple(
        SectionRow(id=part.id, en=part.title.get("en", ""), fa=part.title.get("fa", ""),
                   items=tuple(_row(item) for item in part.items))
        for part in card.sections
    )  # fmt: skip
    return Given(en=card.title.get("en", ""), fa=card.title.get("fa", ""), sections=sections, version=version)


def _row(item: Item) -> ItemRow:
    rule = item.rule
    limit = "" if rule is None or rule.what == "phrase" else plain(rule.limit * (100 if rule.what == "silence" else 1))
    return ItemRow(
        id=item.id, en=item.title.get("en", ""), fa=item.title.get("fa", ""), weight=plain(item.weight),
        highest=str(item.highest), critical=item.critical, na=item.na, rule=rule.what if rule else "",
        phrase=rule.phrase if rule else "", limit=limit,
    )  # fmt: skip


Row = TypeVar("Row", SectionRow, ItemRow)
_gone = msgspec.json.Decoder(tuple[Gone, ...])


def of_form(form: Form) -> Given:
    """What was sent."""
    taken: set[str] = set()
    sections = []
    for n in range(MOST_SECTIONS):
        if f"s{n}.id" not in form:
            break
        sections.append(_section_sent(form, f"s{n}", taken))
    return Given(
        en=_text(form, "title.en"), fa=_text(form, "title.fa"), sections=tuple(sections), gone=_gone_sent(form, taken),
        outdated="outdated" in form, version=version_sent(form),
    )  # fmt: skip


def _section_sent(form: Form, at: str, taken: set[str]) -> SectionRow:
    rows = []
    for n in range(MOST_ITEMS):
        if f"{at}.i{n}.id" not in form:
            break
        rows.append(_item_sent(form, f"{at}.i{n}", taken))
    return SectionRow(id=_id(form, at, taken), en=_text(form, f"{at}.title.en"), fa=_text(form, f"{at}.title.fa"),
                      items=tuple(rows))  # fmt: skip


def _gone_sent(form: Form, taken: set[str]) -> tuple[Gone, ...]:
    try:
        found = _gone.decode(sent(form, "gone") or "[]")
    except msgspec.MsgspecError:
        return ()
    return tuple(_cut_gone(one, taken) for one in found[:MOST_GONE] if (one.section or one.item) and one.at >= 0)


def _cut_gone(gone: Gone, taken: set[str]) -> Gone:
    section, item = gone.section, gone.item and _cut(gone.item, taken)
    if section:
        section = _cut(section, taken, items=tuple(_cut(one, taken) for one in section.items[:MOST_ITEMS]))
    return replace(gone, section=section, item=item, of=gone.of[:LONGEST_ID])


def _cut(row: Row, taken: set[str], **other: Any) -> Row:
    """A row that came back from the browser, no longer than the form lets one type."""
    texts = {name: value[:LONGEST] for name, value in asdict(row).items() if isinstance(value, str)}
    return replace(row, **{**texts, "id": _fit_id(row.id, taken), **other})


def _item_sent(form: Form, at: str, taken: set[str]) -> ItemRow:
    def text(name: str, most: int) -> str:
        return sent(form, f"{at}.{name}").strip()[:most]

    return ItemRow(
        id=_id(form, at, taken), en=_text(form, f"{at}.title.en"), fa=_text(form, f"{at}.title.fa"),
        weight=text("weight", 12), highest=text("highest", 4), critical=f"{at}.critical" in form,
        na=f"{at}.na" in form, rule=text("rule", 20), phrase=text("phrase", 60), limit=text("limit", 12),
    )  # fmt: skip


def _text(form: Form, name: str) -> str:
    return tidy(sent(form, name))[:LONGEST]


def _id(form: Form, at: str, taken: set[str]) -> str:
    """The id the part has had, so that answers of several versions can be compared; a new one otherwise."""
    return _fit_id(sent(form, f"{at}.id"), taken)


def _fit_id(id_: str, taken: set[str]) -> str:
    id_ = id_[:LONGEST_ID]
    if not id_ or id_ in taken or not id_.replace("_", "").replace("-", "").isalnum():
        id_ = new_id()
    taken.add(id_)
    return id_


def read(given: Given) -> tuple[Scorecard, dict[str, Misfit]]:
    """The scorecard, and by field what can't even be kept as a draft."""
    errors: dict[str, Misfit] = {} if given.en or given.fa else {"title.en": "title"}
    sections = []
    for n, row in enumerate(given.sections):
        items = tuple(_item(item, f"s{n}.i{m}", errors) for m, item in enumerate(row.items))
        sections.append(Section(id=row.id, title=_title(row.en, row.fa), items=items))
    return Scorecard(title=_title(given.en, given.fa), sections=tuple(sections)), errors


def _item(row: ItemRow, at: str, errors: dict[str, Misfit]) -> Item:
    highest = typed(row.highest)
    scale = int(highest) if highest.isascii() and highest.isdigit() else -1
    if scale != 0 and not 2 <= scale <= HIGHEST:
        errors[f"{at}.highest"] = "highest"
        scale = 0
    if row.number is None:
        errors[f"{at}.weight"] = "weight"
    return Item(
        id=row.id, title=_title(row.en, row.fa), weight=row.number or 0.0, highest=scale, critical=row.critical,
        na=row.na, rule=_rule(row, at, errors),
    )  # fmt: skip


def _rule(row: ItemRow, at: str, errors: dict[str, Misfit]) -> Rule | None:
    if row.rule == "phrase":
        return Rule(what="phrase", phrase=row.phrase)
    if row.rule not in ("silence", "interruptions"):
        return None
    limit = number(row.limit)
    if limit is None:
        errors[f"{at}.limit"] = "rule_limit"
        return None
    silence = row.rule == "silence"
    return Rule(what="silence" if silence else "interruptions", limit=limit / 100 if silence else limit)


def _title(en: str, fa: str) -> dict[str, str]:
    return {language: text for language, text in (("en", en), ("fa", fa)) if text}


def problems(card: Scorecard) -> dict[str, Misfit]:
    """What keeps a scorecard from being published, by the field it is told at."""
    places: dict[str, str] = {"": ""}
    for n, section in enumerate(card.sections):
        places[section.id] = f"s{n}."
        places |= {item.id: f"s{n}.i{m}." for m, item in enumerate(section.items)}
    found: dict[str, Misfit] = {}
    for problem in check(card):
        name = places.get(problem.where, "") + PLACES.get(problem.misfit, "")
        found.setdefault(name or "sections", problem.misfit)
    return found


def in_order(errors: Mapping[str, Misfit], given: Given) -> dict[str, Misfit]:
    """What is wrong from the top of the form to its end."""
    parts = ("title.en", "weight", "highest", "critical", "rule", "phrase", "limit")
    order = ["title.en", "sections"]
    for n, section in enumerate(given.sections):
        order.append(f"s{n}.title.en")
        order += [f"s{n}.i{m}.{part}" for m in range(len(section.items)) for part in parts]
        order.append(f"s{n}.add")
    place = {name: at for at, name in enumerate(order)}
    return dict(sorted(errors.items(), key=lambda pair: place.get(pair[0], len(order))))
