"""Rules published with the experiments that begin by it, and experiments ended: by people, or when they do harm."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.routing.experiment import running
from cxcall.routing.rule import Rule, RuleSet, Trial
from cxcall.routing.trials import Comparison, Measure, compare, sample, to_stop
from cxcall.store import rule_sets, trial_outcomes
from cxcall.store.rule_sets import Draft, Version
from cxcall.store.trial_outcomes import Outcome

MOST_VERSIONS = 500
"""Looked through for the rule of an experiment that is gone."""
ENDED_ITSELF = "The experiment ended by itself: its measure was worse beyond doubt."


class NoSuchTrial(Exception):
    """No published rule has this experiment."""


def begun(rules: RuleSet, day: date) -> RuleSet:
    """The rules with experiments that begin with them."""
    return _with_trials(rules, lambda trial: trial if trial.began else msgspec.structs.replace(trial, began=day))


async def publish(
    conn: AsyncConnection, draft: Draft, *, base: int, by: str, now: datetime, day: date, note: str = ""
) -> Version:
    """The draft, as it was checked, holds from now on. Raises Conflict as `rule_sets.publish` and `save_draft` do."""
    rules = begun(draft.rules, day)
    made = await rule_sets.publish(conn, rules, base=base, by=by, now=now, note=note)
    if rules != draft.rules:
        await rule_sets.save_draft(conn, rules, version=draft.version, by=by, now=now)
    return made


async def end_trial(conn: AsyncConnection, name: str, *, by: str, now: datetime, day: date, note: str = "") -> Version:
    """The experiment ends today: published at once, and in the draft too. Raises NoSuchTrial, Conflict."""

    def ended(trial: Trial) -> Trial:
        return msgspec.structs.replace(trial, ended=day) if trial.name == name and trial.ended is None else trial

    standing = await rule_sets.standing(conn)
    rules = _with_trials(standing.rules, ended) if standing else RuleSet()
    if standing is None or rules == standing.rules:
        raise NoSuchTrial(NoSuchTrial.__doc__)
    draft = await rule_sets.draft(conn)
    made = await rule_sets.publish(conn, rules, base=standing.n, by=by, now=now, note=note)
    after = _with_trials(draft.rules, ended)
    if draft.version and after != draft.rules:
        await rule_sets.save_draft(conn, after, version=draft.version, by=by, now=now)
    return made


def trials(rules: RuleSet) -> Mapping[str, Rule]:
    """Rules that are experiments, by the experiment's name."""
    return {rule.trial.name: rule for rule in rules.rules if rule.trial is not None}


async def former_trials(conn: AsyncConnection, known: Collection[str]) -> dict[str, Rule]:
    """Experiments that had calls and have no rule any more (none is `known`), by name: the rule as last published."""
    missing = {name for name in await trial_outcomes.names(conn) if name not in known}
    found: dict[str, Rule] = {}
    for line in await rule_sets.history(conn, limit=MOST_VERSIONS) if missing else ():
        version = await rule_sets.get(conn, line.n)
        theirs = trials(version.rules) if version else {}
        found |= {name: theirs[name] for name in missing & theirs.keys() - found.keys()}
        if len(found) == len(missing):
            break
    return found


def _with_trials(rules: RuleSet, change: Callable[[Trial], Trial]) -> RuleSet:
    return msgspec.structs.replace(
        rules,
        rules=tuple(
            msgspec.structs.replace(rule, trial=change(rule.trial)) if rule.trial is not None else rule
            for rule in rules.rules
        ),
    )


async def harmful(conn: AsyncConnection, *, now: datetime, day: date) -> list[str]:
    """Experiments under way that make their measure worse beyond doubt and are to end by themselves."""
    standing = await rule_sets.standing(conn)
    found = []
    for name, rule in trials(standing.rules).items() if standing else ():
        trial = rule.trial
        if trial is None or not trial.stop_worse or not rule.enabled or not running(trial, day):
            continue
        outcomes = await trial_outcomes.of_trial(conn, name, trial.measure, now=now)
        if to_stop(trial, await asyncio.to_thread(compared, trial.measure, outcomes), day):
            found.append(name)
    return found


async def end_harmful(engine: AsyncEngine, *, now: datetime, day: date) -> list[Version]:
    """End those; what was published by it. Raises Conflict when somebody publishes at the same moment."""
    async with engine.connect() as conn:
        names = await harmful(conn, now=now, day=day)
    made = []
    for name in names:
        async with engine.begin() as conn:
            made.append(await end_trial(conn, name, by="", now=now, day=day, note=ENDED_ITSELF))
    return made


def compared(measure: Measure, outcomes: Iterable[Outcome]) -> Comparison:
    """Both groups of an experiment by what became of their calls."""
    arms: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for one in outcomes:
        arms[one.arm].append((one.who, one.value))
    return compare(measure, sample(measure, arms["treated"]), sample(measure, arms["control"]))
