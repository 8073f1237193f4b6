"""What a page of a report is asked for: the words of its address, read once and written back into its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from cxcall.problem import Problem
from cxcall.reports.checking import BadReport, problems
from cxcall.reports.definition import Definition
from cxcall.reports.ready_made import READY_MADE
from cxcall.web.keys import SETTINGS
from cxcall.web.presentation import current
from cxcall.web.report_making import question, word_of
from cxcall.web.report_reading import NAMES, Question

PATH = "/reports"
LONGEST = 2000
"""Letters read of one word."""
USUAL = "month"
"""The period of who says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report by name with the words given; `wrong`: why it is not what they say."""

    name: str
    words: Mapping[str, str]
    question: Question
    wrong: tuple[Problem, ...] = ()

    @property
    def definition(self) -> Definition:
        return self.question.definition

    def address(self, path: str = "", **changes: str) -> str:
        """The page `path` of the report with the words said, some of them changed; "" takes one out."""
        if "when" in changes:
            changes = {"from": "", "to": "", **changes}
        pairs = {**self.words, **changes}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{PATH}/{self.name}{path}" + (f"?{query}" if query else "")


def asked(request: web.Request) -> Asked:
    """What the address says. Words that can't be used are told and left out, the others hold. Raises HTTPNotFound
    when there is no such report."""
    name = request.match_info["name"]
    base = READY_MADE.get(name)
    if base is None:
        raise web.HTTPNotFound
    words = {word: text for word in NAMES if word != "calendar" and (text := _said(request.query, word))}
    good, wrong = dict(words), list[Problem]()
    while True:
        try:
            made = _question(request, base, good)
        except BadReport as error:
            if not good:
                raise  # a report that can't even be made as it comes
            wrong += error.problems
            faulty = {word_of(problem) for problem in error.problems}
            faulty |= {"from", "to"} if faulty & {"from", "to"} else set()
            good = {word: text for word, text in good.items() if word not in faulty} if faulty & good.keys() else {}
        else:
            return Asked(name=name, words=words, question=made, wrong=tuple(wrong))


def _question(request: web.Request, base: Definition, words: Mapping[str, str]) -> Question:
    shown = current()
    period = {} if "from" in words or "to" in words else {"when": USUAL}
    site = request.app[SETTINGS].site
    found = question(base, {**period, **words}, site=site, now=shown.now, calendar=shown.calendar)
    if wrong := problems(found.definition, found.span):
        raise BadReport(wrong)
    return found


def _said(query: MultiMapping[str], word: str) -> str:
    """Boxes of a form say a word several times."""
    return ",".join(text for text in query.getall(word, []) if text)[:LONGEST]
