"""What an agent has to say."""

from __future__ import annotations

from cxcall.speech.category import Category
from cxcall.speech.templates.rules import hint, said

GREETING = Category(
    id="greeting",
    name={"en": "Greeting", "fa": "سلام و معرفی"},
    kind="required",
    where="opening",
    rules=(
        said(
            "good morning", "good afternoon", "good evening", "hello", "hi", "welcome to", "thank you for calling",
            "thanks for calling", "how can i help", "how may i help", "my name is",
            "سلام", "درود", "صبح بخیر", "عصر بخیر", "ظهر بخیر", "روز بخیر", "وقت بخیر", "شب بخیر", "وقتتون بخیر",
            "خوش آمدید", "خوش آمدگویی", "چطور می‌توانم کمک", "چه کمکی", "بفرمایید در خدمت", by="agent",
        ),
    ),
    hint=hint(
        ("Greeting", "Greet, give your name, ask how you can help.", ""),
        ("سلام و معرفی", "سلام کنید، نام خود را بگویید و بپرسید چه کمکی لازم است.", ""),
    ),
)  # fmt: skip

IDENTITY = Category(
    id="identity",
    name={"en": "Name and identity confirmed", "fa": "تأیید نام و هویت"},
    kind="required",
    rules=(
        said(
            "your name", "your full name", "who am i speaking", "who i am speaking", "am i speaking with",
            "am i speaking to", "am i talking to", "date of birth", "confirm your", "verify your", "your identity",
            "customer number", "account number", "your postcode", "your zip code", "security question",
            "the last four digits", "spell your",
            "اسمتون", "اسم شما", "نامتان", "نام شما", "نام و نام خانوادگی", "اسم و فامیل", "کد ملی", "تاریخ تولد",
            "شماره ملی", "شماره اشتراک", "شماره مشتری", "احراز هویت", "تایید هویت", "با چه کسی صحبت می‌کنم",
            "به نام خود شما", "به اسم خودتون", by="agent",
        ),
    ),
    hint=hint(
        ("Name and identity confirmed", "Ask for the name and one thing only this customer knows.", ""),
        ("تأیید نام و هویت", "نام و یک نشانهٔ هویتی مشتری را بپرسید.", ""),
    ),
)  # fmt: skip

ANYTHING_ELSE = Category(
    id="anything_else",
    name={"en": "Anything else I can do?", "fa": "کمک دیگری لازم دارید؟"},
    kind="required",
    where="closing",
    rules=(
        said(
            "anything else", "something else i can", "any other question*", "any more questions",
            "any further questions", "what else can i", "else i can help",
            "کمک دیگری", "کار دیگری", "سوال دیگری", "امر دیگری", "مورد دیگری", "موضوع دیگری", "چیز دیگری",
            "امری نیست",
            "کمک دیگه‌ای", "سوال دیگه‌ای", "کار دیگه‌ای", "امر دیگه‌ای", "مورد دیگه‌ای", "امری ندارید", by="agent",
        ),
    ),
    hint=hint(
        ("Anything else I can do?", "Ask before you say goodbye.", ""),
        ("کمک دیگری لازم دارید؟", "پیش از خداحافظی بپرسید.", ""),
    ),
)  # fmt: skip

CATEGORIES = (GREETING, IDENTITY, ANYTHING_ELSE)
