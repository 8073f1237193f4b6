"""What happened in a talk that somebody may have to see to."""

from __future__ import annotations

from cxcall.speech.category import Category, Rule
from cxcall.speech.templates.rules import hint, near, said, term, then

LEAVING = Category(
    id="leaving",
    name={"en": "Customer may leave", "fa": "احتمال رفتن مشتری"},
    kind="signal",
    tone="bad",
    alerts=True,
    rules=(
        said(
            "thinking of leaving", "thinking about leaving", "want to leave", "going to leave", "i will leave",
            "i'll leave", "cancel my subscription", "cancel my contract", "cancel my account", "cancel my plan",
            "cancel my service", "cancel my membership", "cancel everything", "cancel the subscription",
            "cancel the contract", "cancel the service", "want to cancel", "like to cancel", "going to cancel",
            "close my account", "close the account", "switch provider*", "switch to another", "switching to",
            "another provider", "another company", "your competitor*", "end my contract", "terminate my contract",
            "terminate the contract", "not renew", "won't renew", "take my business elsewhere", "going elsewhere",
            "لغو اشتراک", "فسخ قرارداد", "می‌خواهم لغو", "می‌خواهم کنسل", "می‌خواهم جدا", "می‌روم سراغ",
            "می‌روم شرکت", "شرکت دیگری", "یک شرکت دیگر", "رقیب شما", "رقباتون", "تمدید نمی‌کنم", "دیگر تمدید",
            "حساب* ببندید", "بستن حساب", "دیگر از شما خرید نمی‌کنم", "دیگر خرید نمی‌کنم", "فکر لغو", "جای دیگر",
        ),
        then(("اشتراک", "قرارداد", "سرویس", "عضویت"), ("لغو", "لغو*", "کنسل", "فسخ", "قطع کنید", "باطل"), 1.5),
    ),
    hint=hint(
        ("Customer may leave", "Ask what would have to change before you offer anything.", "Offer made"),
        ("احتمال لغو اشتراک", "پیش از هر پیشنهادی بپرسید چه چیزی باید تغییر کند.", "پیشنهاد دادم"),
    ),
)  # fmt: skip

COMPLAINT = Category(
    id="complaint",
    name={"en": "Complaint", "fa": "شکایت"},
    kind="signal",
    tone="bad",
    rules=(
        said(
            "make a complaint", "a complaint", "my complaint", "formal complaint", "complaint about",
            "want to complain", "like to complain", "have to complain", "unacceptable", "not acceptable",
            "not happy with", "very unhappy", "really unhappy", "disappointed", "disgusted", "terrible service",
            "awful service", "horrible service", "bad service", "poor service", "worst service", "fed up", "sick of",
            "ridiculous", "waste of time", "rude to me", "was rude", "is a joke", "not good enough", "frustrated",
            "appalling",
            "شاکی", "ناراضی", "راضی نیستم", "ناراضیم", "قابل قبول نیست", "افتضاح*", "مسخره*", "بی‌احترامی", "بی‌ادب*",
            "خسته شدم", "کلافه*", "خدمات بد", "وقت* تلف", "بدترین", "پاسخگو نیست*", "اصلا خوب نیست", "بد برخورد",
            "برخورد بد", "اعتراض دارم",
        ),
        Rule(says=term("شکایت"), unless=term("ندارم", "نداشتم", "نیست"), within=1.0),
    ),
    hint=hint(
        ("Complaint", "Let them finish, repeat it in your words, and log it as a complaint.", "Logged"),
        ("شکایت", "بگذارید حرفش تمام شود، با بیان خود تکرار کنید و شکایت ثبت کنید.", "ثبت شد"),
    ),
)  # fmt: skip

