"""/admin/routing: the rules in their order with how many calls each held for, what the draft changes, publishing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key
from cxcall.routing.checking import can_publish
from cxcall.routing.rule import Rule, RuleSet
from cxcall.store import routing_lists, rule_publishing, rule_sets
from cxcall.store.errors import Conflict
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.queues.form import Written
from cxcall.web.pages.routing import loading, words
from cxcall.web.pages.routing.acts import Reordered, reorder
from cxcall.web.pages.routing.loading import FORMER, Around, around, done_of, note_act, rule_of, today
from cxcall.web.pages.routing.telling import Found, ToldChange, ToldRule, changes_told, found, rule_told
from cxcall.web.pages.routing.view import Fields
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import gettext as _

DAYS = 30
"""Days the list counts, today with them."""
LONGEST_NOTE = 500
LONGEST_QUERY = 100

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A rule of the list. `calls`: how many it held for in 30 days, None where it is not published; `never`: none,
    though it was there all that time; `last`: the last day it held."""

    rule: Rule
    place: int
    told: ToldRule
    calls: int | None
    never: bool
    last: date | None
    owner: str
    change: str
    expired: bool
    ended: bool
    problems: Sequence[Found]

    @property
    def wrong(self) -> list[Found]:
        return [one for one in self.problems if one.error]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView(Fields):
    """The page. `changes`: what publishing would do; `note`: as typed so far."""

    around: Around
    rows: Sequence[Row]
    changes: Sequence[ToldChange]
    undo: bool
    all_problems: Sequence[Found]
    message: str = ""
    focus: str = ""
    outdated: bool = False
    note: str = ""
    query: str = ""
    """What is searched for; `rows` are those that have it."""
    days: int = DAYS

    @property
    def count(self) -> int:
        """Rules there are."""
        return len(self.around.draft.rules.rules)

    @property
    def action(self) -> str:
        """Where the form goes: the search stays."""
        return at_list(self.query)

    @property
    def version(self) -> int:
        return self.around.draft.version

    @property
    def wrong(self) -> list[Found]:
        return [one for one in self.all_problems if one.error]

    @property
    def general(self) -> list[Found]:
        """Problems of no single rule that have no field here."""
        return [one for one in self.all_problems if not one.rule and not one.field.startswith("age_")]

    @property
    def published_by(self) -> str:
        return self.around.names.shown(self.around.standing.by) if self.around.standing else ""


@routes.get(words.PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    done = request.query.get("done", "")
    undo = f"{words.PATH}/undo" if done in ("discarded", "removed", "saved") else ""
    return page(request, "routing/list.html", await view_of(request, Reordered(rules=await _rules(request))),
                done=done_of(request, undo))  # fmt: skip


@routes.post(words.PATH)
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Reorder, switch, take out, how who waits rises; publish. `do` says what."""
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    async with request.app[ENGINE].connect() as conn:
        draft = await rule_sets.draft(conn)
    after = reorder(draft.rules, written)
    if number_in(field(form, "version")) != draft.version:
        return await _again(request, Reordered(rules=draft.rules, typed=written), words.CONFLICT, 409)
    try:
        await loading.save(request, draft, after.rules, noted=not request.headers.get("X-Autosave"))
    except Conflict:
        return await _again(request, Reordered(rules=await _rules(request)), words.CONFLICT, 409)
    if after.errors:
        return await _again(request, after, words.NOT_SAVED, 422)
    if written.get("do") == "apply":
        return await _publish(request, after, written)
    return await _answer(request, after, "saved")


@routes.post(words.PATH + "/undo")
@needs(Role.ADMIN)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take the last change of the draft back; again: the one before it."""
    async with request.app[ENGINE].connect() as conn:
        draft = await rule_sets.draft(conn)
    former = request.app[FORMER]
    before = former.of(draft.version)
    if before is None:
        raise web.HTTPSeeOther(words.PATH)
    try:
        async with request.app[ENGINE].begin() as conn:
            after = await rule_sets.save_draft(
                conn, before, version=draft.version, by=user_of(request).name, now=current().now
            )
            await note_act(request, conn, "routing.change", undone=True)
    except Conflict:
        raise web.HTTPSeeOther(words.PATH) from None
    former.taken_back(draft.version, after.version)
    back = field(await request.post(), "rule")
    at = f"{words.PATH}/rules/{back}" if back and rule_of(before, back) else words.PATH
    raise web.HTTPSeeOther(f"{at}?done=undone")


@routes.post(words.PATH + "/discard")
@needs(Role.ADMIN)
async def discard(request: web.Request) -> web.StreamResponse:
    """The draft is again what is published; undo brings it back."""
    version = number_in(field(await request.post(), "version"))
    try:
        async with request.app[ENGINE].begin() as conn:
            before = await rule_sets.draft(conn)
            after = await rule_sets.discard_draft(conn, version=version, by=user_of(request).name, now=current().now)
            await note_act(request, conn, "routing.discard")
    except Conflict:
        return await _again(request, Reordered(rules=await _rules(request)), words.CONFLICT, 409)
    request.app[FORMER].put(after.version, before.rules)
    raise web.HTTPSeeOther(f"{words.PATH}?done=discarded")


async def _publish(request: web.Request, after: Reordered, written: Written) -> web.StreamResponse:
    note = " ".join(written.get("new_note", "").replace("\0", "").split())[:LONGEST_NOTE]
    by, now = user_of(request).name, current().now
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
    if not can_publish(here.problems()):
        return await _again(request, after, words.NOT_PUBLISHED, 422)
    if not here.changed:
        return await _again(request, after, words.NOTHING_NEW, 409)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await rule_publishing.publish(
                conn, here.draft, base=number_in(written.get("base", "")), by=by, now=now, day=today(), note=note
            )
            await note_act(request, conn, "routing.publish", version=made.n)
    except Conflict:
        return await _again(request, Reordered(rules=await _rules(request)), words.OUTDATED, 409)
    loading.tell(request, made.n)
    raise web.HTTPSeeOther(f"{words.PATH}?done=published")


def at_list(query: str, **more: str) -> str:
    """The address of the list with what is searched for."""
    asked = {**({"q": query} if query else {}), **more}
    return words.PATH + (f"?{urlencode(asked)}" if asked else "")


def asked_for(request: web.Request) -> str:
    return request.query.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]


