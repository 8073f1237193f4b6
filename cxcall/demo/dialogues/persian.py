"""Persian talks. They are read and searched in the demo's past; no voice of this machine says them well enough."""

from __future__ import annotations

from cxcall.demo.dialogues.dialogue import Dialogue, agent, customer

_HELLO = "سلام، وقتتون بخیر. بفرمایید، چه کمکی از من ساخته است؟"
_ANYTHING = "کمک دیگری از دستم برمی‌آید؟"

DOUBLE_CHARGE = Dialogue(
    id="fa_double_charge",
    language="fa",
    finds=("greeting", "identity", "anything_else", "duplicate_charge", "complaint", "refund"),
    scores=(2, 3),
    slots=(
        {"day": "دوشنبه", "amount": "صد و بیست هزار تومان", "number": "۴۷۱۹"},
        {"day": "چهارشنبه", "amount": "هشتاد هزار تومان", "number": "۲۸۵۳"},
        {"day": "شنبه", "amount": "سیصد هزار تومان", "number": "۶۱۴۸"},
    ),
    lines=(
        agent(_HELLO),
        customer("سلام. روز {day} برای یک سفارش دو بار از حسابم پول برداشت شده. اصلاً راضی نیستم."),
        agent("متأسفم که این‌طور شده. شماره مشتری را لطف می‌کنید؟", duty="identity"),
        customer("{number}. مبلغش {amount} بوده، دو مرتبه."),
        agent("اجازه بدهید هر دو تراکنش را ببینم.", after=1.2),
        customer("این خیلی بد است، دفعه اولتان هم نیست.", after=2.5),
        agent("حق با شماست. مبلغ دوم تا پنجشنبه به حسابتان برمی‌گردد."),
        customer("یعنی خودم لازم نیست برای بازگشت وجه کاری بکنم؟"),
        agent("خیر، همین حالا ثبت شد."),
        customer("خب، بهتر شد. ممنون."),
        agent(_ANYTHING, duty="anything_else"),
        customer("نه، همین بود. خداحافظ."),
        agent("روزتان خوش، خدانگهدار."),
    ),
)

LATE_DELIVERY = Dialogue(
    id="fa_late_delivery",
    language="fa",
    finds=("greeting", "identity", "anything_else", "delivery_late"),
    scores=(2, 4),
    slots=({"days": "نه", "day": "فردا"}, {"days": "دوازده", "day": "شنبه"}, {"days": "شش", "day": "پس‌فردا"}),
    lines=(
        agent(_HELLO),
        customer("سلام. {days} روز پیش سفارش دادم و هنوز به دستم نرسیده. خیلی ناراحتم."),
        agent("عذر می‌خواهم. نام و نام خانوادگی را می‌فرمایید؟", duty="identity"),
        customer("رستمی هستم. گفته بودید سه روزه می‌رسد."),
        agent("می‌بینم، بسته هنوز در انبار مانده است.", after=2.0),
        customer("برای هدیه تولد می‌خواستم، حالا دیگر دیر شده. واقعاً بد شد."),
        agent("امروز با پیک می‌فرستم و {day} به دستتان می‌رسد. هزینه ارسال هم با ماست."),
        customer("باشه، ممنون از پیگیری‌تان."),
        agent(_ANYTHING, duty="anything_else"),
        customer("نه، مرسی. خدانگهدار."),
    ),
)

INTERNET_DOWN = Dialogue(
    id="fa_internet_down",
    language="fa",
    finds=("greeting", "identity", "anything_else", "fault", "praise"),
    scores=(4, 5),
    queues=("support",),
    slots=({"time": "صبح", "light": "قرمز"}, {"time": "دیشب", "light": "نارنجی"}, {"time": "دیروز", "light": "قرمز"}),
    lines=(
        agent(_HELLO),
        customer("سلام، خسته نباشید. از {time} اینترنت قطع شده و هیچ چیز باز نمی‌شود."),
        agent("متأسفم. برای تایید هویت کد ملی را لطف کنید.", duty="identity"),
        customer("۰۰۷۰۸۳۲۲۴۵"),
        agent("ممنون. روی مودم کدام چراغ‌ها روشن است؟"),
        customer("چراغ دوم {light} است.", after=1.6),
        agent("مودم را خاموش کنید، ده ثانیه صبر کنید و دوباره روشن کنید."),
        customer("چشم، الان.", after=1.0),
        customer("درست شد! دستتون درد نکنه، خیلی خوب راهنمایی کردید.", after=9.0),
        agent("خواهش می‌کنم. " + _ANYTHING, duty="anything_else"),
        customer("نه، خیلی راضی هستم. خداحافظ."),
    ),
)

