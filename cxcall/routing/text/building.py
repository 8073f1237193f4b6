"""Rules made of what the grammar found. What is well formed but means nothing raises a Fault at its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from lark import Token, Tree

from cxcall.routing.names import NAMES, split_fact
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, SkillStep, Then, Trial
from cxcall.routing.text.writing import BY_ID

_Node = Any
"""A tree as the parser makes it: children are trees, tokens, or None for what may be left out and was."""
Whose = Callable[[Token, str], str]
"""A user's id by what stands for them."""


class Fault(Exception):
    """What is wrong at a token: the code of its sentence, and its values."""

    def __init__(self, token: Token, code: str, **values: str) -> None:
        super().__init__(code)
        self.token, self.code, self.values = token, code, values


def by_name(people: Mapping[str, str]) -> Whose:
    """Users by their sign-in names; `people`: name by id."""
    ids = {name: user for user, name in people.items()}

    def whose(token: Token, name: str) -> str:
        if name.startswith(BY_ID):
            return name.removeprefix(BY_ID)
        if name not in ids:
            raise Fault(token, "nobody", name=name)
        return ids[name]

    return whose


def build_settings(tree: _Node) -> dict[str, int]:
    """How priority grows."""
    every, most = (_whole(token) for token in _tokens(tree))
    return {"age_every": every, "age_most": most}


def build(tree: _Node, whose: Whose) -> Rule:
    """One rule; its id is "" where none is written."""
    rule_id, name, *clauses = tree.children
    fields: dict[str, Any] = {}
    for clause in clauses:
        field, value = _CLAUSES[str(clause.data)](clause, whose)
        if field in fields:
            raise Fault(_place(clause), "twice", clause=str(clause.data))
        fields[field] = value
    return Rule(id="" if rule_id is None else _name(rule_id), name=_text(name), **fields)


def _tokens(tree: _Node) -> list[Token]:
    return list(tree.scan_values(lambda value: isinstance(value, Token)))


def _place(tree: _Node) -> Token:
    """Where a tree begins."""
    return Token("PLACE", "", line=tree.meta.line, column=tree.meta.column)


def _word(token: _Node) -> Any:
    """A word only the grammar has: it is one of the field's own."""
    return str(token)


def _whole(token: Any) -> int:
    try:
        return int(str(token))
    except ValueError:
        raise Fault(token, "number", number=str(token)) from None


def _date(token: Any) -> date:
    try:
        return date.fromisoformat(str(token))
    except ValueError:
        raise Fault(token, "date", date=str(token)) from None


def _text(token: Any) -> str:
    """What stands in quotation marks."""
    try:
        return str(json.loads(str(token)))
    except ValueError:
        raise Fault(token, "text", text=str(token)) from None


def _name(node: Any) -> str:
    """A name, bare or in quotation marks."""
    token = node.children[0]
    return str(token) if node.data == "plain" else _text(token)


def _trial(clause: _Node, _: Whose) -> tuple[str, Trial]:
    name, share, measure, *more = clause.children
    said = {str(one.data): one for one in more if isinstance(one, Tree)}
    began, ended = (_date(said[word].children[0]) if word in said else None for word in ("from", "until"))
    return "trial", Trial(
        name=_text(name), share=float(str(share)), measure=_word(measure),
        stop_worse="even" not in said, began=began, ended=ended,
    )  # fmt: skip


def _when(clause: _Node, whose: Whose) -> tuple[str, tuple[Condition, ...]]:
    return "when", tuple(_condition(one, whose) for one in clause.children if isinstance(one, Tree))


_OPPOSITES = {"holds_not": ("holds", ("no",)), "known_not": ("known", ("no",))}
_SAME = {"holds_as": "holds", "between_as": "between"}


def _condition(tree: _Node, whose: Whose) -> Condition:
    first, *rest = (one for one in tree.children if isinstance(one, Tree))
    fact = _fact(first.children[0])
    form = str(tree.data)
    if form in _OPPOSITES:
        op, fixed = _OPPOSITES[form]
        return Condition(fact=fact, op=op, value=fixed)  # type: ignore[arg-type]  # the table's
    named = NAMES[fact.partition(":")[0]].refers == "user"
    values = [value for node in rest for value in _values(node)]
    read = tuple(_value(value, whose if named else None) for value in values)
    return Condition(fact=fact, op=_word(_SAME.get(form, form)), value=read)