REPEAT_CALL = Category(
    id="repeat_call",
    name={"en": "Repeat call", "fa": "تماس دوباره"},
    kind="signal",
    tone="warn",
    rules=(
        said(
            "second time i call*", "third time i call*", "fourth time i call*", "fifth time i call*",
            "second time i am", "third time i am", "second time i'm", "third time i'm", "fourth time i'm",
            "third time this", "second time this", "i called last week", "i called yesterday", "i called before",
            "i already called", "i have called", "i've called", "called you before", "called you already",
            "called several times", "called many times", "called three times", "called twice", "calling again",
            "call again and again", "every time i call", "each time i call", "my third call", "my second call",
            "spoke to someone", "spoke with someone", "i spoke to your", "keep calling",
            "چند بار تماس", "چند بار زنگ", "چندمین بار", "دومین بار", "سومین بار", "چهارمین بار", "بار دوم",
            "بار سوم", "بار چهارم", "دفعه دوم", "دفعه سوم", "دفعه چهارم", "قبلا تماس گرفت*", "قبلا زنگ زد*",
            "قبلا هم تماس", "قبلا هم زنگ", "دوباره تماس گرفت*", "دوباره زنگ زد*", "دیروز تماس گرفت*", "دیروز زنگ زد*",
            "دیروز هم زنگ", "هفته پیش تماس گرفت*", "هفته پیش زنگ زد*", "هفته پیش هم تماس", "هفته پیش هم زنگ",
            "هر بار زنگ", "هر بار تماس", "هر دفعه زنگ", "بارها تماس", "بارها زنگ", "صد بار زنگ", "ده بار زنگ",
            "دو بار زنگ", "سه بار زنگ", "دو بار تماس", "سه بار تماس", "دومین باره", "سومین باره", "چهارمین باره",
            "چندمین باره", "بار دومه", "بار سومه", "بار چهارمه",
        ),
        then(("همکار*", "کارشناس*"), ("صحبت کردم", "صحبت کرده بودم", "حرف زدم"), 2.0),
    ),
    hint=hint(
        ("Not the first call", "Open the earlier calls so that nothing has to be told twice.", "Read"),
        ("تماس نخست نیست", "تماس‌های پیشین را باز کنید تا مشتری دوباره توضیح ندهد.", "خوانده شد"),
    ),
)  # fmt: skip

NO_CALL_BACK = Category(
    id="no_call_back",
    name={"en": "Nobody called back", "fa": "کسی تماس نگرفت"},
    kind="signal",
    tone="bad",
    rules=(
        said(
            "nobody called", "no one called", "nobody has called", "no one has called", "nobody ever called",
            "no one ever called", "never called me back", "never called back", "didn't call me back",
            "didn't call back", "hasn't called me back", "haven't called me back", "nobody got back",
            "no one got back", "never got back to me", "nobody contacted", "no one contacted", "nobody has contacted",
            "no one has contacted", "never rang me", "nobody rang", "no one rang", "nobody answered",
            "no one answered", "still waiting for a call", "waiting for your call", "promised to call",
            "said you would call", "said they would call",
            "کسی زنگ نزد*", "کسی تماس نگرفت*", "هیچ‌کس زنگ نزد*", "هیچ‌کس تماس نگرفت*", "کسی به من زنگ نزد*",
            "کسی با من تماس نگرفت*", "هیچ‌کس با من تماس نگرفت*", "کسی جواب نداد*", "هیچ‌کس جواب نداد*", "خبری نشد*",
            "تماس نگرفتید", "زنگ نزدید", "تماس نگرفتن*", "زنگ نزدن*", "پیگیری نکرد*", "منتظر تماس", "منتظر زنگ",
        ),
        then(
            ("قرار بود", "گفتید", "گفتین", "گفتن", "گفتند", "قول دادید", "قول دادن"),
            ("تماس بگیر*", "تماس می‌گیر*", "زنگ بزن*", "زنگ می‌زن*", "خبر می‌ده*", "خبر بده*"), 3.0,
        ),
    ),
    hint=hint(
        ("A call-back was missed", "Apologise for that first, and set a call-back that is yours.", "Call-back set"),
        ("تماس مجدد انجام نشده", "نخست بابت آن پوزش بخواهید و تماس مجددی به نام خود ثبت کنید.", "ثبت شد"),
    ),
)  # fmt: skip

MANAGER = Category(
    id="manager",
    name={"en": "Asks for a manager", "fa": "درخواست صحبت با مدیر"},
    kind="signal",
    tone="bad",
    alerts=True,
    rules=(
        said(
            "your manager", "the manager", "a manager", "your supervisor", "the supervisor", "a supervisor",
            "your boss", "someone in charge", "somebody in charge", "someone senior", "someone higher",
            "person in charge", "escalate", "escalated", "team leader",
            "مدیرتان", "مدیر شما", "با مدیر", "به مدیر", "مدیریت صحبت", "سرپرست*", "مسئول شما", "مسئولتان",
            "با مسئول", "مافوق*", "بالادستی", "رئیس*", "مدیر بخش", "مدیر مجموعه",
        ),
    ),
    hint=hint(
        ("A manager is asked for", "Say that you will arrange it, and try once more to solve it yourself.", "Arranged"),
        ("درخواست صحبت با مدیر", "بگویید هماهنگ می‌کنید و یک بار دیگر برای حل آن تلاش کنید.", "هماهنگ شد"),
    ),
)  # fmt: skip

