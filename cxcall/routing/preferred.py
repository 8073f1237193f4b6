"""Who is rung before the queue: the agent the caller knows, the account manager, or somebody named; or why nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cxcall.routing.facts import AgentNow, Facts, Past
from cxcall.routing.rule import Preferred

GOOD_SCORE = 50.0
"""Per cent: a caller who gave an agent less is not sent to them again."""
MOST_WAIT = 60
"""Seconds a caller is kept from the queue at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who is rung (None: nobody) and the reason's code with its values."""

    agent: AgentNow | None
    code: str
    values: Mapping[str, Any]


def choose(preferred: Preferred, facts: Facts) -> Choice:
    """The agent to ring first. Only one who is ready is rung: a busy phone would keep the caller for nothing."""
    user, code, values = _WHO[preferred.who](preferred, facts)
    if not user:
        return Choice(agent=None, code=code, values=values)
    agent = facts.agents.get(user)
    if agent is None or not agent.interface or agent.state == "offline":
        return Choice(agent=None, code="agent_absent", values={"user": user, "agent": agent.name if agent else ""})
    said = {"user": user, "agent": agent.name}
    if agent.state != "ready":
        return Choice(agent=None, code="agent_not_ready", values=said | {"state": agent.state})
    return Choice(agent=agent, code=code, values=said | {"wait": wait(preferred)})


def wait(preferred: Preferred) -> int:
    """Seconds they are rung, within what is bearable."""
    return min(max(preferred.wait, 1), MOST_WAIT)


def went_badly(past: Past) -> bool:
    """Whether the last call was rated badly or ended in a bad mood."""
    return past.last_mood == "negative" or (past.last_agent_score is not None and past.last_agent_score < GOOD_SCORE)


_Found = tuple[str, str, Mapping[str, Any]]
"""A user id, "" none, and the code and values of the reason."""


def _last(preferred: Preferred, facts: Facts) -> _Found:
    """Who had the last call, when that went well; else who talked with them before, the newest first."""
    past = facts.past
    last = past.last_agent or ""
    known = [user for user in past.known_agents if user and user != last]
    if not last and not known:
        return "", "agent_none", {}
    talked_at = past.last_agent_at or past.last_call_at
    if talked_at is not None and facts.at - talked_at > timedelta(days=max(preferred.days, 0)):
        return "", "agent_long_ago", {"days": preferred.days}
    if last and not went_badly(past):
        return last, "agent_last", {}
    return (known[0], "agent_known", {}) if known else ("", "agent_badly", {})


def _manager(_: Preferred, facts: Facts) -> _Found:
    manager = facts.customer.manager if facts.customer is not None else None
    return (manager, "agent_manager", {}) if manager else ("", "manager_none", {})


def _user(preferred: Preferred, _: Facts) -> _Found:
    return preferred.user, "agent_user" if preferred.user else "agent_none", {}


_WHO = {"last": _last, "manager": _manager, "user": _user}
