"""What customers call about."""

from __future__ import annotations

from cxcall.speech.category import Category
from cxcall.speech.templates.rules import hint, near, said, then

DUPLICATE_CHARGE = Category(
    id="duplicate_charge",
    name={"en": "Duplicate charge", "fa": "برداشت تکراری"},
    tone="bad",
    rules=(
        said(
            "double charge*", "duplicate charge*", "duplicate payment*", "double payment*", "double billed",
            "double billing", "charged twice", "billed twice", "debited twice", "paid twice", "two charges",
            "two identical charges", "two payments",
            "برداشت تکراری", "پرداخت تکراری", "تراکنش تکراری", "واریز تکراری", "کسر تکراری",
        ),
        near(
            ("charge*", "billed", "debit*", "money", "payment*", "amount", "withdrawn", "taken", "took", "deducted"),
            ("twice", "two times", "a second time", "double", "once more"), 2.0,
        ),
        near(
            ("برداشت*", "کم شد*", "کسر*", "کشید*", "پرداخت*", "پول*", "مبلغ*", "حساب کرد*"),
            ("دو بار", "دوبار", "دو دفعه", "دو مرتبه", "دو تا تراکنش"), 2.0,
        ),
    ),
    hint=hint(
        ("Charged twice", "Check both payments now and name the day the second one comes back.", "Both checked"),
        ("برداشت تکراری", "هر دو پرداخت را همین حالا بررسی کنید و روز بازگشت دومی را بگویید.", "بررسی شد"),
    ),
)  # fmt: skip

BILLING = Category(
    id="billing",
    name={"en": "Bill", "fa": "صورت‌حساب"},
    rules=(
        said(
            "my bill", "the bill", "this bill", "bills", "invoice*", "my statement", "billing", "overcharged",
            "extra charge*", "hidden fee*", "wrong amount", "late fee*",
            "صورت‌حساب", "قبض", "فاکتور", "مبلغ اشتباه", "هزینه اضافی", "هزینه اضافه", "زیاد حساب کرد*",
            "اضافه حساب کرد*", "بدهی",
        ),
    ),
)  # fmt: skip

REFUND = Category(
    id="refund",
    name={"en": "Refund", "fa": "بازگشت وجه"},
    rules=(
        said(
            "refund*", "money back", "my money returned", "reimburse*", "pay me back", "chargeback", "credit me back",
            by="either",
        ),
        said(
            "بازگشت وجه", "عودت وجه", "استرداد*", "عودت*", "برگشت وجه", "برگشت پول", "بازگشت پول", "پول* پس",
            "پس گرفتن پول", "ریفاند", by="either",
        ),
        then(
            ("پول", "وجه", "مبلغ", "هزینه"),
            ("برگرد*", "برمی‌گرد*", "برنگ*", "پس بده*", "پس بد*", "پس نمی‌ده*", "پس بگیر*"), 2.0, by="either",
        ),
    ),
    hint=hint(
        ("Refund asked for", "Say what is paid back, where to, and the date.", "Date given"),
        ("درخواست بازگشت وجه", "بگویید چه مبلغی، به کجا و در چه تاریخی برمی‌گردد.", "تاریخ گفته شد"),
    ),
)  # fmt: skip

DELIVERY = Category(
    id="delivery_late",
    name={"en": "Late delivery", "fa": "تأخیر در تحویل"},
    tone="warn",
    rules=(
        said(
            "not arrived", "hasn't arrived", "haven't arrived", "never arrived", "didn't arrive",
            "still waiting for my", "not been delivered", "hasn't been delivered", "never delivered",
            "wasn't delivered", "delivery is late", "late delivery", "delivery delay*", "hasn't come",
            "hasn't shipped", "not shipped", "where is my order", "where is my package", "where is my parcel",
            "where's my order", "where's my package", "where's my parcel", "haven't received my", "not received my",
            "never received my", "lost in the post", "lost package",
            "نرسیده", "نرسید", "به دستم نرسید*", "تحویل نداد*", "تحویل نگرفت*", "ارسال نشد*", "نفرستاد*",
            "تاخیر در ارسال", "تاخیر در تحویل", "دیر رسید", "دیر رسیده", "سفارشم کجاست", "بسته‌ام کجاست",
            "بسته من کجاست", "مرسوله من کجاست",
        ),
        near(
            ("order", "package", "parcel", "delivery", "shipment"), ("late", "delayed", "overdue", "days ago"), 3.0,
        ),
        near(
            ("سفارش", "بسته", "مرسوله", "کالا", "پیک", "پست"),
            ("دیر کرد*", "تاخیر", "نیامد*", "معطل", "باید می‌رسید", "باید رسیده بود"), 2.0,
        ),
    ),
    hint=hint(
        ("Order is late", "Look up where it is and say the new day, with what you do if that fails too.", "Day given"),
        ("سفارش دیر شده", "محل مرسوله را ببینید، روز تازه را بگویید و اینکه اگر نشد چه می‌کنید.", "روز گفته شد"),
    ),
)  # fmt: skip

