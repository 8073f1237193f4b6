import pytest

from cxcall.speech.category import Article, Category, Hint, Hit, Tone
from cxcall.speech.hinting import COOL_DOWN, LASTS, OPENING_DUE, Change, Facts, Felt, Hints
from cxcall.speech.required import Check, checks, missing
from cxcall.speech.spotting import Found


def category(id_: str, tone: Tone = "neutral", article: str = "") -> Category:
    return Category(id=id_, name={"en": id_.title()}, tone=tone, hint=Hint(title={"en": id_}, article_id=article))


CATEGORIES = {
    one.id: one
    for one in (
        category("price"),
        category("delivery"),
        category("moving"),
        category("leaving", "bad", article="9"),
        Category(id="quiet", name={"en": "Quiet"}),
    )
}
ARTICLES = {one.id: one for one in (Article(id="7", title="Cards"), Article(id="9", title="Keeping customers"))}
GREETING = Check(category="greeting", name={"en": "Greeting"}, where="opening", said=False)
ELSE = Check(category="else", name={"en": "Anything else?"}, where="closing", said=False)


def hit(id_: str, start: float, n: int = 1, quote: str = "said so") -> Hit:
    return Hit(category=id_, n=n, start=start, quote=quote)


def found(id_: str, start: float) -> Found:
    return Found(article=id_, n=1, start=start, quote="my card", spans=((3, 7),))


def felt(*values: float) -> list[Felt]:
    return [Felt(n=n, start=n * 10, end=n * 10 + 5, value=value, text="words") for n, value in enumerate(values, 1)]


def ids(hints: Hints) -> list[str]:
    return [one.id for one in hints.shown]


@pytest.fixture
def hints() -> Hints:
    return Hints(CATEGORIES, ARTICLES)


def test_a_category_with_a_hint_is_shown_with_its_reason_and_quote(hints: Hints) -> None:
    change = hints.update(Facts(at=31, began=0, hits=[hit("quiet", 30), hit("leaving", 31, 3, "I may leave")]))
    (one,) = hints.shown
    assert change == Change(came=(one,))
    assert (one.kind, one.category, one.article, one.hot) == ("category", "leaving", "9", True)
    assert (one.quote, one.quote_at, one.quote_n) == ("I may leave", 31, 3)
    assert one.reason["en"] == "Heard: Leaving"
    assert hints.revision == 1


def test_at_most_two_are_shown_what_is_urgent_stays_and_the_newest_is_first(hints: Hints) -> None:
    said = [hit("leaving", 10), hit("price", 20), hit("delivery", 30), hit("moving", 40)]
    came = [one.id for at in range(1, 5) for one in hints.update(Facts(at=at * 10, began=0, hits=said[:at])).came]
    assert ids(hints) == ["category:moving", "category:leaving"]
    assert came == ["category:leaving", "category:price", "category:delivery", "category:moving"]


def test_what_is_used_or_dismissed_makes_room_and_does_not_return(hints: Hints) -> None:
    said = [hit("leaving", 10), hit("price", 20), hit("delivery", 30)]
    hints.update(Facts(at=30, began=0, hits=said))
    change = hints.decide("category:leaving", "used", 32)
    assert [(one.id, how) for one, how in change.gone] == [("category:leaving", "used")]
    assert [one.id for one in change.came] == ["category:price"]
    hints.update(Facts(at=200, began=0, hits=[*said, hit("leaving", 200)]))
    assert ids(hints) == []
    assert hints.decide("category:leaving", "dismissed", 201) == Change()


def test_a_hint_runs_out_and_returns_only_for_a_new_reason_after_a_while(hints: Hints) -> None:
    first = hit("price", 10)
    hints.update(Facts(at=10, began=0, hits=[first]))
    change = hints.update(Facts(at=11 + LASTS, began=0, hits=[first]))
    assert [(one.id, how) for one, how in change.gone] == [("category:price", "expired")]
    soon, later = hit("price", 20 + LASTS, 2), hit("price", 12 + LASTS + COOL_DOWN, 3)
    hints.update(Facts(at=20 + LASTS, began=0, hits=[first, soon]))
    assert ids(hints) == []
    hints.update(Facts(at=12 + LASTS + COOL_DOWN, began=0, hits=[first, soon, later]))
    assert ids(hints) == ["category:price"]