CANCEL = Dialogue(
    id="fa_cancel",
    language="fa",
    finds=("greeting", "identity", "anything_else", "complaint", "leaving", "price"),
    scores=(2, 4),
    slots=(
        {"years": "سه", "discount": "بیست"},
        {"years": "پنج", "discount": "بیست و پنج"},
        {"years": "دو", "discount": "پانزده"},
    ),
    lines=(
        agent(_HELLO),
        customer("سلام. می‌خواهم اشتراکم را لغو کنم، خیلی گران شده."),
        agent("چه حیف. اشتراک به نام خود شما است؟", duty="identity"),
        customer("بله. {years} سال است مشتری هستم و هر سال قیمت بالا می‌رود. ناراضی هستم."),
        agent("حق دارید. چه چیزی باید تغییر کند که بمانید؟"),
        customer("یک شرکت دیگر همین را ارزان‌تر می‌دهد."),
        agent("برای یک سال {discount} درصد تخفیف می‌دهم.", after=2.0),
        customer("بد نیست، فکر می‌کنم و خبر می‌دهم."),
        agent("پیشنهاد را پیامک می‌کنم. " + _ANYTHING, duty="anything_else"),
        customer("نه، ممنون."),
    ),
)

MANAGER = Dialogue(
    id="fa_manager",
    language="fa",
    finds=("greeting", "complaint", "manager", "repeat_call", "no_call_back", "legal_threat"),
    scores=(1, 2),
    slots=({"days": "دو هفته"}, {"days": "ده روز"}, {"days": "یک ماه"}),
    lines=(
        agent(_HELLO),
        customer("سلام. برای بار سوم تماس می‌گیرم و هنوز مشکلم حل نشده. قرار بود تماس بگیرید و تماس نگرفتید."),
        agent("متأسفم."),
        customer("متأسفم به درد من نمی‌خورد. می‌خواهم با مدیر شما صحبت کنم.", after=-0.6),
        agent("مدیرم در جلسه است، شاید من بتوانم کمک کنم."),
        customer("{days} است معطلم کرده‌اید. خدماتتان افتضاح است."),
        agent("شکایتتان را می‌نویسم."),
        customer("اگر امروز حل نشود وکیل می‌گیرم و از شما شکایت می‌کنم. واقعاً عصبانی هستم."),
        agent("لطفاً آرام باشید، به سرپرستم می‌گویم.", after=1.8),
        customer("خجالت‌آور است. خداحافظ."),
    ),
)

REFUND = Dialogue(
    id="fa_refund",
    language="fa",
    finds=("greeting", "identity", "refund", "complaint", "leaving"),
    scores=(1, 2),
    queues=("sales",),
    slots=({"thing": "کفش"}, {"thing": "هدفون"}, {"thing": "صندلی"}),
    lines=(
        agent(_HELLO),
        customer("سلام. {thing} را پس فرستادم و پولم را می‌خواهم. کیفیتش افتضاح بود."),
        agent("نام شما؟", duty="identity"),
        customer("مرادی. سه هفته پیش فرستادم، پس کی پولم را پس می‌دهید؟"),
        agent("مهلت مرجوعی گذشته است.", after=2.5),
        customer("کسی چنین چیزی نگفته بود! این بی‌انصافی است. شاکی هستم."),
        agent("قانون همین است، کاری از من برنمی‌آید."),
        customer("دیگر از شما خرید نمی‌کنم. خیلی بد بود."),
        agent("خدانگهدار."),
    ),
)

