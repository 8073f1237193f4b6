"""A category as its form: fields with their values as text, and back. Phrases stand one a line.

Fields are named as the category is nested (`rules.0.says.phrases`), so that problems find their place; a `then` or
`unless` without phrases is none. Nothing here asks whether what was written makes sense.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from cxcall.letters import tidy
from cxcall.speech.category import Category, Hint, Kind, Rule, Term, Tone, Where
from cxcall.web.digits import typed
from cxcall.web.pages.speech.category_words import NOT_SECONDS

LANGUAGES = ("en", "fa")
LONGEST_NAME = 100
LONGEST_TEXT = 500
LONGEST_PHRASES = 20_000
MOST_RULES = 50
Speaker = Literal["customer", "agent", "either"]
PARTS = ("says", "then", "unless")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a form holds: its fields by name, and the queues that are ticked."""

    fields: Mapping[str, str]
    queues: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def rules(self) -> list[int]:
        """Numbers of the rules, in order."""
        numbers = {name.split(".")[1] for name in self.fields if name.startswith("rules.") and name.count(".") >= 2}
        return sorted(int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < 4)[:MOST_RULES]

    def with_rule(self) -> Written:
        """One more rule, empty."""
        n = max(self.rules, default=-1) + 1
        return Written(fields={**self.fields, f"rules.{n}.says.phrases": ""}, queues=self.queues)

    def without_rule(self, n: int) -> Written:
        kept = {name: text for name, text in self.fields.items() if not name.startswith(f"rules.{n}.")}
        return Written(fields=kept, queues=self.queues)

    def numbered(self) -> Written:
        """The rules counted from 0 without gaps, as problems name them."""
        places = {n: place for place, n in enumerate(self.rules)}
        fields: dict[str, str] = {}
        for name, text in self.fields.items():
            head, _, rest = name.partition(".")
            n, _, tail = rest.partition(".")
            if head == "rules" and tail:
                if n.isascii() and n.isdecimal() and int(n) in places:
                    fields[f"rules.{places[int(n)]}.{tail}"] = text
            else:
                fields[name] = text
        return Written(fields=fields, queues=self.queues)


@dataclass(slots=True)
class _Reading:
    written: Written
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, most: int = LONGEST_TEXT) -> str:
        return tidy(self.written.get(name))[:most]

    def texts(self, name: str, most: int = LONGEST_TEXT) -> dict[str, str]:
        return {code: said for code in LANGUAGES if (said := self.text(f"{name}.{code}", most))}

    def one_of(self, name: str, kind: Any, usual: str) -> str:
        said = self.written.get(name)
        return said if said in get_args(kind) else usual

    def seconds(self, name: str) -> float | None:
        said = typed(self.text(name)).replace("٫", ".")
        if not said:
            return None
        try:
            value = float(said)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or abs(value) > 1e6:
            self.errors[name] = NOT_SECONDS
            return None
        return value

    def term(self, name: str) -> Term:
        lines = self.written.get(f"{name}.phrases")[:LONGEST_PHRASES].splitlines()
        phrases = tuple(said for line in lines if (said := tidy(line)))
        return Term(phrases=phrases, speaker=cast("Speaker", self.one_of(f"{name}.speaker", Speaker, "either")))


def read(category: Category, written: Written) -> tuple[Category, dict[str, str]]:
    """The category a form describes; its id and whether it is on are those of `category`. Errors by field."""
    said = _Reading(written)
    changed = Category(
        id=category.id,
        enabled=category.enabled,
        name=said.texts("name", LONGEST_NAME),
        kind=cast("Kind", said.one_of("kind", Kind, "topic")),
        tone=cast("Tone", said.one_of("tone", Tone, "neutral")),
        where=cast("Where", said.one_of("where", Where, "any")),
        queues=written.queues,
        rules=tuple(_rule(said, f"rules.{n}") for n in written.rules),
        hint=_hint(said),
        alerts=bool(written.get("alerts")),
    )
    return changed, said.errors


def _rule(said: _Reading, at: str) -> Rule:
    then, unless = said.term(f"{at}.then"), said.term(f"{at}.unless")
    return Rule(
        says=said.term(f"{at}.says"),
        then=then if then.phrases else None,
        unless=unless if unless.phrases else None,
        within=said.seconds(f"{at}.within"),
        ordered=said.text(f"{at}.order") != "around",
    )


def _hint(said: _Reading) -> Hint | None:
    title, text, action = (said.texts(f"hint.{part}") for part in ("title", "text", "action"))
    article = said.text("hint.article_id", 100)
    if not (title or text or action or article):
        return None
    return Hint(title=title, text=text, action=action, article_id=article)


def written_of(category: Category) -> Written:
    """The fields of the form for a category."""
    fields: dict[str, str] = {"kind": category.kind, "tone": category.tone, "where": category.where}
    fields |= _texts("name", category.name)
    if category.hint:
        hint = category.hint
        fields |= _texts("hint.title", hint.title) | _texts("hint.text", hint.text) | _texts("hint.action", hint.action)
        fields["hint.article_id"] = hint.article_id
    if category.alerts:
        fields["alerts"] = "1"
    for n, rule in enumerate(category.rules):
        at = f"rules.{n}"
        fields[f"{at}.order"] = "after" if rule.ordered else "around"
        fields[f"{at}.within"] = "" if rule.within is None else format(rule.within, "g")
        for part in PARTS:
            term: Term | None = getattr(rule, part)
            if term is not None:
                fields[f"{at}.{part}.phrases"] = "\n".join(term.phrases)
                fields[f"{at}.{part}.speaker"] = term.speaker
    return Written(fields=fields, queues=category.queues)


def _texts(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}.{code}": texts[code] for code in LANGUAGES if texts.get(code)}


def of_form(pairs: Sequence[tuple[str, str]]) -> Written:
    """The fields of a form that was sent."""
    fields = {name: text for name, text in pairs if name != "queue"}
    queues = dict.fromkeys(tidy(text)[:100] for name, text in pairs if name == "queue")
    return Written(fields=fields, queues=tuple(queue for queue in queues if queue))