def test_a_quote_in_which_a_number_was_found_later_is_hidden(hints: Hints) -> None:
    hints.update(Facts(at=10, began=0, hits=[hit("price", 10, quote="six zero")]))
    hints.update(Facts(at=14, began=0, hits=[hit("price", 10, quote="●●●●"), hit("price", 14, 2, "other")]))
    assert [one.quote for one in hints.shown] == ["●●●●"]


def test_what_belongs_to_the_opening_is_asked_for_after_a_while(hints: Hints) -> None:
    hints.update(Facts(at=9 + OPENING_DUE, began=10, checks=(GREETING, ELSE)))
    assert ids(hints) == []
    hints.update(Facts(at=10 + OPENING_DUE, began=10, checks=(GREETING, ELSE)))
    assert ids(hints) == ["opening"]
    assert hints.shown[0].checks == (GREETING,)
    said = Check(category="greeting", name={"en": "Greeting"}, where="opening", said=True, at=45, n=4)
    hints.update(Facts(at=46, began=10, checks=(said, ELSE)))
    assert ids(hints) == []


def test_near_the_end_all_that_is_required_is_listed_until_it_is_said(hints: Hints) -> None:
    said = Check(category="greeting", name={"en": "Greeting"}, where="opening", said=True, at=1, n=1)
    hints.update(Facts(at=300, began=0, checks=(said, ELSE), farewell=299))
    assert ids(hints) == ["closing"]
    assert [check.said for check in hints.shown[0].checks] == [True, False]
    hints.update(Facts(at=301, began=0, checks=(said,), farewell=299))
    assert ids(hints) == []


def test_a_falling_mood_is_told_with_the_words(hints: Hints) -> None:
    hints.update(Facts(at=25, began=0, feelings=felt(0.2, -0.2)))
    assert ids(hints) == []
    hints.update(Facts(at=45, began=0, feelings=felt(0.2, 0.0, -0.5, -0.6)))
    assert ids(hints) == ["feeling"]
    assert hints.shown[0].quote_n == 4
    hints.update(Facts(at=55, began=0, feelings=felt(0.2, 0.0, -0.5, -0.6, 0.7)))
    assert ids(hints) == []


def test_an_always_unhappy_customer_is_not_told_of_again_and_again(hints: Hints) -> None:
    hints.update(Facts(at=65, began=0, feelings=felt(-0.6, -0.6, -0.6, -0.6, -0.6, -0.6)))
    assert ids(hints) == []


def test_articles_come_last_and_not_beside_the_hint_that_names_them(hints: Hints) -> None:
    hints.update(Facts(at=10, began=0, hits=[hit("leaving", 9)], found=[found("7", 10), found("9", 10)]))
    assert ids(hints) == ["article:7", "category:leaving"]
    assert hints.shown[0].title == {"en": "Cards"}
    hints.update(Facts(at=20, began=0, hits=[hit("leaving", 9), hit("price", 20)], found=[found("7", 10)]))
    assert ids(hints) == ["category:price", "category:leaving"]


def test_required_phrases_are_said_when_they_are_found_in_order_of_their_place() -> None:
    categories = [
        Category(id="bye", name={"en": "Closing"}, kind="required", where="closing"),
        Category(id="name", name={"en": "Identity"}, kind="required", hint=Hint(title={"en": "Name confirmed"})),
        Category(id="hello", name={"en": "Greeting"}, kind="required", where="opening"),
        Category(id="price", name={"en": "Price"}),
    ]
    found = checks(categories, [hit("name", 20, 4), hit("name", 10, 2), hit("price", 1)])
    assert [(check.category, check.said, check.at, check.n) for check in found] == [
        ("hello", False, None, None), ("name", True, 10, 2), ("bye", False, None, None),
    ]  # fmt: skip
    assert found[1].name == {"en": "Name confirmed"}
    assert [check.category for check in missing(found)] == ["hello", "bye"]
