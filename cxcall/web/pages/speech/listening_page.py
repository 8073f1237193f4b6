"""/admin/speech/queues: what is listened to, written down and recorded, of each queue; and what that would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import SpeechStatus
from cxcall.speech.listening import Listening
from cxcall.store import audit, lists, speech_settings, talk_loads
from cxcall.store.errors import Conflict
from cxcall.store.speech_settings import EVERY, QueueListening
from cxcall.store.talk_loads import TalkLoad
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import BUS, COMMANDS, ENGINE, SETTINGS
from cxcall.web.pages.forms import field as text_in
from cxcall.web.pages.speech import listening_words
from cxcall.web.pages.speech.listening_form import ENGINES, LIMITS, NO_QUEUE, TIERS, read_listening, written_of
from cxcall.web.pages.survey_form import Written
from cxcall.web.pages.survey_loading import note_act, number_in
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/speech/queues"
CHANGED = "speech-settings"
"""Message of the bus: whoever listens reads the rules anew."""
ACT = "speech.settings"
DEADLINE_S = 2.0
LANGUAGES: Mapping[str, str] = {
    "fa": N_("Persian"), "en": N_("English"), "ar": N_("Arabic"), "tr": N_("Turkish"), "de": N_("German"),
    "fr": N_("French"), "ru": N_("Russian"), "ko": N_("Korean"),
}  # fmt: skip
CONFLICT = N_("Somebody else changed these rules meanwhile. Nothing was saved; save again to put yours over them.")
NOT_SAVED = N_("Nothing was saved: see what is marked below.")
DONE = {
    "saved": N_("Saved. It holds from the next call on."),
    "removed": N_("Taken out. Wider rules hold for it again."),
    "undone": N_("That is taken back."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The rules of a queue as the fields of a form; `version` 0: it has none of its own yet."""

    n: int
    server: str
    queue: str
    version: int
    written: Written
    summary: str = ""
    effect: str = ""
    on: bool = False
    by: str = ""
    at: datetime | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    open: bool = False

    def get(self, name: str) -> str:
        return self.written.get(name, "")

    @property
    def usual(self) -> bool:
        """It holds for all that has no rules of its own."""
        return not self.queue


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningView:
    cards: Sequence[Card]
    fresh: Card
    queues: Sequence[str]
    servers: Sequence[str]
    spoken: Sequence[tuple[str, str]]
    changes: bool
    message: str = ""

    @property
    def tiers(self) -> list[tuple[str, str]]:
        return [(tier, _(listening_words.TIERS[tier])) for tier in TIERS]

    @property
    def consents(self) -> list[tuple[str, str]]:
        return [("not_needed", _("Not asked")), ("asked", _("Asked before the queue"))]

    @property
    def engines(self) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in ENGINES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that could not be saved."""

    server: str
    queue: str
    version: int
    written: Written
    errors: Mapping[str, str]


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    return page(request, "speech/listening.html", await _view(request), done=_done(request))


@routes.post(PATH)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    server, queue = text_in(form, "server").strip()[:80], typed(text_in(form, "queue"))[:128]
    version = number_in(text_in(form, "version"))
    if text_in(form, "do") == "remove":
        return await _remove(request, server, queue)
    listening, errors = read_listening(written, tuple(LANGUAGES))
    if (text_in(form, "new") and not queue) or not queue.isprintable():
        errors["queue"] = NO_QUEUE
    said = {name: _said(name, text) for name, text in errors.items()}
    if errors:
        sent = Sent(server=server, queue=queue, version=version, written=written, errors=said)
        return page(request, "speech/listening.html", await _view(request, sent, _(NOT_SAVED)), status=422)
    try:
        await _keep(request, server, queue, listening, version)
    except Conflict:
        async with request.app[ENGINE].connect() as conn:
            now = await speech_settings.get(conn, server, queue)
        sent = Sent(server=server, queue=queue, version=now.version if now else 0, written=written, errors=said)
        return page(request, "speech/listening.html", await _view(request, sent, _(CONFLICT)), status=409)
    raise web.HTTPSeeOther(_back("saved", server, queue))


@routes.post(PATH + "/undo")
@needs(Role.ADMIN)
async def undo(request: web.Request) -> web.StreamResponse:
    """The rules as they were before the last change of a queue, which the audit trail knows."""
    server, queue = request.query.get("server", ""), request.query.get("queue", "")
    async with request.app[ENGINE].begin() as conn:
        entries = await audit.page(conn, subject=_subject(server, queue), limit=1)
        now = await speech_settings.get(conn, server, queue)
        before = entries[0].details.get("before") if entries else None
        if not entries:
            raise web.HTTPNotFound
        if before is None:
            await speech_settings.remove(conn, server, queue)
        else:
            await speech_settings.save(
                conn, server, queue, msgspec.convert(before, Listening), by=user_of(request).name, now=current().now,
                version=now.version if now else 0,
            )  # fmt: skip
        after = now.listening if now else None
        await note_act(request, conn, ACT, _subject(server, queue), before=_data(after), after=before)
    request.app[BUS].publish(CHANGED, {})
    raise web.HTTPSeeOther(_back("undone", "", ""))


async def _keep(request: web.Request, server: str, queue: str, listening: Listening, version: int) -> None:
    """Save, write down who did it, tell who listens. Raises Conflict."""
    async with request.app[ENGINE].begin() as conn:
        before = await speech_settings.get(conn, server, queue)
        await speech_settings.save(
            conn, server, queue, listening, by=user_of(request).name, now=current().now, version=version
        )
        old = before.listening if before else None
        await note_act(request, conn, ACT, _subject(server, queue), before=_data(old), after=_data(listening))
    request.app[BUS].publish(CHANGED, {})


async def _remove(request: web.Request, server: str, queue: str) -> web.StreamResponse:
    async with request.app[ENGINE].begin() as conn:
        before = await speech_settings.get(conn, server, queue)
        if before is not None and await speech_settings.remove(conn, server, queue):
            await note_act(request, conn, ACT, _subject(server, queue), before=_data(before.listening), after=None)
    request.app[BUS].publish(CHANGED, {})
    raise web.HTTPSeeOther(_back("removed", server, queue))


async def _view(request: web.Request, sent: Sent | None = None, message: str = "") -> ListeningView:
    """With `sent` that queue is shown as it was sent."""
    factor = await _factor(request)
    async with request.app[ENGINE].connect() as conn:
        found, loads, queues = await _load(conn)
    known = {(one.server, one.queue): one for one in found}
    own = frozenset(known)
    names = sorted(own | {(EVERY, EVERY)}, key=lambda name: (name[1] != EVERY, name[1], name[0]))
    cards = [_card(n, name, known.get(name), loads, own, factor, sent) for n, name in enumerate(names, start=1)]
    fresh = Card(n=0, server="", queue="", version=0, written=written_of(Listening()))
    if sent is not None and (sent.server, sent.queue) not in names:
        fresh = Card(
            n=0, server=sent.server, queue=sent.queue, version=0, written=sent.written, errors=sent.errors, open=True
        )
    elif sent is not None and "queue" in sent.errors:
        fresh = Card(n=0, server=sent.server, queue="", version=0, written=sent.written, errors=sent.errors, open=True)
    return ListeningView(
        cards=cards,
        fresh=fresh,
        queues=[queue for queue in queues if ("", queue) not in own],
        servers=[server.name for server in request.app[SETTINGS].ami],
        spoken=[(code, _(name)) for code, name in LANGUAGES.items()],
        changes=user_of(request).role is Role.ADMIN,
        message=message,
    )


async def _load(conn: AsyncConnection) -> tuple[list[QueueListening], list[TalkLoad], list[str]]:
    week = current().now - timedelta(days=listening_words.DAYS)
    return await speech_settings.everything(conn), await talk_loads.since(conn, week), await lists.queues(conn)


async def _factor(request: web.Request) -> float | None:
    """Seconds of work a second of sound takes here, as measured; None where nobody knows."""
    try:
        status: SpeechStatus = await request.app[COMMANDS].ask("speech:status", None, timeout=DEADLINE_S)
    except (NoAnswer, CommandRefused):
        return None
    return status.factor


def _card(
    n: int,
    name: tuple[str, str],
    one: QueueListening | None,
    loads: Sequence[TalkLoad],
    own: frozenset[tuple[str, str]],
    factor: float | None,
    sent: Sent | None,
) -> Card:
    mine = sent if sent and (sent.server, sent.queue) == name and "queue" not in sent.errors else None
    listening = one.listening if one else Listening()
    calls, seconds = listening_words.load_of(loads, *name, own | {(EVERY, EVERY)})
    return Card(
        n=n,
        server=name[0],
        queue=name[1],
        version=mine.version if mine else one.version if one else 0,
        written=mine.written if mine else written_of(listening),
        summary=listening_words.summary(listening),
        effect=listening_words.effect(listening, calls, seconds, factor),
        on=listening.live or listening.after or listening.record,
        by=one.updated_by if one else "",
        at=one.updated_at if one else None,
        errors=mine.errors if mine else {},
        open=mine is not None,
    )


def _said(name: str, text: str) -> str:
    low, high = LIMITS.get(name, (0, 0))
    return _(text).format(low=f"{low:g}", high=f"{high:g}")


def _subject(server: str, queue: str) -> str:
    return f"speech-settings:{server}/{queue}"


def _data(listening: Listening | None) -> object:
    return msgspec.to_builtins(listening) if listening is not None else None


def _back(done: str, server: str, queue: str) -> str:
    query = {"done": done} | ({"server": server, "queue": queue} if done != "undone" else {})
    return f"{PATH}?{urlencode(query)}"


def _done(request: web.Request) -> Done | None:
    done = request.query.get("done", "")
    if done not in DONE:
        return None
    named = {"server": request.query.get("server", ""), "queue": request.query.get("queue", "")}
    undo = "" if done == "undone" else f"{PATH}/undo?{urlencode(named)}"
    return Done(text=_(DONE[done]), undo=undo)