def fits(row: Row, query: str) -> bool:
    """Whether all words of `query` stand in a rule as it is shown."""
    shown = (row.rule.name, row.rule.note, row.owner, *row.told.when, *row.told.then, row.told.trial)
    text = search_key(" ".join((*shown, *(one.text for one in row.problems))))
    return all(word in text for word in search_key(query).split())


async def _rules(request: web.Request) -> RuleSet:
    async with request.app[ENGINE].connect() as conn:
        return (await rule_sets.draft(conn)).rules


async def _answer(request: web.Request, after: Reordered, done: str) -> web.StreamResponse:
    if request.headers.get("X-Fragment"):
        return fragment(request, "routing/list_flow.html", await view_of(request, after))
    raise web.HTTPSeeOther(at_list(asked_for(request), done=done) + (f"#{after.focus}" if after.focus else ""))


async def _again(request: web.Request, after: Reordered, message: str, status: int) -> web.StreamResponse:
    view = await view_of(request, after, message=message)
    if request.headers.get("X-Fragment"):
        return fragment(request, "routing/list_flow.html", view)
    return page(request, "routing/list.html", view, status=status)


async def view_of(request: web.Request, after: Reordered, *, message: str = "") -> ListView:
    """The list of the draft as it is kept."""
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        ids = [rule.id for rule in here.draft.rules.rules]
        since = today() - timedelta(days=DAYS - 1)
        until = today() + timedelta(days=1)
        counted = await routing_lists.counts(conn, ids, since=since.isoformat(), until=until.isoformat())
        last = await routing_lists.last_held(conn, ids)
        old = await _old(conn, since)
    note = field(await request.post(), "new_note") if request.method == "POST" else ""
    reader = here.reader
    problems = list(found(here.problems(), reader))
    changes = changes_told(here.published, here.draft.rules, reader)
    totals = {rule_id: sum(days.values()) for rule_id, days in counted.items()}
    rules = here.draft.rules
    rows = [_row(here, rule, place, totals, last, old, changes, problems) for place, rule in enumerate(rules.rules, 1)]
    query = asked_for(request)
    return ListView(
        written={"age_every": str(rules.age_every), "age_most": str(rules.age_most)},
        typed=after.typed,
        errors={name: _(text).format(**values) for name, (text, values) in after.errors.items()},
        problems=[one for one in problems if not one.rule],
        all_problems=problems,
        around=here,
        rows=[row for row in rows if fits(row, query)] if query else rows,
        query=query,
        changes=changes,
        undo=request.app[FORMER].of(here.draft.version) is not None,
        message=_(message) if message else "",
        focus=after.focus,
        outdated=message == words.CONFLICT,
        note=note[:LONGEST_NOTE],
    )


async def _old(conn: AsyncConnection, since: date) -> frozenset[str]:
    """Rules that were published before that day, and so had time to hold for a call."""
    for line in await rule_sets.history(conn, limit=200):
        if current().local(line.made_at).date() <= since:
            version = await rule_sets.get(conn, line.n)
            return frozenset(rule.id for rule in version.rules.rules) if version else frozenset()
    return frozenset()


def _row(
    here: Around, rule: Rule, place: int, totals: Mapping[str, int], last: Mapping[str, str], old: frozenset[str],
    changes: Sequence[ToldChange], problems: Sequence[Found],
) -> Row:  # fmt: skip
    published = rule_of(here.published, rule.id)
    calls = totals.get(rule.id, 0) if published or rule.id in totals else None
    day = last.get(rule.id)
    return Row(
        rule=rule,
        place=place,
        told=rule_told(rule, here.reader),
        calls=calls,
        never=calls == 0 and rule.id in old and published is not None and published.enabled and rule.enabled,
        last=date.fromisoformat(day) if day else None,
        owner=here.names.people.get(rule.owner, ""),
        change=next((one.kind for one in changes if one.rule == rule.id), ""),
        expired=rule.expires is not None and rule.expires < today(),
        ended=rule.trial is not None and rule.trial.ended is not None and rule.trial.ended <= today(),
        problems=[one for one in problems if one.rule == rule.id],
    )
