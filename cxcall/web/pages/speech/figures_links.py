"""Where the figures of speech lead: to the list of the calls they count. Read from an address, written into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from cxcall.store.category_figures import Cut
from cxcall.store.speech_talks import Feeling, Marked, Talks
from cxcall.store.survey_figures import Period
from cxcall.web.pages.voice_filter import Asked, Span

PATH = "/speech"
CALLS = PATH + "/calls"
SAID: Mapping[str, bool] = {"yes": True, "no": False}


def cut_of(asked: Asked, span: Span) -> Cut:
    """The calls of a span that the filters leave."""
    return Cut(
        period=Period(since=span.since, until=span.until),
        queue=asked.queue or None,
        agents=(asked.agent,) if asked.agent else (),
    )


def calls_url(asked: Asked, span: Span, *, queue: str = "", agent: str = "", **which: str) -> str:
    """The list of the calls a figure counts. `which`: category, feeling, marked, required, said."""
    of = Asked(since=span.first, until=span.last, queue=queue or asked.queue, agent=agent or asked.agent)
    return of.address(CALLS, **which)


def talks(query: Mapping[str, str], cut: Cut) -> Talks:
    """What an address asks for; words that mean nothing are left out."""
    feeling, marked = query.get("feeling", ""), query.get("marked", "")
    return Talks(
        cut=cut,
        category_id=query.get("category") or None,
        feeling=cast("Feeling", feeling) if feeling in get_args(Feeling) else None,
        marked=cast("Marked", marked) if marked in get_args(Marked) else None,
        required_id=query.get("required") or None,
        said=SAID.get(query.get("said", "")),
    )
