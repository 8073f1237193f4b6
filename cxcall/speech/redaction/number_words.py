"""Words for numbers, and words that stand between or after them, in English and Persian.

All words are as `cxcall.letters.search_key` folds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxcall.letters import search_key


def _words(table: str) -> frozenset[str]:
    return frozenset(search_key(word) for word in table.split())


def _values(table: str) -> dict[str, int]:
    """Lines of a value and its words."""
    lines = (line.split() for line in table.strip().splitlines())
    return {search_key(word): int(line[0]) for line in lines for word in line[1:]}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """How a language says numbers.

    `small`: 0 to 19; `tens`: 20 to 90; `hundreds`: words for 100 to 900 of their own; `hundred`: what makes a hundred
    of the number before it. `thousand` and `more` make quantities. `joins`: stands between the parts of one number.
    `again`: says the next digit so many times. `of`: stands between a count and the digit said so often («دو تا پنج»).
    """

    small: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    hundred: frozenset[str]
    thousand: frozenset[str]
    more: frozenset[str]
    joins: frozenset[str]
    again: Mapping[str, int]
    of: frozenset[str]


ENGLISH = NumberWords(
    small=_values("""
        0 zero oh o nought naught nil
        1 one
        2 two
        3 three
        4 four
        5 five
        6 six
        7 seven
        8 eight
        9 nine niner
        10 ten
        11 eleven
        12 twelve
        13 thirteen
        14 fourteen
        15 fifteen
        16 sixteen
        17 seventeen
        18 eighteen
        19 nineteen
    """),
    tens=_values("""
        20 twenty
        30 thirty
        40 forty fourty
        50 fifty
        60 sixty
        70 seventy
        80 eighty
        90 ninety
    """),
    hundreds={},
    hundred=_words("hundred"),
    thousand=_words("thousand"),
    more=_words("million millions billion grand"),
    joins=_words("and"),
    again={"double": 2, "triple": 3, "treble": 3, "quadruple": 4},
    of=frozenset(),
)

PERSIAN = NumberWords(
    small=_values("""
        0 صفر
        1 یک یه
        2 دو
        3 سه
        4 چهار چار
        5 پنج
        6 شش شیش
        7 هفت
        8 هشت
        9 نه
        10 ده
        11 یازده
        12 دوازده
        13 سیزده
        14 چهارده چارده
        15 پانزده پونزده
        16 شانزده شونزده
        17 هفده هیفده
        18 هجده هیجده هژده
        19 نوزده
    """),
    tens=_values("""
        20 بیست بیس
        30 سی
        40 چهل چل
        50 پنجاه
        60 شصت شص
        70 هفتاد
        80 هشتاد
        90 نود
    """),
    hundreds=_values("""
        100 صد یکصد
        200 دویست
        300 سیصد
        400 چهارصد چارصد
        500 پانصد پونصد
        600 ششصد شیشصد
        700 هفتصد
        800 هشتصد
        900 نهصد
    """),
    hundred=frozenset(),
    thousand=_words("هزار هزارو"),
    more=_words("میلیون ملیون میلیارد ملیارد تومن"),
    joins=_words("و"),
    again={search_key("دوبل"): 2, search_key("دابل"): 2, search_key("تریپل"): 3},
    of=_words("تا"),
)

UNSURE = _words("oh o نه یه")
"""Also other words: "oh", «نه» (no), «یه» (a)."""

ACKNOWLEDGED = _words("""
ok okay yes yeah yep yup right alright sure good great got it mhm mm hmm uh huh aha go ahead on next continue then and
please thanks thank you so far i see correct carry perfect fine hm
بله آره بلی باشه خب خوب اوکی اوهوم آهان اها درسته صحیح ادامه بدید بدین بفرمایید بفرمائید بفرما بگید بگین بعدش بعد
مرسی ممنون چشم حله دارم یادداشت کردم نوشتم گوش میدم هستم جانم
""")
"""Words that only say "go on": a turn of nothing else does not end the number somebody else is saying."""

FILLERS = ACKNOWLEDGED | _words("""
uh um er erm ah eh hm dash hyphen space then now followed by is it's that's sorry wait let me see again
و ا ام اوم ای اممم خط تیره دش فاصله بعدشم بعد دیگه هم مثبت هست است میشه ببخشید الان یعنی
""")
"""What people say between digits of one number."""

UNITS = _words("""
dollar dollars pound pounds euro euros cent cents pence bucks quid percent minute minutes hour hours day days week weeks
month months year years mile miles kilo kilos gram grams meter meters metre metres piece pieces item items box boxes
times people o'clock am pm gigabyte gigabytes gig gigs gb mb megabytes degrees points st nd rd th
تومان تومن تومنه تومنی ریال ریاله دلار یورو درهم درصد دقیقه ساعت روز روزه هفته ماه ماهه سال ساله متر کیلو گرم عدد دونه
تا نفر بار دفعه جلد بسته جعبه گیگ گیگابایت مگ مگابایت ساعته درجه واحد قسط تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند
فروردین اردیبهشت خرداد امتیاز لیتر کیلومتر طبقه میلیون میلیارد هزارتومن
january february march april may june july august september october november december
""")
"""What makes the number before it an amount, a date or a time."""
