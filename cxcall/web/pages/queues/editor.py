"""/admin/queues/SERVER/NAME: the editor. One form holds the whole queue; each act saves the draft with it.

With scripts the same form is sent while one types and the answer is put in place (queue-editor.ts). A draft that
somebody else changed is never overwritten unseen: the form says which version it is based on.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from cxcall.queues.definition import QueueDefinition
from cxcall.queues.differences import Diff
from cxcall.store import queues
from cxcall.store.errors import Conflict
from cxcall.store.queues import KeptQueue, NoSuchQueue
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.queues import applying, loading, observed, words
from cxcall.web.pages.queues.acts import Edited, edit
from cxcall.web.pages.queues.loading import around, done_of, note_act, queue_of, states
from cxcall.web.pages.queues.preview import DAY, TIME
from cxcall.web.pages.queues.view import EditorView, editor
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import gettext as _

ONE = words.PATH + "/{server}/{name}"
REMEMBERED = 500

routes = web.RouteTableDef()


class Former:
    """Drafts before the last changes, by queue and the version each change made: the way back, while we run."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], QueueDefinition | None] = OrderedDict()

    def put(self, queue_id: str, version: int, draft: QueueDefinition | None) -> None:
        self._kept[queue_id, version] = draft
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def of(self, queue: KeptQueue) -> QueueDefinition | None:
        return self._kept.get((queue.id, queue.version))

    def taken_back(self, before: KeptQueue, after: KeptQueue) -> None:
        """`before`'s change was undone: what came before it can be undone next."""
        older = self._kept.get((before.id, before.version - 1))
        if older is not None:
            self.put(after.id, after.version, older)


FORMER: web.AppKey[Former] = web.AppKey("queue_former", Former)


@routes.get(ONE)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    queue = await queue_of(request)
    if queue.draft is None:
        return await observed.show(request, queue)
    undo = f"{words.PATH}/{queue.server}/{queue.name}/undo" if request.query.get("done") == "discarded" else ""
    view = await _view(request, queue, Edited(draft=queue.draft))
    return page(request, "queues/editor.html", view, done=done_of(request, undo))


@routes.post(ONE)
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Whatever the form is sent for: `do` says what. All its fields are saved with every act."""
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    adds = [value for value in form.getall("add", []) if isinstance(value, str)]
    queue = await queue_of(request)
    if queue.draft is None:
        raise web.HTTPSeeOther(_at(queue))
    edited = edit(queue.draft, written, adds)
    version = number_in(field(form, "version"))
    if version != queue.version and edited.draft != queue.draft:
        return await again(request, queue, edited, words.CONFLICT, 409)
    try:
        after = await _saved(request, queue, edited, version)
    except Conflict:
        return await again(request, await queue_of(request), edited, words.CONFLICT, 409)
    if edited.errors:  # what could be read is kept, the rest stands in its fields
        return await again(request, after, edited, words.NOT_SAVED, 422)
    if written.get("do") == "apply":
        return await _apply(request, after, edited.draft)
    if written.get("do") == "look" and not request.headers.get("X-Fragment"):
        moment = {name: written.get(name, "") for name in (DAY, TIME)}
        raise web.HTTPSeeOther(f"{_at(queue)}?{urlencode(moment)}#path")
    return await _answer(request, after, edited)


@routes.post(ONE + "/undo")
@needs(Role.ADMIN)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take the last change of the draft back; again: the one before it."""
    queue, former = await queue_of(request), request.app[FORMER]
    before = former.of(queue)
    if before is None or queue.draft is None:
        raise web.HTTPSeeOther(_at(queue))
    async with request.app[ENGINE].begin() as conn:
        after = await queues.save_draft(
            conn, queue.server, queue.name, before, version=queue.version, by=user_of(request).name, now=current().now
        )
    former.taken_back(queue, after)
    return await _answer(request, after, Edited(draft=before), "undone")


