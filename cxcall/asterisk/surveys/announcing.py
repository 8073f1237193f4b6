"""Before the first question: whom the caller spoke with, by name or by number.

A name is said where somebody recorded it: a prompt that is called as the queue's member is ("Sara Ahmadi"). Else the
number of the phone is said, digit by digit, by Asterisk's own sounds in the caller's language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.asterisk.agi.commands import line
from cxcall.asterisk.agi.errors import CommandRejected, SessionOver
from cxcall.asterisk.agi.results import ALL_KEYS, Pressed
from cxcall.asterisk.agi.session import Session
from cxcall.asterisk.surveys.voice import Voice
from cxcall.store import prompts

_NUMBER = re.compile(r"/(\d{1,10})(?=\D|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is said first: a prompt's id, else a number's digits, else nothing."""

    prompt: str = ""
    number: str = ""

    async def speak(self, session: Session, voice: Voice, language: str) -> str:
        """Say it; the key that cut it short, "" for none. A caller who leaves is noticed by the next command."""
        try:
            sounding = voice.of(self.prompt) if self.prompt else None
            if sounding is not None:
                heard = await session.stream_file(sounding.address, ALL_KEYS, limit=sounding.limit)
                return heard.key if isinstance(heard, Pressed) else ""
            if self.number:
                await session.set_variable("CHANNEL(language)", language)
                said = await session.command(line("SAY DIGITS", self.number, ALL_KEYS), limit=30.0)
                return chr(said.number) if said.number > 0 else ""
        except (SessionOver, CommandRejected):
            return ""
        return ""


async def announce(conn: AsyncConnection, how: Literal["no", "number", "name"], interface: str, name: str) -> Opening:
    """What is said of the agent at `interface` (`PJSIP/1001`), whom the queue calls `name`."""
    if how == "no":
        return Opening()
    found = _NUMBER.search(interface)
    number = found[1] if found else ""
    prompt = await prompts.by_name(conn, name) if how == "name" and name else None
    return Opening(prompt=prompt.id if prompt is not None else "", number=number)
