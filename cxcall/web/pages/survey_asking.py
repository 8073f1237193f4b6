"""/admin/surveys/asking: for each queue which survey is asked, of whom, and when; and calls afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from cxcall.store import lists, survey_askings, surveys
from cxcall.store.errors import Conflict
from cxcall.store.survey_askings import QueueAsking
from cxcall.store.surveys import Survey
from cxcall.surveys.asking import Asking
from cxcall.web.access import Role, needs
from cxcall.web.digits import typed
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.forms import field as text_in
from cxcall.web.pages.survey_asking_form import LIMITS, NO_QUEUE, read_asking, written_of
from cxcall.web.pages.survey_form import Written
from cxcall.web.pages.survey_loading import done_of, note_act, number_in
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = words.PATH + "/asking"
DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
SPEAK = {"no": N_("Nothing"), "number": N_("The agent’s number"), "name": N_("The agent’s name")}
LATER = {
    "not_asked": N_("Callers who could not be asked"),
    "lost": N_("Callers who were lost in the queue"),
    "both": N_("Both"),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCard:
    """A queue and its rules as the fields of a form; `version` 0: it has none yet."""

    n: int
    server: str
    queue: str
    version: int
    written: Written
    survey: str
    errors: Mapping[str, str] = field(default_factory=dict)
    open: bool = False

    def get(self, name: str) -> str:
        return self.written.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingView:
    cards: Sequence[QueueCard]
    fresh: QueueCard
    surveys: Sequence[Survey]
    queues: Sequence[str]
    servers: Sequence[str]
    message: str = ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(one.id, one.name if one.published else _("%(name)s (not published)") % {"name": one.name})
                for one in self.surveys]  # fmt: skip

    @property
    def speak(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in SPEAK.items()]

    @property
    def to(self) -> list[tuple[str, str]]:
        return [(value, _(text)) for value, text in LATER.items()]

    @property
    def days(self) -> list[tuple[int, str]]:
        """The week in the reader's order: Persian weeks begin on Saturday."""
        order = (5, 6, 0, 1, 2, 3, 4) if current().language == "fa" else range(7)
        return [(day, _(DAYS[day])) for day in order]


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    return page(request, "survey_asking.html", await _view(request), done=done_of(request))


@routes.post(PATH)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    server, queue = text_in(form, "server").strip()[:80], typed(text_in(form, "queue"))[:128]
    version = number_in(text_in(form, "version"))
    if text_in(form, "do") == "remove":
        return await _remove(request, server, queue)
    async with request.app[ENGINE].connect() as conn:
        known = next(
            (one for one in await survey_askings.everything(conn) if (one.server, one.queue) == (server, queue)), None
        )
    asking, errors = read_asking(written, known.asking if known else Asking())
    if not queue or not queue.isprintable():
        errors["queue"] = NO_QUEUE
    said = {name: _said(name, text) for name, text in errors.items()}
    typed_in = (server, queue, version, written, said)
    if errors:
        view = await _view(request, typed_in, _(words.NOT_SAVED))
        return page(request, "survey_asking.html", view, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            await survey_askings.save(conn, server, queue, asking, version=version)
            await note_act(request, conn, "survey.asking", f"queue:{queue}", server=server, survey=asking.survey_id)
    except Conflict:
        found = (server, queue, known.version if known else 0, written, said)
        return page(request, "survey_asking.html", await _view(request, found, _(words.CONFLICT)), status=409)
    raise web.HTTPSeeOther(f"{PATH}?done=asking")


async def _remove(request: web.Request, server: str, queue: str) -> web.StreamResponse:
    async with request.app[ENGINE].begin() as conn:
        if await survey_askings.remove(conn, server, queue):
            await note_act(request, conn, "survey.asking", f"queue:{queue}", server=server, removed="yes")
    raise web.HTTPSeeOther(f"{PATH}?done=asking-removed")


def _said(name: str, text: str) -> str:
    low, high = LIMITS.get(name, (0, 0))
    return _(text).format(low=f"{low:g}", high=f"{high:g}")


async def _view(
    request: web.Request,
    typed_in: tuple[str, str, int, Written, Mapping[str, str]] | None = None,
    message: str = "",
) -> AskingView:
    """With `typed_in` (server, queue, version, fields, problems) that queue is shown as it was sent."""
    async with request.app[ENGINE].connect() as conn:
        found, known = await survey_askings.everything(conn), await surveys.everything(conn)
        queues = await lists.queues(conn)
    names = {one.id: one.name for one in known}
    cards = [_card(n, one, names, typed_in) for n, one in enumerate(found, start=1)]
    taken = {(card.server, card.queue) for card in cards}
    fresh = QueueCard(n=0, server="", queue="", version=0, written=written_of(Asking()), survey="")
    if typed_in is not None and (typed_in[0], typed_in[1]) not in taken:
        server, queue, _version, written, errors = typed_in
        fresh = QueueCard(
            n=0, server=server, queue=queue, version=0, written=written, survey="", errors=errors, open=True
        )
    return AskingView(
        cards=cards,
        fresh=fresh,
        surveys=known,
        queues=[queue for queue in queues if ("", queue) not in taken],
        servers=[server.name for server in request.app[SETTINGS].ami],
        message=message,
    )


def _card(
    n: int,
    one: QueueAsking,
    names: Mapping[str, str],
    typed_in: tuple[str, str, int, Written, Mapping[str, str]] | None,
) -> QueueCard:
    mine = typed_in if typed_in is not None and (typed_in[0], typed_in[1]) == (one.server, one.queue) else None
    return QueueCard(
        n=n,
        server=one.server,
        queue=one.queue,
        version=mine[2] or one.version if mine else one.version,
        written=mine[3] if mine else written_of(one.asking),
        survey=names.get(one.asking.survey_id, "") if one.asking.enabled else "",
        errors=mine[4] if mine else {},
        open=mine is not None,
    )
