"""/admin/routing/call-backs: whether and how each queue calls back, and what its queue needs for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.call_backs import PLANS as CHANGED
from cxcall.letters import ascii_digits
from cxcall.queues.differences import Diff
from cxcall.routing.call_back_plan import KEYS, CallBackPlan, Fault, First, Numbers, context_of, faults, led_to
from cxcall.store import audit, calendars, call_back_plans, lists, queues
from cxcall.store.call_back_plans import QueuePlan
from cxcall.store.errors import Conflict
from cxcall.web.access import Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import BUS, CLOCK, ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.call_backs.keys import NOT_KNOWN, WayOut, ways_out, write
from cxcall.web.pages.call_backs.words import DONE, PLANS
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.queues.words import DONE as APPLIED
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

FIRST: dict[First, str] = {
    "agent": N_("The agent first: one is free for certain"),
    "customer": N_("The customer first: no agent waits while it rings"),
}
NUMBERS: dict[Numbers, str] = {
    "own": N_("Only the number they call from"),
    "country": N_("Another one of this country too"),
    "any": N_("Any number, also abroad"),
}
FAULTS: dict[Fault, str] = {
    "key": N_("Choose a key."),
    "tries": N_("Write a number from 1 to 10."),
    "pause": N_("Write minutes from 1 to 1440."),
    "ring": N_("Write seconds from 10 to 120."),
    "most": N_("Write a number from 1 to 1000."),
}
CONFLICT = N_("Somebody else saved this queue meanwhile. Look at their version and save again.")
NOT_SAVED = N_("Not saved: look at the marked fields.")
NO_QUEUE = N_("Choose a queue.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCard:
    """A queue and its plan as a form; `version` 0: it has none yet. `way`: where its keys lead.
    `in_the_way`: lines of somebody else that keep it from being written."""

    n: int
    server: str
    queue: str
    version: int
    plan: CallBackPlan
    way: WayOut = NOT_KNOWN
    in_the_way: Sequence[Diff] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def context(self) -> str:
        return context_of(self.plan.key)

    @property
    def ready(self) -> bool:
        """Whether the key does in Asterisk what the plan says."""
        return self.way.context is not None and led_to(self.way.context, self.plan) == self.way.context

    @property
    def editor(self) -> str:
        return f"/admin/queues/{self.server}/{self.queue}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansView:
    cards: Sequence[PlanCard]
    fresh: PlanCard
    queues: Sequence[str]
    servers: Sequence[str]
    hours: Sequence[tuple[str, str]]
    message: str = ""

    keys = tuple(KEYS)

    @property
    def first(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in FIRST.items()]

    @property
    def numbers(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in NUMBERS.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form as it was sent, that can't be saved."""

    server: str
    queue: str
    version: int
    plan: CallBackPlan
    errors: Mapping[str, str]


@routes.get(PLANS)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    done = request.query.get("done", "")
    text = DONE.get(done) or APPLIED.get(done)
    shown = Done(text=_(text)) if text else None
    return page(request, "call_backs/plans.html", await _view(request), done=shown)


