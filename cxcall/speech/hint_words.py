"""The words of hints that no category brings, in both languages, as categories bring theirs."""

from __future__ import annotations

from cxcall.speech.category import Texts, worded

NOT_YET_SAID: Texts = {"en": "Not yet said", "fa": "هنوز گفته نشده"}
BEFORE_CLOSING: Texts = {"en": "Say before closing", "fa": "پیش از پایان بگویید"}
OPENING_OVER: Texts = {
    "en": "These belong at the beginning of the talk.",
    "fa": "این‌ها به آغاز مکالمه تعلق دارند.",
}
SEEMS_OVER: Texts = {"en": "The talk seems to come to its end.", "fa": "به نظر می‌رسد مکالمه رو به پایان است."}
MOOD_FALLS: Texts = {"en": "The customer’s mood is falling", "fa": "حال مشتری رو به بدتر شدن است"}
MOOD_ADVICE: Texts = {
    "en": "Say that you understand, then what you will do and by when.",
    "fa": "نخست همدلی کنید، سپس بگویید چه می‌کنید و تا چه زمانی.",
}
MOOD_REASON: Texts = {
    "en": "The customer’s last words sound worse than those before.",
    "fa": "آخرین گفته‌های مشتری از گفته‌های پیشین ناخوشایندتر است.",
}
ARTICLE_MATCHES: Texts = {"en": "Its words were said.", "fa": "کلیدواژه‌های آن گفته شد."}


OFFER_TRANSFER: Texts = {"en": "Offer to transfer them.", "fa": "پیشنهاد انتقال بدهید."}


def transfer_to(english: str, persian: str) -> Texts:
    """The title of an offer to transfer: where to, in both languages."""
    return {"en": f"Transfer to {english}", "fa": f"انتقال به {persian}"}


def heard(name: Texts) -> Texts:
    """The reason of a hint that a category gives."""
    return {"en": f"Heard: {worded(name, 'en')}", "fa": f"شنیده شد: {worded(name, 'fa')}"}
