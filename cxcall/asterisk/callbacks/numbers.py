"""Which numbers may be called back: an open telephone line must not ring whatever somebody keys."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from cxcall.customers.number import fold
from cxcall.routing.call_back_plan import CallBackPlan

_DEAR = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER})


def usable(keyed: str, plan: CallBackPlan, country: str) -> str:
    """The keyed number as E.164; "" when it is none, costs more than a call, or is not of a kind the plan lets in."""
    number = fold(keyed, country)
    if plan.numbers == "own" or number is None:
        return ""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return ""
    if phonenumbers.number_type(parsed) in _DEAR:
        return ""
    own = parsed.country_code == phonenumbers.country_code_for_region(country.upper())
    return number if own or plan.numbers == "any" else ""
