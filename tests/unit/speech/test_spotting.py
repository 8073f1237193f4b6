import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Article, Category, Hit, Rule, Term, Where
from cxcall.speech.quotes import QUOTE, quoted
from cxcall.speech.spotting import CLOSING, OPENING, Spotter, spot
from cxcall.speech.transcript import Speaker, Turn, Word
from tests.unit.speech.examples import turns


def say(*phrases: str, by: str = "either") -> Term:
    return Term(phrases=phrases, speaker=by)  # type: ignore[arg-type]  # one of the three, as written here


def catalogue(*rules: Rule, where: Where = "any", queues: tuple[str, ...] = ()) -> Catalogue:
    return Catalogue([Category(id="one", name={"en": "One"}, rules=rules, where=where, queues=queues)])


def turn(n: int, start: float, text: str, speaker: Speaker = "customer", end: float | None = None) -> Turn:
    return Turn(n=n, speaker=speaker, start=start, end=end or start + 2, text=text)


def places(hits: list[Hit]) -> list[tuple[str, int]]:
    return [(hit.category, hit.n) for hit in hits]


def test_a_category_is_one_hit_in_a_turn_with_all_its_pieces_and_the_time_of_the_first() -> None:
    rules = Rule(says=say("leav*")), Rule(says=say("cancel*", "cancel it"))
    (hit,) = spot([turn(1, 10, "I will cancel it and leave, yes leave", end=18)], catalogue(*rules))
    assert [hit.quote[start:end] for start, end in hit.spans] == ["cancel it", "leave", "leave"]
    assert hit.start == pytest.approx(10 + 8 * 7 / 37)


def test_only_the_one_who_is_meant_is_heard_and_who_is_unknown_may_be_either() -> None:
    wanted = catalogue(Rule(says=say("refund", by="customer")))
    assert places(spot(turns("c: a refund", "a: a refund"), wanted)) == [("one", 1)]
    assert places(spot([turn(1, 0, "a refund", "unknown")], wanted)) == [("one", 1)]


def test_the_second_phrase_has_to_come_after_the_first_and_in_time() -> None:
    wanted = catalogue(Rule(says=say("hold"), then=say("thanks"), within=5))
    assert places(spot([turn(1, 0, "hold"), turn(2, 6, "thanks")], wanted)) == [("one", 2)]
    assert spot([turn(1, 0, "hold"), turn(2, 7.5, "thanks")], wanted) == []
    assert spot([turn(1, 0, "thanks"), turn(2, 3, "hold")], wanted) == []
    assert places(spot([turn(1, 0, "hold and thanks")], wanted)) == [("one", 1)]


def test_without_order_either_may_come_first_but_one_piece_is_not_both() -> None:
    wanted = catalogue(Rule(says=say("card*"), then=say("twice", "card"), within=3, ordered=False))
    assert places(spot([turn(1, 0, "twice"), turn(2, 3, "my card")], wanted)) == [("one", 2)]
    assert spot([turn(1, 0, "my card")], wanted) == []
    assert spot([turn(1, 0, "twice"), turn(2, 30, "my card")], wanted) == []


def test_what_must_not_follow_is_waited_for() -> None:
    spotter = Spotter(catalogue(Rule(says=say("hold"), unless=say("thanks"), within=5)))
    assert spotter.feed(turn(1, 0, "hold")) == []
    assert spotter.wait(6.9) == []
    assert places(spotter.wait(7.1)) == [("one", 1)]
    # A longer turn that began earlier comes late, and takes it back.
    assert spotter.feed(turn(2, 3, "thanks")) == []
    assert spotter.hits == []


def test_never_followed_is_known_at_the_end() -> None:
    spotter = Spotter(catalogue(Rule(says=say("problem"), unless=say("solved"))))
    spotter.feed(turn(1, 0, "a problem"))
    spotter.wait(500)
    assert spotter.hits == []
    assert places(spotter.finish()) == [("one", 1)]


def test_the_opening_is_counted_from_the_answer() -> None:
    wanted = catalogue(Rule(says=say("hello")), where="opening")
    waiting = turn(1, 0, "la la la"), turn(2, 100, "good day", "agent")
    assert places(spot([*waiting, turn(3, 100 + OPENING - 1, "hello")], wanted)) == [("one", 3)]
    assert spot([*waiting, turn(3, 100 + OPENING + 1, "hello")], wanted) == []
    assert spot([*waiting, turn(3, 100 + OPENING - 1, "hello")], wanted, began=10) == []


