"""A desk in the middle of a call that is heard: the conversation of the design's picture, in both languages."""

from __future__ import annotations

from cxcall.bus.speech import HintCheck, ShownHint
from cxcall.customers.profile import Profile
from tests.browser.desk_stage import Stage
from tests.support.call_centre import MARYAM, OMID, answered, member, past, ringing
from tests.support.talk import TalkOfTest

LINES: tuple[tuple[str, float, dict[str, str], float | None, dict[str, str]], ...] = (
    ("customer", 9, {
        "en": "Hello. I called last week as well. My card was charged twice for this month.",
        "fa": "سلام. هفتهٔ پیش هم تماس گرفتم. برای این ماه دو بار از کارتم برداشت شده.",
    }, -0.3, {}),
    ("agent", 18, {
        "en": "Good morning Ms Hosseini, I am sorry about that. I can see both payments here.",
        "fa": "صبح بخیر خانم حسینی، بابت این موضوع متأسفم. هر دو پرداخت را می‌بینم.",
    }, None, {}),
    ("customer", 31, {
        "en": "Last time they said three working days. It has been six and nobody called me back. "
        "Honestly I am thinking of leaving.",
        "fa": "دفعهٔ قبل گفتند سه روز کاری. شش روز گذشته و کسی به من زنگ نزد. راستش دارم به لغو اشتراک فکر می‌کنم.",
    }, -0.7, {"en": "nobody called me back", "fa": "کسی به من زنگ نزد"}),
    ("agent", 52, {
        "en": "You are right to be upset. Your refund is waiting for one approval; I will ask for it while we talk.",
        "fa": "حق دارید ناراحت باشید. بازگشت وجه شما منتظر یک تأیید است؛ همین الان پیگیری می‌کنم.",
    }, None, {}),
    ("customer", 70, {
        "en": "Card ends in ●●●●. Please make sure it goes to the same one.",
        "fa": "چهار رقم آخر کارت ●●●● است. لطفاً به همان کارت برگردد.",
    }, 0.0, {}),
    ("agent", 216, {
        "en": "It is approved now. You will have it by tomorrow noon and I will send you a text.",
        "fa": "الان تأیید شد. تا فردا ظهر واریز می‌شود و پیامک هم می‌فرستم.",
    }, None, {}),
)  # fmt: skip
SPEAKING = {
    "en": "Oh, that is a relief, thank you, so I do not",
    "fa": "خیالم راحت شد، ممنون، پس دیگر لازم نیست",
}
LEAVING = ShownHint(
    id="hint-leaving", kind="category", at=31, quote_at=31, hot=True, category_id="leaving",
    title={"en": "Customer may leave", "fa": "احتمال لغو اشتراک"},
    text={"en": "You may offer one free month.", "fa": "می‌توانید یک ماه رایگان پیشنهاد دهید."},
    reason={"en": "Gold customer, second call on this.", "fa": "مشتری طلایی و تماس دوم برای همین موضوع."},
    action={"en": "Offer made", "fa": "پیشنهاد دادم"},
    quote="",
)  # fmt: skip
REFUND = ShownHint(
    id="hint-refund", kind="category", at=9, quote_at=9, category_id="refund",
    title={"en": "Check the refund", "fa": "بازگشت وجه را ببینید"},
    reason={"en": "A double charge was named.", "fa": "از برداشت تکراری گفته شد."},
    quote="My card was charged twice",
)  # fmt: skip
CHECKS = (
    HintCheck(category_id="identity", name={"en": "Name and identity confirmed", "fa": "تأیید نام و هویت"}, said=True),
    HintCheck(category_id="date", name={"en": "Refund date given", "fa": "اعلام تاریخ بازگشت وجه"}, said=True),
    HintCheck(category_id="else", name={"en": "Anything else I can do?", "fa": "کمک دیگری لازم دارید؟"}, said=False),
)
TOPICS = (
    ("Duplicate charge", "برداشت تکراری", "bad"), ("Refund", "بازگشت وجه", "neutral"),
    ("Repeat call", "تماس دوباره", "neutral"),
)  # fmt: skip
MOOD_LINE = (0.1, 0.0, -0.2, -0.5, -0.7, -0.55, -0.3, -0.1, 0.05)


async def talking(at: Stage, language: str = "en", *, say: bool = True) -> TalkOfTest:
    """Maryam Hosseini talks with Sara, answered 228 seconds ago; with `say` the conversation so far is there."""
    centre = at.centre
    name = "مریم حسینی" if language == "fa" else "Maryam Hosseini"
    await centre.customer(Profile(name=name, numbers=("+989123456789",), tier="gold", city="Tehran", tags=("vip",)))
    await centre.tell(past(MARYAM, centre.ago(days=6), at=OMID))
    centre.members = [member()]
    record = answered(ringing(MARYAM, centre.ago(seconds=269)), centre.ago(seconds=228))
    await centre.tell(record)
    talk = TalkOfTest(centre, record, language)
    await talk.begin()
    if say:
        await conversation(talk)
    return talk


async def conversation(talk: TalkOfTest) -> None:
    """All that was said, told as it goes, and how it stands."""
    for speaker, start, words, felt, marked in LINES:
        text, piece = words[talk.language], marked.get(talk.language, "")
        marks = [(at, at + len(piece), "bad")] if piece and (at := text.find(piece)) >= 0 else []
        dots = text.find("●●●●")
        marks += [(dots, dots + 4, "hidden")] if dots >= 0 else []
        await talk.say(speaker, start, text, sentiment=felt, marks=marks)  # type: ignore[arg-type]  # a speaker's name
    talk.saying("customer", 224, SPEAKING[talk.language])
    talk.state(0.05, "improving", MOOD_LINE, topics=TOPICS, hints=(LEAVING,), checks=CHECKS)
