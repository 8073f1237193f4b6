"""What is listened to in a queue, as a form: the fields as text, and the rules that a sent form describes; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from cxcall.customers.profile import Tier
from cxcall.speech.listening import Listening
from cxcall.web.pages.survey_form import Reading, Written, text_of
from cxcall.web.words import N_

OUT_OF_RANGE = N_("Write a number from {low} to {high}.")
NO_QUEUE = N_("Write the queue as Asterisk names it.")
LIMITS: Mapping[str, tuple[float, float]] = {"live_share": (0, 100), "record_share": (0, 100), "keep_days": (0, 36_500)}
TIERS: tuple[Tier, ...] = get_args(Tier)
ENGINES = ("vosk", "whisper")


def written_of(listening: Listening) -> Written:
    """The fields as text."""
    found = {
        "live": "1" if listening.live else "",
        "live_share": text_of(listening.live_share),
        "after": "1" if listening.after else "",
        "record": "1" if listening.record else "",
        "record_share": text_of(listening.record_share),
        "keep_days": str(listening.keep_days),
        "consent": listening.consent,
        "language": listening.language,
        "engine": listening.engine,
    }
    return found | {f"tier.{tier}": "1" if tier in listening.tiers else "" for tier in TIERS}


def read_listening(written: Mapping[str, str], languages: tuple[str, ...]) -> tuple[Listening, dict[str, str]]:
    """The rules a form describes, and problems by field. A language that is none of `languages` counts as none."""
    said = Reading(written)
    language, engine = said.text("language"), said.text("engine")
    listening = Listening(
        live=bool(said.text("live")),
        live_share=_limited(said, "live_share"),
        tiers=tuple(tier for tier in TIERS if said.text(f"tier.{tier}")),
        after=bool(said.text("after")),
        record=bool(said.text("record")),
        record_share=_limited(said, "record_share"),
        keep_days=int(_limited(said, "keep_days")),
        consent="asked" if said.text("consent") == "asked" else "not_needed",
        language=language if language in languages else "",
        engine="vosk" if engine == "vosk" else "whisper" if engine == "whisper" else "",
    )
    return listening, said.errors


def _limited(said: Reading, name: str) -> float:
    low, high = LIMITS[name]
    value = said.number(name)
    if value is None or not low <= value <= high:
        said.errors[name] = OUT_OF_RANGE
        return low
    return value