@routes.post(ONE + "/{act:discard|remove|keep}")
@needs(Role.ADMIN)
async def act_on(request: web.Request) -> web.StreamResponse:
    """Back to what Asterisk has; away with the next apply; or stay after all."""
    queue, act = await queue_of(request), request.match_info["act"]
    version, who, now = number_in(field(await request.post(), "version")), user_of(request).name, current().now
    try:
        async with request.app[ENGINE].begin() as conn:
            if act == "remove" and queue.applied is not None:
                after: KeptQueue | None = await queues.save_draft(
                    conn, queue.server, queue.name, None, version=version, by=who, now=now
                )
            else:
                after = await queues.discard(conn, queue.server, queue.name, version=version, by=who, now=now)
            await note_act(request, conn, f"queue.{act}", _subject(queue))
    except (Conflict, NoSuchQueue):
        raise web.HTTPSeeOther(_at(queue)) from None
    if after is None:
        raise web.HTTPSeeOther(f"{words.PATH}?done=gone")
    if act == "remove":
        raise web.HTTPSeeOther(f"{words.PATH}?done=removed")
    request.app[FORMER].put(after.id, after.version, queue.draft)
    raise web.HTTPSeeOther(f"{_at(queue)}?done={'kept' if act == 'keep' else 'discarded'}")


async def _saved(request: web.Request, queue: KeptQueue, edited: Edited, version: int) -> KeptQueue:
    """The queue with the draft kept. Raises Conflict."""
    if edited.draft == queue.draft:
        return queue
    async with request.app[ENGINE].begin() as conn:
        after = await queues.save_draft(
            conn, queue.server, queue.name, edited.draft, version=version, by=user_of(request).name, now=current().now
        )
        if not request.headers.get("X-Autosave"):
            await note_act(request, conn, "queue.change", _subject(queue))
    request.app[FORMER].put(after.id, after.version, queue.draft)
    return after


async def _apply(request: web.Request, queue: KeptQueue, draft: QueueDefinition) -> web.StreamResponse:
    """Write this queue into Asterisk, when nothing speaks against it."""
    here = await around(request, queue.server, fresh=True)
    edited = Edited(draft=draft)
    if here.faults(queue):
        return await again(request, queue, edited, words.NOT_APPLIED, 422)
    outcome = await applying.apply(request, here, [queue])
    if outcome.done:
        raise web.HTTPSeeOther(f"{_at(queue)}?done={outcome.done}")
    return await again(request, await queue_of(request), edited, outcome.problem, 409, outcome.diff)


async def _answer(request: web.Request, queue: KeptQueue, edited: Edited, done: str = "saved") -> web.StreamResponse:
    if request.headers.get("X-Fragment"):
        return fragment(request, "queues/flow.html", await _view(request, queue, edited))
    raise web.HTTPSeeOther(f"{_at(queue)}?done={done}" + (f"#{edited.focus}" if edited.focus else ""))


async def again(
    request: web.Request, queue: KeptQueue, edited: Edited, message: str, status: int, conflict: Sequence[Diff] = ()
) -> web.StreamResponse:
    """The page with what was typed and what is wrong with it."""
    view = await _view(request, queue, edited, message=message, conflict=conflict)
    if request.headers.get("X-Fragment"):  # the flow says by itself that it was not done
        return fragment(request, "queues/flow.html", view)
    return page(request, "queues/editor.html", view, status=status)


async def _view(
    request: web.Request, queue: KeptQueue, edited: Edited, *, message: str = "", conflict: Sequence[Diff] = ()
) -> EditorView:
    here, agents = await around(request, queue.server), await states(request)
    return await asyncio.to_thread(  # of a large site every queue is looked at
        editor, queue, edited, here, agents,
        undo=request.app[FORMER].of(queue) is not None, message=_(message), conflict=conflict,
        outdated=message == words.CONFLICT, extension=next(iter(user_of(request).extensions), ""),
        asked=request.query if DAY in request.query else None,
    )  # fmt: skip


def _at(queue: KeptQueue) -> str:
    return f"{words.PATH}/{queue.server}/{queue.name}"


def _subject(queue: KeptQueue) -> str:
    return f"queue:{queue.server}/{queue.name}"


def setup(app: web.Application) -> None:
    app[FORMER] = Former()
    loading.setup(app)
