"""The queue editor's page: a draft as its form, with problems in place, what callers go through, what would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cxcall.problem import Problem
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.differences import Diff
from cxcall.store.queues import KeptQueue
from cxcall.web.digits import digits
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.queues import member_rows, words
from cxcall.web.pages.queues.acts import Edited
from cxcall.web.pages.queues.lines import change, others
from cxcall.web.pages.queues.loading import Around
from cxcall.web.pages.queues.member_rows import Agents, Found, Row
from cxcall.web.pages.queues.path_words import ShownStep, sentence, shown_steps
from cxcall.web.pages.queues.preview import Preview, preview
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _

FILE = "queues_cxcall.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What fields show: `typed` where it could not be read, else what is kept."""

    written: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Found] = ()

    def get(self, name: str) -> str:
        return self.typed.get(name, "") if name in self.errors else self.written.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def found(self, name: str) -> list[Found]:
        return [one for one in self.problems if one.field == name]

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, _(name)) for code, name in LANGUAGE_NAMES.items()]

    @property
    def colours(self) -> Sequence[tuple[str, str]]:
        return list(words.COLOURS.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView(Fields):
    """The page. `d` is the draft, `n` how many of its settings are not applied, `message` what went wrong."""

    queue: KeptQueue
    d: QueueDefinition
    around: Around
    members: Sequence[Row]
    preview: Preview
    steps: Sequence[ShownStep]
    diff: Sequence[Diff]
    others: Sequence[str]
    n: int
    undo: bool
    message: str = ""
    conflict: Sequence[Diff] = ()
    focus: str = ""
    adding: bool = False
    outdated: bool = False
    changed_by: str = ""
    extension: str = ""
    file: str = FILE

    @property
    def name(self) -> str:
        return self.queue.name

    @property
    def title(self) -> str:
        return said(self.d.title) or self.queue.name

    @property
    def at(self) -> str:
        return f"{words.PATH}/{self.queue.server}/{self.queue.name}"

    @property
    def state(self) -> tuple[str, str]:
        return words.STATES[state_of(self.queue)]

    @property
    def managed(self) -> bool:
        return self.around.mode == "managed"

    @property
    def connected(self) -> bool:
        return self.around.switch is not None

    @property
    def sections(self) -> list[tuple[str, str, int | None, str]]:
        """Id, title, how many, worst mark."""
        marks = {
            one.section: "bad" if one.error else "warn" for one in sorted(self.problems, key=lambda one: one.error)
        }
        bad = {words.SECTION_OF.get(name.split(".")[0], "ringing") for name in self.errors}
        return [
            (id_, _(title), self.answering if id_ == "who" else None, "bad" if id_ in bad else marks.get(id_, ""))
            for id_, title in words.SECTIONS
        ]

    @property
    def wrong(self) -> list[Found]:
        return [one for one in self.problems if one.error]

    @property
    def first_wrong(self) -> tuple[str, str]:
        """Section and its title of the first problem to fix."""
        titles = dict(words.SECTIONS)
        first = (self.wrong or list(self.problems))[0].section
        return first, _(titles[first])

    @property
    def ways(self) -> list[tuple[str, str, str, str, bool]]:
        """Value, name, effect, Asterisk's word, whether it can be chosen."""
        skilled = any(one.kind == "skill" for one in self.d.members)
        return [
            (way.value, _(way.name), _(way.effect), way.asterisk, way.value != words.BEST_SKILL or skilled)
            for way in words.WAYS
        ]

    @property
    def strategy(self) -> str:
        return words.BEST_SKILL if words.by_skill(self.d) else self.d.strategy

    @property
    def answering(self) -> int:
        return sum(row.count if row.count is not None else 1 for row in self.members)

    @property
    def by_skill(self) -> bool:
        return any(one.kind == "skill" for one in self.d.members)

    @property
    def pools(self) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
        return member_rows.pools(self.d, self.around.people)

    def priorities(self, penalty: int) -> list[tuple[int, str]]:
        return member_rows.priorities(penalty)

    @property
    def queues(self) -> list[tuple[str, str]]:
        """Others of this Asterisk, to go on to."""
        return [(one.name, said(one.shown.title) or one.name) for one in self.around.kept if one.name != self.name]

    @property
    def prompts(self) -> Sequence[str]:
        return self.around.prompts

    @property
    def prompt_choices(self) -> list[tuple[str, str]]:
        return [(name, name) for name in self.around.prompts]

    @property
    def music(self) -> list[str]:
        return sorted((self.around.switch.music if self.around.switch else None) or {"default"})

    @property
    def calendars(self) -> list[tuple[str, str]]:
        return [(id_, one.name) for id_, one in self.around.calendars.items()]

    @property
    def presence(self) -> Sequence[tuple[str, str]]:
        return list(words.PRESENCE.items())

    @property
    def place(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in words.PLACE.items()]

    @property
    def wait(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in words.WAIT.items()]

    @property
    def auto_pause(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in words.AUTO_PAUSE.items()]


def editor(
    queue: KeptQueue,
    edited: Edited,
    around: Around,
    agents: Agents,
    *,
    undo: bool,
    message: str = "",
    conflict: Sequence[Diff] = (),
    outdated: bool = False,
    extension: str = "",
    asked: Mapping[str, str] | None = None,
) -> EditorView:
    """The page of a draft as `edited` now. `asked`: the address's query, for the moment that is looked at."""
    draft = edited.draft
    seen = preview(asked or edited.typed)
    found = [shown_problem(one) for one in around.problems(queue, draft)]
    changed = change(around, queue, draft)
    return EditorView(
        written=written_of(draft),
        typed=edited.typed,
        errors={
            name: _(text).format(**{key: digits(value) for key, value in values.items()})
            for name, (text, values) in edited.errors.items()
        },
        problems=found,
        queue=queue,
        d=draft,
        around=around,
        members=member_rows.rows(queue.server, draft, around.people, agents, found),
        preview=seen,
        steps=shown_steps(draft, around.facts(queue, seen.at), later=seen.at is not None),
        diff=changed.lines,
        others=others(around, queue.name),
        n=changed.n,
        undo=undo,
        message=message,
        conflict=conflict,
        focus=edited.focus,
        outdated=outdated,
        adding=any(name in edited.errors for name in ("add", "add_phone")),
        changed_by=_shown_name(around, queue.updated_by),
        extension=extension,
    )


def shown_problem(problem: Problem) -> Found:
    """A problem in the reader's language, at the control it is about."""
    first, *rest = problem.field.split(".")
    whole = first in ("announcements", "targets", "members") and rest
    return Found(
        field=f"{first}.{rest[0]}" if whole else first,
        text=sentence(problem),
        error=problem.severity == "error",
        section=words.SECTION_OF.get(first, "ringing"),
    )


def told(text: str, values: Mapping[str, str]) -> str:
    """What is wrong with a field, in the reader's language and digits."""
    return _(text).format(**{name: digits(value) for name, value in values.items()})


def state_of(queue: KeptQueue) -> str:
    """A word of `words.STATES`."""
    if queue.kind == "observed":
        return "hidden" if queue.look.hidden else "observed"
    if queue.removing:
        return "removed"
    if queue.applied is None:
        return "new"
    return "changed" if queue.changed else "applied"


def said(texts: Mapping[str, str]) -> str:
    """A text in the reader's language, else in any."""
    return texts.get(current().language) or next((text for text in texts.values() if text), "")


def written_of(struct: msgspec.Struct) -> dict[str, str]:
    """Fields as text, by the names of the form."""
    flat = _flat(msgspec.to_builtins(struct), "")
    flat["numbers"] = ", ".join(getattr(struct, "numbers", ()))
    for name in ("then", "when_closed"):
        if flat.get(f"{name}.kind") == "number":
            flat[f"{name}.number"] = flat[f"{name}.value"]
    return flat


def _flat(value: Any, at: str) -> dict[str, str]:
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for name, part in value.items():
            found |= _flat(part, f"{at}.{name}" if at else str(name))
        return found
    if isinstance(value, list | tuple):
        return {key: text for n, part in enumerate(value) for key, text in _flat(part, f"{at}.{n}").items()}
    if value is None:
        return {at: ""}
    return {at: f"{value:g}" if isinstance(value, float) else str(value)}


def _shown_name(around: Around, name: str) -> str:
    return next((one.display_name or one.name for one in around.users.values() if one.name == name), name)
