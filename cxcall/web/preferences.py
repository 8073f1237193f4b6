"""What a person chose for their pages. Stored as JSON with the user; before sign-in, in a cookie."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from cxcall.settings import Site
from cxcall.web.presentation import Calendar, Digits, Language, Presentation

Theme = Literal["system", "light", "dark"]
Density = Literal["comfortable", "compact"]


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty values follow the site's language: Persian digits and the Jalali calendar in Persian.

    `alert_sound`, `alert_notice`: whether alerts are said aloud and shown by the browser, for those who ask for it.
    """

    language: Language | None = None
    digits: Digits | None = None
    calendar: Calendar | None = None
    theme: Theme = "system"
    density: Density = "comfortable"
    sound: bool = True
    announce: bool = True
    shortcuts: bool = True
    alert_sound: bool = False
    alert_notice: bool = False


def read(stored: object) -> Preferences:
    """Preferences from stored JSON data or a cookie's; what can't be read is the default."""
    try:
        if isinstance(stored, (str, bytes)):
            return msgspec.json.decode(stored, type=Preferences)
        return msgspec.convert(stored or {}, Preferences)
    except msgspec.MsgspecError:
        return Preferences()


def write(preferences: Preferences) -> dict[str, Any]:
    """As JSON data, without defaults."""
    data: dict[str, Any] = msgspec.to_builtins(preferences)
    return data


def presentation(preferences: Preferences, site: Site, now: datetime) -> Presentation:
    """What the reader sees, with the site's answers where the person gave none."""
    language = preferences.language or site.language
    persian = language == "fa"
    return Presentation(
        language=language,
        digits=preferences.digits or ("persian" if persian else "latin"),
        calendar=preferences.calendar or ("jalali" if persian else "gregorian"),
        zone=ZoneInfo(site.timezone),
        country=site.country,
        now=now,
    )
