"""Rules in words a person reads: conditions, results, values. English here is the key of the word catalogues.

A sentence is put together of whole clauses, each a key with {names}, so that other languages can order them their way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from cxcall.routing.names import NAMES, WEEKDAYS, Name, split_fact, split_skill
from cxcall.routing.rule import OWN_LANGUAGE, Condition, Overflow, Preferred, SkillStep, Then, Trial


class Words(Protocol):
    """How a reader wants words and values."""

    def text(self, message: str) -> str:
        """`message` in the reader's language."""
        ...

    def value(self, value: str | float, kind: str) -> str:
        """A value as it is shown. `kind`: number, seconds, percent, hours, clock, date, phone, text; or what it names:
        queue, user (an id), skill, intent, language, tag, prompt."""
        ...


_UNITS: Mapping[str, str] = {"seconds": "{} s", "percent": "{} %", "hours": "{} h"}


class Plain:
    """English, values as they are."""

    def text(self, message: str) -> str:
        return message

    def value(self, value: str | float, kind: str) -> str:
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        return _UNITS.get(kind, "{}").format(shown)


PLAIN: Words = Plain()

CHOICES: Mapping[str, str] = {
    **{day: day.capitalize() for day in WEEKDAYS},
    "bronze": "bronze", "silver": "silver", "gold": "gold",
    "new": "new", "regular": "regular", "loyal": "loyal", "at_risk": "at risk", "lapsed": "lapsed",
    "negative": "negative", "neutral": "neutral", "positive": "positive",
}  # fmt: skip
"""Values that are words of ours."""

CONDITIONS: Mapping[str, str] = {
    "is": "{fact} is {value}",
    "is_not": "{fact} is not {value}",
    "one_of": "{fact} is one of {value}",
    "none_of": "{fact} is none of {value}",
    "contains": "{fact} contains {value}",
    "begins": "{fact} begins with {value}",
    "over": "{fact} is over {value}",
    "at_least": "{fact} is at least {value}",
    "under": "{fact} is under {value}",
    "at_most": "{fact} is at most {value}",
    "between": "{fact} is from {low} to {high}",
    "known": "{fact} is known",
    "known_not": "{fact} is not known",
}
RESULTS: Mapping[str, str] = {
    "queue": "to the queue “{queue}”",
    "priority": "priority {priority}",
    "agent_last": "the last agent is rung first for {wait}, if they talked in the last {days} days",
    "agent_manager": "the account manager is rung first for {wait}",
    "agent_user": "{agent} is rung first for {wait}",
    "skills": "by skill: {steps}",
    "overflow": "on to “{to}” when {figure} is over {limit}",
    "language": "language {language}",
    "language_own": "in the language of the customer’s profile",
    "announcement": "“{prompt}” is played first",
    "accept": "the call is taken",
    "challenge": "the caller has to press a key first",
    "block": "the call is turned away",
    "call_back": "a call-back is offered",
    "call_back_not": "no call-back is offered",
    "survey": "a survey is asked afterwards",
    "survey_not": "no survey is asked afterwards",
}
MEASURES: Mapping[str, str] = {
    "csat": "satisfaction",
    "nps": "net promoter score",
    "wait": "wait",
    "abandoned": "abandoned calls",
    "repeat": "repeat calls",
    "handle": "handle time",
}
PIECES: Mapping[str, str] = {
    "the_queue": "the queue",
    "a_queue": "“{queue}”",
    "step": "{skill} from level {level}",
    "step_everybody": "everybody",
    "step_after": "{step} after {after}",
    "found": "{condition} (now {value})",
    "always": "always",
    "nothing": "nothing is changed",
    "trial": "the experiment “{trial}” with {share} of the customers, compared by {measure}",
    "quoted": "“{text}”",
    "separator": ", ",
}


def listed(parts: Iterable[str], words: Words) -> str:
    """Several values after one another."""
    return words.text(PIECES["separator"]).join(parts)


def fact_told(fact: str, words: Words) -> str:
    """What a fact is called; of one that does not exist its name."""
    name, argument = split_fact(fact)
    return fact if name is None else _named(words.text(name.words), name, argument, words)


def value_told(name: Name | None, value: Any, words: Words) -> str:
    """A fact's value."""
    if isinstance(value, str) and name is not None and value in name.choices and value in CHOICES:
        return words.text(CHOICES[value])
    if name is None or isinstance(value, bool):
        return str(value)
    if name.kind == "text":
        return words.text(PIECES["quoted"]).format(text=words.value(value, "text"))
    if name.kind == "word":
        return words.value(value, name.refers or "text")
    return words.value(value, name.unit or name.kind)


