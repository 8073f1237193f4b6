from typing import Literal

import pytest

from cxcall.demo.dialogues import PERSIAN, REMARKS, SPOKEN, WAITS, Dialogue
from cxcall.demo.past_talks import understood
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.sentiment import of_turn, word
from cxcall.speech.templates import ready_made

CATALOGUE = Catalogue(ready_made())
VARIANTS = [
    pytest.param(dialogue.variant(n), id=f"{dialogue.id}-{n}")
    for dialogue in (*SPOKEN, *PERSIAN)
    for n in range(len(dialogue.slots))
]


@pytest.mark.parametrize("dialogue", VARIANTS)
def test_a_talk_is_found_by_the_categories_it_was_written_for_and_felt_as_it_is_rated(dialogue: Dialogue) -> None:
    whole = understood(dialogue, CATALOGUE).whole
    assert {hit.category for hit in whole.hits} == set(dialogue.finds)
    assert "{" not in "".join(line.text for line in dialogue.lines)
    assert whole.feeling.score is not None
    felt = word(whole.feeling.score)
    if dialogue.scores[1] <= 2:
        assert felt == "negative"
    elif dialogue.scores[0] >= 4:
        assert felt == "positive"
    else:
        assert -0.45 < whole.feeling.score < 0.45


def test_there_are_a_dozen_talks_to_be_spoken_and_some_agents_forget_the_end() -> None:
    assert len({dialogue.id for dialogue in SPOKEN}) >= 12
    assert len({dialogue.id for dialogue in (*SPOKEN, *PERSIAN)}) == len(SPOKEN) + len(PERSIAN)
    closed = [dialogue.id for dialogue in SPOKEN if "anything_else" in dialogue.finds]
    assert 0 < len(closed) < len(SPOKEN)


@pytest.mark.parametrize("dialogue", [one for one in (*SPOKEN, *PERSIAN) if "anything_else" in one.finds])
def test_an_agent_who_forgets_a_duty_has_not_said_it(dialogue: Dialogue) -> None:
    forgotten = dialogue.variant(0).without(["anything_else"])
    checks = {check.category: check.said for check in understood(forgotten, CATALOGUE).whole.checks}
    assert checks["anything_else"] is False
    assert checks["greeting"] is True


def test_card_numbers_are_made_up_ones_that_are_hidden() -> None:
    for dialogue in (*SPOKEN, *PERSIAN):
        if "card_payment" in dialogue.finds:
            said = [one for one in understood(dialogue.variant(0), CATALOGUE).whole.said if one.hidden]
            assert [one.hidden[0].kind for one in said] == ["card"]
            assert "●" in said[0].shown


def test_remarks_and_waits_feel_as_they_are_meant() -> None:
    for content, texts in REMARKS.items():
        for text in texts:
            felt = of_turn(text, "en")
            assert felt is not None
            assert (felt.value > 0.2) if content else (felt.value < -0.2)
    for language, waits in WAITS.items():
        for wait in waits:
            spoken: Literal["en", "fa"] = "en" if language == "en" else "fa"
            talk = Dialogue(id="wait", language=spoken, lines=wait, finds=(), scores=(3, 3))
            assert not understood(talk, CATALOGUE).whole.hits
