"""What should stand on the switch and does not, and what stands there and should not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.callbacks.book import LIMIT_S, Book
from cxcall.asterisk.callbacks.picture import QueuePicture
from cxcall.routing.call_back import PREFIX, CallBack, id_of
from cxcall.store import call_backs


def lost(channels: Iterable[Headers], ours: Iterable[CallBack]) -> list[CallBack]:
    """Those whose try is on no channel; `channels` as CoreShowChannels lists them."""
    there = set()
    for channel in channels:
        there |= {text(channel, "Uniqueid"), text(channel, "Linkedid")}
    return [one for one in ours if one.line and one.line not in there]


async def strays(picture: QueuePicture, book: Book, engine: AsyncEngine) -> list[str]:
    """Channels that wait in the queue for a call-back of ours which has another try by now, or is over.

    Another cxcall may follow the same Asterisk: what we never promised is none of ours.
    """
    found = []
    for waiting in picture.waiting:
        if not waiting.uid.startswith(PREFIX):
            continue
        one = book.open.get(id_of(waiting.uid))
        if one is not None:
            if one.line and waiting.uid not in (one.line, f"{one.line}-q"):
                found.append(waiting.channel)
        elif await promised_here(engine, id_of(waiting.uid)):
            found.append(waiting.channel)
    return found


async def promised_here(engine: AsyncEngine, id_: str) -> bool:
    """Whether it is one of ours, open or over."""
    async with asyncio.timeout(LIMIT_S), engine.connect() as conn:
        return await call_backs.get(conn, id_) is not None
