"""How a telephone number is shown: grouped, without the country code where it is the site's own."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat

from cxcall.customers.number import withheld

__all__ = ["grouped", "withheld"]

_SHORT = 6  # digits: extensions and service numbers are shown as they are


@lru_cache(maxsize=8192)
def grouped(text: str, country: str) -> str:
    """`+989123456789` as 0912 345 6789 for a site in IR, else as +98 912 345 6789; what is no number stays as it is."""
    if len(text) <= _SHORT or not text.lstrip("+").isdigit():
        return text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_valid_number(number):
        return text
    own = phonenumbers.region_code_for_number(number) == country
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL)
