"""An intent heard while they talk offers a transfer: what is offered, when, and what the hint says."""

from __future__ import annotations

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.intents import Intent, Intents
from cxcall.speech.transcript import Speaker, Turn
from cxcall.speech.understanding import Talk

SALES = Intent(
    name="sales", title={"en": "Buying", "fa": "خرید"}, phrases={"en": ("want to buy", "new phone"), "fa": ("بخرم",)},
    queue="sales", number="805",
)  # fmt: skip
BILL = Intent(name="bill", title={"en": "Bill"}, phrases={"en": ("my bill",)}, number="806", offered=False)
NOWHERE = Intent(name="repair", title={"en": "Repair"}, phrases={"en": ("is broken",)}, queue="repairs")
INTENTS = Intents([SALES, BILL, NOWHERE])


def turn(n: int, text: str, speaker: Speaker = "customer") -> Turn:
    return Turn(n=n, speaker=speaker, start=n * 5.0, end=n * 5.0 + 3, text=text)


def talk(queue: str = "support", language: str = "en") -> Talk:
    return Talk(Catalogue(()), language=language, queue=queue, intents=INTENTS)


def test_what_the_customer_wants_is_offered_with_where_it_is_done() -> None:
    (hint,) = talk().turn(turn(1, "by the way I want to buy a new phone for my number 09121234567")).came
    assert (hint.id, hint.kind, hint.transfer, hint.category) == ("intent:sales", "intent", "805", "sales")
    assert (hint.title["en"], hint.title["fa"]) == ("Transfer to sales", "انتقال به sales")
    assert hint.reason == {"en": "Heard: Buying", "fa": "شنیده شد: خرید"}
    assert "buy" in hint.quote
    assert "0912" not in hint.quote


def test_what_is_done_here_or_by_nobody_or_is_not_to_be_offered_is_not() -> None:
    for said, queue in (("I want to buy a new phone", "sales"), ("there is an error in my bill", "support"),
                        ("my washing machine is broken", "support")):  # fmt: skip
        assert talk(queue).turn(turn(1, said)).hints == ()


def test_the_agent_s_words_and_single_words_offer_nothing() -> None:
    one = talk()
    assert one.turn(turn(1, "do you want to buy a new phone", "agent")).hints == ()
    assert one.turn(turn(2, "new phone")).hints == ()


def test_it_is_offered_once_and_goes_when_it_was_used_or_is_old() -> None:
    one = talk()
    assert [hint.id for hint in one.turn(turn(1, "I want to buy a phone")).came] == ["intent:sales"]
    assert one.turn(turn(2, "as I said I want to buy one")).came == ()
    news = one.decide("intent:sales", "used", 12.0)
    assert [(gone.id, how) for gone, how in news.gone] == [("intent:sales", "used")]
    assert one.turn(turn(3, "I want to buy a phone")).hints == ()
    old = talk()
    old.turn(turn(1, "I want to buy a phone"))
    assert old.wait(500.0).hints == ()


def test_a_turn_that_turns_out_otherwise_takes_its_offer_with_it() -> None:
    one = talk()
    one.turn(turn(1, "I want to buy a phone"))
    assert one.turn(turn(1, "I have a question please")).hints == ()


def test_persian_is_heard_too() -> None:
    assert [hint.id for hint in talk(language="fa").turn(turn(1, "می‌خواستم یه گوشی بخرم")).came] == ["intent:sales"]