def test_the_closing_is_what_is_last_for_now() -> None:
    spotter = Spotter(catalogue(Rule(says=say("anything else")), where="closing"))
    assert places(spotter.feed(turn(1, 0, "anything else", "agent"))) == [("one", 1)]
    spotter.feed(turn(2, CLOSING + 5, "one more thing"))
    assert spotter.hits == []
    spotter.feed(turn(3, CLOSING + 20, "anything else", "agent"))
    assert places(spotter.hits) == [("one", 3)]
    spotter.finish(4 * CLOSING)
    assert spotter.hits == []


def test_times_of_words_are_used_where_they_fit_the_text() -> None:
    words = tuple(Word(word=word, start=at, end=at + 0.5) for word, at in (("please", 0.0), ("cancel", 8.0)))
    wanted = catalogue(Rule(says=say("cancel")))
    said = Turn(n=1, speaker="customer", start=0, end=9, text="please cancel", words=words)
    assert spot([said], wanted)[0].start == 8.0
    corrected = Turn(n=1, speaker="customer", start=0, end=9, text="do please cancel that", words=words[1:] + words[:1])
    assert 3 < spot([corrected], wanted)[0].start < 5


def test_a_corrected_turn_takes_the_place_of_the_first() -> None:
    spotter = Spotter(catalogue(Rule(says=say("cancel"))))
    spotter.feed(turn(1, 0, "I will cancel"))
    assert spotter.feed(turn(1, 0, "I will handle it")) == []
    assert spotter.hits == []


def test_categories_and_articles_of_other_queues_and_what_is_switched_off_are_not_looked_for() -> None:
    rule = Rule(says=say("card"))
    made = Catalogue(
        [
            Category(id="all", name={}, rules=(rule,)),
            Category(id="sales", name={}, rules=(rule,), queues=("sales",)),
            Category(id="off", name={}, rules=(rule,), enabled=False),
        ],
        [
            Article(id="1", title="Cards", phrases=("card",)),
            Article(id="2", title="کارت", phrases=("card",), language="fa"),
            Article(id="3", title="Sales", phrases=("card",), queues=("sales",)),
        ],
    )
    spotter = Spotter(made, queue="help", language="en")
    spotter.feed(turn(1, 0, "my card"))
    assert places(spotter.hits) == [("all", 1)]
    assert [found.article for found in spotter.articles] == ["1"]
    assert places(spot([turn(1, 0, "my card")], made, queue="sales")) == [("all", 1), ("sales", 1)]


def test_a_quote_is_whole_words_around_the_piece() -> None:
    text = "word " * 40 + "nobody called me back " + "word " * 40
    piece = (200, 221)
    quote = quoted(text, (piece,))
    assert quote.startswith("…word ")
    assert "nobody called me back" in quote
    assert quote.endswith(" word…")
    assert len(quote) < QUOTE + 20
    assert quoted("short", ((0, 5),)) == "short"


_WORDS = st.lists(st.sampled_from(["hold", "thanks", "card", "twice", "bye", "word"]), min_size=1, max_size=6)
_TALKS = st.lists(
    st.tuples(st.floats(0, 200), st.floats(0.5, 20), st.sampled_from(["customer", "agent"]), _WORDS), max_size=12
)
_RULES = Catalogue(
    [
        Category(id="plain", name={}, rules=(Rule(says=say("card")), Rule(says=say("bye", by="agent")))),
        Category(id="then", name={}, rules=(Rule(says=say("card"), then=say("twice"), within=10),)),
        Category(id="around", name={}, rules=(Rule(says=say("card"), then=say("hold"), within=15, ordered=False),)),
        Category(id="unless", name={}, rules=(Rule(says=say("hold"), unless=say("thanks"), within=20),)),
        Category(id="never", name={}, rules=(Rule(says=say("hold"), then=say("card"), unless=say("bye")),)),
        Category(id="opening", name={}, rules=(Rule(says=say("hold")),), where="opening"),
        Category(id="closing", name={}, rules=(Rule(says=say("hold"), unless=say("bye"), within=5),), where="closing"),
    ]
)


@settings(max_examples=80, deadline=None)
@given(_TALKS, st.randoms(use_true_random=False))
def test_live_and_afterwards_find_the_same_whatever_the_order_of_turns(talk, chance) -> None:
    said = [
        Turn(n=n, speaker=speaker, start=start, end=start + lasts, text=" ".join(words))
        for n, (start, lasts, speaker, words) in enumerate(talk, 1)
    ]
    shuffled = list(said)
    chance.shuffle(shuffled)
    spotter = Spotter(_RULES)
    for one in shuffled:
        spotter.feed(turn(one.n, 7, "hold card bye thanks twice"))  # heard wrong at first
        spotter.feed(one)
    spotter.finish()
    whole = spot(said, _RULES)
    assert spotter.hits == whole
    assert spotter.finish() == []
