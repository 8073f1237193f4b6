"""The agent's desk: state, screen-pop, call card, notes; drawn anew at every event of the agent's phone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import cast

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.acts import Act, AttendedTransfer, BlindTransfer, CancelTransfer, FinishTransfer, Hangup, Mute
from cxcall.calls.record import CallRecord
from cxcall.store import calls, desk, notes, pause_reasons, users
from cxcall.web.access import Forbidden, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.hints import Outcome, decide
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.pages.desk_calls import MyCall, my_calls
from cxcall.web.pages.desk_loading import Done, load
from cxcall.web.pages.desk_member import Duty, Muted, duty_of, pause
from cxcall.web.pages.desk_shift import servers_of, shift_of
from cxcall.web.pages.desk_view import DeskView
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.speech.talk_loading import TICKED
from cxcall.web.pages.speech.talk_loading import load as talk_of
from cxcall.web.pages.speech.talk_view import TalkView
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.rights import sees_call
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

EXTENSION = re.compile(r"[0-9*#+]{1,40}")
FINISHED, SEEN = "desk_finished", "desk_seen"
"""Names of the user's settings that remember what was put away."""
LONGEST_ID, MOST_TICKED = 100, 50
ACT_S = 10.0
"""Seconds an act may take: a transfer with a talk before it is believed only when it is seen."""
MUTED = web.AppKey("muted", Muted)
REMEMBERED: web.RequestKey[Mapping[str, object]] = web.RequestKey("remembered", Mapping)
"""What this very request has put away."""

routes = web.RouteTableDef()


@routes.get("/desk")
@needs()
async def desk_page(request: web.Request) -> web.Response:
    return page(request, "desk.html", await _view(request))


@routes.get("/desk/panel")
@needs()
async def panel(request: web.Request) -> web.Response:
    """The parts of the desk that change, for the desk's script."""
    return fragment(request, "desk_parts.html", await _view(request))


@routes.post("/desk/state")
@needs()
async def state(request: web.Request) -> web.StreamResponse:
    """Ready, or paused with a reason; and "seen" for a missed call."""
    form = await request.post()
    wanted = field(form, "state")
    if missed := field(form, "missed"):
        await remember(request, {SEEN: missed})
    if wanted == "seen":
        return await answer(request, "")
    if wanted != "ready" and wanted not in await _reasons(request):
        raise web.HTTPBadRequest
    duty = await duty_here(request)
    try:
        paused = wanted != "ready"
        await pause(request.app[COMMANDS], duty, paused=paused, reason=wanted if paused else "")
    except (NoAnswer, CommandRefused) as error:
        return await answer(request, state_refused(error, duty))
    return await answer(request, "")


@routes.post("/desk/act")
@needs()
async def act(request: web.Request) -> web.StreamResponse:
    """End, pass on, transfer (at once or after a talk), mute or unmute a call that is at the agent's phone now."""
    form = await request.post()
    name = field(form, "act")
    async with request.app[ENGINE].connect() as conn:
        mine = my_calls(await desk.in_progress_at(conn, user_of(request).phones), user_of(request).phones)
    call = next((call for call in mine if call.record.id == field(form, "call")), None)
    if call is None:
        return await answer(request, N_("This call has already ended."))
    wanted = _act(name, call, typed(field(form, "to")))
    if isinstance(wanted, str):
        return await answer(request, wanted)
    try:
        await request.app[COMMANDS].ask(f"ami:{call.record.server}", wanted, timeout=ACT_S)
    except NoAnswer:
        return await answer(request, N_("Asterisk did not answer. Nothing was done; try again."))
    except CommandRefused as error:
        return await answer(request, str(error))
    if isinstance(wanted, Mute):
        request.app[MUTED].note(wanted)
    if one := field(form, "hint"):  # it was offered by a hint, and taken
        await _decided(request, call.record.id, one, "used")
    return await answer(request, "")


@routes.post("/desk/note")
@needs()
async def note(request: web.Request) -> web.StreamResponse:
    """Save the agent's note on a call, as it is typed (204) or by the button (back to the page)."""
    form = await request.post()
    await _save_note(request, form)
    if request.headers.get("X-Autosave"):
        return web.Response(status=204)
    back = field(form, "next")
    raise web.HTTPSeeOther(back if re.fullmatch(r"/calls/[^/\\?#]+", back) else "/desk")


@routes.post("/desk/hint")
@needs()
async def hint(request: web.Request) -> web.StreamResponse:
    """Used or dismissed: the hint goes, and what became of it is kept."""
    form = await request.post()
    outcome = field(form, "outcome")
    if outcome not in ("used", "dismissed"):
        raise web.HTTPBadRequest
    record = await _own_call(request, field(form, "call"))
    done = await _decided(request, record.id, field(form, "hint"), cast("Outcome", outcome))
    return await answer(request, "" if done else N_("This hint is gone already."))


@routes.post("/desk/said")
@needs()
async def said(request: web.Request) -> web.StreamResponse:
    """What the agent ticked by hand of what has to be said."""
    form = await request.post()
    record = await _own_call(request, field(form, "call"))
    ticked = [str(one)[:LONGEST_ID] for one in form.getall("said", [])][:MOST_TICKED]
    await remember(request, {TICKED: {"call": record.id, "said": ticked}})
    return await answer(request, "")


