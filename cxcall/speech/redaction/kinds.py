"""Which number it is, by the digits alone: check digits, prefixes, lengths.

Sources: ISO/IEC 7812 (Luhn), ISO 13616 (IBAN, mod 97), the check digit of the Iranian national id, the area codes of
Iran's numbering plan, `phonenumbers` for every other country.
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

CARD_LENGTHS = range(13, 20)
USUAL_CARD = 16
AMEX = 15
SHEBA_DIGITS = 24
NATIONAL_ID = 10

_IRANIAN_BANKS = frozenset(
    """
    603799 589210 627648 207177 627961 603770 628023 627760 502908 627412 622106 639194 627884 502229 639347 627488
    502910 621986 639346 639607 636214 502806 504706 502938 603769 610433 991975 627353 585983 589463 627381 639370
    628157 505801 505416 636949 606373 505785 639599 606256 504172 505809 636795 507677 581874 585947 170019 639217
    """.split()
)
_AREAS = frozenset(
    """
    11 13 17 21 23 24 25 26 28 31 34 35 38 41 44 45 51 54 56 58 61 66 71 74 76 77 81 83 84 86 87
    """.split()
)
_IBAN_LENGTHS = {
    "AE": 23, "AT": 20, "AZ": 28, "BE": 16, "BG": 22, "BH": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
    "IQ": 23, "IR": 26, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "SA": 24, "SE": 24, "SI": 19, "SK": 24, "TN": 24, "TR": 26, "UA": 29,
}  # fmt: skip


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def bank(digits: str) -> bool:
    """Whether a card number begins as those of an Iranian bank do."""
    return digits[:6] in _IRANIAN_BANKS


def amex(digits: str) -> bool:
    return digits[:2] in {"34", "37"}


def iban(text: str) -> bool:
    """Whether `text`, letters and digits without spaces, is an IBAN: length of its country and mod 97 (ISO 13616)."""
    if _IBAN_LENGTHS.get(text[:2]) != len(text) or not text[2:4].isdigit():
        return False
    return int("".join(str(int(mark, 36)) for mark in text[4:] + text[:4])) % 97 == 1


def national_id(digits: str) -> bool:
    """Whether ten digits are an Iranian national id by their check digit."""
    if len(digits) != NATIONAL_ID or len(set(digits)) == 1:
        return False
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def iranian_phone(digits: str) -> bool:
    """An Iranian mobile number in any writing, or a landline with its area code."""
    for prefix in ("0098", "98", "0"):
        if digits.startswith(prefix):
            rest = digits[len(prefix) :]
            return len(rest) == 10 and (rest[0] == "9" or rest[:2] in _AREAS)
    return len(digits) == 10 and digits[0] == "9"


@lru_cache(maxsize=4096)
def phone_of(digits: str, country: str) -> bool:
    """Whether `digits` are a number of `country` as written there, or an international one with 00."""
    try:
        if digits.startswith("00"):
            return phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits[2:]}"))
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, country))
    except phonenumbers.NumberParseException:
        return False
