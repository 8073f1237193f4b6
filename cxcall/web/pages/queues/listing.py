"""/admin/queues: the queues of every Asterisk, with who defines them; new ones, the mode of a server, apply all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web

from cxcall.bus.queues import LiveQueue, ServerQueues
from cxcall.letters import search_key, sort_key
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.differences import Diff
from cxcall.store import queue_servers, queues
from cxcall.store.errors import Conflict
from cxcall.store.queue_servers import QueueServer
from cxcall.store.queues import KeptQueue, QueueNameTaken
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.listener_words import said as said_in_words
from cxcall.web.pages.queues import applying, words
from cxcall.web.pages.queues.applying import Outcome
from cxcall.web.pages.queues.form import name_problem
from cxcall.web.pages.queues.loading import Around, around, done_of, live, note_act, server_names
from cxcall.web.pages.queues.view import said, state_of
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """`live` None: Asterisk does not have it, or can't be asked."""

    queue: KeptQueue
    title: str
    state: tuple[str, str]
    strategy: str
    numbers: Sequence[str]
    errors: int
    live: LiveQueue | None

    @property
    def names(self) -> str:
        """All it is called, to find it by."""
        return " ".join((*(self.queue.draft or self.queue.shown).title.values(), self.queue.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCard:
    """`live` None: nobody here listens to it. `changed`: drafts that Asterisk does not have."""

    name: str
    mode: str
    version: int
    live: ServerQueues | None
    problem: str
    rows: Sequence[QueueRow]
    total: int
    changed: int
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def managed(self) -> bool:
        return self.mode == "managed"

    @property
    def foreign(self) -> Sequence[Diff]:
        return applying.flat(self.live.foreign) if self.live else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesView:
    """`q`: only queues with it in a name or number are shown."""

    servers: Sequence[ServerCard]
    q: str = ""

    @property
    def total(self) -> int:
        return sum(server.total for server in self.servers)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    servers: Sequence[str]
    server: str = ""
    name: str = ""
    titles: tuple[str, str] = ("", "")
    error: str = ""


@routes.get(words.PATH)
@needs(Role.ADMIN)
async def show_all(request: web.Request) -> web.Response:
    return await _page(request)


@routes.get(words.PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    names = server_names(request)
    wanted = request.query.get("server", "")
    chosen = wanted if wanted in names else next(iter(names), "")
    return page(request, "queues/new.html", NewView(servers=names, server=chosen))


@routes.post(words.PATH)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    """A draft, with what most sites want; nobody reaches it before it is applied."""
    form, names = await request.post(), server_names(request)
    name = " ".join(sent(form, "name").split())
    titles = (" ".join(sent(form, "title.fa").split())[:100], " ".join(sent(form, "title.en").split())[:100])
    view = NewView(servers=names, server=sent(form, "server"), name=name, titles=titles)
    if view.server not in names:
        return page(request, "queues/new.html", replace(view, error=_(words.NO_SERVER)), status=422)
    if wrong := name_problem(name):
        return page(request, "queues/new.html", replace(view, error=_(wrong)), status=422)
    title = {code: text for code, text in zip(("fa", "en"), titles, strict=True) if text}
    definition = QueueDefinition(name=name, title=title)
    if not await _made(request, view.server, definition):
        return page(request, "queues/new.html", replace(view, error=_(words.NAME_TAKEN)), status=409)
    raise web.HTTPSeeOther(f"{words.PATH}/{view.server}/{name}?done=created")


@routes.post(words.PATH + "/mode")
@needs(Role.ADMIN)
async def set_mode(request: web.Request) -> web.StreamResponse:
    """Only watch a server's queues, or write those made here to it."""
    form = await request.post()
    server, mode = sent(form, "server"), sent(form, "mode")
    if server not in server_names(request) or mode not in ("observe", "managed"):
        raise web.HTTPNotFound
    version = number_in(sent(form, "version"))
    try:
        async with request.app[ENGINE].begin() as conn:
            await queue_servers.save(
                conn, server, mode="managed" if mode == "managed" else "observe", version=version,
                by=user_of(request).name, now=current().now,
            )  # fmt: skip
            await note_act(request, conn, "queues.mode", f"server:{server}", mode=mode)
    except Conflict:
        raise web.HTTPSeeOther(words.PATH) from None
    raise web.HTTPSeeOther(f"{words.PATH}?done={mode}")


@routes.post(words.PATH + "/apply")
@needs(Role.ADMIN)
async def apply_all(request: web.Request) -> web.StreamResponse:
    """All drafts of a server at once; one with a problem keeps all back."""
    server = sent(await request.post(), "server")
    if server not in server_names(request):
        raise web.HTTPNotFound
    here = await around(request, server, fresh=True)
    wanted = [one for one in here.kept if one.kind == "managed" and one.changed]
    wrong = await asyncio.to_thread(lambda: [one.name for one in wanted if here.faults(one)])
    if wrong:
        problem = f"{_(words.NOT_APPLIED)} {', '.join(wrong)}"
        return await _page(request, (server, Outcome(problem=problem)), status=422)
    if not wanted:
        raise web.HTTPSeeOther(f"{words.PATH}?done=same")
    outcome = await applying.apply(request, here, wanted)
    if outcome.done:
        raise web.HTTPSeeOther(f"{words.PATH}?done={outcome.done}")
    return await _page(request, (server, outcome), status=409)


@routes.post(words.PATH + "/{act:accept|renew}")
@needs(Role.ADMIN)
async def accept_or_renew(request: web.Request) -> web.StreamResponse:
    """Somebody else's lines become a version of ours; or members and hours are written as they are now."""
    server = sent(await request.post(), "server")
    if server not in server_names(request):
        raise web.HTTPNotFound
    do = applying.accept if request.match_info["act"] == "accept" else applying.renew
    outcome = await do(request, server)
    if outcome.done:
        raise web.HTTPSeeOther(f"{words.PATH}?done={outcome.done}")
    return await _page(request, (server, outcome), status=409)


async def search(request: web.Request, text: str) -> Group | None:
    """Queues by their names, for those who may open them."""
    if user_of(request).role is not Role.ADMIN or not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        everything = await queues.everything(conn)
    wanted = search_key(text)
    found = [one for one in everything if wanted in search_key(f"{one.name} {' '.join(one.shown.title.values())}")][:5]
    hits = [
        Hit(path=f"{words.PATH}/{one.server}/{one.name}", icon="queue", title=said(one.shown.title) or one.name)
        for one in found
    ]
    return Group(title=_("Queues"), hits=hits)


async def _page(request: web.Request, outcome: tuple[str, Outcome] | None = None, *, status: int = 200) -> web.Response:
    text = request.query.get("q", "")[:80].strip()
    cards = [await _card(request, name, search_key(text)) for name in server_names(request)]
    if outcome is not None:
        cards = [replace(card, outcome=outcome[1]) if card.name == outcome[0] else card for card in cards]
    return page(request, "queues/list.html", QueuesView(servers=cards, q=text), status=status, done=done_of(request))


async def _card(request: web.Request, server: str, wanted: str) -> ServerCard:
    seen = await live(request, server)
    there = {queue.name: queue for queue in seen.queues} if seen and seen.connected else {}
    async with request.app[ENGINE].connect() as conn:
        chosen = await queue_servers.get(conn, server)
    here = await around(request, server)
    rows = await asyncio.to_thread(_rows, here, there)  # every queue of a large site is checked
    shown = [row for row in rows if not wanted or wanted in _found_by(row)]
    return ServerCard(
        name=server, mode=here.mode, version=_version(chosen), live=seen,
        problem=said_in_words(seen.problem) if seen and not seen.connected else "",
        total=len(rows),
        rows=sorted(shown, key=lambda row: (row.queue.look.hidden, sort_key(row.title))),
        changed=sum(one.kind == "managed" and one.changed for one in here.kept),
    )  # fmt: skip


def _rows(here: Around, there: Mapping[str, LiveQueue]) -> list[QueueRow]:
    return [
        QueueRow(
            queue=one,
            title=said(one.shown.title) or one.name,
            state=words.STATES[state_of(one)],
            strategy=_strategy(one, there.get(one.name)),
            numbers=(one.draft or one.applied or QueueDefinition(name=one.name)).numbers,
            errors=len(here.faults(one)) if one.kind == "managed" else 0,
            live=there.get(one.name),
        )
        for one in here.kept
    ]


def _found_by(row: QueueRow) -> str:
    return search_key(f"{row.names} {' '.join(row.numbers)}")


def _version(chosen: QueueServer | None) -> int:
    return chosen.version if chosen else 0


def _strategy(queue: KeptQueue, there: LiveQueue | None) -> str:
    """The way calls are shared, in words."""
    if queue.draft is not None and words.by_skill(queue.draft):
        return _(words.WAYS[0].name)
    wanted = queue.draft.strategy if queue.draft else there.strategy if there else ""
    return next((_(way.name) for way in words.WAYS if way.value == wanted), wanted)


async def _made(request: web.Request, server: str, definition: QueueDefinition) -> bool:
    """Keep the draft, unless there is a queue of its name: Asterisk does not tell capital letters apart."""
    name = definition.name
    try:
        async with request.app[ENGINE].begin() as conn:
            if name.casefold() in {one.name.casefold() for one in await queues.of_server(conn, server)}:
                return False
            await queues.create(conn, server, definition, by=user_of(request).name, now=current().now)
            await note_act(request, conn, "queue.create", f"queue:{server}/{name}")
    except QueueNameTaken:
        return False
    return True
