"""What the survey builder shows: cards, the list of parts, problems in their place, seconds, the state of the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxcall.store.prompts import Prompt
from cxcall.store.surveys import Survey
from cxcall.surveys import estimate
from cxcall.surveys.estimate import Estimate
from cxcall.surveys.problems import Problem
from cxcall.surveys.script import END, Part, Question, Script
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.survey_form import Written, text_of, written_of
from cxcall.web.pages.survey_labels import MEASURES
from cxcall.web.pages.survey_loading import Heard
from cxcall.web.pages.survey_phone_view import PhoneView
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """A problem where it is seen: its field (a list's row as `keys.2`), and a page that mends it, if another one."""

    part: str
    field: str
    error: bool
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a list in a card: its number, and where its fields begin."""

    n: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One part as its card. `written` are its fields as text, `errors` what could not be read, by field."""

    id: str
    n: int
    type: str
    kind: str
    icon: str
    title: str
    written: Written
    problems: Sequence[ProblemLine]
    errors: Mapping[str, str] = field(default_factory=dict)
    first: bool = False
    last: bool = False
    open: bool = False

    def get(self, name: str) -> str:
        return self.written.get(name, "")

    def rows(self, name: str) -> list[Row]:
        numbers = {key.split(".")[1] for key in self.written if key.startswith(name + ".")}
        return [Row(n=int(n), at=f"{name}.{n}") for n in sorted(numbers, key=int)]

    def of(self, name: str) -> list[ProblemLine]:
        """Problems of a field; those of list rows belong to the row."""
        return [one for one in self.problems if one.field == name or one.field.startswith(name + ".")]

    @property
    def elsewhere(self) -> list[ProblemLine]:
        """Problems of no field that the card shows."""
        return [one for one in self.problems if one.field.split(".")[0] not in ("prompt", "next", "keys", "cases")]

    @property
    def worst(self) -> str:
        return "bad" if any(one.error for one in self.problems) else "warn" if self.problems else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuilderView:
    """The page. `message` is what went wrong, `focus` the card an act was about, `undo` whether there is a way back."""

    survey: Survey
    name: str
    goal: str
    cards: Sequence[Card]
    problems: Sequence[ProblemLine]
    estimate: Estimate
    prompts: Mapping[str, Prompt]
    changed: bool
    undo: bool
    queues: Sequence[str]
    phone: PhoneView
    extension: str
    message: str = ""
    done: str = ""
    focus: str = ""
    make: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def script(self) -> Script:
        return self.survey.draft

    @property
    def own(self) -> list[ProblemLine]:
        """Problems of the survey itself."""
        return [one for one in self.problems if not one.part]

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Where a card can go on to."""
        return [*((card.id, f"{card.n}. {card.title}") for card in self.cards), (END, _("End without thanks"))]

    @property
    def questions(self) -> list[tuple[str, str]]:
        asked = [part for part in self.script.parts if isinstance(part, Question)]
        return [(f"answer:{part.id}", words.title_of(part)) for part in asked]

    @property
    def add(self) -> list[tuple[str, str, str]]:
        return [(kind, _(name), icon) for kind, (name, icon) in words.ADD.items()]

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Those of the survey, in its order, by name."""
        return [(code, _(LANGUAGE_NAMES[code])) for code in self.script.languages if code in LANGUAGE_NAMES]

    @property
    def every_language(self) -> list[tuple[str, str]]:
        return [(code, _(name)) for code, name in LANGUAGE_NAMES.items()]

    @property
    def measures(self) -> list[tuple[str, str]]:
        return [(measure, _(name)) for measure, name in MEASURES.items()]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind, _(name)) for kind, name in words.QUESTION_KINDS.items()]

    @property
    def to(self) -> list[tuple[str, str]]:
        return [(to, _(name)) for to, name in words.TO.items()]

    def silent(self, prompt_id: str) -> list[str]:
        """Languages of the survey that a prompt can't be heard in, by name."""
        prompt = self.prompts.get(prompt_id)
        if prompt is None:
            return []
        return [name for code, name in self.languages if prompt.variant(code).sound is None]

    def label(self, target: str) -> str:
        return dict(self.targets).get(target, target)


def builder(
    survey: Survey,
    heard: Heard,
    published: Script | None,
    phone: PhoneView,
    *,
    undo: bool = False,
    extension: str = "",
    queues: Sequence[str] = (),
    focus: str = "",
    message: str = "",
    done: str = "",
    typed: Mapping[str, Written] | None = None,
    errors: Mapping[str, str] | None = None,
    make: Mapping[str, str] | None = None,
) -> BuilderView:
    """The page of a survey. `typed` are fields by card that are shown in place of the stored ones, `errors` theirs."""
    script, typed, errors = survey.draft, typed or {}, errors or {}
    found = heard.problems(script)
    lines = [_line(problem, script) for problem in found]
    own = typed.get("", {})
    return BuilderView(
        survey=survey,
        name=own.get("name", survey.name),
        goal=own.get("goal_nps", text_of(survey.goal_nps)),
        cards=[_card(script, n, part, lines, typed, errors, focus) for n, part in enumerate(script.parts)],
        problems=lines,
        estimate=estimate.seconds(script, heard.seconds(script.languages[0] if script.languages else "")),
        prompts=heard.prompts,
        changed=script != published,
        undo=undo,
        queues=queues,
        phone=phone,
        extension=extension,
        focus=focus,
        message=message,
        done=done,
        make=make or {},
        errors=errors if focus == "" else {},
    )


def _card(
    script: Script,
    n: int,
    part: Part,
    lines: Sequence[ProblemLine],
    typed: Mapping[str, Written],
    errors: Mapping[str, str],
    focus: str,
) -> Card:
    return Card(
        id=part.id,
        n=n + 1,
        type=str(part.__struct_config__.tag),
        kind=words.kind_of(part),
        icon=words.icon_of(part),
        title=words.title_of(part),
        written=typed.get(part.id) or written_of(part),
        problems=[line for line in lines if line.part == part.id],
        errors=errors if part.id in typed else {},
        first=n == 0,
        last=n == len(script.parts) - 1,
        open=part.id == focus or part.id in typed,
    )


def _line(problem: Problem, script: Script) -> ProblemLine:
    part = script.part(problem.part)
    prompt = getattr(part or script, problem.field, "") if problem.code == "silent_prompt" else ""
    return ProblemLine(
        part=problem.part,
        field=problem.field,
        error=problem.severity == "error",
        text=words.sentence(problem, script),
        href=f"/admin/prompts/{prompt}" if prompt else "",
    )
