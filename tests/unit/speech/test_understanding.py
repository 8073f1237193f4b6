import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Article, Category
from cxcall.speech.marks import Shown, marks
from cxcall.speech.redact import Hidden
from cxcall.speech.templates import ready_made
from cxcall.speech.transcript import Turn
from cxcall.speech.understanding import Said, Talk, understand
from tests.unit.speech.examples import turns

CATALOGUE = Catalogue(ready_made(), [Article(id="7", title="Cards", phrases=("card",))])

TALK = turns(
    "a: Good morning this is Sara how can I help",
    "c: Hello I called last week my card was charged twice",
    "a: I am sorry about that may I have your name please",
    "c: Maryam and nobody called me back this is terrible I am thinking of leaving",
    "a: I understand and I will refund it today",
    "c: it is six zero three seven nine nine seven five",
    "a: yes",
    "c: nine nine one seven four two two five",
    "a: thank you it is refunded now",
    "c: oh great thank you so much you are very helpful bye",
)
PERSIAN = turns(
    "a: سلام وقت بخیر سارا هستم بفرمایید",
    "c: سلام هفته پیش هم تماس گرفتم دو بار از کارتم برداشت شده",
    "c: کسی به من زنگ نزد واقعا افتضاحه دارم به لغو اشتراک فکر می‌کنم",
    "a: حق دارید همین الان پیگیری می‌کنم",
    "c: خیالم راحت شد ممنون",
)


def test_a_talk_is_told_turn_by_turn() -> None:
    talk = Talk(CATALOGUE, language="en")
    news = [talk.turn(turn) for turn in TALK]
    assert [topic.id for topic in news[3].topics] == ["repeat_call", "duplicate_charge", "no_call_back", "leaving"]
    assert news[3].mood is not None
    assert news[3].mood < -0.3
    assert "category:leaving" in {hint.id for hint in news[3].came}
    assert len(news[3].hints) == 2
    assert [check.said for check in news[2].checks] == [True, True, False]
    assert news[-1].share[0] + news[-1].share[1] == pytest.approx(1)
    assert news[-1].mood_line[-1] > 0.3
    assert "closing" in {hint.id for hint in news[-1].hints}
    assert all(len(one.hints) <= 2 for one in news)


def test_what_was_said_bad_is_marked_where_it_stands() -> None:
    talk = Talk(CATALOGUE, language="en")
    (said,) = talk.turn(TALK[3]).said
    marked = {said.shown[start:end] for start, end, kind in said.marks if kind == "bad"}
    assert any(piece.startswith("nobody called") for piece in marked)
    assert any("thinking of leaving" in piece for piece in marked)
    assert said.turn.sentiment is not None
    assert said.turn.sentiment < -0.4


def test_a_number_completed_later_is_hidden_in_the_turn_that_began_it() -> None:
    talk = Talk(CATALOGUE, language="en")
    for turn in TALK[:7]:
        talk.turn(turn)
    news = talk.turn(TALK[7])
    assert [said.turn.n for said in news.said][:2] == [8, 6]
    assert all("●●●●" in said.shown and "six zero" not in said.shown for said in news.said[:2])
    assert [kind for _, _, kind in talk.said[8].marks].count("hidden") == 1


def test_hidden_numbers_are_not_in_quotes_nor_hints() -> None:
    said = turns("c: I want a refund to my card 6037 9975 9917 4225 please")
    whole = understand(said, language="en", catalogue=CATALOGUE)
    assert {hit.category for hit in whole.hits} == {"refund"}
    assert whole.hits[0].quote == "I want a refund to my card ●●●● please"
    assert whole.articles[0].quote == whole.hits[0].quote
    talk = Talk(CATALOGUE, language="en")
    assert all("6037" not in hint.quote for hint in talk.turn(said[0]).hints)


def test_what_was_seen_live_is_what_is_understood_afterwards() -> None:
    for language, said in (("en", TALK), ("fa", PERSIAN)):
        talk = Talk(CATALOGUE, language=language)
        for turn in said:
            talk.turn(turn)
        assert talk.finish() == understand(said, language=language, catalogue=CATALOGUE)


def test_a_persian_talk_is_understood() -> None:
    whole = understand(PERSIAN, language="fa", catalogue=CATALOGUE)
    found = [topic.id for topic in whole.topics]
    assert found == ["repeat_call", "duplicate_charge", "no_call_back", "complaint", "leaving"]
    assert whole.feeling.word == "improving"


