"""Categories a site can begin with, in English and Persian: names, phrases and hints. Copies of them are edited."""

from __future__ import annotations

from cxcall.speech.category import Category
from cxcall.speech.templates import required, signals, topics

__all__ = ["ready_made"]


def ready_made() -> list[Category]:
    """Topics, then signals, then what has to be said. Their ids never change."""
    return [*topics.CATEGORIES, *signals.CATEGORIES, *required.CATEGORIES]
