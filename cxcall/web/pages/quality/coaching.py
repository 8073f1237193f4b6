"""/quality/coaching: what agents are to practise; agents find theirs with their results and say when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from cxcall.staffing.roster import read_day
from cxcall.store import users
from cxcall.store.errors import Conflict
from cxcall.store.quality import coaching
from cxcall.store.quality.coaching import CoachingTask, NoSuchCoachingTask
from cxcall.web import errors
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.quality.shared import CONFLICT, ID, PATH, Known, done, known, shown
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ADDRESS = PATH + "/coaching"
OWN = "/desk/results"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingView:
    rows: Sequence[CoachingTask]
    known: Known
    people: Sequence[tuple[str, str]]
    all: bool
    today: date
    agent: str = ""
    text: str = ""
    due: str = ""
    error: str = ""

    def late(self, task: CoachingTask) -> bool:
        return task.done_at is None and task.due_on is not None and task.due_on < self.today


@routes.get(ADDRESS)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(ADDRESS)
@needs(*OVERSEERS)
async def give(request: web.Request) -> web.Response:
    """A task without an evaluation."""
    form: Form = await request.post()
    agent, text, due = field(form, "agent"), field(form, "text").strip(), field(form, "due").strip()
    day = read_day(typed(due)) if due else None
    async with request.app[ENGINE].connect() as conn:
        there = await users.get(conn, agent) if agent else None
    error = ""
    if there is None:
        error = _("Choose who is to practise.")
    elif not text:
        error = _("Say what is to be practised.")
    elif due and day is None:
        error = _("This is no day. Write it as 2026-11-30 or 1405/09/09.")
    if error:
        return await _page(request, agent=agent, text=text, due=due, error=error, status=422)
    async with request.app[ENGINE].begin() as conn:
        made = await coaching.create(conn, agent, text, by=user_of(request).name, now=request.app[CLOCK](), due_on=day)
        await note(request, conn, "coaching.give", f"coaching:{made.id}", agent=agent)
    raise web.HTTPSeeOther(f"{ADDRESS}?done=coached")


@routes.post(ADDRESS + f"/{ID}/{{act:done|reopen|remove|restore}}")
@needs()
async def change(request: web.Request) -> web.Response:
    """Agents may finish and open their own again; supervisors and administrators everybody's, and take them back."""
    act, user, form = request.match_info["act"], user_of(request), await request.post()
    now, written = request.app[CLOCK](), field(form, "note").strip()
    async with request.app[ENGINE].begin() as conn:
        kept = await coaching.get(conn, request.match_info["id"])
        mine = kept is not None and kept.agent_user_id == user.id and act in ("done", "reopen")
        if kept is None or not (user.oversees or mine):
            raise web.HTTPNotFound
        if act == "done" and kept.done_at is not None:  # in another window, perhaps with another note
            return _too_late(request, written)
        try:
            if act == "done":
                await coaching.done(conn, kept.id, written, version=kept.version, now=now)
            elif act == "reopen":
                await coaching.reopen(conn, kept.id, version=kept.version)
            elif act == "remove":
                await coaching.remove(conn, kept.id, version=kept.version, now=now)
            else:
                await coaching.restore(conn, kept.id, version=kept.version)
        except (Conflict, NoSuchCoachingTask):
            return _too_late(request, written)
        await note(request, conn, f"coaching.{act}", f"coaching:{kept.id}")
    word = {"done": "done", "reopen": "reopened", "remove": "removed", "restore": "back"}[act]
    back = ADDRESS if user.oversees else OWN
    raise web.HTTPSeeOther(f"{back}?done={word}" + (f"&who={kept.id}" if act == "remove" else ""))


def _too_late(request: web.Request, written: str) -> web.Response:
    """What was written is not lost: it stands on the page that says so."""
    mine = [_("You wrote: %(text)s") % {"text": written}] if written else []
    return errors.answer(request, 409, " ".join([_(CONFLICT), *mine]))


async def _page(
    request: web.Request, *, agent: str = "", text: str = "", due: str = "", error: str = "", status: int = 200
) -> web.Response:
    every, now = request.query.get("which") == "all", request.app[CLOCK]()
    async with request.app[ENGINE].connect() as conn:
        rows = await coaching.listed(conn, open_only=not every)
        names = await known(conn)
        people = [(one.id, shown(one)) for one in await users.everyone(conn) if not one.disabled]
    view = CoachingView(
        rows=rows, known=names, people=people, all=every, today=current().local(now).date(), agent=agent, text=text,
        due=due, error=error,
    )  # fmt: skip
    return page(request, "quality/coaching.html", view, status=status, done=done(request))
