"""What the site wants of a recording's text: its queue's rules, in the customer's language where a model knows it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.speech.listening import Listening
from cxcall.store import customers, speech_settings

Understands = Callable[[str, str], bool]
"""By language and engine ("" for the site's): whether there is a model that can be used."""


async def rules(conn: AsyncConnection, server: str, record: CallRecord | None, understands: Understands) -> Listening:
    """The rules of the last queue of a call, as live listening has them: the language is the customer's where theirs is
    known and understood."""
    queue = record.queue_visits[-1].queue if record is not None and record.queue_visits else ""
    chosen = await speech_settings.of(conn, server, queue)
    listening = chosen.listening if chosen is not None else Listening()
    customer_id = record.caller.customer_id if record is not None else None
    customer = await customers.get(conn, customer_id) if customer_id else None
    language = (customer.profile.language or "") if customer is not None else ""
    if language and understands(language, listening.engine):
        return msgspec.structs.replace(listening, language=language)
    return listening
