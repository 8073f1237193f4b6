"""Text as a rule set, or what is wrong with it: every rule that can't be read is named, with line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count, pairwise

import msgspec
from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from cxcall.routing.rule import Rule, RuleSet
from cxcall.routing.text.building import Fault, build, build_settings, by_name
from cxcall.routing.text.grammar import parser

_BEGIN = re.compile(r"^[^\S\n]*rule(?![\w-])", re.MULTILINE)
_MOST_EXPECTED = 6

SENTENCES: Mapping[str, str] = {
    "unexpected": "“{found}” does not fit here. Expected: {expected}.",
    "ends": "This ends too early. Expected: {expected}.",
    "unknown_fact": "There is no fact “{fact}”. Did you mean {near}?",
    "no_such_fact": "There is no fact “{fact}”.",
    "number": "“{number}” is not a whole number.",
    "date": "“{date}” is not a date such as 2027-03-21.",
    "text": "“{text}” is not text in quotation marks as it should be.",
    "twice": "“{clause}” stands here twice.",
    "id_twice": "Two rules have the id “{id}”.",
    "nobody": "Nobody has the sign-in name “{name}”.",
}
"""Sentences of what can be wrong, by code; keys of the word catalogues."""


class TextError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong at a place, both counted from 1."""

    line: int
    column: int
    code: str
    sentence: str
    values: dict[str, str]

    @property
    def text(self) -> str:
        """The English sentence, with its values."""
        return self.sentence.format(**self.values)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """The rules; None when there are errors."""

    rules: RuleSet | None
    errors: tuple[TextError, ...] = ()


def from_text(text: str, people: Mapping[str, str] = {}, *, new_id: Callable[[], str] | None = None) -> Read:
    """The rules a text holds. `people`: sign-in name by user id. `new_id`: for rules without one, else r1, r2 …"""
    errors: list[TextError] = []
    rules: list[tuple[int, Rule]] = []
    settings: dict[str, int] = {}
    whose = by_name(people)
    for line, block in _blocks(text):
        try:
            if _BEGIN.match(block):
                rules.append((line, build(parser().parse(block, start="rule"), whose)))
            elif block.strip():
                settings = build_settings(parser().parse(block, start="settings"))
        except UnexpectedInput as error:
            errors.append(_unexpected(error, block, line))
        except Fault as fault:
            errors.append(_error(fault.token, line, fault.code, **fault.values))
    errors += _twice(rules)
    if errors:
        return Read(rules=None, errors=tuple(sorted(errors, key=lambda one: (one.line, one.column))))
    return Read(rules=RuleSet(rules=_numbered([rule for _, rule in rules], new_id), **settings))


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """What stands before the first rule, then each rule, with how many lines come before it."""
    begins = [0, *(found.start() for found in _BEGIN.finditer(text)), len(text)]
    for since, to in pairwise(begins):
        if since < to:
            yield text.count("\n", 0, since), text[since:to]


def _numbered(rules: list[Rule], new_id: Callable[[], str] | None) -> tuple[Rule, ...]:
    """Rules that have no id get one that is free."""
    taken = {rule.id for rule in rules}
    free = (name for n in count(1) if (name := f"r{n}") not in taken)
    make = new_id or free.__next__
    return tuple(rule if rule.id else msgspec.structs.replace(rule, id=make()) for rule in rules)


def _twice(rules: list[tuple[int, Rule]]) -> Iterator[TextError]:
    seen: set[str] = set()
    for line, rule in rules:
        if rule.id and rule.id in seen:
            yield _error(None, line, "id_twice", id=rule.id)
        seen.add(rule.id)


def _unexpected(error: UnexpectedInput, block: str, line: int) -> TextError:
    """What the parser could not go on with."""
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return _error(error.token, line, "unexpected", found=str(error.token), expected=_expected(error.accepts))
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream
        found = re.match(r"\S{1,20}", block[at:])
        return TextError(
            line=line + error.line, column=error.column, code="unexpected", sentence=SENTENCES["unexpected"],
            values={"found": found[0] if found else "", "expected": _expected(error.allowed)},
        )  # fmt: skip
    end = block.rstrip()
    column = len(end) - (end.rfind("\n") + 1) + 1
    allowed = error.accepts if isinstance(error, UnexpectedToken) else None
    return TextError(
        line=line + end.count("\n") + 1, column=column, code="ends", sentence=SENTENCES["ends"],
        values={"expected": _expected(allowed)},
    )  # fmt: skip


def _expected(terminals: object) -> str:
    """The words that could stand there, as they are written."""
    names = terminals if isinstance(terminals, (set, frozenset)) else set()
    patterns = {terminal.name: terminal for terminal in parser().terminals}
    words = {_SHOWN.get(name) or patterns[name].pattern.value for name in names if name in patterns}
    shown = sorted(words)[:_MOST_EXPECTED]
    return ", ".join(shown) + (" …" if len(words) > len(shown) else "")


_SHOWN = {
    "NUMBER": "5", "STRING": '"…"', "WORD": "a name", "FACT": "customer.tier …", "DATE": "2027-03-21",
    "CLOCK": "08:30", "WHO": "last, manager, user", "MEASURE": "csat …", "FIGURE": "expected_wait …",
    "TREAT": "block, challenge, accept",
}  # fmt: skip
"""Examples of what is no word of the grammar."""


def _error(token: Token | None, line: int, code: str, /, **values: str) -> TextError:
    at = (token.line or 1, token.column or 1) if isinstance(token, Token) else (1, 1)
    return TextError(line=line + at[0], column=at[1], code=code, sentence=SENTENCES[code], values=values)
