"""What the demo's call centre listens for: its queues, its categories, its knowledge base."""

from __future__ import annotations

import os
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.demo.staff import QUEUES
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Article
from cxcall.speech.listening import Listening
from cxcall.speech.templates import ready_made
from cxcall.store import articles, categories, speech_settings

_AUTHOR = "laleh"
KEPT_DAYS = 30
_A_CORE = 30.0
"""Per cent of the calls that one processor writes down beside Asterisk, phones and pages without falling behind, with
room for callers who say why they call: their sentence is waited for."""

_ARTICLES = (
    (
        "en", "Charged twice: what to do",
        "Open both payments. The same reference twice: the second one is paid back by itself within three working "
        "days. Two references: pay the second one back by hand and name the day.",
        ("charged twice", "two payments", "double charge*"),
    ),
    (
        "en", "Returns and refunds",
        "Two weeks from the day of delivery. After that, ask the shift lead before you refuse: quality problems are "
        "taken back for two years.",
        ("refund", "money back", "sent it back"),
    ),
    (
        "en", "Router lights",
        "Second light red: no line. Have the router off for ten seconds. Still red after two minutes: book a visit.",
        ("internet is down", "no internet", "router"),
    ),
    (
        "fa", "برداشت تکراری: چه کنیم",
        "هر دو تراکنش را باز کنید. اگر شمارهٔ پیگیری یکی است، مبلغ دوم خودبه‌خود تا سه روز کاری برمی‌گردد. "
        "اگر دو شماره است، دومی را دستی برگردانید و روزش را بگویید.",
        ("دو بار", "برداشت تکراری", "دو مرتبه"),
    ),
    (
        "fa", "مرجوعی و بازگشت وجه",
        "دو هفته از روز تحویل. پس از آن پیش از رد کردن از سرشیفت بپرسید: مشکل کیفیت تا دو سال پذیرفته می‌شود.",
        ("پس فرستادم", "بازگشت وجه", "پولم را"),
    ),
    (
        "fa", "چراغ‌های مودم",
        "چراغ دوم قرمز یعنی خط نیست. مودم ده ثانیه خاموش بماند. اگر پس از دو دقیقه باز قرمز بود، مراجعه ثبت کنید.",
        ("اینترنت قطع", "مودم"),
    ),
)  # fmt: skip


async def listen(conn: AsyncConnection, now: datetime) -> Catalogue:
    """Have every queue heard live and recorded, and write what is looked for; returns that."""
    wanted = ready_made()
    await categories.seed(conn, wanted, now=now)
    known = []
    for language, title, body, phrases in _ARTICLES:
        made = await articles.create(
            conn, title=title, body=body, by=_AUTHOR, now=now, phrases=phrases, language=language
        )  # fmt: skip
        known.append(Article(id=made.id, title=title, phrases=phrases, language=language, body=body))
    rules = Listening(
        live=True, live_share=share(os.cpu_count() or 1), record=True, keep_days=KEPT_DAYS, language="en",
        engine="whisper",
    )  # fmt: skip
    for queue in QUEUES:
        await speech_settings.save(conn, speech_settings.EVERY, queue.name, rules, by=_AUTHOR, now=now)
    return Catalogue(wanted, known)


def share(cores: int) -> float:
    """Per cent of the calls that are heard live on a machine of so many processors."""
    return min(100.0, _A_CORE * cores)
