"""What the dialplan is told of a decision: names with values that it can take as they are. Pure.

`OK|status=hint|queue=sales|priority=5|…|end`: only what says something is there, in the order of `KEYS`. Values go into
applications of Asterisk, where a comma, an ampersand or a blank would mean something else; one with other marks than
its kind has is left out here, and the dialplan would leave it out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cxcall.routing.decision import Decision
from cxcall.routing.rule import MOST_PRIORITY

NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]{0,79}")
"""A queue, a queue rule."""
_KINDS: Mapping[str, re.Pattern[str]] = {
    "status": re.compile(r"hint|default"),
    "queue": NAME,
    "priority": re.compile(r"\d{1,2}", re.ASCII),
    "agent": re.compile(r"[A-Za-z0-9]{1,20}/[-A-Za-z0-9_.@/:]{1,100}"),
    "agent_wait": re.compile(r"[1-9]\d?", re.ASCII),
    "language": re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})?"),
    "rule": NAME,
    "penalty": re.compile(r"\d{1,4}", re.ASCII),
    "announcement": re.compile(r"[-A-Za-z0-9_./:]{1,200}"),
    "treat": re.compile(r"block|challenge"),
    "call_back": re.compile(r"yes"),
    "survey": re.compile(r"no"),
}
KEYS = tuple(_KINDS)
"""All names there are."""

NO_OPINION: Mapping[str, str] = {"status": "default"}


def answer(decision: Decision, *, sound: str = "", penalty: int | None = None) -> dict[str, str]:
    """What is told. `sound`: what Asterisk plays for the announcement; `penalty`: the highest one asked at first.

    Where no rule had a word to say nothing is told but that.
    """
    result = decision.result
    if not decision.matched:
        return dict(NO_OPINION)
    said = {
        "status": "hint",
        "queue": result.queue,
        "priority": str(min(result.priority, MOST_PRIORITY)) if result.priority > 0 else "",
        "agent": result.agent,
        "agent_wait": str(result.agent_wait) if result.agent else "",
        "language": result.language,
        "rule": result.rule,
        "penalty": str(penalty) if result.rule and penalty is not None else "",
        "announcement": sound,
        "treat": "" if result.treat == "accept" else result.treat,
        "call_back": "yes" if result.call_back else "",
        "survey": "no" if result.survey is False else "",
    }
    return {name: value for name, value in said.items() if value and fits(name, value)}


def fits(name: str, value: str) -> bool:
    """Whether a value is one that the dialplan takes under this name."""
    kind = _KINDS.get(name)
    return kind is not None and kind.fullmatch(value) is not None


def line(told: Mapping[str, str]) -> str:
    """The answer as one line; its end tells that nothing of it was lost on the way."""
    return "|".join(("OK", *_pairs(told), "end"))


def _pairs(told: Mapping[str, str]) -> Iterable[str]:
    return (f"{name}={told[name]}" for name in KEYS if name in told)
