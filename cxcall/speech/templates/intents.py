"""What callers of a typical company want, in English and Persian: the intents a new site begins with."""

from __future__ import annotations

from cxcall.speech.intents import Intent
from cxcall.speech.templates import intents_english as english
from cxcall.speech.templates import intents_persian as persian

TITLES = {
    "order_status": ("Where is my order", "پیگیری سفارش"),
    "billing": ("Bill or payment", "صورت‌حساب و پرداخت"),
    "refund": ("Money back or return", "بازگشت وجه یا کالا"),
    "technical_support": ("Something does not work", "پشتیبانی فنی"),
    "sales": ("Buy or ask for a price", "خرید و قیمت"),
    "cancellation": ("Cancel", "لغو و انصراف"),
    "account": ("Account and sign-in", "حساب کاربری و ورود"),
    "appointment": ("Appointment", "نوبت و قرار"),
    "complaint": ("Complaint", "شکایت"),
    "person": ("Talk to a person", "صحبت با کارشناس"),
}
"""By name, in the order of the keys 1 to 9; the last has 0."""

_KEYS = "1234567890"

READY_MADE: tuple[Intent, ...] = tuple(
    Intent(
        name=name,
        title={"en": en, "fa": fa},
        phrases={"en": english.PHRASES[name], "fa": persian.PHRASES[name]},
        examples={"en": english.EXAMPLES[name], "fa": persian.EXAMPLES[name]},
        key=key,
    )
    for key, (name, (en, fa)) in zip(_KEYS, TITLES.items(), strict=True)
)