LEGAL = Category(
    id="legal_threat",
    name={"en": "Legal threat", "fa": "تهدید حقوقی"},
    kind="signal",
    tone="bad",
    alerts=True,
    rules=(
        said(
            "lawyer*", "solicitor", "attorney", "sue you", "suing", "take you to court", "to court", "legal action",
            "small claims", "consumer protection", "ombudsman", "report you", "go to the press", "trading standards",
            "see you in court", "press charges",
            "وکیل*", "دادگاه*", "اقدام قانونی", "شکایت قانونی", "شکایت رسمی", "پیگیری قانونی", "پیگیری قضایی",
            "تعزیرات", "قوه قضاییه", "حمایت از مصرف‌کننده", "سازمان بازرسی", "ازتون شکایت", "از شما شکایت", "کلانتری",
            "پلیس فتا", "رسانه‌ای می‌کنم",
        ),
    ),
    hint=hint(
        ("Legal step named", "Stay with facts, promise nothing, and tell your supervisor now.", "Told"),
        ("اشاره به اقدام قانونی", "تنها واقعیت‌ها را بگویید، قولی ندهید و همین حالا به سرپرست خبر دهید.", "خبر دادم"),
    ),
)  # fmt: skip

PRAISE = Category(
    id="praise",
    name={"en": "Praise", "fa": "قدردانی"},
    kind="signal",
    tone="good",
    rules=(
        said(
            "very helpful", "so helpful", "really helpful", "great service", "excellent service", "good service",
            "great job", "wonderful", "fantastic", "brilliant", "you are the best", "you're the best", "best service",
            "very happy with", "really happy with", "so happy", "love your", "well done", "amazing",
            "perfect thank you", "very kind", "so kind", "most helpful", "very satisfied", "really appreciate",
            "much appreciated",
            "عالی بود", "خیلی عالی", "کارتون عالی", "کار* عالی", "دستتون درد نکنه", "دست شما درد نکند",
            "خیلی لطف کردید", "خیلی کمک کردید", "خیلی راضی", "راضی هستم", "بسیار راضی", "خدمات خوب*", "بهترین خدمات",
            "فوق‌العاده*", "خیلی خوش‌برخورد", "خوش‌برخورد*", "سپاسگزارم", "خیلی ممنون از", "قدردانی", "تشکر می‌کنم",
            "کارتون درسته",
        ),
    ),
)  # fmt: skip

ON_HOLD_UNASKED = Category(
    id="hold_unasked",
    name={"en": "Put on hold without asking", "fa": "نگه‌داشتن بی‌اجازه"},
    kind="signal",
    tone="warn",
    rules=(
        Rule(
            says=term(
            "hold please", "please hold", "hold on", "hold the line", "stay on the line", "one moment please",
            "putting you on hold", "put you on hold",
            "پشت خط", "پشت خط باشید", "روی خط بمانید", "گوشی خدمتتون", "گوشی دستتون", "گوشی حضورتون",
                by="agent",
            ),
            unless=term(
            "sure", "okay", "ok", "yes", "yeah", "of course", "fine", "no problem", "go ahead", "alright",
            "all right",
            "باشه", "باشد", "بله", "چشم", "حتما", "خواهش می‌کنم", "بفرمایید", "مشکلی نیست", "اوکی",
            ),
            within=6.0,
        ),
    ),
)  # fmt: skip

AMONG_PROMISES = near(
    ("i will", "i'll", "we will", "we'll"),
    ("call you", "call you back", "get back to you", "ring you"),
    1.5,
    by="agent",
)

PROMISE = Category(
    id="call_back_promised",
    name={"en": "Call-back promised", "fa": "قول تماس مجدد"},
    kind="signal",
    rules=(
        AMONG_PROMISES,
        said(
            "تماس می‌گیرم", "تماس می‌گیریم", "تماس خواهیم گرفت", "زنگ می‌زنم", "زنگ می‌زنیم", "تماس گرفته می‌شود",
            "با شما تماس می‌گیرند", by="agent",
        ),
    ),
    hint=hint(
        ("You promised a call", "Set it as a call-back so that it is not forgotten.", "Call-back set"),
        ("قول تماس دادید", "آن را به‌عنوان تماس مجدد ثبت کنید تا فراموش نشود.", "ثبت شد"),
    ),
)  # fmt: skip

CATEGORIES = (
    LEAVING, COMPLAINT, REPEAT_CALL, NO_CALL_BACK, MANAGER, LEGAL, PRAISE, ON_HOLD_UNASKED, PROMISE,
)  # fmt: skip
