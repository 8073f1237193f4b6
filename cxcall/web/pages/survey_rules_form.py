"""Rules of a survey as one form: every rule's fields numbered, and the rules that a sent form describes.

What a condition is about is chosen in one field: `score:csat`, `answer:` with the id of a question, `words`, `tier`,
`queue`, `comment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from cxcall.surveys.closing import Action, AddTag, CallWebhook, MakeTask, RaiseAlert, Rule, When
from cxcall.surveys.script import Measure
from cxcall.web.pages.survey_form import Reading, Written, text_of
from cxcall.web.words import N_

NO_ACTION = N_("Say what then: add something to be done.")
NO_LIMIT = N_("Say from or up to which value, or which ones.")
NO_TAG = N_("Write the tag.")
NO_DUE = N_("Write minutes, at least 1.")


def written_of(rules: Sequence[Rule]) -> Written:
    """The fields of all rules as text."""
    found: Written = {}
    for n, rule in enumerate(rules):
        at = f"rules.{n}"
        found |= {f"{at}.id": rule.id, f"{at}.name": rule.name, f"{at}.enabled": "1" if rule.enabled else ""}
        for i, when in enumerate(rule.when):
            found |= {f"{at}.when.{i}.{name}": text for name, text in _when_written(when).items()}
        for i, then in enumerate(rule.then):
            found |= {f"{at}.then.{i}.{name}": text for name, text in _then_written(then).items()}
    return found


def read_rules(written: Mapping[str, str]) -> tuple[tuple[Rule, ...], dict[str, str]]:
    """The rules a form describes, and problems by field."""
    reading = Reading(written)
    rules = tuple(_rule(reading, f"rules.{n}") for n in numbers(written, "rules"))
    return rules, reading.errors


def numbers(written: Mapping[str, str], prefix: str) -> list[int]:
    """Numbers of the rows of a list, in order."""
    found = {name.removeprefix(prefix + ".").split(".")[0] for name in written if name.startswith(prefix + ".")}
    return sorted(int(n) for n in found if n.isascii() and n.isdecimal() and len(n) < 4)


def acted(rules: Sequence[Rule], do: str, new_id: str) -> tuple[Rule, ...]:
    """After `add`, `remove:0`, `add-when:0`, `drop-when:0.1`, `add-then:0`, `drop-then:0.1`; else as they are."""
    act, _, more = do.partition(":")
    if act == "add":
        first = MakeTask(kind="call_back")
        return (*rules, Rule(id=new_id, when=(When(of="score", measure="csat", at_most=2.0),), then=(first,)))
    places = [int(n) for n in more.split(".") if n.isascii() and n.isdecimal() and len(n) < 4]
    if not places or places[0] >= len(rules):
        return tuple(rules)
    at, rule = places[0], rules[places[0]]
    row = places[1] if len(places) > 1 else -1
    match act:
        case "remove":
            return (*rules[:at], *rules[at + 1 :])
        case "add-when":
            rule = msgspec.structs.replace(rule, when=(*rule.when, When(of="score", measure="nps", at_most=6.0)))
        case "drop-when":
            rule = msgspec.structs.replace(rule, when=tuple(one for n, one in enumerate(rule.when) if n != row))
        case "add-then":
            rule = msgspec.structs.replace(rule, then=(*rule.then, RaiseAlert()))
        case "drop-then":
            rule = msgspec.structs.replace(rule, then=tuple(one for n, one in enumerate(rule.then) if n != row))
    return (*rules[:at], rule, *rules[at + 1 :])


def _rule(said: Reading, at: str) -> Rule:
    when = tuple(_when(said, f"{at}.when.{n}") for n in numbers(said.written, f"{at}.when"))
    then = tuple(_then(said, f"{at}.then.{n}") for n in numbers(said.written, f"{at}.then"))
    if not then:
        said.errors[f"{at}.then"] = NO_ACTION
    return Rule(
        id=said.text(f"{at}.id"), name=said.text(f"{at}.name")[:100], enabled=bool(said.text(f"{at}.enabled")),
        when=when, then=then,
    )  # fmt: skip


def _when(said: Reading, at: str) -> When:
    of, _, more = said.text(f"{at}.of").partition(":")
    one_of = said.words(f"{at}.one_of")
    if of in ("score", "answer"):
        low, high = said.number(f"{at}.at_least"), said.number(f"{at}.at_most")
        if low is None and high is None and not (one_of and of == "answer") and f"{at}.at_least" not in said.errors:
            said.errors[f"{at}.one_of"] = NO_LIMIT
        if of == "score":
            known = more in ("csat", "nps", "ces")
            measure = cast("Measure", more if known else "csat")
            return When(of="score", measure=measure, at_least=low, at_most=high)
        return When(of="answer", part=more, at_least=low, at_most=high, one_of=one_of)
    if of == "comment":
        return When(of="comment")
    if not one_of:
        said.errors[f"{at}.one_of"] = NO_LIMIT
    if of == "tier":
        return When(of="tier", one_of=one_of)
    return When(of="queue" if of == "queue" else "words", one_of=one_of)


def _then(said: Reading, at: str) -> Action:
    do, text = said.text(f"{at}.do"), said.text(f"{at}.text")
    if do == "alert":
        return RaiseAlert(title=text)
    if do == "webhook":
        return CallWebhook()
    if do == "tag":
        if not text:
            said.errors[f"{at}.text"] = NO_TAG
        return AddTag(tag=text[:60])
    due = said.number(f"{at}.due_minutes") if said.text(f"{at}.due_minutes") else 60.0
    if due is None or not 1 <= due <= 60 * 24 * 90:
        said.errors[f"{at}.due_minutes"] = NO_DUE
        due = 60.0
    return MakeTask(
        kind="follow_up" if do == "follow_up" else "call_back",
        owner=said.text(f"{at}.owner") or "supervisor",
        due_minutes=int(due),
        title=text,
    )


def _when_written(when: When) -> Written:
    more = when.measure if when.of == "score" else when.part if when.of == "answer" else ""
    return {
        "of": f"{when.of}:{more}" if more else when.of,
        "at_least": text_of(when.at_least),
        "at_most": text_of(when.at_most),
        "one_of": ", ".join(when.one_of),
    }


def _then_written(then: Action) -> Written:
    match then:
        case MakeTask():
            return {"do": then.kind, "owner": then.owner, "due_minutes": str(then.due_minutes), "text": then.title}
        case RaiseAlert():
            return {"do": "alert", "text": then.title, "due_minutes": "", "owner": ""}
        case AddTag():
            return {"do": "tag", "text": then.tag, "due_minutes": "", "owner": ""}
        case CallWebhook():
            return {"do": "webhook", "text": "", "due_minutes": "", "owner": ""}