def _fact(token: Any) -> str:
    text = _text(token) if token.type == "STRING" else str(token)
    base, colon, argument = text.partition(":")
    fact = f"{base}:{_text(argument)}" if colon and argument.startswith('"') and token.type == "FACT" else text
    if split_fact(fact)[0] is None:
        near = get_close_matches(base, NAMES, 1)
        if near and near[0] != base:
            raise Fault(token, "unknown_fact", fact=fact, near=near[0])
        raise Fault(token, "no_such_fact", fact=fact)
    return fact


def _values(node: _Node) -> list[_Node]:
    """The values in one node: one by itself or several in brackets."""
    if node.data in ("values", "several"):
        return [value for child in node.children if isinstance(child, Tree) for value in _values(child)]
    return [node]


def _value(node: _Node, whose: Whose | None) -> str | float:
    token = node.children[0]
    if node.data == "number":
        return float(token)
    return _name(node) if whose is None else whose(token, _name(node))


def _then(clause: _Node, whose: Whose) -> tuple[str, Then]:
    fields: dict[str, Any] = {}
    for given in clause.children:
        if isinstance(given, Tree):
            field, value = _GIVEN[str(given.data)](given, whose)
            if field in fields:
                raise Fault(_place(given), "twice", clause=str(given.data))
            fields[field] = value
    return "then", Then(**fields)


def _agent(given: _Node, whose: Whose) -> tuple[str, Preferred]:
    who, user, days, wait = given.children
    said = {} if days is None else {"days": _whole(days.children[0])}
    name = "" if user is None else whose(user.children[0], _name(user))
    return "agent", Preferred(who=_word(who), user=name, wait=_whole(wait), **said)


def _skills(given: _Node, _: Whose) -> tuple[str, tuple[SkillStep, ...]]:
    return "skills", tuple(_step(one) for one in given.children if isinstance(one, Tree))


def _step(tree: _Node) -> SkillStep:
    skill, level, after = tree.children
    return SkillStep(skill=_name(skill), level=_whole(level), after=0 if after is None else _whole(after))


def _overflow(given: _Node, _: Whose) -> tuple[str, tuple[Overflow, ...]]:
    return "overflow", tuple(_over(one) for one in given.children if isinstance(one, Tree))


def _over(tree: _Node) -> Overflow:
    figure, limit, to = tree.children
    return Overflow(figure=_word(figure), limit=float(str(limit)), to=_name(to))


_CLAUSES: Mapping[str, Callable[[_Node, Whose], tuple[str, Any]]] = {
    "owner": lambda tree, whose: ("owner", _user(tree, whose)),
    "expires": lambda tree, _: ("expires", _date(tree.children[0])),
    "note": lambda tree, _: ("note", _text(tree.children[0])),
    "off": lambda _tree, _: ("enabled", False),
    "stop": lambda _tree, _: ("stop", True),
    "trial": _trial,
    "when": _when,
    "then": _then,
}

_GIVEN: Mapping[str, Callable[[_Node, Whose], tuple[str, Any]]] = {
    "queue": lambda tree, _: ("queue", _name(tree.children[0])),
    "priority": lambda tree, _: ("priority", _whole(tree.children[0])),
    "agent": _agent,
    "skills": _skills,
    "overflow": _overflow,
    "language": lambda tree, _: ("language", _name(tree.children[0])),
    "announcement": lambda tree, _: ("announcement", _name(tree.children[0])),
    "treat": lambda tree, _: ("treat", str(tree.children[0])),
    "call_back": lambda _tree, _: ("call_back", True),
    "no_call_back": lambda _tree, _: ("call_back", False),
    "survey": lambda _tree, _: ("survey", True),
    "no_survey": lambda _tree, _: ("survey", False),
}


def _user(tree: _Node, whose: Whose) -> str:
    node: Any = tree.children[0]
    return whose(node.children[0], _name(node))
