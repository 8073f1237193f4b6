"""Calls of every kind, played on a real Asterisk; each scenario's docstring says what truly happens in it."""

from tests.support.scenarios import direct, queues, transfers
from tests.support.scenarios.lab import SCENARIOS, Lab

__all__ = ["SCENARIOS", "Lab", "direct", "queues", "transfers"]
