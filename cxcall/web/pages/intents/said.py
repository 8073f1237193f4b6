"""What a caller said when they were asked why they call, as agents and pages of calls show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import worded
from cxcall.store import intents, reasons
from cxcall.store.reasons import How, Reason
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

HOW: dict[How, str] = {
    "sure": N_("understood"),
    "confirmed": N_("asked back, they said yes"),
    "keyed": N_("by key"),
    "refused": N_("asked back, they said no"),
    "none": N_("not understood"),
}
WHY = {
    "silence": N_("They said nothing."),
    "late": N_("The text did not come in time."),
    "failed": N_("The speech engine failed."),
    "gone": N_("They could not be heard."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`text` with numbers hidden, "" where nothing was heard; `title` of the intent, "" where none was understood."""

    reason: Reason
    title: str

    @property
    def text(self) -> str:
        return self.reason.text

    @property
    def how(self) -> str:
        return _(HOW[self.reason.how])

    @property
    def why(self) -> str:
        """Why nothing was heard, in the reader's words."""
        return _(WHY[self.reason.why]) if self.reason.why in WHY else ""


async def of_calls(conn: AsyncConnection, call_ids: Sequence[str]) -> dict[str, Wish]:
    """What callers of a few calls said, by call; nothing for those that were not asked."""
    found = await reasons.of_calls(conn, call_ids)
    if not found:
        return {}
    titles = {one.name: one.body.get("title", {}) for one in await intents.everything(conn)}
    return {
        call_id: Wish(reason=one, title=worded(titles.get(one.intent, {}), current().language) or one.intent)
        for call_id, one in found.items()
    }


async def of_call(conn: AsyncConnection, call_id: str) -> Wish | None:
    return (await of_calls(conn, [call_id])).get(call_id)
