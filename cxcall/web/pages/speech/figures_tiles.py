"""The tiles on top of /speech: calls heard, feeling, talk share, silence, interruptions; pure."""

from __future__ import annotations

from cxcall.web.digits import number_text
from cxcall.web.pages import voice_figures, voice_findings
from cxcall.web.pages.speech.figures_links import calls_url
from cxcall.web.pages.speech.figures_loading import Figures
from cxcall.web.pages.speech.figures_view import Tile
from cxcall.web.pages.voice_filter import Asked
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _
from cxcall.web.words import ngettext


def percent_text(share: float) -> str:
    """81%, in the reader's digits, for sentences."""
    text = number_text(share * 100)
    return f"\u061c{text}٪" if current().persian_digits else f"{text}%"


def tiles(read: Figures) -> list[Tile]:
    """The figures of the period; each opens to the calls it counts."""
    return [_heard(read), _feeling(read), _negative(read), _talk_share(read), _silence(read), _interruptions(read)]


def _heard(read: Figures) -> Tile:
    sums, span = read.sums, read.spans.period
    lines = []
    if read.answered:
        share = min(1.0, sums.heard / read.answered)
        lines.append(_("%(share)s of calls answered") % {"share": percent_text(share)})
    agent = read.known.agents.get(read.asked.agent, "")  # the list of calls knows agents by name
    of = Asked(since=span.first, until=span.last, queue=read.asked.queue, agent=agent)
    answered = ngettext("%(n)s answered", "%(n)s answered", read.answered) % {"n": number_text(read.answered)}
    return Tile(
        name=_("Calls heard"), value=float(sums.heard), kind="number", url=_link(read), lines=lines,
        more=(answered, of.address("/calls", outcome="answered")) if read.answered else None,
        spark=voice_figures.spark([float(heard) for heard in read.trend.heard]),
    )  # fmt: skip


def _feeling(read: Figures) -> Tile:
    sums = read.sums
    lines = [
        _("mean of −1 to +1"),
        ngettext("%(n)s call", "%(n)s calls", sums.moods.felt) % {"n": number_text(sums.moods.felt)},
    ]
    before = read.before_sums.mood
    if before is not None and min(sums.moods.felt, read.before_sums.moods.felt) >= 30:
        lines.append(_("%(value)s before") % {"value": voice_findings.signed(before, 2)})
    return Tile(
        name=_("Customer sentiment"), value=sums.mood, kind="mood", url=_link(read, feeling="known"), lines=lines,
        spark=voice_figures.spark(read.trend.mood),
    )  # fmt: skip


def _negative(read: Figures) -> Tile:
    moods = read.sums.moods
    of = ngettext("%(n)s of %(of)s call", "%(n)s of %(of)s calls", moods.felt)
    return Tile(
        name=_("Negative calls"),
        value=moods.negative / moods.felt if moods.felt else None,
        kind="share",
        url=_link(read, feeling="negative"),
        lines=[of % {"n": number_text(moods.negative), "of": number_text(moods.felt)}],
    )


def _talk_share(read: Figures) -> Tile:
    sums = read.sums
    measured = ngettext("%(n)s call", "%(n)s calls", sums.measured) % {"n": number_text(sums.measured)}
    return Tile(
        name=_("Talk share"), value=sums.talk_share, kind="share", url=_link(read, marked="measured"),
        lines=[_("agents, of all speech"), measured],
    )  # fmt: skip


def _silence(read: Figures) -> Tile:
    sums = read.sums
    times = ngettext("%(n)s silence over 3 s", "%(n)s silences over 3 s", sums.silences)
    calls = ngettext("in %(n)s call", "in %(n)s calls", sums.silent) % {"n": number_text(sums.silent)}
    return Tile(
        name=_("Silence"), value=sums.silence_share, kind="share", url=_link(read, marked="silence"),
        lines=[_("of the talk time"), times % {"n": number_text(sums.silences)}],
        more=(calls, _link(read, marked="silence")),
    )  # fmt: skip


def _interruptions(read: Figures) -> Tile:
    sums = read.sums
    calls = ngettext("in %(n)s call", "in %(n)s calls", sums.interrupted) % {"n": number_text(sums.interrupted)}
    who = _("%(agents)s by agents, %(customers)s by customers") % {
        "agents": number_text(sums.agent_interruptions),
        "customers": number_text(sums.customer_interruptions),
    }
    return Tile(
        name=_("Interruptions"), value=float(sums.interruptions), kind="number",
        url=_link(read, marked="interruption"), lines=[who], more=(calls, _link(read, marked="interruption")),
    )  # fmt: skip


def _link(read: Figures, **which: str) -> str:
    return calls_url(read.asked, read.spans.period, **which)
