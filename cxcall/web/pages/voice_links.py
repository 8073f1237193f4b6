"""Where the figures of surveys lead: to the calls they count."""

from __future__ import annotations

from cxcall.web.pages.voice_filter import Asked, Span

PATH = "/calls"


def calls_url(
    asked: Asked, span: Span, survey: str, *, of: str = "", queue: str | None = None, agent: str | None = None
) -> str:
    """The list of calls a figure counts; `queue` and `agent` narrow it where the figure is of one."""
    which = Asked(
        since=span.first,
        until=span.last,
        queue=asked.queue if queue is None else queue,
        agent=asked.agent if agent is None else agent,
    )
    return which.address(PATH, of=of or asked.survey, survey=survey)
