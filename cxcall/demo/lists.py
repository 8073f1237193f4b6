"""Words that made-up customers are made of, in both languages. All written here; nobody in them is a real person."""

from __future__ import annotations

PERSIAN_FIRST = (
    "آرش", "آرزو", "امیر", "امیرحسین", "احسان", "الهام", "الهه", "بابک", "بهاره", "بهروز", "بهنام", "پریسا", "پویا",
    "پیمان", "ترانه", "حامد", "حسین", "حمیدرضا", "داریوش", "رؤیا", "رضا", "زهرا", "ژاله", "سارا", "سامان", "سپیده",
    "سعید", "سمانه", "سیاوش", "شهرام", "شیرین", "شیوا", "علی‌رضا", "علی", "غزل", "فاطمه", "فرهاد", "فریبا", "فرزانه",
    "کامران", "کاوه", "کیان", "کیمیا", "گلناز", "لاله", "لیلا", "محمد", "محمدرضا", "مریم", "مجید", "محسن", "مرجان",
    "منیژه", "مهدی", "مهسا", "میترا", "مینا", "نادر", "نازنین", "نرگس", "نیلوفر", "نیما", "هادی", "هانیه",
    "هومن", "یلدا",
)  # fmt: skip
PERSIAN_LAST = (
    "آذری", "آقایی", "ابراهیمی", "احمدی", "اسدی", "اکبری", "امینی", "بهرامی", "پارسا", "پورمحمدی", "تقوی", "توکلی",
    "جعفری", "جلالی", "حسینی", "حیدری", "خسروی", "داوودی", "دهقان", "رحیمی", "رستمی", "رضایی", "زارعی",
    "زمانی", "سلطانی",
    "سلیمانی", "شریفی", "شفیعی", "صادقی", "صالحی", "طاهری", "طباطبایی", "عباسی", "عزیزی", "غفاری", "فرهادی",
    "فراهانی",
    "قاسمی", "قنبری", "کاظمی", "کریمی", "کیانی", "گلستانی", "محمدی", "مرادی", "معینی", "ملکی", "موسوی", "میرزایی",
    "نجفی", "نظری", "نعمتی", "نوری", "هاشمی", "همتی", "یزدانی", "یوسفی",
)  # fmt: skip
ENGLISH_FIRST = (
    "Adam", "Alice", "Amelia", "Anna", "Ben", "Carla", "Chris", "Clara", "Daniel", "David", "Diana", "Elena", "Emma",
    "Eric", "Farah", "Grace", "Hannah", "Helen", "Ivan", "Jack", "James", "Jane", "Julia", "Karim", "Kate", "Laura",
    "Leila", "Lena", "Lucas", "Marco", "Maria", "Martin", "Maya", "Michael", "Nadia", "Nora", "Oliver",
    "Omar", "Paul",
    "Peter", "Rosa", "Sam", "Sofia", "Stefan", "Susan", "Thomas", "Tom", "Victor", "Yara", "Zoe",
)  # fmt: skip
ENGLISH_LAST = (
    "Adler", "Ahmed", "Bakker", "Barnes", "Bauer", "Bennett", "Brooks", "Carter", "Clarke", "Costa", "Cooper",
    "Davies",
    "Demir", "Dubois", "Evans", "Fischer", "Foster", "Garcia", "Grant", "Hansen", "Harris", "Hughes",
    "Jansen", "Kaya",
    "Keller", "Khan", "Larsen", "Lewis", "Martin", "Meyer", "Moreau", "Morgan", "Müller", "Nielsen", "Novak",
    "O’Neill",
    "Parker", "Petrov", "Rahman", "Reed", "Romano", "Rossi", "Schmidt", "Silva", "Stone", "Turner", "Walker", "Weber",
    "Wilson", "Young",
)  # fmt: skip

