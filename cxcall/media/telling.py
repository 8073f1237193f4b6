"""What pages are told of a talk: each message of `transcript:<call>`, and what overseers hear on `speech`. Pure.

Unlike other channels (decision 0003) these carry the content: a page that asked for each turn would be late by as much.
Only what is shown goes out, never what is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxcall.bus.speech import HintCheck, ShownHint
from cxcall.speech.hinting import Suggestion
from cxcall.speech.required import Check
from cxcall.speech.transcript import Speaker
from cxcall.speech.understanding import News, Said

FALLEN = -0.5
"""A mood as low as this that still gets worse may need a supervisor."""


def partial(speaker: Speaker, agent_name: str, start: float, text: str) -> dict[str, Any]:
    """What is being said; an empty text withdraws it."""
    return {"kind": "partial", "speaker": speaker, "agent_name": agent_name, "start": round(start, 2), "text": text}


def turn(said: Said, agent_name: str) -> dict[str, Any]:
    """A turn, or one that is shown differently now: the same `n` takes the place of what was told before."""
    return {
        "kind": "turn", "n": said.turn.n, "speaker": said.turn.speaker, "agent_name": agent_name,
        "start": said.turn.start, "end": said.turn.end, "text": said.shown, "sentiment": said.turn.sentiment,
        "marks": [list(mark) for mark in said.marks],
    }  # fmt: skip


def state(news: News) -> dict[str, Any]:
    """Where the talk stands."""
    return {
        "kind": "state", "mood": news.mood, "trend": news.trend, "mood_line": list(news.mood_line),
        "topics": _topics(news), "share": [round(share, 3) for share in news.share], "hints": news.revision,
        "checks": [{"id": check.category, "said": check.said} for check in news.checks],
    }  # fmt: skip


def gap(since: float, until: float, why: str) -> dict[str, Any]:
    return {"kind": "gap", "from": round(since, 2), "to": round(until, 2), "why": why}


def held(is_held: bool) -> dict[str, Any]:
    return {"kind": "held", "held": is_held}


def over() -> dict[str, Any]:
    return {"kind": "over"}


def overview(call_id: str, news: News) -> dict[str, Any]:
    """For those who watch many calls."""
    return {"call": call_id, "mood": news.mood, "trend": news.trend, "topics": _topics(news)}


def shown_hint(hint_id: str, suggestion: Suggestion) -> ShownHint:
    """A hint as a page shows it."""
    return ShownHint(
        id=hint_id, kind=suggestion.kind, title=suggestion.title, at=suggestion.at, text=suggestion.text,
        action=suggestion.action, reason=suggestion.reason, quote=suggestion.quote, quote_at=suggestion.quote_at,
        quote_n=suggestion.quote_n, category_id=suggestion.category, article_id=suggestion.article,
        checks=hint_checks(suggestion.checks), hot=suggestion.hot, transfer=suggestion.transfer,
    )  # fmt: skip


def hint_checks(checks: Sequence[Check]) -> tuple[HintCheck, ...]:
    return tuple(HintCheck(category_id=check.category, name=check.name, said=check.said) for check in checks)


def needs_somebody(news: News, alerting: Mapping[str, bool]) -> str | None:
    """Why a supervisor should look at the call: the id of a category that alerts, "feeling", or None.

    `alerting`: for each category whether it alerts.
    """
    for hit in news.hits:
        if alerting.get(hit.category):
            return hit.category
    if news.mood is not None and news.mood <= FALLEN and news.trend == "worsening":
        return "feeling"
    return None


def _topics(news: News) -> list[dict[str, Any]]:
    return [{"id": topic.id, "name": dict(topic.name), "tone": topic.tone} for topic in news.topics]