def test_a_correction_of_text_or_feeling_counts() -> None:
    corrected = [
        Turn(n=1, speaker="customer", start=0, end=3, text="I want to leave", sentiment=0.5),
        Turn(n=2, speaker="agent", start=4, end=6, text="fine"),
    ]
    whole = understand(corrected, language="en", catalogue=CATALOGUE)
    assert whole.said[0].turn.sentiment == 0.5
    assert [hit.category for hit in whole.hits] == ["leaving"]
    talk = Talk(CATALOGUE, language="en")
    talk.turn(corrected[0])
    news = talk.turn(Turn(n=1, speaker="customer", start=0, end=3, text="I want to live"))
    assert news.topics == ()
    assert news.said[0].marks == ()


def test_silence_makes_what_was_due_late_and_a_decision_is_kept() -> None:
    talk = Talk(CATALOGUE, language="en", began=0)
    talk.turn(turns("a: yes please")[0])
    assert talk.wait(20).hints == ()
    news = talk.wait(40)
    assert [hint.id for hint in news.came] == ["opening"]
    news = talk.decide("opening", "dismissed", 41)
    assert [(hint.id, how) for hint, how in news.gone] == [("opening", "dismissed")]
    assert talk.wait(45).hints == ()
    assert talk.news().revision == news.revision


def test_the_answer_may_become_known_later() -> None:
    talk = Talk(CATALOGUE, language="en", began=0)
    talk.turn(Turn(n=1, speaker="agent", start=100, end=104, text="hello this is Sara"))
    assert not talk.news().checks[0].said
    talk.answered(99)
    assert talk.wait(105).checks[0].said


def test_holds_and_what_was_not_heard_are_no_silence() -> None:
    back = Turn(n=3, speaker="agent", start=60, end=62, text="here I am")
    said = [*turns("a: please wait a moment", "c: yes"), back]
    whole = understand(said, language="en", catalogue=CATALOGUE, holds=[(4, 58)], missing=[(58, 59)], end=63)
    assert whole.figures.silence.longest < 3


def test_a_language_without_a_lexicon_and_no_words_at_all_are_understood_too() -> None:
    whole = understand(turns("c: guten Tag"), language="de", catalogue=CATALOGUE)
    assert whole.feeling.score is None
    assert whole.said[0].turn.sentiment is None
    nothing = understand([], language="en", catalogue=Catalogue([]))
    assert (nothing.said, nothing.hits, nothing.checks) == ((), (), ())


def test_marks_never_overlap_and_what_is_hidden_covers_the_rest() -> None:
    hidden = (Hidden(start=5, end=9, kind="card"), Hidden(start=9, end=12, kind="code"))
    shown = Shown("card 1234567 leave it", hidden)
    assert shown.text == "card ●●●●●●●● leave it"
    found = marks(shown, [((0, 9), "topic"), ((12, 18), "bad"), ((11, 15), "good")])
    assert [(shown.text[start:end], kind) for start, end, kind in found] == [
        ("card ", "topic"), ("●●●●●●●●", "hidden"), (" leave", "bad"),
    ]  # fmt: skip


_SAID = st.lists(
    st.sampled_from(
        ["cancel it", "my card", "6037 9975", "9917 4225", "terrible", "thanks", "hold please", "bye", "ok"]
    ),
    min_size=1,
    max_size=4,
)
_TALKS = st.lists(st.tuples(st.floats(0, 300), st.floats(0, 20), st.sampled_from("ca"), _SAID), max_size=10)


def _places(said: Said) -> set[int]:
    return {place for piece in said.hidden for place in range(piece.start, piece.end)}


@settings(max_examples=25, deadline=None)
@given(_TALKS)
def test_any_talk_is_the_same_live_and_afterwards_but_for_what_live_had_to_hide_before_it_knew_more(talk) -> None:
    said = [
        Turn(n=n, speaker="customer" if who == "c" else "agent", start=start, end=start + lasts, text=", ".join(words))
        for n, (start, lasts, who, words) in enumerate(talk, 1)
    ]
    live = Talk(CATALOGUE, language="en", began=0)
    for turn in said:
        for shown in live.turn(turn).said:
            assert all(0 <= start < end <= len(shown.shown) for start, end, _ in shown.marks)
    afterwards = understand(said, language="en", catalogue=CATALOGUE, began=0)
    before = live.finish()
    assert [hit.spans for hit in before.hits] == [hit.spans for hit in afterwards.hits]
    assert (before.feeling, before.figures, before.checks) == (
        afterwards.feeling,
        afterwards.figures,
        afterwards.checks,
    )
    for one, other in zip(before.said, afterwards.said, strict=True):
        assert one.turn == other.turn
        assert _places(other) <= _places(one)
        assert one == other or one.hidden != other.hidden


def test_a_category_without_hint_or_name_breaks_nothing() -> None:
    bare = Catalogue([Category(id="x", name={}, kind="required", where="opening")])
    whole = understand(turns("c: hello"), language="en", catalogue=bare)
    assert [check.said for check in whole.checks] == [False]
