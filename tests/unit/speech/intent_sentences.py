"""Sentences nobody looked at while the ready-made intents were written, as callers and engines put them."""

from __future__ import annotations

ENGLISH = {
    "order_status": (
        "hi um I'd like to know where my order is please",
        "my parcel was supposed to come on Tuesday and it hasn't arrived",
        "could you tell me when you will deliver the package",
        "I bought a lamp from you ten days ago and nothing has arrived",
        "I'm calling about the status of an order",
    ),
    "billing": (
        "I don't understand the invoice you sent me", "you took the money twice from my card",
        "I'm calling because my bill is much higher than last month", "how can I pay the bill by card",
        "there's a late fee on my statement",
    ),
    "refund": (
        "I returned the jacket and I'm still waiting for my refund", "can I get my money back",
        "I'd like to send back a pair of trousers", "how long does a refund take",
    ),
    "technical_support": (
        "since this morning the internet has stopped working", "my router keeps disconnecting",
        "the app crashes every time I open it", "it says error four hundred when I try to save",
        "the washing machine I have from you won't turn on",
    ),
    "sales": (
        "I'd like to buy two tickets", "can you give me a quote for fifty chairs", "what's the price of the bigger one",
        "I'm thinking of upgrading my plan", "is the blue one in stock",
    ),
    "cancellation": (
        "I need to cancel my membership", "I'd like to terminate the contract at the end of the month",
        "please cancel the order I made this morning", "I want to unsubscribe",
    ),
    "account": (
        "I can't log in anymore", "I need a new password", "I have moved and need to give you my new address",
        "I'm locked out of the website", "I didn't get the verification code",
    ),
    "appointment": (
        "I'd like to make an appointment for next week", "I have to reschedule my appointment",
        "when will the technician be here", "can I book a visit for Friday",
    ),
    "complaint": (
        "I'd like to complain about the way I was treated", "this is unacceptable, I have called five times",
        "I'm really disappointed with your company", "let me talk to a manager",
    ),
    "person": (
        "operator", "can I please speak to a human", "I just want to talk to a real person",
        "put me through to an agent",
    ),
}  # fmt: skip

PERSIAN = {
    "order_status": (
        "سلام می‌خواستم ببینم سفارشم کجاست", "بسته من قرار بود سه‌شنبه برسه ولی نرسیده", "کد رهگیری مرسوله رو می‌خواستم",
        "ده روز پیش از شما لامپ خریدم هنوز به دستم نرسیده", "سفارشم رو کی تحویل می‌دین",
    ),
    "billing": (
        "این صورتحسابی که فرستادین رو متوجه نمی‌شم", "از کارتم دو بار پول کم شده", "قبض این ماهم خیلی زیاد اومده",
        "چه جوری قبضم رو پرداخت کنم", "توی فاکتورم هزینه اضافه زدین",
    ),
    "refund": (
        "کالا رو پس فرستادم ولی پولم برنگشته", "می‌خوام پولم رو پس بگیرم", "این شلوار رو می‌خوام مرجوع کنم",
        "بازگشت وجه چند روز طول می‌کشه",
    ),
    "technical_support": (
        "از صبح اینترنتمون قطع شده", "مودمم مدام قطع و وصل می‌شه", "برنامه هر دفعه که باز می‌کنم ارور می‌ده",
        "ماشین لباسشویی که از شما خریدم روشن نمی‌شه", "گوشیم کار نمی‌کنه",
    ),
    "sales": (
        "می‌خوام دو تا بلیت بخرم", "قیمت مدل بزرگ‌ترش چنده", "برای پنجاه تا صندلی پیش‌فاکتور می‌خواستم",
        "آبیش رو موجود دارین", "تخفیف هم دارین",
    ),
    "cancellation": (
        "می‌خوام عضویتم رو کنسل کنم", "می‌خوام قرارداد رو آخر ماه فسخ کنم", "سفارشی که صبح دادم رو لغو کنید",
        "منصرف شدم",
    ),
    "account": (
        "نمی‌تونم وارد سایت بشم", "رمز جدید می‌خواستم", "خونه‌م عوض شده می‌خوام آدرس جدید بدم", "حساب کاربریم قفل شده",
        "کد تایید برام نمیاد",
    ),
    "appointment": (
        "برای هفته بعد نوبت می‌خواستم", "می‌خوام وقت قبلیم رو جابه‌جا کنم", "نصاب کی میاد", "برای جمعه وقت بازدید دارین",
    ),
    "complaint": (
        "می‌خوام از رفتار همکارتون شکایت کنم", "من پنج بار زنگ زدم این چه وضعشه خیلی ناراضیم",
        "به عملکرد شما اعتراض دارم", "منو به مدیر وصل کنید",
    ),
    "person": (
        "اپراتور", "می‌شه با یه نفر صحبت کنم", "به کارشناس وصل کنید لطفا", "می‌خوام با یه آدم حرف بزنم",
    ),
}  # fmt: skip

NOTHING = {
    "en": (
        "the weather is lovely today", "uh hello hello can you hear me", "one two three four five",
        "the dog sat on the green chair and looked at the moon", "yes", "thank you for watching", "la la la la",
        "just a moment I am driving",
    ),
    "fa": (
        "هوا امروز خیلی خوبه", "الو الو صدا میاد", "یک دو سه چهار", "سگ روی صندلی سبز نشسته بود", "بله", "ممنونم",
        "یه لحظه دارم رانندگی می‌کنم", "سلام خوبید",
    ),
}  # fmt: skip
"""What no intent is about."""
