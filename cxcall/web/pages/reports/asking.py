"""What a page of a report is asked for: the words of its address, read once and written back into its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from cxcall.problem import Problem
from cxcall.reports.checking import BadReport, problems
from cxcall.reports.definition import Definition
from cxcall.reports.measures import find
from cxcall.reports.ready_made import READY_MADE
from cxcall.web.keys import SETTINGS
from cxcall.web.presentation import current
from cxcall.web.report_making import question, word_of
from cxcall.web.report_reading import ALL, NAMES, NOTHING, Question
from cxcall.web.report_words import report_name, report_sentence

PATH = "/reports"
LONGEST = 2000
"""Letters read of one word."""
SHOW = "show"
"""The word for the figure that is drawn: not part of the report, but kept by what changes the report."""
USUAL = "month"
"""The period of who says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report with the words given: a ready-made one by its `name`, a saved one by `own/ID`. `base`: the report
    without the words. `wrong`: why it is not what they say. `show`: the figure that is drawn, "" the usual one. `stem`:
    how names of its files begin; `opens`: whether its words fit into an address, so that its figures can be opened."""

    name: str
    words: Mapping[str, str]
    question: Question
    wrong: tuple[Problem, ...] = ()
    base: Definition = field(default_factory=Definition)
    title: str = ""
    sentence: str = ""
    show: str = ""
    stem: str = ""
    opens: bool = True

    @property
    def definition(self) -> Definition:
        return self.question.definition

    def address(self, path: str = "", **changes: str) -> str:
        """The page `path` of the report with the words said, some of them changed; "" takes one out, and what the
        report itself has in its place too."""
        if "when" in changes:
            changes = {"from": "", "to": "", **changes}
        pairs = {**self.words, SHOW: self.show, **{word: text or self._without(word) for word, text in changes.items()}}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{PATH}/{self.name}{path}" + (f"?{query}" if query else "")

    def _without(self, word: str) -> str:
        """What says that the report's own choice does not hold; "" where it has none."""
        base, only = self.base, self.base.narrowing
        chosen = {
            "queue": (only.queues, ALL),
            "agent": (only.agents, ALL),
            "compare": (base.compare or base.other_queue, NOTHING),
            "short": (base.short == "in", "out"),
        }
        there, without = chosen.get(word, ("", ""))
        return without if there else ""


def asked(request: web.Request) -> Asked:
    """What the address says of a ready-made report. Raises HTTPNotFound when there is no such report."""
    name = request.match_info["name"]
    base = READY_MADE.get(name)
    if base is None:
        raise web.HTTPNotFound
    found = asked_of(request, name, base, {"when": USUAL})
    return replace(found, title=report_name(name), sentence=report_sentence(name), stem=name)


def asked_of(request: web.Request, name: str, base: Definition, days: Mapping[str, str]) -> Asked:
    """What the address says of a report; `days`: the words of its period where the address has none. Words that
    can't be used are told and left out, the others hold."""
    words = {word: text for word in NAMES if word != "calendar" and (text := _said(request.query, word))}
    show = _shown(request)
    good, wrong = dict(words), list[Problem]()
    while True:
        try:
            made = _question(request, base, good, days)
        except BadReport as error:
            if not good:  # a saved report that can't be made as it was kept
                made = _read(request, base, days)
                problems_ = (*wrong, *error.problems)
                return Asked(name=name, words=words, question=made, wrong=problems_, base=base, show=show)
            wrong += error.problems
            faulty = {word_of(problem) for problem in error.problems}
            faulty |= {"from", "to"} if faulty & {"from", "to"} else set()
            good = {word: text for word, text in good.items() if word not in faulty} if faulty & good.keys() else {}
        else:
            return Asked(name=name, words=words, question=made, wrong=tuple(wrong), base=base, show=show)


def _question(request: web.Request, base: Definition, words: Mapping[str, str], days: Mapping[str, str]) -> Question:
    found = _read(request, base, words if words.keys() & {"when", "from", "to"} else {**days, **words})
    if wrong := problems(found.definition, found.span):
        raise BadReport(wrong)
    return found


def _read(request: web.Request, base: Definition, words: Mapping[str, str]) -> Question:
    shown = current()
    return question(base, words, site=request.app[SETTINGS].site, now=shown.now, calendar=shown.calendar)


def _said(query: MultiMapping[str], word: str) -> str:
    """Boxes of a form say a word several times."""
    return ",".join(text for text in query.getall(word, []) if text)[:LONGEST]


def _shown(request: web.Request) -> str:
    """The figure that is to be drawn; "" where there is none of that name."""
    name = _said(request.query, SHOW)
    return name if find(name) is not None else ""