FAULT = Category(
    id="fault",
    name={"en": "Technical fault", "fa": "خرابی فنی"},
    tone="warn",
    rules=(
        said(
            "internet is down", "not working", "doesn't work", "isn't working", "stopped working", "no internet",
            "no signal", "no connection", "keeps disconnecting", "keeps dropping", "disconnect*", "outage",
            "out of order", "broken", "error message", "crash*", "can't log in", "cannot log in", "can't connect",
            "very slow", "too slow", "router", "modem", "won't turn on", "frozen", "freezes", "faulty",
            "اینترنت قطع", "اینترنت* وصل نمی‌شود", "وصل نمی‌شود", "کار نمی‌کند", "خراب", "قطع شده", "قطعی",
            "قطع و وصل", "مدام قطع", "سرعت* پایین", "سرعت* کم", "کند شده", "خیلی کند", "مودم", "روتر", "ارور*",
            "خطا می‌دهد", "باز نمی‌شود", "هنگ*", "آنتن نمی‌دهد", "روشن نمی‌شود", "بالا نمی‌آید", "لاگین نمی‌شود",
            "از کار افتاد*",
        ),
        then(("اینترنت", "خط", "تلفن", "وای‌فای", "شبکه", "کانال"), ("قطع", "قطعه", "قطع است", "ضعیف*"), 1.5),
    ),
    hint=hint(
        ("Technical fault", "Ask since when and which lights are on before you begin with steps.", "Asked"),
        ("خرابی فنی", "پیش از راهنمایی بپرسید از چه زمانی است و کدام چراغ‌ها روشن است.", "پرسیده شد"),
    ),
)  # fmt: skip

PRICE = Category(
    id="price",
    name={"en": "Price and discount", "fa": "قیمت و تخفیف"},
    rules=(
        said(
            "discount*", "cheaper", "too expensive", "how much is", "how much does", "how much would",
            "what's the price", "what is the price", "special offer*", "promo code*", "coupon*", "price went up",
            "price increase", "expensive", "better price", "price list", "what does it cost",
            "تخفیف", "گران", "خیلی گرونه", "گرونه", "ارزان*", "قیمت", "چند تومان", "هزینه‌اش چقدر", "هزینه چقدر",
            "چقدر می‌شود", "کد تخفیف", "تعرفه",
        ),
    ),
)  # fmt: skip

CARD = Category(
    id="card_payment",
    name={"en": "Payment by card", "fa": "پرداخت با کارت"},
    rules=(
        said(
            "pay by card", "pay with card", "pay with my card", "credit card", "debit card", "card number",
            "card declined", "card was declined", "card is declined", "pay by credit", "expiry date", "security code",
            "pay over the phone",
            by="either",
        ),
        said(
            "پرداخت با کارت", "شماره کارت", "کارت بانکی", "کارت به کارت", "رمز دوم", "رمز پویا", "درگاه پرداخت",
            "کارت اعتباری", "تاریخ انقضا", "کارتخوان", "پرداخت اینترنتی", by="either",
        ),
    ),
    hint=hint(
        ("Card numbers", "Pause the recording or send the payment link before the number is said.", "Link sent"),
        ("شمارهٔ کارت", "پیش از گفتن شماره، ضبط را متوقف کنید یا پیوند پرداخت بفرستید.", "پیوند فرستاده شد"),
    ),
)  # fmt: skip

INSTALMENTS = Category(
    id="instalments",
    name={"en": "Paying in instalments", "fa": "پرداخت قسطی"},
    rules=(
        said(
            "instalment*", "installment*", "payment plan", "pay monthly", "monthly payments", "pay in parts",
            "spread the payment*", "spread the cost", "pay later",
            "قسط", "قسطی", "اقساط", "قسط‌بندی", "ماهانه پرداخت", "چند ماهه", "چک صیادی", by="either",
        ),
    ),
)  # fmt: skip

ADDRESS = Category(
    id="address_change",
    name={"en": "Change of address", "fa": "تغییر نشانی"},
    rules=(
        said(
            "new address", "change my address", "change the address", "change of address", "update my address",
            "changed my address", "wrong address", "moved house", "moving house", "i moved", "i have moved",
            "i've moved", "we moved", "we have moved", "we've moved", "moving to a new", "different address",
            "تغییر آدرس", "آدرس جدید", "تغییر نشانی", "نشانی جدید", "آدرس* عوض", "آدرس* تغییر", "نشانی* عوض",
            "نشانی* تغییر", "نشانی من عوض", "آدرس من عوض", "آدرس اشتباه", "اسباب‌کشی*", "خانه* عوض کرد*",
            "جابه‌جا شد*",
        ),
    ),
)  # fmt: skip

PRIVACY = Category(
    id="privacy",
    name={"en": "Privacy", "fa": "حریم خصوصی"},
    tone="warn",
    rules=(
        said(
            "delete my data", "my personal data", "personal information", "delete my account", "privacy",
            "data protection", "who gave you my number", "where did you get my number", "where did you get my",
            "stop calling me", "take me off your list", "remove my number", "share my data", "sharing my data",
            "sold my data", "gdpr", "data leak", "data breach",
            "حریم خصوصی", "اطلاعات شخصی", "دیگر زنگ نزنید", "دیگر تماس نگیرید", "پیامک تبلیغاتی", "افشای اطلاعات",
        ),
        then(("اطلاعات", "شماره", "حساب کاربری", "سوابق"), ("حذف*", "پاک کن*", "از کجا آورد*", "از کجا پیدا"), 2.0),
    ),
    hint=hint(
        ("Privacy asked about", "Promise nothing: open a privacy request and give its number.", "Request opened"),
        ("پرسش دربارهٔ حریم خصوصی", "قولی ندهید؛ درخواست حریم خصوصی ثبت کنید و شماره‌اش را بگویید.", "ثبت شد"),
    ),
)  # fmt: skip

CATEGORIES = (
    DUPLICATE_CHARGE, BILLING, REFUND, DELIVERY, FAULT, PRICE, CARD, INSTALMENTS, ADDRESS, PRIVACY,
)  # fmt: skip
