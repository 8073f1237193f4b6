"""The figures of speech as the page shows them: tiles, categories, what is new, moods, what had to be said; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from cxcall.store.category_figures import CategoryCount, RequiredShare
from cxcall.surveys.score import FEW
from cxcall.web.dates import date_text
from cxcall.web.digits import number_text
from cxcall.web.pages import voice_figures, voice_findings
from cxcall.web.pages.speech.category_words import name_of
from cxcall.web.pages.speech.figures_links import calls_url
from cxcall.web.pages.speech.figures_loading import Figures, menus
from cxcall.web.pages.speech.figures_news import Share, changed
from cxcall.web.pages.speech.figures_tiles import percent_text, tiles
from cxcall.web.pages.speech.figures_view import (
    CategoryRow,
    Change,
    FiguresView,
    Line,
    MoodPart,
    MoodRow,
    New,
    Point,
    Required,
    RequiredRow,
    Said,
    Way,
    Week,
)
from cxcall.web.pages.speech.mood import feeling
from cxcall.web.words import gettext as _
from cxcall.web.words import ngettext

USUAL = 3
"""Lines of the chart when nobody chose any; at most there are as many as colours."""
COLOURS = ("d1", "d2", "d3", "d4", "d5")
MOST_NEWS = 6
MOST_AGENTS = 200


def view(read: Figures, *, picked: Sequence[str], ever: bool, sets_up: bool) -> FiguresView:
    """The whole page."""
    frame = menus(read.asked, read.known, "/speech", picked=picked, exported=len(read.counted.categories))
    subtitle = _subtitle(read)
    if not read.sums.heard:
        return FiguresView(menus=frame, subtitle=subtitle, empty=True, ever=ever, sets_up=sets_up)
    found = [one for one in read.counted.categories if _kind(read, one.category_id) != "required"]
    lines = _lines(read, found, picked)
    shares = _shares(read, found)
    return FiguresView(
        menus=frame,
        subtitle=subtitle,
        empty=False,
        ever=True,
        sets_up=sets_up,
        tiles=tiles(read),
        categories=[_row(read, one, shares[one.category_id], {line.id for line in lines}) for one in found],
        lines=lines,
        weeks=_weeks(read, lines),
        hidden=[pair for pair in frame.hidden if pair[0] != "show"] + _days(read),
        finding=_finding(read, lines),
        news=[_new(read, share) for share in changed(list(shares.values()))[:MOST_NEWS]],
        moods=_moods(read),
        required=_required(read),
        few=FEW,
    )


def _subtitle(read: Figures) -> str:
    values = {"days": voice_findings.period(read.spans.period), "before": voice_findings.compared(read.spans.period)}
    return _("Calls heard of %(days)s, %(before)s") % values


def _days(read: Figures) -> list[tuple[str, str]]:
    """The days a form has to keep."""
    asked = read.asked
    pairs = [("from", asked.since), ("to", asked.until)]
    days = [(name, day.isoformat()) for name, day in pairs if day is not None]
    return days or [("when", asked.quick)]


def _kind(read: Figures, id_: str) -> str:
    category = read.categories.get(id_)
    return category.kind if category else "topic"


def _tone(read: Figures, id_: str) -> str:
    category = read.categories.get(id_)
    return category.tone if category else "neutral"


def _shares(read: Figures, found: Sequence[CategoryCount]) -> dict[str, Share]:
    """The share of each category in both periods, also of those that are not found any more."""
    now = {one.category_id: one.calls for one in found}
    then = {one.category_id: one.calls for one in read.before.categories if _kind(read, one.category_id) != "required"}
    return {
        id_: Share(
            key=id_, n=now.get(id_, 0), of=read.counted.heard, before_n=then.get(id_, 0), before_of=read.before.heard
        )
        for id_ in {**now, **then}
    }


def _change(read: Figures, share: Share) -> Change | None:
    """None where too few calls were heard to tell."""
    if share.points is None or min(share.of, share.before_of) < FEW:
        return None
    points = round(share.points, 1)
    good = {"good": 1, "warn": -1, "bad": -1}.get(_tone(read, share.key), 0) * points
    way: Way = "up" if good > 0 else "down" if good < 0 else "flat"
    return Change(points=points or 0.0, way=way)


def _row(read: Figures, one: CategoryCount, share: Share, picked: set[str]) -> CategoryRow:
    category = read.categories.get(one.category_id)
    weekly = read.trend.calls.get(one.category_id, ())
    values = [calls / heard if heard else None for calls, heard in zip(weekly, read.trend.heard, strict=False)]
    return CategoryRow(
        id=one.category_id,
        name=name_of(category),
        tone=_tone(read, one.category_id),
        known=category is not None,
        n=one.calls,
        share=one.share,
        url=calls_url(read.asked, read.spans.period, category=one.category_id),
        change=_change(read, share),
        feeling=feeling(one.mood),
        mood=one.mood,
        spark=voice_figures.spark(values),
        picked=one.category_id in picked,
    )


def _lines(read: Figures, found: Sequence[CategoryCount], picked: Sequence[str]) -> list[Line]:
    known = [one.category_id for one in found]
    wanted = [id_ for id_ in picked if id_ in known or id_ in read.categories] or known[:USUAL]
    return [
        Line(id=id_, name=name_of(read.categories.get(id_)), colour=colour)
        for id_, colour in zip(dict.fromkeys(wanted), COLOURS, strict=False)
    ]


def _weeks(read: Figures, lines: Sequence[Line]) -> list[Week]:
    weeks = []
    for place, span in enumerate(read.spans.weeks):
        heard = read.trend.heard[place]
        points = []
        for line in lines:
            n = read.trend.calls.get(line.id, (0,) * len(read.spans.weeks))[place]
            value = round(100 * n / heard, 1) if heard else None
            points.append(Point(value=value, n=n, url=calls_url(read.asked, span, category=line.id)))
        url = calls_url(read.asked, span)
        weeks.append(Week(label=date_text(span.first, year=False), heard=heard, url=url, points=points))
    return weeks


def _finding(read: Figures, lines: Sequence[Line]) -> str:
    """What the chart says in one sentence: the first line between its first and last week with enough calls."""
    enough = [place for place, heard in enumerate(read.trend.heard) if heard >= FEW]
    if not lines or len(enough) < 2:
        total = sum(read.trend.heard)
        text = ngettext(
            "%(n)s call was heard in these weeks: too few for a trend.",
            "%(n)s calls were heard in these weeks: too few for a trend.",
            total,
        )
        return text % {"n": number_text(total)}
    line, (first, *_rest, last) = lines[0], enough
    calls, heard = read.trend.calls.get(line.id, (0,) * len(read.trend.heard)), read.trend.heard
    share = Share(key=line.id, n=calls[last], of=heard[last], before_n=calls[first], before_of=heard[first])
    values = {
        "what": line.name,
        "then": percent_text(share.before_n / share.before_of),
        "now": percent_text(share.n / share.of),
        "week": date_text(read.spans.weeks[first].first, year=False),
        "last": date_text(read.spans.weeks[last].first, year=False),
    }
    if not changed([share]):
        return _("“%(what)s” is steady at %(now)s of calls: the weeks differ no more than chance explains.") % values
    if (share.points or 0) > 0:
        text = _("“%(what)s” rose from %(then)s of calls in the week of %(week)s to %(now)s in the week of %(last)s.")
    else:
        text = _("“%(what)s” fell from %(then)s of calls in the week of %(week)s to %(now)s in the week of %(last)s.")
    return text % values


def _new(read: Figures, share: Share) -> New:
    return New(
        name=name_of(read.categories.get(share.key)),
        change=_change(read, share) or Change(points=round(share.points or 0.0, 1), way="flat"),
        share=share.n / share.of,
        before=share.before_n / share.before_of,
        n=share.n,
        url=calls_url(read.asked, read.spans.period, category=share.key),
    )


def _moods(read: Figures) -> list[MoodRow]:
    """Topics by how customers felt in those calls, the unhappiest first."""
    rows = []
    for id_, moods in read.moods.items():
        if _kind(read, id_) != "topic" or not moods.felt:
            continue
        counts: tuple[tuple[str, str, Literal["bad", "mid", "good"], int], ...] = (
            ("negative", _("Negative"), "bad", moods.negative),
            ("neutral", _("Neutral"), "mid", moods.neutral),
            ("positive", _("Positive"), "good", moods.positive),
        )
        parts, x = [], 0.0
        for key, name, kind, n in counts:
            share = 100 * n / moods.felt
            url = calls_url(read.asked, read.spans.period, category=id_, feeling=key)
            parts.append(MoodPart(name=name, kind=kind, n=n, x=x, share=share, url=url))
            x += share
        rows.append(MoodRow(name=name_of(read.categories.get(id_)), n=moods.felt, parts=parts))
    return sorted(rows, key=lambda row: (-row.parts[0].share, -row.n, row.name))


def _required(read: Figures) -> Required | None:
    """What had to be said: a column for each phrase, those said least first."""
    if not read.required:
        return None
    ids = [one.category_id for one in read.required]

    def cells(of: Mapping[str, RequiredShare], **where: str) -> list[Said | None]:
        return [_said(read, of.get(id_), **where) for id_ in ids]

    names = read.known.agents
    agents = sorted(read.by_agent, key=lambda agent: names.get(agent, agent).casefold())[:MOST_AGENTS]
    return Required(
        names=[name_of(read.categories.get(id_)) for id_ in ids],
        every=cells({one.category_id: one for one in read.required}),
        queues=[RequiredRow(name=name, cells=cells(of, queue=name)) for name, of in sorted(read.by_queue.items())],
        agents=[
            RequiredRow(name=names.get(agent, agent), cells=cells(read.by_agent[agent], agent=agent))
            for agent in agents
        ],
    )


def _said(read: Figures, one: RequiredShare | None, **where: str) -> Said | None:
    if one is None:
        return None

    def url(said: str) -> str:
        return calls_url(read.asked, read.spans.period, required=one.category_id, said=said, **where)

    return Said(said=one.said, n=one.n, said_url=url("yes"), missing_url=url("no"))
