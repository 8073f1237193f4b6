"""What people say in the demo: talks written for it. The English ones are spoken as well, in this order."""

from __future__ import annotations

from cxcall.demo.dialogues import content, persian, unhappy
from cxcall.demo.dialogues.dialogue import Dialogue, Line, Side, agent, customer

__all__ = ["PERSIAN", "REMARKS", "SPOKEN", "WAITS", "WISHES", "Dialogue", "Line", "Side"]

SPOKEN: tuple[Dialogue, ...] = (
    content.PRAISE,
    unhappy.LATE_DELIVERY,
    content.APPOINTMENT,
    unhappy.MANAGER,
    unhappy.DOUBLE_CHARGE,
    content.CARD,
    unhappy.INTERNET_DOWN,
    unhappy.CANCEL,
    content.PRICE,
    unhappy.THIRD_CALL,
    unhappy.REFUND_REFUSED,
    content.ADDRESS,
    content.PRIVACY,
)
"""Short ones first: their sound is ready first."""

PERSIAN: tuple[Dialogue, ...] = persian.DIALOGUES

REMARKS: dict[bool, tuple[str, ...]] = {
    True: ("Your colleague was very helpful and kind. Thank you.", "It was solved in the first call. That was great."),
    False: (
        "I waited a long time and nobody could help me. That was terrible.",
        "I am disappointed. I had to explain it all again.",
    ),
}
"""What a caller says after the beep of the survey: content or not."""

WISHES: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("billing", "I was charged twice this month."),
        ("billing", "There is a mistake on my bill."),
        ("technical_support", "My internet is not working since this morning."),
        ("complaint", "I want to make a complaint about your service."),
        ("cancellation", "I want to cancel my contract."),
        ("refund", "I would like to have my money back."),
        ("", "It is about the letter from last week."),
    ),
    "fa": (
        ("billing", "دربارهٔ قبضم سؤال دارم."),
        ("billing", "دو بار از حسابم پول کم شده."),
        ("technical_support", "اینترنتم از صبح قطع شده و کار نمی‌کند."),
        ("complaint", "می‌خواهم شکایت کنم، خیلی ناراضی‌ام."),
        ("cancellation", "می‌خواهم قراردادم را فسخ کنم."),
        ("refund", "پولم را پس می‌خواهم."),
        ("", "بابت همان نامهٔ هفتهٔ پیش."),
    ),
}
"""What callers say when they are asked why they call, with the intent that is meant, "" none that there is."""

WAITS: dict[str, tuple[tuple[Line, Line, Line], ...]] = {
    "en": (
        (
            agent("Let me look that up. It takes a moment."),
            customer("Sure, no problem."),
            agent("Thank you for waiting."),
        ),
        (
            agent("I have to ask a colleague. Can you wait?"),
            customer("Yes, I can."),
            agent("So, I have the answer now."),
        ),
        (agent("The computer is a bit slow today."), customer("I know that."), agent("Here it is.")),
    ),
    "fa": (
        (agent("اجازه بدهید نگاه کنم، چند لحظه طول می‌کشد."), customer("باشه."), agent("ممنون که صبر کردید.")),
        (agent("باید از همکارم بپرسم، منتظر می‌مانید؟"), customer("بله، هستم."), agent("خب، جواب را گرفتم.")),
        (agent("سیستم امروز کمی طول می‌دهد."), customer("اشکالی ندارد."), agent("بفرمایید، آمد.")),
    ),
}
"""What is said while something is looked up: the agent, the customer, and the agent again when it was found."""