@routes.post(PLANS)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    server, queue = sent(form, "server").strip()[:80], typed(sent(form, "queue"))[:128]
    version = number_in(sent(form, "version"))
    if sent(form, "do") == "remove":
        return await _remove(request, server, queue)
    if sent(form, "do") == "apply":
        return await _apply(request, server, queue)
    plan = _read({name: value for name, value in form.items() if isinstance(value, str)})
    errors: dict[str, str] = {name: _(FAULTS[name]) for name in faults(plan)}
    if not queue or not queue.isprintable():
        errors["queue"] = _(NO_QUEUE)
    if errors:
        wrong = Typed(server=server, queue=queue, version=version, plan=plan, errors=errors)
        return page(request, "call_backs/plans.html", await _view(request, wrong, _(NOT_SAVED)), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            by, now = user_of(request).name, request.app[CLOCK]()
            await call_back_plans.save(conn, server, queue, plan, version=version, by=by, now=now)
            await _note(request, conn, server, queue, "saved")
    except Conflict:
        theirs = Typed(server=server, queue=queue, version=version, plan=plan, errors={})
        return page(request, "call_backs/plans.html", await _view(request, theirs, _(CONFLICT)), status=409)
    request.app[BUS].publish(CHANGED, {"server": server, "queue": queue})
    raise web.HTTPSeeOther(f"{PLANS}?done=saved")


async def _remove(request: web.Request, server: str, queue: str) -> web.StreamResponse:
    try:
        async with request.app[ENGINE].begin() as conn:
            by, now = user_of(request).name, request.app[CLOCK]()
            if await call_back_plans.remove(conn, server, queue, by=by, now=now):
                await _note(request, conn, server, queue, "removed")
            left = await queues.get(conn, server, queue)
    except Conflict:
        return page(request, "call_backs/plans.html", await _view(request, message=_(CONFLICT)), status=409)
    request.app[BUS].publish(CHANGED, {"server": server, "queue": queue})
    raise web.HTTPSeeOther(f"{PLANS}?done={'removed-drafted' if left is not None and left.changed else 'removed'}")


async def _apply(request: web.Request, server: str, queue: str) -> web.StreamResponse:
    """Write the queue into Asterisk as it is drafted, so that its key leads here."""
    async with request.app[ENGINE].connect() as conn:
        kept = await queues.get(conn, server, queue)
    if kept is None or kept.draft is None:
        raise web.HTTPSeeOther(PLANS)
    outcome = await write(request, kept)
    if outcome.done:
        raise web.HTTPSeeOther(f"{PLANS}?done={outcome.done}")
    view = await _view(request, message=_(outcome.problem), refused=((server, queue), outcome.diff))
    return page(request, "call_backs/plans.html", view, status=409)


async def _note(request: web.Request, conn: AsyncConnection, server: str, queue: str, what: str) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=f"call_back_plan.{what}", subject=f"queue:{server}:{queue}",
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip


def _read(form: Mapping[str, str]) -> CallBackPlan:
    """The plan of a form; what is no number becomes one that is refused."""

    def number(name: str) -> int:
        text = ascii_digits(form.get(name, "")).strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1

    first: First = "customer" if form.get("first") == "customer" else "agent"
    numbers: Numbers = next((value for value in NUMBERS if value == form.get("numbers")), "country")
    return CallBackPlan(
        enabled=bool(form.get("enabled")),
        key=form.get("key", ""),
        first=first,
        tries=number("tries"),
        pause_minutes=number("pause"),
        ring_seconds=number("ring"),
        numbers=numbers,
        calendar=form.get("calendar", "")[:40],
        caller_id="".join(letter for letter in ascii_digits(form.get("caller_id", "")) if letter in "+0123456789")[:20],
        most=number("most"),
    )


async def _view(
    request: web.Request, wrong: Typed | None = None, message: str = "",
    refused: tuple[tuple[str, str], Sequence[Diff]] | None = None,
) -> PlansView:  # fmt: skip
    """`refused`: a queue that could not be written, with the lines that stand in the way."""
    servers = [server.name for server in request.app[SETTINGS].ami]
    async with request.app[ENGINE].connect() as conn:
        found = await call_back_plans.everything(conn)
        names = await lists.queues(conn)
        hours = [(one.id, one.calendar.name) for one in await calendars.everything(conn)]
        kept = {(one.server, one.name): one for one in await queues.everything(conn)}
    out = await ways_out(request, found, kept)
    cards = [
        _card(n, one, wrong, out.get((one.server, one.queue), NOT_KNOWN), refused)
        for n, one in enumerate(found, start=1)
    ]
    fresh = PlanCard(n=0, server=servers[0] if servers else "", queue="", version=0, plan=CallBackPlan())
    if wrong is not None and not any((card.server, card.queue) == (wrong.server, wrong.queue) for card in cards):
        fresh = PlanCard(n=0, server=wrong.server, queue=wrong.queue, version=0, plan=wrong.plan, errors=wrong.errors)
    known = {name for _server, name in kept} | set(names)
    return PlansView(cards=cards, fresh=fresh, queues=sorted(known), servers=servers, hours=hours, message=message)


def _card(
    n: int, one: QueuePlan, wrong: Typed | None, way: WayOut, refused: tuple[tuple[str, str], Sequence[Diff]] | None
) -> PlanCard:
    mine = wrong if wrong is not None and (wrong.server, wrong.queue) == (one.server, one.queue) else None
    return PlanCard(
        n=n,
        server=one.server,
        queue=one.queue,
        version=one.version,
        plan=mine.plan if mine else one.plan,
        way=way,
        in_the_way=refused[1] if refused is not None and refused[0] == (one.server, one.queue) else (),
        errors=mine.errors if mine else {},
    )
