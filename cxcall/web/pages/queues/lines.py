"""What applying would change in Asterisk, line by line: against the lines it was given last, not against the draft's.

People sign in elsewhere and join teams, prompts are recorded anew: a queue nobody edited may have other lines today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.queues import conf, differences
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.differences import Diff, Sign
from cxcall.queues.line import Files, Line, Section
from cxcall.queues.membership import resolve
from cxcall.queues.rules import rule_lines
from cxcall.store.queues import KeptQueue
from cxcall.web.pages.queues.loading import Around

_RULE = "defaultrule"
"""Named after its steps; the steps themselves are what changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would be written. `n` settings differ; `lines` leaves out what is far from them."""

    n: int
    lines: Sequence[Diff]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What is said about one queue: in the file of queues (`there`: it is in it), in that of rules, beside both."""

    there: bool = False
    lines: Sequence[Line] = ()
    rule: Sequence[Line] = ()
    beside: Sequence[Line] = ()


def change(here: Around, queue: KeptQueue, draft: QueueDefinition | None) -> Change:
    """From what Asterisk was given last to the draft with today's people (None: the queue goes)."""
    made = between(queue.name, _written(here.written, here.standing, queue.name), _wanted(here, draft))
    if not made.n and draft is not None and queue.applied not in (None, draft):
        return Change(n=1, lines=made.lines)  # only its names or colour: nothing of it is Asterisk's
    return made


def others(here: Around, name: str) -> list[str]:
    """Queues that nobody edited and whose lines are other ones today: whatever is applied, they are written too."""
    sections = {one.name: one.lines for one in here.written.queues}
    return [
        one.name
        for one in here.standing
        if one.name != name and one.enabled and _lines(here, one) != sections.get(one.name)
    ]


def back(here: Around, files: Files, definitions: Sequence[QueueDefinition]) -> list[Diff]:
    """From what Asterisk has to an earlier version, whose lines come back as they were written."""
    lines: list[Diff] = []
    for name in sorted({one.name for one in (*here.standing, *definitions)}):
        made = between(name, _written(here.written, here.standing, name), _written(files, definitions, name))
        if made.n:
            lines += made.lines
    return lines


def between(name: str, before: _Said, after: _Said) -> Change:
    diffs = differences.diff(before.lines, after.lines)
    rule = differences.diff(before.rule, after.rule)
    beside = differences.diff(before.beside, after.beside)
    settings = [one for one in diffs if one.var != _RULE or not differences.changes(rule)]
    n = differences.changes(settings) + differences.changes(rule) + differences.changes(beside)
    head = [Diff(sign=_sign(before, after), text=f"[{name}]")]
    apart = [one for one in (*rule, *beside) if one.sign != " "]
    return Change(n=n, lines=[*head, *differences.short(diffs), *apart])


def _written(files: Files, definitions: Sequence[QueueDefinition], name: str) -> _Said:
    lines = _section(files.queues, name)
    definition = next((one for one in definitions if one.name == name), None)
    rule = next((line.value for line in lines or () if line.var == _RULE), "")
    return _Said(
        there=lines is not None, lines=lines or (), rule=_section(files.rules, rule) or (),
        beside=conf.beside(definition) if definition else (),
    )  # fmt: skip


def _wanted(here: Around, draft: QueueDefinition | None) -> _Said:
    if draft is None:
        return _Said()
    if not draft.enabled:
        return _Said(beside=conf.beside(draft))
    return _Said(there=True, lines=_lines(here, draft), rule=rule_lines(draft), beside=conf.beside(draft))


def _lines(here: Around, definition: QueueDefinition) -> Sequence[Line]:
    return conf.lines(definition, resolve(definition.members, here.people), here.sounds)


def _section(sections: Sequence[Section], name: str) -> Sequence[Line] | None:
    return next((one.lines for one in sections if one.name == name), None)


def _sign(before: _Said, after: _Said) -> Sign:
    if not before.there:
        return "+" if after.there else " "
    return " " if after.there else "-"
