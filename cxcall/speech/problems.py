"""What can be wrong with a category, in one sentence each: the catalogue the editor shows and translates.

Fields are named as they are nested: `name`, `rules`, `rules.0.says`, `rules.0.says.phrases.2`, `rules.0.within`,
`hint.title`. Values are phrases, numbers and names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cxcall.problem import Problem, Severity
from cxcall.speech import persian
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.folding import fold
from cxcall.speech.phrases import ANY, compile_phrase
from cxcall.speech.small_words import SMALL

MOST_PHRASES = 200
"""Phrases of one category."""
LONGEST_PHRASE = 100
SHORTEST_WITH_ANY = 3
"""Letters a phrase with any ending needs."""
LONGEST_WITHIN = 600.0

ERRORS: Mapping[str, str] = {
    "no_name": "Give the category a name.",
    "no_rules": "Nothing is looked for yet. Add a rule.",
    "no_phrases": "Write at least one phrase.",
    "empty_phrase": "This phrase has no words.",
    "misplaced_any": "In “{phrase}” the * must be at the end of a word.",
    "short_any": "“{phrase}” would find too much: write at least {least} letters before the *.",
    "small_words": "“{phrase}” has only words that are in nearly every talk.",
    "unfinished": "“{phrase}” ends in the middle of a word.",
    "long_phrase": "“{phrase}” is too long: a phrase has at most {most} letters.",
    "too_many": "A category has at most {most} phrases, this one has {count}.",
    "within_out_of_range": "The time between the two must be from {low} to {high} seconds.",
    "nothing_to_tell": "Give the hint a title.",
}
"""Sentences of problems a category can't be saved with, by code."""

WARNINGS: Mapping[str, str] = {
    "duplicate": "“{phrase}” is listed twice.",
    "covered": "“{phrase}” is found by “{by}” already.",
    "same_as_unless": "“{phrase}” is looked for and must not follow: only the last time it is said counts.",
    "within_alone": "The seconds count only together with a second phrase.",
    "required_of_customer": "What is required is said by the agent, but this rule also listens to the customer.",
    "required_alert": "A required phrase tells no supervisor: it is the rule to say it.",
}
"""Sentences of problems a category can be saved with, by code."""


def problems(category: Category) -> list[Problem]:
    """What is wrong with a category, in the order of its fields."""
    return list(_problems(category))


def problem(code: str, field: str, /, **values: object) -> Problem:
    """A problem of the catalogue. Raises KeyError for a code that is not in it."""
    severity: Severity = "error" if code in ERRORS else "warning"
    sentence = ERRORS[code] if severity == "error" else WARNINGS[code]
    said = {name: format(value, "g") if isinstance(value, float) else str(value) for name, value in values.items()}
    return Problem(field=field, code=code, severity=severity, sentence=sentence, values=said)


def _problems(category: Category) -> Iterator[Problem]:
    if not any(name.strip() for name in category.name.values()):
        yield problem("no_name", "name")
    if not category.rules:
        yield problem("no_rules", "rules")
    count = sum(len(term.phrases) for rule in category.rules for _, term in _terms(rule))
    if count > MOST_PHRASES:
        yield problem("too_many", "rules", most=MOST_PHRASES, count=count)
    if category.hint and not any(title.strip() for title in category.hint.title.values()):
        yield problem("nothing_to_tell", "hint.title")
    if category.kind == "required" and category.alerts:
        yield problem("required_alert", "alerts")
    for number, rule in enumerate(category.rules):
        yield from _of_rule(rule, f"rules.{number}", required=category.kind == "required")


def _terms(rule: Rule) -> list[tuple[str, Term]]:
    named = (("says", rule.says), ("then", rule.then), ("unless", rule.unless))
    return [(name, term) for name, term in named if term is not None]


def _of_rule(rule: Rule, field: str, *, required: bool) -> Iterator[Problem]:
    for name, term in _terms(rule):
        # A "yes" may well follow on something; alone it is in every talk.
        yield from _of_term(term, f"{field}.{name}", alone=name == "says" and rule.then is None)
    if rule.within is not None:
        if not 0 < rule.within <= LONGEST_WITHIN:
            yield problem("within_out_of_range", f"{field}.within", low=1, high=LONGEST_WITHIN)
        elif rule.then is None and rule.unless is None:
            yield problem("within_alone", f"{field}.within")
    if rule.unless is not None:
        looked_for = _keys(rule.says if rule.then is None else rule.then)
        for number, phrase in enumerate(rule.unless.phrases):
            if _key(phrase) in looked_for:
                yield problem("same_as_unless", f"{field}.unless.phrases.{number}", phrase=phrase)
    if required and rule.says.speaker != "agent":
        yield problem("required_of_customer", f"{field}.says.speaker")


def _of_term(term: Term, field: str, *, alone: bool) -> Iterator[Problem]:
    if not term.phrases:
        yield problem("no_phrases", f"{field}.phrases")
    before: dict[str, str] = {}
    for number, phrase in enumerate(term.phrases):
        found = _of_phrase(phrase, alone=alone)
        key = _key(phrase)
        if found is None and key in before:
            found = ("duplicate", {"phrase": phrase})
        elif found is None and (wider := _wider(key, before)) is not None:
            found = ("covered", {"phrase": phrase, "by": wider})
        before.setdefault(key, phrase)
        if found is not None:
            yield problem(found[0], f"{field}.phrases.{number}", **found[1])


def _of_phrase(phrase: str, *, alone: bool) -> tuple[str, dict[str, object]] | None:
    """The first thing that is wrong with a phrase by itself."""
    text = fold(phrase)
    if not text.words:
        return "empty_phrase", {}
    if len(phrase) > LONGEST_PHRASE:
        return "long_phrase", {"phrase": phrase[:LONGEST_PHRASE] + "…", "most": LONGEST_PHRASE}
    if re.search(r"(?<!\w)\*|\*(?=[\w*])", phrase):
        return "misplaced_any", {"phrase": phrase}
    if text.words[-1] in persian.PREFIXES and not phrase.rstrip().endswith(ANY):
        return "unfinished", {"phrase": phrase}
    if ANY in phrase and len(text.letters) < SHORTEST_WITH_ANY:
        return "short_any", {"phrase": phrase, "least": SHORTEST_WITH_ANY}
    if alone and all(word in SMALL or word in persian.APART for word in text.words):
        return "small_words", {"phrase": phrase}
    return None


def _key(phrase: str) -> str:
    compiled = compile_phrase(phrase)
    return compiled.key if compiled else ""


def _keys(term: Term) -> set[str]:
    return {_key(phrase) for phrase in term.phrases}


def _wider(key: str, others: Mapping[str, str]) -> str | None:
    """The phrase with any ending, among those before, that finds this one of a single word too."""
    return next((other for wide, other in others.items() if wide.endswith(ANY) and key.startswith(wide[:-1])), None)
