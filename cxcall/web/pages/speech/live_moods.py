"""How the talks feel that go on now, for lists of calls: asked of the pipeline, which answers from memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import LiveAsk, LiveSnapshot
from cxcall.store import alerts
from cxcall.web.pages.speech.mood import Mood, mood
from cxcall.web.pages.speech.talk_view import Topic, worded
from cxcall.web.words import N_

ALERT = "speech:"
"""How the keys of alerts about a talk begin; the call's id follows."""
DEADLINE = 1.0
FALLEN = -0.5
"""A mood as low as this that still gets worse may need a supervisor."""
UPSET = N_("The customer is upset and it gets worse.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMood:
    """`mood` is None while nothing was said.

    Why the call may need somebody: `reason`, a key in English, and `alert`, the title of an alert about it.
    """

    mood: Mood | None = None
    topics: tuple[Topic, ...] = ()
    reason: str = ""
    alert: str = ""

    @property
    def needs(self) -> bool:
        """Whether the call may need somebody."""
        return bool(self.reason or self.alert)


async def live_moods(
    commands: Commands, conn: AsyncConnection, call_ids: Iterable[str], now: datetime
) -> dict[str, LiveMood]:
    """What is known of these calls, by id; without those that nobody hears and nothing alerts about."""
    alerted = {
        alert.key.removeprefix(ALERT): alert.title
        for alert in await alerts.heard(conn, now=now, limit=500)
        if alert.key.startswith(ALERT)
    }
    found = {}
    for id_ in call_ids:
        live = await _live(commands, id_)
        if live is not None or id_ in alerted:
            found[id_] = _mood_of(live, alerted.get(id_, ""))
    return found


async def _live(commands: Commands, call_id: str) -> LiveSnapshot | None:
    try:
        live: LiveSnapshot | None = await commands.ask("speech:live", LiveAsk(call_id=call_id), timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        return None
    return live


def _mood_of(live: LiveSnapshot | None, alert: str) -> LiveMood:
    state: Mapping[str, object] = (live.state if live else None) or {}
    value, trend = state.get("mood"), str(state.get("trend") or "")
    line, topics = state.get("mood_line"), state.get("topics")
    upset = isinstance(value, float | int) and value <= FALLEN and trend == "worsening"
    return LiveMood(
        mood=mood(float(value), trend, line if isinstance(line, list | tuple) else ())
        if isinstance(value, float | int)
        else None,
        topics=tuple(
            Topic(name=worded(topic["name"]), tone=topic["tone"])
            for topic in (topics if isinstance(topics, list | tuple) else ())
        ),
        reason=UPSET if upset else "",
        alert=alert,
    )
