"""The language a program asks for (RFC 9110, 12.5.4), of those there are words in."""

from __future__ import annotations

from cxcall.web.presentation import Language

LONGEST = 1000
"""Letters read of the header."""


def asked_language(header: str) -> Language | None:
    """The one wanted most, of several wanted alike the first; None where none of ours is, or nothing can be read."""
    wanted: list[tuple[float, Language]] = []
    for one in header[:LONGEST].split(","):
        tag, *parameters = (part.strip().lower() for part in one.split(";"))
        language = _ours(tag)
        weight = _weight(parameters)
        if language is not None and weight > 0:
            wanted.append((weight, language))
    return max(wanted, key=lambda one: one[0])[1] if wanted else None


def _ours(tag: str) -> Language | None:
    """`fa-IR` is Persian."""
    main = tag.partition("-")[0]
    return "en" if main == "en" else "fa" if main == "fa" else None


def _weight(parameters: list[str]) -> float:
    """`q=0.5`; 1 where there is none, 0 where it is no number from 0 to 1."""
    said = next((text.partition("=")[2].strip() for text in parameters if text.startswith("q=")), "1")
    try:
        weight = float(said)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
