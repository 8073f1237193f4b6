"""/admin/pauses: the reasons agents choose from, how long each is meant, and whether it counts as work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from aiohttp import web

from cxcall.letters import tidy
from cxcall.store import pause_reasons
from cxcall.store.errors import Conflict
from cxcall.store.pause_reasons import CountsAs, NoSuchPauseReason, PauseReason, PauseReasonTaken
from cxcall.web import render
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import ENGINE
from cxcall.web.pages.agents.shared import CONFLICT, NAME_MISSING, PAUSES, done, note
from cxcall.web.pages.desk_shift import floor_changed
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as text_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST, LONGEST_MINUTES = 60, 24 * 60
BAD_ID = N_("Use small Latin letters, digits, - and _, such as team-meeting.")
ID_TAKEN = N_("Another reason has this word.")
BAD_MINUTES = N_("Write whole minutes, at most 1440, or nothing for no limit.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonForm:
    """A reason as typed; `id` only of a new one."""

    id: str = ""
    english: str = ""
    persian: str = ""
    minutes: str = ""
    counts_as: CountsAs = "break"
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> dict[str, str]:
        return {language: name for language, name in (("en", self.english), ("fa", self.persian)) if name}

    @property
    def limit(self) -> int:
        return int(self.minutes) * 60 if self.minutes else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PausesView:
    reasons: Sequence[PauseReason]
    may_change: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseView:
    """One reason; `reason` None: a new one."""

    reason: PauseReason | None
    form: ReasonForm
    error: str = ""


@routes.get(PAUSES)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    return await _list(request)


@routes.get(PAUSES + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return render.page(request, "agents/pause.html", PauseView(reason=None, form=ReasonForm()))


@routes.post(PAUSES + "/new")
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    form = _read(await request.post(), new=True)
    if form.errors:
        return render.page(request, "agents/pause.html", PauseView(reason=None, form=form), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await pause_reasons.create(
                conn, reason_id=form.id, name=form.name, limit_s=form.limit, counts_as=form.counts_as
            )
            await note(request, conn, "pause_reason.create", f"pause_reason:{made.id}", name=form.name)
    except PauseReasonTaken:
        form = replace(form, errors={"id": ID_TAKEN})
        return render.page(request, "agents/pause.html", PauseView(reason=None, form=form), status=409)
    await floor_changed(request)
    raise web.HTTPSeeOther(PAUSES + "?done=added")


@routes.get(PAUSES + "/{id}")
@needs(Role.ADMIN)
async def show_one(request: web.Request) -> web.Response:
    reason = await _found(request)
    return render.page(request, "agents/pause.html", PauseView(reason=reason, form=_form(reason)))


@routes.post(PAUSES + "/{id}")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    reason, sent = await _found(request), await request.post()
    form = _read(sent, new=False)
    if form.errors:
        return render.page(request, "agents/pause.html", PauseView(reason=reason, form=form), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            await pause_reasons.change(
                conn, reason.id, version=_version(sent, reason), name=form.name, limit_s=form.limit,
                counts_as=form.counts_as,
            )  # fmt: skip
            await note(request, conn, "pause_reason.change", f"pause_reason:{reason.id}", name=form.name)
    except (Conflict, NoSuchPauseReason):
        view = PauseView(reason=await _found(request), form=form, error=_(CONFLICT))
        return render.page(request, "agents/pause.html", view, status=409)
    await floor_changed(request)
    raise web.HTTPSeeOther(PAUSES + "?done=saved")


@routes.post(PAUSES + "/{id}/{act:on|off|up|down}")
@needs(Role.ADMIN)
async def act_on(request: web.Request) -> web.StreamResponse:
    """Offer it or not any more; its place in the list."""
    reason, act = await _found(request), request.match_info["act"]
    version = _version(await request.post(), reason)
    try:
        async with request.app[ENGINE].begin() as conn:
            if act in ("on", "off"):
                await pause_reasons.change(conn, reason.id, version=version, enabled=act == "on")
            else:
                ids = [one.id for one in await pause_reasons.everything(conn)]
                at = ids.index(reason.id)
                to = min(max(at + (1 if act == "down" else -1), 0), len(ids) - 1)
                ids.insert(to, ids.pop(at))
                await pause_reasons.order(conn, ids)
            await note(request, conn, f"pause_reason.{act}", f"pause_reason:{reason.id}")
    except (Conflict, NoSuchPauseReason):
        return await _list(request, error=CONFLICT, status=409)
    await floor_changed(request)
    raise web.HTTPSeeOther(PAUSES + "?done=saved")


async def _list(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        every = await pause_reasons.everything(conn)
    may = user_of(request).role is Role.ADMIN
    view = PausesView(reasons=every, may_change=may, error=_(error) if error else "")
    return render.page(request, "agents/pauses.html", view, status=status, done=done(request))


async def _found(request: web.Request) -> PauseReason:
    async with request.app[ENGINE].connect() as conn:
        reason = await pause_reasons.get(conn, request.match_info["id"])
    if reason is None:
        raise web.HTTPNotFound
    return reason


def _form(reason: PauseReason) -> ReasonForm:
    return ReasonForm(
        id=reason.id,
        english=reason.name.get("en", ""),
        persian=reason.name.get("fa", ""),
        minutes=str(reason.limit_s // 60) if reason.limit_s else "",
        counts_as=reason.counts_as,
    )


def _read(sent: Form, *, new: bool) -> ReasonForm:
    """The form as sent, with what is wrong in it."""
    counts = text_of(sent, "counts_as")
    form = ReasonForm(
        id=typed(text_of(sent, "id")).lower(),
        english=tidy(text_of(sent, "english")),
        persian=tidy(text_of(sent, "persian")),
        minutes=typed(text_of(sent, "minutes")),
        counts_as=cast("CountsAs", counts if counts in ("break", "work") else "break"),
    )
    errors = {}
    if not form.name or any(len(name) > LONGEST for name in form.name.values()):
        errors["english"] = NAME_MISSING
    if form.minutes and not (form.minutes.isdecimal() and int(form.minutes) <= LONGEST_MINUTES):
        errors["minutes"] = BAD_MINUTES
    if new and not ID.fullmatch(form.id):
        errors["id"] = BAD_ID
    return replace(form, errors=errors)


def _version(form: Form, reason: PauseReason) -> int:
    text = text_of(form, "version")
    return int(text) if text.isdecimal() else reason.version
