"""What the pages of categories read and write alike: the category of the address, acts noted, the way back."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Category
from cxcall.store import audit, categories
from cxcall.store.categories import KeptCategory
from cxcall.web.access import user_of
from cxcall.web.keys import BUS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.speech.category_words import DONE
from cxcall.web.presentation import current
from cxcall.web.render import Done
from cxcall.web.words import gettext as _

CHANNEL = "categories"
REMEMBERED = 500


class Former:
    """Categories before the last changes, by the version each change made: the way back, while we run."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Category] = OrderedDict()

    def put(self, after: KeptCategory, before: Category) -> None:
        self._kept[after.id, after.version] = before
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def of(self, kept: KeptCategory) -> Category | None:
        return self._kept.get((kept.id, kept.version))


FORMER: web.AppKey[Former] = web.AppKey("category_former", Former)


def setup(app: web.Application) -> None:
    app[FORMER] = Former()


async def category_of(request: web.Request) -> KeptCategory:
    """The category the address names. Raises 404."""
    async with request.app[ENGINE].connect() as conn:
        kept = await categories.get(conn, request.match_info["id"])
    if kept is None:
        raise web.HTTPNotFound
    return kept


async def note_act(request: web.Request, conn: AsyncConnection, act: str, subject: str, **details: Any) -> None:
    """Write down who did what, in the transaction that does it."""
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=subject, details=details or None,
        address=address_of(request), at=current().now,
    )  # fmt: skip


def tell(request: web.Request, channel: str = CHANNEL) -> None:
    """Calls under way are searched with what holds now."""
    request.app[BUS].publish(channel, {"changed": True})


def done_of(request: web.Request, undo: str = "") -> Done | None:
    """The sentence for what was just done."""
    text = DONE.get(request.query.get("done", ""))
    return Done(text=_(text), undo=undo) if text else None


def number_in(text: str) -> int:
    """A version or a count of a form; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
