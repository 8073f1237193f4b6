"""A rule set as text: the same rules always give the same text, and reading it gives the same rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from cxcall.routing.names import NAMES
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, RuleSet, SkillStep, Then, Trial
from cxcall.routing.text.grammar import BARE, BARE_ARGUMENT, BARE_FACT, KEYWORDS, PLAIN

BY_ID = "id:"
"""Before a user's id, where they have no sign-in name."""

_OPS = {
    "is": "is", "is_not": "is not", "one_of": "is one of", "none_of": "is none of", "contains": "contains",
    "begins": "begins with", "over": "over", "at_least": "at least", "under": "under", "at_most": "at most",
}  # fmt: skip


def to_text(rules: RuleSet, people: Mapping[str, str] = {}) -> str:
    """The rules as text. `people`: sign-in name by user id; whoever is not in it stands as `id:…`."""
    head = f"age every {rules.age_every} s up to {rules.age_most}\n"
    return "\n".join((head, *(_rule(rule, people) for rule in rules.rules)))


def quoted(text: str) -> str:
    """Text in quotation marks, as in JSON."""
    return json.dumps(text, ensure_ascii=False)


def number(value: float) -> str:
    """A number without needless digits."""
    whole = value == value and abs(value) < 1e15 and float(value).is_integer()
    return str(int(value)) if whole else repr(float(value))


def user(user_id: str, people: Mapping[str, str]) -> str:
    """A user's sign-in name where it names nobody else, else their id."""
    name = people.get(user_id)
    if name is None or name.startswith(BY_ID) or sum(one == name for one in people.values()) > 1:
        return BY_ID + user_id
    return name


def _name(text: str) -> str:
    return text if BARE.fullmatch(text) and text not in KEYWORDS else quoted(text)


def _rule(rule: Rule, people: Mapping[str, str]) -> str:
    lines = [f"rule {_name(rule.id)} {quoted(rule.name)}"]
    if rule.owner:
        lines.append(f"owner {_name(user(rule.owner, people))}")
    if rule.expires is not None:
        lines.append(f"expires {rule.expires.isoformat()}")
    if rule.note:
        lines.append(f"note {quoted(rule.note)}")
    if rule.trial is not None:
        lines.append(_trial(rule.trial))
    if not rule.enabled:
        lines.append("off")
    lines += (f"{'and' if n else 'when'} {_condition(one, people)}" for n, one in enumerate(rule.when))
    lines.append("then " + (", ".join(_then(rule.then, people)) or "nothing"))
    if rule.stop:
        lines.append("stop")
    return "\n  ".join(lines) + "\n"


def _trial(trial: Trial) -> str:
    text = f"trial {quoted(trial.name)} for {number(trial.share)} % by {trial.measure}"
    text += "" if trial.stop_worse else " even when worse"
    text += f" from {trial.began.isoformat()}" if trial.began is not None else ""
    return text + (f" until {trial.ended.isoformat()}" if trial.ended is not None else "")


def _condition(condition: Condition, people: Mapping[str, str]) -> str:
    fact, op, value = _fact(condition.fact), condition.op, condition.value
    known = NAMES.get(condition.fact.partition(":")[0])
    named = people if known is not None and known.refers == "user" else None
    if op in ("holds", "known"):
        forms = {"holds": (fact, f"not {fact}"), "known": (f"{fact} is known", f"{fact} is not known")}[op]
        if value in ((), ("no",)):
            return forms[1 if value else 0]
        return f"{fact} {'holds' if op == 'holds' else 'is known'} {_several(value, named)}"
    if op == "between":
        if len(value) == 2:
            return f"{fact} between {_value(value[0], named)} and {_value(value[1], named)}"
        return f"{fact} between {_several(value, named)}"
    return f"{fact} {_OPS[op]} {_value(value[0], named) if len(value) == 1 else _several(value, named)}"


def _fact(fact: str) -> str:
    base, colon, argument = fact.partition(":")
    if not BARE_FACT.fullmatch(base) or (colon and not argument):
        return quoted(fact)
    if not colon:
        return base
    return f"{base}:{argument if BARE_ARGUMENT.fullmatch(argument) else quoted(argument)}"


def _several(values: Iterable[str | float], people: Mapping[str, str] | None) -> str:
    return "(" + ", ".join(_value(one, people) for one in values) + ")"


def _value(value: str | float, people: Mapping[str, str] | None) -> str:
    if not isinstance(value, str):
        return number(value)
    if people is not None:
        return _name(user(value, people))
    return value if PLAIN.fullmatch(value) and value.isascii() else _name(value)


def _then(then: Then, people: Mapping[str, str]) -> Iterator[str]:
    if then.queue is not None:
        yield f"queue {_name(then.queue)}"
    if then.priority is not None:
        yield f"priority {then.priority}"
    if then.agent is not None:
        yield _agent(then.agent, people)
    if then.skills:
        yield _list("skills", then.skills, _step)
    if then.overflow:
        yield _list("overflow", then.overflow, _overflow)
    if then.language is not None:
        yield f"language {_name(then.language)}"
    if then.announcement is not None:
        yield f"announcement {_name(then.announcement)}"
    if then.treat is not None:
        yield then.treat
    for word, wanted in (("call-back", then.call_back), ("survey", then.survey)):
        if wanted is not None:
            yield word if wanted else f"no {word}"


def _agent(agent: Preferred, people: Mapping[str, str]) -> str:
    whom = f" {_name(user(agent.user, people))}" if agent.user or agent.who == "user" else ""
    days = f" within {agent.days} days" if agent.who == "last" or agent.days != Preferred(who="last").days else ""
    return f"agent {agent.who}{whom}{days} for {agent.wait} s"


def _list(word: str, parts: tuple[SkillStep, ...] | tuple[Overflow, ...], write: Callable[..., str]) -> str:
    written = ", ".join(write(part) for part in parts)
    return f"{word} {written}" if len(parts) == 1 else f"{word} ({written})"


def _step(step: SkillStep) -> str:
    return f"{_name(step.skill)} {step.level}" + (f" after {step.after} s" if step.after else "")


def _overflow(entry: Overflow) -> str:
    return f"{entry.figure} over {number(entry.limit)} to {_name(entry.to)}"
