"""Whether a call is heard, and the reason that is kept with it."""

from __future__ import annotations

import pytest

from cxcall.speech.listening import Listening, Said, Why, chance_of, consented, decide, records

LIVE = Listening(live=True)
ASKS = Listening(live=True, consent="asked")
GOLD = Listening(live=True, tiers=("gold",), live_share=50)


@pytest.mark.parametrize(
    ("listening", "said", "chance", "tier", "asked_for", "why"),
    [
        (LIVE, "unknown", 99.9, "", False, "chosen"),
        (LIVE, "no", 0, "", False, "no_consent"),
        (LIVE, "no", 0, "", True, "no_consent"),
        (ASKS, "unknown", 0, "", False, "no_consent"),
        (ASKS, "unknown", 0, "", True, "no_consent"),
        (ASKS, "yes", 0, "", False, "chosen"),
        (GOLD, "unknown", 49, "gold", False, "chosen"),
        (GOLD, "unknown", 50, "gold", False, "share"),
        (GOLD, "unknown", 10, "", False, "tier"),
        (GOLD, "unknown", 99, "", True, "asked_for"),
        (Listening(), "unknown", 0, "", False, "off"),
        (Listening(consent="asked"), "unknown", 0, "", False, "off"),
        (Listening(), "unknown", 0, "", True, "asked_for"),
        (Listening(live=True, live_share=0), "yes", 0, "", False, "share"),
    ],
)
def test_the_decision_has_its_reason(
    listening: Listening, said: Said, chance: float, tier: str, asked_for: bool, why: Why
) -> None:
    decision = decide(listening, said=said, chance=chance, tier=tier, asked_for=asked_for)
    assert decision.why == why
    assert decision.heard is (why in ("chosen", "asked_for"))


@pytest.mark.parametrize(
    ("listening", "said", "chance", "asked_for", "why"),
    [
        (Listening(record=True), "unknown", 99.9, False, "chosen"),
        (Listening(record=True), "no", 0, True, "no_consent"),
        (Listening(record=True, consent="asked"), "unknown", 0, False, "no_consent"),
        (Listening(record=True, consent="asked"), "unknown", 0, True, "no_consent"),
        (Listening(record=True, consent="asked"), "yes", 0, False, "chosen"),
        (Listening(record=True, record_share=50), "unknown", 50, False, "share"),
        (Listening(record=True, record_share=50), "unknown", 50, True, "asked_for"),
        (Listening(live=True), "yes", 0, False, "off"),
    ],
)
def test_a_recording_has_its_reason_too(
    listening: Listening, said: Said, chance: float, asked_for: bool, why: Why
) -> None:
    assert records(listening, said=said, chance=chance, asked_for=asked_for) == why


def test_the_callers_answer_is_kept_and_that_nobody_had_to_ask() -> None:
    assert [consented(ASKS, said) for said in ("yes", "no", "unknown")] == ["yes", "no", "unknown"]
    assert [consented(LIVE, said) for said in ("yes", "no", "unknown")] == ["yes", "no", "not_needed"]


def test_a_calls_chance_is_its_own_and_chances_are_spread_evenly() -> None:
    chances = [chance_of(f"lab-lab-1795299274.{number}") for number in range(4_000)]
    assert chance_of("lab-lab-1795299274.0") == chances[0]
    assert all(0 <= chance < 100 for chance in chances)
    for share in (10, 50, 90):
        assert sum(chance < share for chance in chances) == pytest.approx(40 * share, rel=0.15)