def condition_told(condition: Condition, words: Words, found: Any = None) -> str:
    """A condition; with what was `found` where that says more than the condition."""
    name, argument = split_fact(condition.fact)
    told = _condition(condition, name, argument, words)
    if found is None or condition.op in ("is", "holds", "known") or isinstance(found, bool):
        return told
    return words.text(PIECES["found"]).format(condition=told, value=value_told(name, found, words))


def conditions_told(conditions: Iterable[Condition], words: Words) -> list[str]:
    """All conditions of a rule; of one without any that it always holds."""
    return [condition_told(one, words) for one in conditions] or [words.text(PIECES["always"])]


def then_told(then: Then, words: Words) -> list[tuple[str, str]]:
    """What a rule gives, as field and clause."""
    found: list[tuple[str, str]] = []
    if then.queue is not None:
        found.append(("queue", _said("queue", words, queue=words.value(then.queue, "queue"))))
    if then.priority is not None:
        found.append(("priority", _said("priority", words, priority=words.value(then.priority, "number"))))
    if then.agent is not None:
        found.append(("agent", agent_told(then.agent, words)))
    if then.skills:
        found.append(("skills", _said("skills", words, steps=steps_told(then.skills, words))))
    found += [("overflow", overflow_told(entry, words)) for entry in then.overflow]
    if then.language is not None:
        own = then.language == OWN_LANGUAGE
        language = words.value(then.language, "language")
        found.append(("language", _said("language_own" if own else "language", words, language=language)))
    if then.announcement is not None:
        found.append(("announcement", _said("announcement", words, prompt=words.value(then.announcement, "prompt"))))
    if then.treat is not None:
        found.append(("treat", _said(then.treat, words)))
    for field, wanted in (("call_back", then.call_back), ("survey", then.survey)):
        if wanted is not None:
            found.append((field, _said(field if wanted else f"{field}_not", words)))
    return found


def agent_told(agent: Preferred, words: Words) -> str:
    """Who is rung first, and for how long."""
    return _said(
        f"agent_{agent.who}",
        words,
        wait=words.value(agent.wait, "seconds"),
        days=words.value(agent.days, "number"),
        agent=words.value(agent.user, "user"),
    )


def steps_told(steps: Iterable[SkillStep], words: Words) -> str:
    """Who is asked by skill, step by step."""
    return listed((_step(step, words) for step in steps), words)


def overflow_told(entry: Overflow, words: Words) -> str:
    """When a call goes on to another queue."""
    fact = f"queue.{entry.figure}"
    limit = value_told(NAMES.get(fact), entry.limit, words)
    return _said("overflow", words, to=words.value(entry.to, "queue"), figure=fact_told(fact, words), limit=limit)


def trial_told(trial: Trial, words: Words) -> str:
    """What is tried out."""
    measure = words.text(MEASURES[trial.measure])
    share = words.value(trial.share, "percent")
    return words.text(PIECES["trial"]).format(trial=trial.name, share=share, measure=measure)


def _said(code: str, words: Words, **values: str) -> str:
    return words.text(RESULTS[code]).format(**values)


def _step(step: SkillStep, words: Words) -> str:
    level = words.value(step.level, "number")
    piece = PIECES["step" if step.level > 0 else "step_everybody"]
    told = words.text(piece).format(skill=words.value(step.skill, "skill"), level=level)
    if not step.after:
        return told
    return words.text(PIECES["step_after"]).format(step=told, after=words.value(step.after, "seconds"))


def _condition(condition: Condition, name: Name | None, argument: str, words: Words) -> str:
    no = condition.value == ("no",)
    if condition.op == "holds" and name is not None:
        return _named(words.text(name.words_no if no else name.words), name, argument, words)
    code = "known_not" if condition.op == "known" and no else condition.op
    fact = fact_told(condition.fact, words)
    values = [value_told(name, one, words) for one in condition.value]
    low, high = (values[0], values[-1]) if values else ("", "")
    template = words.text(CONDITIONS.get(code, CONDITIONS["is"]))
    return template.format(fact=fact, value=listed(values, words), low=low, high=high)


def _named(template: str, name: Name, argument: str, words: Words) -> str:
    """A fact's words with the queue, skill or tag it is about."""
    if name.takes == "skill":
        skill, level = split_skill(argument)
        return template.format(skill=words.value(skill, "skill"), level=words.value(level, "number"))
    if name.takes == "queue?":
        piece = words.text(PIECES["a_queue" if argument else "the_queue"])
        return template.format(queue=piece.format(queue=words.value(argument, "queue") if argument else ""))
    return template.format(of=argument)
