"""From the call to the last question: the steps, why calls were not asked, and who hands callers over; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cxcall.store.survey_figures import FunnelCount, PartCount
from cxcall.surveys import score
from cxcall.surveys.asking import Reason
from cxcall.surveys.score import Score
from cxcall.surveys.script import Question, Script
from cxcall.web.digits import number_text
from cxcall.web.pages import voice_figures
from cxcall.web.pages.survey_labels import REASONS, said
from cxcall.web.pages.voice_figures import Counts
from cxcall.web.pages.voice_tiles import Asking, Link
from cxcall.web.pages.voice_view import AgentLine, Step
from cxcall.web.words import gettext as _

_ASKED = ("offered", "started", "finished")
_CALLER_FIRST, _TRANSFERRED, _NOT_ANSWERED = "caller_hung_up", "transferred", "not_answered"


def asking(counts: Iterable[FunnelCount]) -> Asking:
    """How many were asked and finished."""
    some = list(counts)
    return Asking(asked=_sum(some, states=_ASKED), finished=_sum(some, states=("finished",)))


def steps(counts: Sequence[FunnelCount], questions: Sequence[tuple[str, str, int]], link: Link) -> list[Step]:
    """The steps with their share of the calls; `questions` are (part, title, how many answered it)."""
    calls = _sum(counts, kinds=("after_call",))
    later = _sum(counts, states=_ASKED, kinds=("later",))
    whole = max(calls, _sum(counts, states=_ASKED), 1)
    note = _("%(n)s of them in a call later") % {"n": number_text(later)} if later else ""
    rows = [
        (_("Calls in queues that ask"), calls, "any", "", False),
        (_("Asked"), _sum(counts, states=_ASKED), "asked", note, False),
        (_("Began to answer"), _sum(counts, states=("started", "finished")), "begun", "", False),
        *((title, n, f"part:{part}", "", True) for part, title, n in questions),
        (_("Finished"), _sum(counts, states=("finished",)), "finished", "", False),
    ]
    return [
        Step(name=name, n=n, share=n / whole, url=link(filter_), note=note, sub=sub)
        for name, n, filter_, note, sub in rows
    ]


def questions(script: Script | None, counts: Iterable[PartCount]) -> list[tuple[str, str, int]]:
    """The questions of a script in its order, with how many answered each; parts it no longer has come last."""
    answered: Counter[str] = Counter()
    for count in counts:
        answered[count.part] += count.n if count.result == "answered" else 0
    asked = [part for part in script.parts if isinstance(part, Question)] if script else []
    found = [(part.id, said(part.title) or part.id, answered.pop(part.id, 0)) for part in asked]
    comments = {part.id for part in script.parts} if script else set()
    return found + [(part, part, n) for part, n in answered.items() if part not in comments and n]


def reasons(counts: Sequence[FunnelCount], link: Link) -> list[Step]:
    """Why calls were not asked, the most frequent first, as shares of those not asked."""
    found: Counter[Reason] = Counter()
    for count in counts:
        if count.state == "not_asked":
            found[count.reason] += count.n
    whole = found.total() or 1
    return [
        Step(name=_(REASONS[reason]), n=n, share=n / whole, url=link(f"not_asked:{reason}"))
        for reason, n in found.most_common()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAgent:
    """What is known by agent (interface)."""

    names: Mapping[str, str]
    funnel: Mapping[str, Sequence[FunnelCount]]
    csat: Mapping[str, Counts]
    nps: Mapping[str, Counts]
    links: Mapping[str, Link]
    own: Mapping[str, str]


def agents(known: ByAgent, all_of_them: Score) -> list[AgentLine]:
    """A line an agent, those with the best satisfaction first, those with few answers after them."""
    lines = [_agent(known, agent, all_of_them) for agent in {**known.funnel, **known.csat, **known.nps} if agent]
    return sorted(lines, key=lambda line: (line.csat.few, -(line.csat.value or 0.0), line.name))


def _agent(known: ByAgent, agent: str, all_of_them: Score) -> AgentLine:
    link = known.links[agent]
    counts = [count for count in known.funnel.get(agent, ()) if count.kind == "after_call"]
    calls = sum(count.n for count in counts if count.reason != _NOT_ANSWERED)
    caller_first = _sum(counts, reason=_CALLER_FIRST)
    transferred = _sum(counts, reason=_TRANSFERRED)
    csat = score.csat(known.csat.get(agent, {}))
    return AgentLine(
        name=known.names.get(agent, agent),
        url=known.own[agent],
        csat=csat,
        nps=score.nps(known.nps.get(agent, {})),
        calls=calls,
        asked=_sum(counts, states=_ASKED),
        ended_first=calls - caller_first - transferred,
        caller_first=caller_first,
        transferred=transferred,
        behind=voice_figures.is_behind(csat, all_of_them),
        asked_url=link("asked"),
        caller_first_url=link(f"not_asked:{_CALLER_FIRST}"),
        transferred_url=link(f"not_asked:{_TRANSFERRED}"),
        csat_url=link("csat"),
        nps_url=link("nps"),
    )


def _sum(
    counts: Iterable[FunnelCount],
    *,
    states: Sequence[str] = (),
    kinds: Sequence[str] = ("after_call", "later"),
    reason: str = "",
) -> int:
    return sum(
        count.n
        for count in counts
        if count.kind in kinds and (not states or count.state in states) and (not reason or count.reason == reason)
    )
