"""The list of customers: search by any word or number, tier and tag, pages that stand still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from aiohttp import web

from cxcall.customers.profile import Tier
from cxcall.store import customer_pages
from cxcall.store.customer_pages import CustomerFilter, CustomerRow
from cxcall.store.paging import BadCursor
from cxcall.web.access import needs
from cxcall.web.digits import typed
from cxcall.web.filters import phone
from cxcall.web.keys import ENGINE
from cxcall.web.pages.people import TIERS, initials
from cxcall.web.render import page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

PATH = "/customers"
ROWS = 50
AT_MOST = 100_000
FOUND = 6

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersView:
    """The page. `order` is "name" or "newest"."""

    text: str
    tier: str
    tag: str
    first: bool
    order: str
    rows: Sequence[CustomerRow]
    total: int
    about: bool
    tags: Sequence[str]
    older: str | None
    newer: str | None

    @property
    def tiers(self) -> Mapping[str, str]:
        return TIERS

    @property
    def filtered(self) -> bool:
        return bool(self.text or self.tier or self.tag or self.first)

    def letters(self, name: str) -> str:
        return initials(name)


@routes.get(PATH)
@needs()
async def list_page(request: web.Request) -> web.Response:
    query = request.query
    text, tag = typed(query.get("q", ""))[:200], query.get("tag", "")[:60]
    tier = query.get("tier", "") if query.get("tier") in TIERS else ""
    first, order = query.get("first") == "1", "newest" if query.get("order") == "newest" else "name"
    wanted = CustomerFilter(text=text, tier=cast("Tier | None", tier or None), tag=tag or None, first_contact=first)
    async with request.app[ENGINE].connect() as conn:
        try:
            found = await customer_pages.page(
                conn, wanted, order="newest" if order == "newest" else "name", limit=ROWS, after=query.get("after")
            )
        except BadCursor:
            found = await customer_pages.page(conn, wanted, limit=ROWS)
        total = await customer_pages.count(conn, wanted, at_most=AT_MOST)
        tags = await customer_pages.tags(conn)

    def address(after: str | None) -> str | None:
        given = {"q": text, "tier": tier, "tag": tag, "first": "1" if first else "", "after": after or ""}
        given["order"] = order if order != "name" else ""
        return f"{PATH}?{urlencode({k: v for k, v in given.items() if v})}" if after else None

    view = CustomersView(
        text=text, tier=tier, tag=tag, first=first, order=order, rows=found.rows,
        total=min(total, AT_MOST), about=total > AT_MOST, tags=tags,
        older=address(found.next), newer=address(found.previous),
    )  # fmt: skip
    return page(request, "customers.html", view)


async def search(request: web.Request, text: str) -> Group | None:
    """Customers for the search box."""
    if not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        found = await customer_pages.page(conn, CustomerFilter(text=text), limit=FOUND)
    hits = [
        Hit(
            path=f"{PATH}/{row.id}",
            icon="user",
            title=row.name or (row.numbers[0] if row.numbers else _("Unknown caller")),
            note=phone(row.numbers[0]) if row.numbers and row.name else "",
        )
        for row in found.rows
    ]
    return Group(title=_("Customers"), hits=hits)
