"""/admin/routing/rules/ID/calls: the calls a rule held for, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from cxcall.letters import search_key
from cxcall.store import customers, routing_lists, rule_sets
from cxcall.store.paging import BadCursor
from cxcall.store.routing_decisions import KeptDecision
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.routing import words
from cxcall.web.pages.routing.loading import around, rule_of
from cxcall.web.render import page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

ROWS = 50

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """`names`: of customers by id."""

    id: str
    name: str
    rows: Sequence[KeptDecision]
    names: Mapping[str, str]
    older: str | None
    newer: str | None


async def search(request: web.Request, text: str) -> Group | None:
    """Rules of the draft by name, for who may open them."""
    if user_of(request).role is not Role.ADMIN or not text:
        return None
    key = search_key(text)
    async with request.app[ENGINE].connect() as conn:
        rules = (await rule_sets.draft(conn)).rules.rules
    found = [rule for rule in rules if key in search_key(rule.name)][:5]
    hits = [Hit(path=f"{words.PATH}/rules/{rule.id}", icon="route", title=rule.name) for rule in found]
    return Group(title=_("Routing rules"), hits=hits)


@routes.get(words.PATH + "/rules/{id:[A-Za-z0-9_.-]{1,80}}/calls")
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    rule_id = request.match_info["id"]
    after = request.query.get("after") or None
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        try:
            found = await routing_lists.page_of_rule(conn, rule_id, limit=ROWS, after=after)
        except BadCursor:
            found = await routing_lists.page_of_rule(conn, rule_id, limit=ROWS)
        known = await customers.many(conn, {row.customer_id for row in found.rows if row.customer_id})
    rule = rule_of(here.draft.rules, rule_id) or rule_of(here.published, rule_id)
    if rule is None and not found.rows:
        raise web.HTTPNotFound
    at = request.path
    return page(request, "routing/held.html", HeldView(
        id=rule_id,
        name=rule.name if rule else rule_id,
        rows=found.rows,
        names={id_: one.profile.name for id_, one in known.items()},
        older=f"{at}?{urlencode({'after': found.next})}" if found.next else None,
        newer=f"{at}?{urlencode({'after': found.previous})}" if found.previous else None,
    ))  # fmt: skip
