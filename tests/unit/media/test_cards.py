"""A spoken card number has the recording paused; other numbers do not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import CommandRefused, Commands
from cxcall.bus.speech import RecordingAsk
from cxcall.media.cards import Cards, being_said
from cxcall.speech.transcript import Turn
from tests.unit.media.stage import CALL, Clock, stage, stream
from tests.unit.media.waiting import until


def said(*texts: str) -> list[Turn]:
    return [Turn(n=n, speaker="customer", start=4.0 * n, end=4.0 * n + 3, text=text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (("my card number is 4111 1111 1111 1111",), "en"),
        (("yes it is four one one one two two two two",), "en"),
        (("six zero three seven", "nine nine seven five"), "en"),
        (("شماره کارتم شش هزار و سی و هفت نود و نه هفتاد و پنج",), "fa"),
        (("what is your card verification code", "it is 123"), "en"),
    ],
)
def test_a_card_number_or_its_beginning_is_told(texts: tuple[str, ...], language: str) -> None:
    turns = said(*texts)
    assert being_said(turns, turns[-1].n, language)


@pytest.mark.parametrize(
    "text",
    ["my order number is 4567 8901", "call me at 212 555 0199", "0912 345 6789", "it costs 250 dollars", "in 2026", ""],
)
def test_other_numbers_are_not(text: str) -> None:
    assert not being_said(said(text), 0, "en")


async def test_the_recording_is_asked_to_pause_while_a_card_is_said(database: AsyncEngine, tmp_path: Path) -> None:
    asked, ended = list[RecordingAsk](), asyncio.Event()
    commands = Commands()

    async def pause(ask: RecordingAsk) -> None:
        asked.append(ask)
        ended.set()
        raise CommandRefused("This call is not recorded.")

    commands.serve("recording:pause", pause)
    texts = {1: "it is four one one one two two two two", 2: "thank you"}
    async with stage(database, tmp_path, texts) as now:
        now.room.card = Cards(commands).heard
        customer = now.live.open(stream("customer"), now.clock())
        now.say(customer, 2)
        await until(lambda: len(now.of("turn")) == 1)
        assert not asked
        now.say(customer, 1, seconds=3.0)
        await until(lambda: len(now.of("turn")) == 2)
        await asyncio.wait_for(ended.wait(), 20)
    assert (asked[0].call_id, asked[0].why) == (CALL, "card")


async def test_a_call_is_asked_about_at_most_every_two_seconds() -> None:
    asked = list[str]()
    commands, clock = Commands(), Clock()

    async def pause(ask: RecordingAsk) -> None:
        asked.append(ask.call_id)

    commands.serve("recording:pause", pause)
    cards = Cards(commands, clock)
    for call in ("one", "one", "two"):
        cards.heard(call)
    clock.go(2.5)
    cards.heard("one")
    await until(lambda: len(asked) == 3)
    assert asked == ["one", "two", "one"]
