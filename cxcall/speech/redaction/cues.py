"""Words near a number that tell which it is: «شماره کارتم», "verification code", "order number".

The nearest one before the number decides; `safe` ones tell that it is nothing to hide, `other` ones that it probably is
not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Cue = Literal[
    "cvv", "expiry", "code", "iban", "account", "national_id", "safe", "card_number", "card", "phone", "other"
]

_OF_BUSINESS = (
    "order tracking invoice reference ticket customer booking reservation confirmation case serial model part policy "
    "contract parcel shipment item product extension flight meter registration member membership promo discount error "
    "area country post postal zip voucher coupon dialling barcode subscription subscriber complaint claim branch sort "
    "article staff employee queue file batch room"
)
_PERSIAN_BUSINESS = (
    "پیگیری رهگیری سفارش مرسوله فاکتور اشتراک مشتری قرارداد پرونده سریال بیمه پستی پست خطا تخفیف محصول کالا داخلی شعبه "
    "قبض پلاک نظام ثبت ردیف بارنامه بلیط بلیت رزرو شناسه پرسنلی دانشجویی کنتور مدل تیکت واحد اتاق پرواز شبکه"
)

_CUES: tuple[tuple[Cue, tuple[str, ...]], ...] = (
    ("cvv", (
        r"cv[vc]2?|c v [vc]|card verification|(?:three|3) digits? on the back|(?:card )?security (?:code|number)",
        r"(?:سی|30) وی وی(?: 2)?|سیویوی",
    )),
    ("expiry", (r"expir\w*|valid (?:thru|through|until)", r"انقضا\w*")),
    ("code", (
        r"(?:verification|confirm(?:ation)?|(?:one|1) time|activation|authentication|authori[sz]ation|access|login"
        r"|secret|text|sms|temporary|reset|unlock) (?:pass ?)?(?:code|pin|password)",
        r"otp|o t p|(?:one|1) time (?:pass)?code|pass ?code|pass ?word|pin(?: (?:code|number))?(?! pad)",
        r"code (?:that )?(?:you|we|i|they)(?: have| just|'ve)* (?:sent|got|get|received|texted|gave|see)",
        r"(?:text|sms|message|email) with (?:a|the|my) code|code (?:that )?(?:came|arrived)"
        r"|code (?:from|in|by) (?:the |my |your )?(?:sms|text|message|phone|app)",
        r"رمز\w*(?: (?:دوم|پویا|عبور|اول|یکبار|یک بار|کارت|ورود)\w*)*|پسورد\w*|پین کد\w*",
        r"کد ?(?:تایید\w*|فعال ?سازی|پیامک\w*|امنیتی|ورود|یکبار|احراز)\w*|کدی که",
        r"کد (?:\w+ )?(?:فرستاد|پیامک|اومد)\w*",
    )),
    ("safe", (
        rf"(?:{'|'.join(_OF_BUSINESS.split())})(?: (?:id|reference))? (?:number|no|code|id|ref|reference|key)",
        r"extension|imei",
        rf"(?:کد|شماره|رقم|عدد) ?(?:ی )?(?:{'|'.join(_PERSIAN_BUSINESS.split())})\w*",
        r"داخلی|کدپستی\w*",
    )),
    ("national_id", (
        r"national (?:id|identity|identification|code|insurance)(?: (?:number|code|card))?",
        r"social security(?: number)?|ssn|passport(?: number)?",
        r"کد ?ملی\w*|کارت ملی\w*|شماره ملی\w*|شماره شناسنامه\w*|شناسنامه\w*",
    )),
    ("iban", (r"sheba|iban|i ban", r"شبا\w*")),
    ("account", (r"account number|bank account", r"شماره حساب\w*")),
    ("card_number", (
        r"(?:card|debit|credit|visa|mastercard|amex)(?: card)?(?:'s)? (?:number|no|digits)|long number",
        r"(?:number|digits) (?:on|of|from) (?:the|my|your)(?: \w+)? card"
        r"|card is(?! (?:from|since|not|in|over|until|valid))|card it's",
        r"شماره ?(?:ی )?کارت\w*|شماره (?:روی|رو) کارت\w*|16 رقم\w*",
    )),
    ("card", (r"card|visa|mastercard|amex", r"کارت\w*")),
    ("phone", (
        r"(?:phone|mobile|cell|telephone|contact|landline|call ?back|home|work|cellphone|whatsapp)"
        r"(?: (?:phone|number|no))*",
        r"call me(?: back)?|reach me|ring me|text me|my number|your number",
        r"شماره ?(?:ی )?(?:تماس|موبایل|تلفن|همراه|ثابت|منزل|خونه|خودم|من)\w*|موبایل\w*|تلفن\w*|همراهم",
        r"تماس بگیر\w*|زنگ بزن\w*|شمارم|شمارتون|شماره ام|شماره تون",
    )),
)  # fmt: skip

_WEAK = (
    r"order|tracking|invoice|ticket|booking|parcel|price|amount|total|costs?|barcode|serial|reference|extension|"
    r"پیگیری\w*|رهگیری\w*|سفارش\w*|شناسه\w*|مبلغ\w*|قیمت\w*|فاکتور\w*|قبض\w*|بارکد\w*|سریال\w*|اشتراک\w*"
)
"""Tell that it is none of the numbers that need no word to be known, when nothing else tells what it is."""

_CUE = re.compile("|".join(f"(?P<{name}>\\b(?:{'|'.join(words)})\\b)" for name, words in _CUES))
_OTHER = re.compile(f"\\b(?:{_WEAK})\\b")
_LAST_FOUR = re.compile(
    r"last (?:four|4)(?: digits)?|ending (?:in|with)|ends (?:in|with)|final four|(?:چهار|چار|4) رقم (?:آ|ا)خر\w*"
)
_OF_THE_CARD = 3
"""«تاریخ انقضای کارت», "the code on my card": the card does not tell, but what of it."""

_CARDS: frozenset[Cue] = frozenset({"card", "card_number", "cvv"})


def nearest(words: Sequence[str]) -> tuple[Cue, int] | None:
    """The last cue in folded `words`, with how many words stand after it; None where there is none."""
    text = " ".join(words)
    last: re.Match[str] | None = None
    for match in _CUE.finditer(text):
        if last is None or match.lastgroup != "card" or len(text[last.end() : match.start()].split()) > _OF_THE_CARD:
            last = match
    if last is None or last.lastgroup is None:
        return _other(text)
    name: Cue = last.lastgroup  # type: ignore[assignment] # the groups are named after the cues
    return name, len(text[last.end() :].split())


def _other(text: str) -> tuple[Cue, int] | None:
    last: re.Match[str] | None = None
    for match in _OTHER.finditer(text):
        last = match
    return ("other", len(text[last.end() :].split())) if last else None


def last_four(words: Sequence[str]) -> bool:
    """Whether "last four digits" or «چهار رقم آخر» was said, of a card."""
    text = " ".join(words)
    return bool(_LAST_FOUR.search(text)) and any(match.lastgroup in _CARDS for match in _CUE.finditer(text))


def about_card(words: Sequence[str]) -> bool:
    """Whether a bank card is spoken of."""
    return any(match.lastgroup in _CARDS for match in _CUE.finditer(" ".join(words)))
