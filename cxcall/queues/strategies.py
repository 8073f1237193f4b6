"""Whom Asterisk rings first: each strategy by what it does, and what a change from one to another takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxcall.queues.definition import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A strategy as people call it (`effect`) and what it does; pages translate both."""

    effect: str
    explained: str


STRATEGIES: Mapping[Strategy, Word] = {
    "leastrecent": Word(effect="Longest idle", explained="The agent whose last call in this queue ended longest ago."),
    "ringall": Word(effect="Ring all", explained="Every free agent at once; the first to answer takes the call."),
    "linear": Word(effect="In order", explained="Always from the top of the list."),
    "rrmemory": Word(effect="Round robin", explained="Goes on after the last agent who was asked."),
    "rrordered": Word(effect="Round robin in order", explained="As round robin, always in the order of the list."),
    "fewestcalls": Word(effect="Fewest calls", explained="The agent with the fewest calls from this queue."),
    "random": Word(effect="By chance", explained="Any free agent."),
    "wrandom": Word(effect="By weighted chance", explained="Any free agent, those with a low penalty more often."),
}
"""All strategies of app_queue, in the order people are shown them."""

IN_ORDER: frozenset[Strategy] = frozenset({"linear", "rrordered"})
"""Strategies that go by the order of the members: Asterisk then keeps them in a list, else in a table without order."""


def made_anew(before: Strategy, after: Strategy) -> bool:
    """Whether Asterisk has to make the queue anew for the change to be whole.

    It chooses between list and table when it makes the queue, not when it reloads it: a strategy that goes by the order
    finds the members of the table in none. The other way round the list does no harm.
    """
    return after in IN_ORDER and before not in IN_ORDER
