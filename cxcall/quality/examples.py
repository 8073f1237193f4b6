"""Two scorecards to begin with; whoever takes one changes it to what their calls are about."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.quality.scorecard import Item, Scorecard, Section


def _item(id_: str, en: str, fa: str, weight: float, *, highest: int = 0, critical: bool = False,
          na: bool = False) -> Item:  # fmt: skip
    return Item(id=id_, title={"en": en, "fa": fa}, weight=weight, highest=highest, critical=critical, na=na)


def _section(id_: str, en: str, fa: str, *items: Item) -> Section:
    return Section(id=id_, title={"en": en, "fa": fa}, items=items)


EXAMPLES: Mapping[str, Scorecard] = {
    "service": Scorecard(
        title={"en": "Service call", "fa": "تماس خدمات"},
        sections=(
            _section(
                "opening", "Opening", "آغاز",
                _item("greeting", "Greets and says their name", "سلام می‌کند و نامش را می‌گوید", 10),
                _item("identity", "Makes sure who is calling", "از هویت تماس‌گیرنده مطمئن می‌شود", 10, critical=True),
            ),
            _section(
                "matter", "The matter", "موضوع",
                _item("listens", "Listens and asks until the matter is clear",
                      "گوش می‌دهد و می‌پرسد تا موضوع روشن شود", 20, highest=5),
                _item("answer", "The answer is right and complete", "پاسخ درست و کامل است", 30, highest=5),
                _item("hold", "Says why and how long before hold", "پیش از انتظار، دلیل و مدت آن را می‌گوید", 10,
                      na=True),
            ),
            _section(
                "closing", "Closing", "پایان",
                _item("summary", "Sums up what happens next", "آنچه در پیش است را جمع‌بندی می‌کند", 10),
                _item("farewell", "Asks for anything else and says goodbye",
                      "می‌پرسد کار دیگری هست و خداحافظی می‌کند", 10),
            ),
        ),
    ),
    "sales": Scorecard(
        title={"en": "Sales call", "fa": "تماس فروش"},
        sections=(
            _section(
                "opening", "Opening", "آغاز",
                _item("greeting", "Greets and says why they call", "سلام می‌کند و دلیل تماس را می‌گوید", 10),
                _item("time", "Asks whether the time suits", "می‌پرسد که زمان مناسب است", 5, na=True),
            ),
            _section(
                "offering", "Needs and offer", "نیاز و پیشنهاد",
                _item("needs", "Asks what the customer needs", "نیاز مشتری را می‌پرسد", 25, highest=5),
                _item("offer", "The offer fits what was said", "پیشنهاد با گفته‌های مشتری جور است", 25, highest=5),
                _item("price", "Price and conditions are told rightly", "بها و شرایط را درست می‌گوید", 20,
                      critical=True),
            ),
            _section(
                "closing", "Closing", "پایان",
                _item("objection", "Answers doubts without pressing", "به تردیدها بی‌فشار پاسخ می‌دهد", 10, highest=5,
                      na=True),
                _item("next", "Agrees on the next step", "دربارهٔ گام بعدی توافق می‌کند", 5),
            ),
        ),
    ),
}  # fmt: skip
