"""Who gets a rule that is tried out: a share of the customers, always the same ones, by the trial's name."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Literal

from cxcall.routing.facts import Facts
from cxcall.routing.rule import Trial

Group = Literal["treated", "control"]

_PARTS = 2.0**64


def group_of(trial: str, share: float, key: str) -> Group:
    """The group of a customer. With a greater share all who were treated stay so; two trials divide independently.

    `share`: per cent of the customers who are treated.
    """
    digest = hashlib.sha256(f"{trial}\0{key}".encode()).digest()
    return "treated" if int.from_bytes(digest[:8]) / _PARTS * 100 < share else "control"


def key_of(facts: Facts) -> str:
    """Who is divided: the customer, else the number; a caller without either by the call itself."""
    return facts.customer.id if facts.customer is not None else facts.number or facts.call


def running(trial: Trial, day: date) -> bool:
    """Whether the trial goes on that day: from its first day on, until the day before its end."""
    return (trial.began is None or trial.began <= day) and (trial.ended is None or day < trial.ended)