PERSIAN_COMPANIES = (
    "پخش آفتاب شرق", "فولاد کویر سبز", "داروخانهٔ شبانه‌روزی سپید", "آموزشگاه رهنما", "بازرگانی دریای آبی",
    "چاپ نقش نو",
    "کشت و صنعت دشت زرین", "گروه ساختمانی پی‌ریز", "هتل ستارهٔ کویر", "شرکت نرم‌افزاری پرنیان", "حمل‌ونقل تیزپا",
    "کلینیک نیک‌روان", "فروشگاه خانهٔ چوب", "پوشاک نخستین", "لبنیات مرتع", "خدمات گردشگری هفت‌راه",
    "قطعات خودرو توان‌پارس",
    "شیرینی‌سرای یاس", "کاشی نگین یزد", "انتشارات برگ سبز",
)  # fmt: skip
ENGLISH_COMPANIES = (
    "Bluewater Trading", "Cedar Hotel Group", "Northgate Logistics", "Orchard Clinic", "Silk Road Travel",
    "Lantern Books",
    "Granite Tools", "Harbour Foods", "Meridian Software", "Copperfield School", "Pinecone Furniture",
    "Delta Spare Parts",
)  # fmt: skip

CITIES = (
    ("تهران", "Tehran", "21", 34), ("کرج", "Karaj", "26", 7), ("مشهد", "Mashhad", "51", 10),
    ("اصفهان", "Isfahan", "31", 9),
    ("شیراز", "Shiraz", "71", 8), ("تبریز", "Tabriz", "41", 7), ("قم", "Qom", "25", 3), ("اهواز", "Ahvaz", "61", 4),
    ("رشت", "Rasht", "13", 4), ("کرمان", "Kerman", "34", 3), ("یزد", "Yazd", "35", 3), ("ارومیه", "Urmia", "44", 2),
    ("ساری", "Sari", "11", 2), ("همدان", "Hamadan", "81", 2), ("بندرعباس", "Bandar Abbas", "76", 2),
)  # fmt: skip
"""Persian name, English name, area code without its 0, weight."""

MOBILE_PREFIXES = (
    "912", "912", "912", "911", "913", "914", "915", "916", "917", "918", "919", "910", "935", "936", "937",
    "938", "939",
    "930", "933", "901", "902", "903", "920", "921", "922", "990", "991", "992",
)  # fmt: skip
"""Beginnings of Iranian mobile numbers without their 0; the common ones more than once."""

TIERS = (("gold", 12), ("silver", 28), ("bronze", 60))

TAGS = (
    "vip", "wholesale", "warranty", "instalments", "newsletter", "late payer", "prefers mornings", "referral",
    "عمده‌فروشی", "گارانتی", "اقساط", "خبرنامه", "خوش‌حساب", "پیگیری", "تماس عصر",
)  # fmt: skip
"""English ones first; PERSIAN_TAGS_FROM is where the Persian ones begin."""
PERSIAN_TAGS_FROM = 8

PERSIAN_NOTES = (
    "ترجیح می‌دهد بعدازظهرها با او تماس بگیریم.",
    "فاکتورها را با ایمیل می‌خواهد.",
    "نشانی تازه: طبقهٔ سوم، واحد ۷.",
    "دربارهٔ تخفیف خرید عمده پرسیده است.",
    "یک بار از تأخیر ارسال ناراضی بود؛ عذرخواهی شد.",
    "با همکارش آقای نوری هم می‌شود هماهنگ کرد.",
    "تا پایان ماه برای تمدید قرارداد تماس بگیرید.",
    "لطفاً آهسته و شمرده صحبت کنید.",
)
ENGLISH_NOTES = (
    "Prefers e-mail for invoices.",
    "Asked about bulk discounts.",
    "Speaks English only; Sara knows the account.",
    "Was unhappy about a late delivery once; we apologised.",
    "Call back before the contract ends next month.",
    "New address: third floor, unit 7.",
)
PERSIAN_CALL_NOTES = (
    "سفارش تکراری لغو شد.",
    "وعدهٔ بررسی تا فردا ساعت ۱۰.",
    "رمز ورود بازنشانی شد.",
    "شمارهٔ پیگیری مرسوله داده شد.",
    "به واحد فروش منتقل شد.",
)
ENGLISH_CALL_NOTES = (
    "Explained the invoice; all clear.",
    "Promised an answer by tomorrow 10:00.",
    "Reset the password together.",
    "Gave the tracking number.",
    "Wants to hear from sales about a bigger plan.",
)