@routes.post("/desk/finish")
@needs()
async def finish(request: web.Request) -> web.StreamResponse:
    """Put the wrap-up of a call away: its notes are kept, and the queues may send the next call."""
    form = await request.post()
    if "text" in form:
        await _save_note(request, form)
    await remember(request, {FINISHED: field(form, "call")})
    duty = await duty_here(request)
    if duty.state is not None and duty.state.state == "wrap_up":
        try:
            await pause(request.app[COMMANDS], duty, paused=False, reason="")
        except (NoAnswer, CommandRefused) as error:
            return await answer(request, state_refused(error, duty))
    return await answer(request, "")


async def _decided(request: web.Request, call_id: str, hint_id: str, outcome: Outcome) -> bool:
    """Keep what became of a hint; False when there is no such hint any more."""
    return await decide(
        request.app[COMMANDS],
        request.app[ENGINE],
        call_id=call_id,
        hint_id=hint_id,
        outcome=outcome,
        by=user_of(request).name,
        now=request.app[CLOCK](),
    )


def _act(name: str, call: MyCall, to: str) -> Act | str:
    """The act asked for, or a sentence (a key) why it can't be."""
    channel = call.leg.channel
    if name == "end" or (name == "pass" and call.state == "ringing"):
        return Hangup(channel=channel)
    if name in ("mute", "unmute"):
        return Mute(channel=channel, on=name == "mute")
    if name in ("transfer", "consult"):
        if not EXTENSION.fullmatch(to):
            return N_("Write the extension to transfer to in digits, such as 1002.")
        return (
            AttendedTransfer(channel=channel, exten=to)
            if name == "consult"
            else BlindTransfer(channel=channel, exten=to)
        )
    if name == "consult_cancel":
        return CancelTransfer(channel=channel)
    if name == "consult_finish":
        return FinishTransfer(channel=channel)
    raise web.HTTPBadRequest


async def _view(request: web.Request, refused: str = "") -> DeskView:
    user = user_of(request)
    duty = await duty_here(request)
    async with request.app[ENGINE].connect() as conn:
        kept: Mapping[str, object] = {**user.kept, **request.get(REMEMBERED, {})}
        done = Done(finished=str(kept.get(FINISHED, "")), seen=str(kept.get(SEEN, "")))
        muted = request.app[MUTED].channels
        shift = await shift_of(conn, user, duty, servers_of(request), kept)
        view = await load(conn, user, current(), duty, done, refused=refused, muted=muted, shift=shift)
        return dataclasses.replace(view, talk=await _talk(request, conn, view, kept.get(TICKED)))


async def _talk(request: web.Request, conn: AsyncConnection, view: DeskView, ticked: object) -> TalkView | None:
    """The words of the call on the desk, also while it is wrapped up and nobody else rings."""
    shown = view.call or (None if view.pop else view.wrap)
    if shown is None or shown.state == "dialing":
        return None
    record = await calls.get(conn, shown.id)
    if record is None:
        return None
    return await talk_of(request, conn, record, user_of(request), customer=shown.person.name, own=True, ticked=ticked)


async def duty_here(request: web.Request) -> Duty:
    """The agent of this request as the queues see them now."""
    user = user_of(request)
    return await duty_of(request.app[COMMANDS], servers_of(request), user.phones, user.id)


async def _reasons(request: web.Request) -> set[str]:
    async with request.app[ENGINE].connect() as conn:
        return {reason.id for reason in await pause_reasons.everything(conn, enabled_only=True)}


async def answer(request: web.Request, refused: str) -> web.StreamResponse:
    """The desk after an act: its parts for the script, the page for a browser without one."""
    fragmented = bool(request.headers.get("X-Fragment"))
    if not fragmented and not refused:
        raise web.HTTPSeeOther("/desk")
    view = await _view(request, refused)
    return fragment(request, "desk_parts.html", view) if fragmented else page(request, "desk.html", view)


async def _own_call(request: web.Request, call_id: str) -> CallRecord:
    """A call the user may see. Raises HTTPNotFound, Forbidden."""
    async with request.app[ENGINE].connect() as conn:
        record = await calls.get(conn, call_id)
    if record is None:
        raise web.HTTPNotFound
    if not sees_call(user_of(request), record):
        raise Forbidden(_("This is not one of your calls."))
    return record


async def _save_note(request: web.Request, form: Form) -> None:
    user, call_id = user_of(request), field(form, "call")
    version = int(field(form, "version")) if field(form, "version").isdecimal() else 0
    record = await _own_call(request, call_id)
    async with request.app[ENGINE].begin() as conn:
        try:
            await notes.save(conn, record.id, user.id, field(form, "text"), version=version)
        except notes.NoteConflict as conflict:
            # One author, one note: what is typed later is meant, whichever window it is typed in (decision 0062).
            await notes.save(conn, record.id, user.id, field(form, "text"), version=conflict.theirs.version)


async def remember(request: web.Request, changes: Mapping[str, object]) -> None:
    """Keep something with the person; it holds for this very request too."""
    async with request.app[ENGINE].begin() as conn:
        await users.set_preferences(conn, user_of(request).id, changes)
    request[REMEMBERED] = {**request.get(REMEMBERED, {}), **changes}


def state_refused(error: Exception, duty: Duty) -> str:
    if not duty.known:
        return N_("There is no connection to Asterisk now, so your state was not changed.")
    if not duty.devices:
        return N_("You are in no queue, so there is nothing to pause.")
    return (
        str(error) if isinstance(error, CommandRefused) else N_("Asterisk did not answer. Nothing was done; try again.")
    )
