"""Digits and letter forms: what people see in their own digits, what they type in one form."""

from __future__ import annotations

from cxcall.web.presentation import current

_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PERSIAN_NUMBER = str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪")
_TYPED = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩يكﻱﻙ", "01234567890123456789یکیک")


def digits(text: object) -> str:
    """`text` with its digits as the reader wants them; nothing else changes."""
    shown = str(text)
    return shown.translate(_PERSIAN) if current().persian_digits else shown


def number_text(value: float, decimals: int = 0) -> str:
    """`1234.5` as 1,234.5 or ۱٬۲۳۴٫۵; a true minus sign. For attributes and SVG text."""
    shown = f"{value:,.{decimals}f}".replace("-", "−")
    return shown.translate(_PERSIAN_NUMBER) if current().persian_digits else shown


def clock_text(seconds: float) -> str:
    """Whole seconds as m:ss, from an hour on as h:mm:ss."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    shown = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return digits(shown)


def typed(text: str) -> str:
    """What a person typed, with ASCII digits and Persian ی and ک, without space at the ends."""
    return text.translate(_TYPED).strip()
