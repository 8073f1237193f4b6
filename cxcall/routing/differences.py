"""What a draft changes in the published rules, rule by rule, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeVar

from cxcall.routing.phrases import Words, condition_told, conditions_told, listed, then_told, trial_told
from cxcall.routing.rule import Rule, RuleSet

_T = TypeVar("_T")
Kind = Literal["added", "removed", "changed", "moved", "ageing"]

SENTENCES: Mapping[str, str] = {
    "added": "New, at place {place}: when {when}, then {then}.",
    "removed": "Gone.",
    "moved": "Moves from place {before} to place {after}.",
    "name": "Was called “{before}”.",
    "when_added": "Holds only if, too: {condition}.",
    "when_removed": "Does not ask any more: {condition}.",
    "then_added": "Gives now: {result}.",
    "then_removed": "Does not give any more: {result}.",
    "stop": "No rule below it is read after it.",
    "stop_not": "Rules below it are read after it.",
    "on": "Switched on.",
    "off": "Switched off.",
    "owner": "Looked after by {user}.",
    "owner_none": "Looked after by nobody.",
    "expires": "Holds until {date}.",
    "expires_never": "Does not expire any more.",
    "note": "Has another note.",
    "trial_added": "Becomes {trial}.",
    "trial_removed": "Is no longer {trial}.",
    "ageing": "Who waits rises by one each {every}, up to {most}.",
    "ageing_never": "Who waits does not rise any more.",
}
"""By code; keys of the word catalogues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A rule that comes, goes, changes or only moves; `before` and `after` with their places from 1 (0: not there).

    `ageing`: how priority grows, in `rules`.
    """

    kind: Kind
    before: Rule | None = None
    after: Rule | None = None
    place_before: int = 0
    place_after: int = 0
    rules: RuleSet | None = None

    @property
    def rule(self) -> str:
        """The rule's id, "" for ageing."""
        rule = self.after or self.before
        return rule.id if rule is not None else ""

    @property
    def rule_name(self) -> str:
        rule = self.after or self.before
        return rule.name if rule is not None else ""


def differences(before: RuleSet, after: RuleSet) -> tuple[Change, ...]:
    """What comes, changes and moves in the order of the draft, then what goes."""
    old = {rule.id: (place, rule) for place, rule in enumerate(before.rules, 1)}
    new = {rule.id: (place, rule) for place, rule in enumerate(after.rules, 1)}
    moved = _moved([one for one in old if one in new], [one for one in new if one in old])
    found = [*_ageing(before, after)]
    for rule_id, (place, rule) in new.items():
        was_at, was = old.get(rule_id, (0, None))
        if was is None:
            found.append(Change(kind="added", after=rule, place_after=place))
        elif was != rule or rule_id in moved:
            kind: Kind = "changed" if was != rule else "moved"
            shift = (was_at, place) if rule_id in moved else (place, place)
            found.append(Change(kind=kind, before=was, after=rule, place_before=shift[0], place_after=shift[1]))
    found += [
        Change(kind="removed", before=rule, place_before=place)
        for rule_id, (place, rule) in old.items()
        if rule_id not in new
    ]
    return tuple(found)


def change_told(change: Change, words: Words) -> tuple[str, ...]:
    """A change as sentences under the rule's name."""
    return tuple(_told(change, words))


def _ageing(before: RuleSet, after: RuleSet) -> Iterator[Change]:
    if (before.age_every, before.age_most) != (after.age_every, after.age_most):
        yield Change(kind="ageing", rules=after)


def _moved(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """Rules that stand elsewhere among the others: as few as tell the new order."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stay = {rule for block in blocks for rule in new[block.b : block.b + block.size]}
    return frozenset(new) - stay


def _told(change: Change, words: Words) -> Iterator[str]:
    before, after = change.before, change.after
    if change.rules is not None:
        yield _ageing_told(change.rules, words)
    elif before is None and after is not None:
        place = words.value(change.place_after, "number")
        when = listed(conditions_told(after.when, words), words)
        yield _said("added", words, place=place, when=when, then=_results(after, words))
        if after.trial is not None:
            yield _said("trial_added", words, trial=trial_told(after.trial, words))
    elif before is not None and after is None:
        yield _said("removed", words)
    elif before is not None and after is not None:
        if change.place_before != change.place_after:
            places = (words.value(one, "number") for one in (change.place_before, change.place_after))
            yield _said("moved", words, **dict(zip(("before", "after"), places, strict=True)))
        yield from _rule(before, after, words)


def _rule(before: Rule, after: Rule, words: Words) -> Iterator[str]:
    if before.name != after.name:
        yield _said("name", words, before=before.name)
    if before.enabled != after.enabled:
        yield _said("on" if after.enabled else "off", words)
    gone, come = _apart(before.when, after.when)
    yield from (_said("when_removed", words, condition=condition_told(one, words)) for one in gone)
    yield from (_said("when_added", words, condition=condition_told(one, words)) for one in come)
    lost, won = _apart(then_told(before.then, words), then_told(after.then, words))
    yield from (_said("then_removed", words, result=clause) for _, clause in lost)
    yield from (_said("then_added", words, result=clause) for _, clause in won)
    if before.stop != after.stop:
        yield _said("stop" if after.stop else "stop_not", words)
    if before.trial != after.trial:
        if before.trial is not None:
            yield _said("trial_removed", words, trial=trial_told(before.trial, words))
        if after.trial is not None:
            yield _said("trial_added", words, trial=trial_told(after.trial, words))
    yield from _about(before, after, words)


def _about(before: Rule, after: Rule, words: Words) -> Iterator[str]:
    """What is not about calls."""
    if before.owner != after.owner:
        user = words.value(after.owner, "user") if after.owner else ""
        yield _said("owner" if after.owner else "owner_none", words, user=user)
    if before.expires != after.expires:
        day = words.value(after.expires.isoformat(), "date") if after.expires else ""
        yield _said("expires" if after.expires else "expires_never", words, date=day)
    if before.note != after.note:
        yield _said("note", words)


def _apart(old: Iterable[_T], new: Iterable[_T]) -> tuple[list[_T], list[_T]]:
    """What is only in the first, and only in the second."""
    first, second = list(old), list(new)
    return [one for one in first if one not in second], [one for one in second if one not in first]


def _results(rule: Rule, words: Words) -> str:
    return listed((clause for _, clause in then_told(rule.then, words)), words)


def _ageing_told(rules: RuleSet, words: Words) -> str:
    every, most = words.value(rules.age_every, "seconds"), words.value(rules.age_most, "number")
    return _said("ageing" if rules.age_every else "ageing_never", words, every=every, most=most)


def _said(code: str, words: Words, **values: str) -> str:
    return words.text(SENTENCES[code]).format(**values)
