"""When a queue asks, as a form: the fields of its rules as text, and the rules that a sent form describes."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.surveys.asking import Asking, Hours, Later
from cxcall.web.digits import typed
from cxcall.web.pages.survey_form import Reading, Written, text_of
from cxcall.web.words import N_

WRONG_TIME = N_("Write a time like 09:00.")
NO_DAYS = N_("Choose at least one day.")
NO_SURVEY = N_("Choose a survey.")
NO_QUEUE = N_("Write the queue as Asterisk names it.")
LIMITS: Mapping[str, tuple[float, float]] = {
    "share": (0, 100),
    "min_talk": (0, 3600),
    "quiet_days": (0, 3650),
    "later.after_minutes": (1, 60 * 24 * 14),
    "later.tries": (1, 10),
}
OUT_OF_RANGE = N_("Write a number from {low} to {high}.")
DAYS = range(7)


def written_of(asking: Asking) -> Written:
    """The fields as text. Hours of a day stand in one row of the form."""
    later = asking.later or Later()
    found = {
        "survey_id": asking.survey_id,
        "enabled": "1" if asking.enabled else "",
        "share": text_of(asking.share),
        "min_talk": text_of(asking.min_talk),
        "quiet_days": str(asking.quiet_days),
        "speak_agent": asking.speak_agent,
        "limited": "1" if asking.hours else "",
        "later": "1" if asking.later else "",
        "later.to": later.to,
        "later.after_minutes": str(later.after_minutes),
        "later.tries": str(later.tries),
    }
    own = asking.hours[0] if asking.hours else Hours(since=9 * 60, until=20 * 60)
    ring = later.hours[0] if later.hours else Hours(since=9 * 60, until=20 * 60)
    return found | _hours_written("hours", own) | _hours_written("later.hours", ring)


def read_asking(written: Mapping[str, str], before: Asking) -> tuple[Asking, dict[str, str]]:
    """The rules a form describes, and problems by field. Further rows of hours that the form does not show stay."""
    said = Reading(written)
    speak, to = said.text("speak_agent"), said.text("later.to")
    later = None
    if said.text("later"):
        rows = (before.later or Later()).hours
        later = Later(
            to="lost" if to == "lost" else "both" if to == "both" else "not_asked",
            after_minutes=int(_limited(said, "later.after_minutes")),
            tries=int(_limited(said, "later.tries")),
            hours=(_hours(said, "later.hours"), *rows[1:]),
        )
    survey_id = said.text("survey_id")
    if not survey_id:
        said.errors["survey_id"] = NO_SURVEY
    asking = Asking(
        survey_id=survey_id,
        enabled=bool(said.text("enabled")),
        share=_limited(said, "share"),
        min_talk=_limited(said, "min_talk"),
        quiet_days=int(_limited(said, "quiet_days")),
        hours=(_hours(said, "hours"), *before.hours[1:]) if said.text("limited") else (),
        speak_agent="number" if speak == "number" else "name" if speak == "name" else "no",
        later=later,
    )
    return asking, said.errors


def clock(minutes: int) -> str:
    """Minutes since midnight as 09:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _limited(said: Reading, name: str) -> float:
    low, high = LIMITS[name]
    value = said.number(name)
    if value is None or not low <= value <= high:
        said.errors[name] = OUT_OF_RANGE
        return low
    return value


def _hours(said: Reading, name: str) -> Hours:
    days = tuple(day for day in DAYS if said.text(f"{name}.day{day}"))
    if not days:
        said.errors[f"{name}.days"] = NO_DAYS
    return Hours(days=days, since=_time(said, f"{name}.since"), until=_time(said, f"{name}.until"))


def _time(said: Reading, name: str) -> int:
    hour, _, minute = typed(said.text(name)).partition(":")
    numbers = [int(part) for part in (hour, minute or "0") if part.isascii() and part.isdecimal() and len(part) < 3]
    if len(numbers) == 2 and (numbers[0] < 24 or numbers == [24, 0]) and numbers[1] < 60:
        return numbers[0] * 60 + numbers[1]
    said.errors[name] = WRONG_TIME
    return 0


def _hours_written(name: str, hours: Hours) -> Written:
    days = {f"{name}.day{day}": "1" if day in hours.days else "" for day in DAYS}
    return days | {f"{name}.since": clock(hours.since), f"{name}.until": clock(hours.until)}
