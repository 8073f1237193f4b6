"""Phone numbers: 0912…, 0098912…, +98912…, ۰۹۱۲… are one number and so one person.

The one form kept is E.164 (`+989123456789`). The country of a number written without one is the site's.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from cxcall.letters import ascii_digits

_WRITTEN = re.compile(r"[+(]?[0-9][0-9 ().\-/]*")
_INVISIBLE = re.compile("[\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_FEWEST_DIGITS = 8
"""A number that is not in its country's plan is taken on its length alone only from here: shorter ones are
extensions, service codes and local numbers without their area."""

_MOST_WRITTEN = 40


WITHHELD = frozenset({"anonymous", "unavailable", "restricted", "private", "withheld", "unknown"})
"""What lines put in the place of a name or number that the caller keeps back."""


def withheld(text: str | None) -> bool:
    """Whether `text` is no name and no number, but says that there is none to see."""
    return not text or text.strip().lower() in WITHHELD


@lru_cache(maxsize=16_384)
def fold(raw: str | None, region: str) -> str | None:
    """`raw` as E.164, or None for what is no customer's number: withheld, unknown, an extension, a service code.

    `region` is the site's country, two letters (`IR`). Never raises: what comes from a trunk may be anything.
    """
    parsed = _parse(raw, region)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if parsed else None


def is_country(region: str) -> bool:
    """Whether `region` is a country (ISO 3166, two letters) whose numbers can be read."""
    return region.upper() in phonenumbers.SUPPORTED_REGIONS


def display(number: str, region: str) -> str:
    """A number grouped for reading: as people of `region` write it (`0912 345 6789`), else international.

    What is no full number (an extension, a withheld caller's word) comes back as it is.
    """
    parsed = _parse(number, region)
    if parsed is None:
        return number
    own = parsed.country_code == phonenumbers.country_code_for_region(region.upper())
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL)


def national(number: str) -> str:
    """Digits of an E.164 number as dialled inside its own country: `+989123456789` → `09123456789`."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return re.sub(r"\D", "", number)
    return re.sub(r"\D", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


def _parse(raw: str | None, region: str) -> PhoneNumber | None:
    if not raw or len(raw) > _MOST_WRITTEN:
        return None
    written = _INVISIBLE.sub("", ascii_digits(raw).replace("\u00a0", " ")).strip()
    if not _WRITTEN.fullmatch(written):
        return None
    try:
        parsed = phonenumbers.parse(written, region.upper())
    except NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) or _long_enough(parsed) else None


def _long_enough(parsed: PhoneNumber) -> bool:
    """New number blocks come into use before any library knows them: a right length is taken.

    Not where a 0 is left in front: that is a number of the country with digits missing, not one of a new block.
    """
    if parsed.italian_leading_zero or len(str(parsed.national_number)) < _FEWEST_DIGITS:
        return False
    return phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