PRAISE = Dialogue(
    id="fa_praise",
    language="fa",
    finds=("greeting", "anything_else", "praise"),
    scores=(5, 5),
    slots=({"thing": "مبل"}, {"thing": "میز"}, {"thing": "گوشی"}),
    lines=(
        agent(_HELLO),
        customer("سلام. فقط زنگ زدم تشکر کنم. همکارتان دیروز خیلی خوش‌برخورد بود."),
        agent("لطف دارید، به ایشان می‌رسانم."),
        customer("{thing} هم به‌موقع رسید و عالی بود. خیلی راضی هستم."),
        agent("باعث خوشحالی است. " + _ANYTHING, duty="anything_else"),
        customer("نه، دستتون درد نکنه، کارتون عالی بود."),
        agent("همچنین، خدانگهدار."),
    ),
)

PRICE = Dialogue(
    id="fa_price",
    language="fa",
    finds=("greeting", "identity", "anything_else", "price", "instalments", "praise"),
    scores=(4, 5),
    queues=("sales",),
    slots=(
        {"size": "بزرگ", "amount": "چهارصد", "months": "شش"},
        {"size": "خانواده", "amount": "سیصد", "months": "چهار"},
        {"size": "شرکتی", "amount": "هشتصد", "months": "ده"},
    ),
    lines=(
        agent(_HELLO),
        customer("سلام. قیمت بسته {size} چقدر است؟ تخفیف هم دارد؟"),
        agent("بله. نام شما را بدانم؟", duty="identity"),
        customer("کیانی هستم، از قبل مشتری شما."),
        agent("بسته {size} ماهی {amount} هزار تومان است.", after=1.6),
        customer("می‌شود قسطی پرداخت کرد؟"),
        agent("بله، در {months} قسط، و ماه اول رایگان است."),
        customer("خیلی خوب است، عالیه."),
        agent("برایتان پیامک می‌کنم. " + _ANYTHING, duty="anything_else"),
        customer("نه، خیلی ممنون از شما."),
    ),
)

CARD = Dialogue(
    id="fa_card",
    language="fa",
    finds=("greeting", "identity", "anything_else", "billing", "card_payment"),
    scores=(4, 5),
    slots=({"amount": "دویست"}, {"amount": "پانصد"}, {"amount": "صد و پنجاه"}),
    lines=(
        agent(_HELLO),
        customer("سلام. می‌خواهم قبض این ماه را با کارت بانکی پرداخت کنم."),
        agent("حتماً. تاریخ تولد را برای تایید هویت می‌فرمایید؟", duty="identity"),
        customer("نهم خرداد شصت و نه."),
        agent("مبلغ {amount} هزار تومان است. شماره کارت را بفرمایید."),
        customer("۶۰۳۷ ۹۹۱۱ ۲۲۳۳ ۴۴۵۷", after=2.0),
        agent("پرداخت انجام شد.", after=2.0),
        customer("چه راحت بود، ممنون."),
        agent(_ANYTHING, duty="anything_else"),
        customer("نه، سلامت باشید."),
    ),
)

ADDRESS = Dialogue(
    id="fa_address",
    language="fa",
    finds=("greeting", "identity", "anything_else", "address_change", "praise"),
    scores=(3, 5),
    slots=({"street": "خیابان بهار"}, {"street": "خیابان گلستان"}, {"street": "کوچه نسترن"}),
    lines=(
        agent(_HELLO),
        customer("سلام، صبح بخیر. اسباب‌کشی کرده‌ام و می‌خواهم آدرسم را تغییر بدهم."),
        agent("اسم شما و کد پستی قبلی؟", duty="identity"),
        customer("نوری، پنجاه هزار و دویست و سیزده."),
        agent("نشانی جدید را بفرمایید."),
        customer("{street}، پلاک بیست و هشت، طبقه دوم."),
        agent("ثبت شد. سفارش بعدی به {street} می‌آید.", after=1.8),
        customer("خیلی لطف کردید."),
        agent(_ANYTHING, duty="anything_else"),
        customer("نه، خدانگهدار."),
    ),
)

DIALOGUES = (
    LATE_DELIVERY, DOUBLE_CHARGE, INTERNET_DOWN, CANCEL, MANAGER, REFUND, PRAISE, PRICE, CARD, ADDRESS,
)  # fmt: skip
