import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.folding import fold
from cxcall.speech.persian import PREFIXES
from cxcall.speech.phrases import matches
from cxcall.speech.spotting import spot
from cxcall.speech.transcript import Turn

FOUND = [
    # as it is written and spaced
    ("cancel my order", "please CANCEL  my order.", "CANCEL  my order"),
    ("call-back", "the call back", "call back"),
    ("call back", "a call-back", "call-back"),
    ("can't", "I cant do it", "cant"),
    ("can't", "I can’t do it", "can’t"),
    ("manager", "the manager's name", "manager"),
    ("۳ بار", "3 بار گفتم", "3 بار"),
    ("نمی‌خواهم", "من نمی خواهم", "نمی خواهم"),
    ("نمی خواهم", "من نمیخواهم", "نمیخواهم"),
    ("نمیخواهم", "من نمی‌خواهم", "نمی‌خواهم"),
    ("شكايت", "یک شکایت", "شکایت"),
    ("آدرس", "ادرس من", "ادرس"),
    ("صورت‌حساب", "صورت حساب من", "صورت حساب"),
    ("صورت حساب", "صورتحساب من", "صورتحساب"),
    ("شماره کارت", "شماره‌ی کارت", "شماره‌ی کارت"),
    ("شماره کارت", "شمارهٔ کارت", "شمارهٔ کارت"),
    ("مسئول", "مَسئول", "مَسئول"),
    # any ending
    ("cancel*", "I was cancelling it", "cancelling"),
    ("cancel* my order", "cancelled my order", "cancelled my order"),
    ("لغو*", "لغوش کن", "لغوش"),
    ("زنگ نزد*", "زنگ نزده‌اند", "زنگ نزده‌اند"),
    ("کار نمی*", "کار نمی کند دیگر", "کار نمی کند"),
    # Persian endings, and the spoken forms of words
    ("شکایت", "شکایتی دارم", "شکایتی"),
    ("شکایت", "شکایت‌های قبلی", "شکایت‌های"),
    ("شکایت", "شکایت های قبلی", "شکایت های"),
    ("کارت", "کارتتون رو بدید", "کارتتون"),
    ("کارت", "کارت تون رو بدید", "کارت تون"),
    ("پول", "پولم رفت", "پولم"),
    ("اشتراک لغو", "اشتراکم رو لغو کنید", "اشتراکم رو لغو"),
    ("می‌خواهم لغو", "می خوام لغو کنم", "می خوام لغو"),
    ("باز نمی‌شود", "اصلا باز نمیشه", "باز نمیشه"),
    ("دیگر", "دیگه نه", "دیگه"),
]

NOT_FOUND = [
    ("cancel", "cancelled"),
    ("can", "I can't"),
    ("did", "he didn't"),
    ("together", "to get her"),
    ("notable", "no table"),
    ("ear", "hear"),
    ("my order", "my new order"),
    ("می‌خواهم", "نمی‌خواهم"),
    ("خواهم", "نمی خواهم"),
    ("راضی", "ناراضی هستم"),
    ("راضی", "نا راضی هستم"),
    ("مادر", "ما در خانه"),
    ("کار", "کارت"),
    ("قطع", "قطعه"),
    ("نام", "نامه"),
    ("بار", "باران"),
    ("زنگ نزد", "من زنگ نزدم"),
    ("خود", "خودکار"),
    ("توان", "تو آن"),
]


@pytest.mark.parametrize(("phrase", "text", "piece"), FOUND)
def test_a_phrase_is_found_however_it_is_written(phrase: str, text: str, piece: str) -> None:
    assert [text[start:end] for start, end in matches(phrase, text)] == [piece]


@pytest.mark.parametrize(("phrase", "text"), NOT_FOUND)
def test_what_only_looks_alike_is_not_found(phrase: str, text: str) -> None:
    assert matches(phrase, text) == []


def test_a_phrase_without_words_finds_nothing() -> None:
    assert all(matches(phrase, "some words * here") == [] for phrase in ("", " ", "*", "…", "\u200c"))


_TEXTS = st.text(alphabet="ab c'-*.ةيكمینها \u200c\u200f\u064bرو۳", max_size=30)


@settings(max_examples=100, deadline=None)
@given(_TEXTS, _TEXTS)
def test_any_text_is_folded_and_any_phrase_looked_for(phrase: str, text: str) -> None:
    folded = fold(text)
    assert "".join(folded.words) == folded.letters
    assert all(0 <= start < end <= len(text) for start, end in folded.spans)
    assert all(0 <= start < end <= len(text) for start, end in matches(phrase, text))


@settings(max_examples=100, deadline=None)
@given(st.lists(_TEXTS, max_size=6), _TEXTS)
def test_the_automaton_finds_what_the_phrases_find_one_by_one(phrases: list[str], text: str) -> None:
    category = Category(id="one", name={"en": "One"}, rules=(Rule(says=Term(phrases=tuple(phrases))),))
    hits = spot([Turn(n=1, speaker="customer", start=0, end=3, text=text)], Catalogue([category]))
    apart = {place for phrase in phrases for start, end in matches(phrase, text) for place in range(start, end)}
    together = {place for hit in hits for start, end in hit.spans for place in range(start, end)}
    assert together == apart


def _whole(phrase: str) -> bool:
    words = fold(phrase).words
    return bool(words) and words[-1] not in PREFIXES


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc کمنیه", min_size=1, max_size=12).filter(_whole))
def test_a_phrase_finds_itself(phrase: str) -> None:
    assert matches(phrase, phrase)
