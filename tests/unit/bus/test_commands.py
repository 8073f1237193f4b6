import asyncio
from typing import Any

import pytest

from cxcall.bus import CommandRefused, Commands, NoAnswer


async def test_the_outcome_comes_back_from_who_serves_the_act() -> None:
    commands = Commands()

    async def double(act: int) -> int:
        return act * 2

    commands.serve("twice", double)
    assert await commands.ask("twice", 21) == 42


async def test_an_act_nobody_serves_fails_at_once() -> None:
    with pytest.raises(NoAnswer, match="ami:lab is not running here"):
        await Commands().ask("ami:lab", None)


async def test_an_act_that_takes_too_long_is_cancelled_and_never_done_late() -> None:
    commands, done = Commands(), list[Any]()

    async def slow(act: Any) -> None:
        await asyncio.sleep(0.2)
        done.append(act)

    commands.serve("slow", slow)
    with pytest.raises(NoAnswer, match=r"within 0\.01 s"):
        await commands.ask("slow", "hang up", timeout=0.01)
    await asyncio.sleep(0.3)
    assert done == []


async def test_a_refusal_keeps_its_sentence() -> None:
    commands = Commands()

    async def refuse(_: Any) -> None:
        raise CommandRefused("There is no extension 9999.")

    commands.serve("x", refuse)
    with pytest.raises(CommandRefused, match="There is no extension 9999"):
        await commands.ask("x", None)


async def test_withdrawing_an_old_handler_leaves_its_successor_in_place() -> None:
    commands = Commands()

    async def old(_: Any) -> str:
        return "old"

    async def new(_: Any) -> str:
        return "new"

    withdraw = commands.serve("x", old)
    commands.serve("x", new)
    withdraw()
    assert await commands.ask("x", None) == "new"
