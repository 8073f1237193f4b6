"""A queue that somebody else defines: how it is shown, what it is to reach, its members now. Its file is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from cxcall.bus.queues import LiveMember, LiveQueue
from cxcall.queues import conf
from cxcall.queues.definition import QueueDefinition, QueueLook
from cxcall.store import queues
from cxcall.store.errors import Conflict
from cxcall.store.queues import KeptQueue, NoSuchQueue, QueueNameTaken
from cxcall.web import errors
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.queues import words
from cxcall.web.pages.queues.form import name_problem, read_look
from cxcall.web.pages.queues.loading import Around, around, done_of, live, note_act, queue_of, states
from cxcall.web.pages.queues.member_rows import State, pools, priorities, state_of
from cxcall.web.pages.queues.path_words import sentence
from cxcall.web.pages.queues.view import Fields, said, told, written_of
from cxcall.web.pages.queues.view import state_of as queue_state
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ONE = words.PATH + "/{server}/{name}"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberNow:
    """A member as Asterisk has it now, with the person it belongs to and what they do."""

    member: LiveMember
    title: str
    state: State | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView(Fields):
    """`live` None: Asterisk can't be asked, or does not have the queue."""

    queue: KeptQueue
    d: QueueLook
    around: Around
    live: LiveQueue | None
    asked: bool
    members: Sequence[MemberNow]
    still_needed: Sequence[str] = ()
    message: str = ""
    extension: str = ""

    @property
    def title(self) -> str:
        return said(self.d.title) or self.queue.name

    @property
    def at(self) -> str:
        return f"{words.PATH}/{self.queue.server}/{self.queue.name}"

    @property
    def state(self) -> tuple[str, str]:
        return words.STATES[queue_state(self.queue)]

    @property
    def people(self) -> list[tuple[str, str]]:
        """Whom to add: phone and name, those with a phone who are not in it."""
        there = {one.member.interface for one in self.members}
        agents = pools(QueueDefinition(name=self.queue.name), self.around.people)[0][2]
        return [(phone, name) for _id, name, phone in agents if phone and phone not in there]

    def priorities(self, penalty: int) -> list[tuple[int, str]]:
        return priorities(penalty)


async def show(request: web.Request, queue: KeptQueue, view: LookView | None = None, status: int = 200) -> web.Response:
    """The page of a queue without a draft: observed, or to be removed."""
    made = view or await _view(request, queue)
    return page(request, "queues/observed.html", made, done=done_of(request), status=status)


@routes.post(ONE + "/look")
@needs(Role.ADMIN)
async def save_look(request: web.Request) -> web.StreamResponse:
    """Names, colour, targets: nothing of it is written to Asterisk."""
    queue, form = await queue_of(request), await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    look, wrong = read_look(queue.look, written)
    if wrong:
        wrongs = {name: told(text, values) for name, (text, values) in wrong.items()}
        view = replace(await _view(request, queue), d=look, typed=written, errors=wrongs, message=_(words.NOT_SAVED))
        return await show(request, queue, view, 422)
    try:
        async with request.app[ENGINE].begin() as conn:
            await queues.save_look(
                conn, queue.server, queue.name, look, version=number_in(field(form, "version")),
                by=user_of(request).name, now=current().now,
            )  # fmt: skip
            await note_act(request, conn, "queue.look", f"queue:{queue.server}/{queue.name}")
    except (Conflict, NoSuchQueue):
        view = replace(await _view(request, queue), message=_(words.CONFLICT), typed=written)
        return await show(request, queue, view, 409)
    raise web.HTTPSeeOther(f"{words.PATH}/{queue.server}/{queue.name}?done=saved")


@routes.post(ONE + "/copy")
@needs(Role.ADMIN)
async def copy(request: web.Request) -> web.StreamResponse:
    """A draft of cxcall's own with the settings of this queue, under another name."""
    queue, name = await queue_of(request), field(await request.post(), "name").strip()
    definition = queue.draft or queue.applied or await _of_asterisk(request, queue)
    wrong = name_problem(name)
    if definition is None or wrong:
        return await _said(request, queue, wrong or words.NO_ASTERISK, 422)
    made = _renamed(definition, name)
    try:
        async with request.app[ENGINE].begin() as conn:
            await queues.create(conn, queue.server, made, by=user_of(request).name, now=current().now)
            await note_act(request, conn, "queue.create", f"queue:{queue.server}/{name}", copy_of=queue.name)
    except QueueNameTaken:
        return await _said(request, queue, words.NAME_TAKEN, 409)
    raise web.HTTPSeeOther(f"{words.PATH}/{queue.server}/{name}?done=created")


def _renamed(definition: QueueDefinition, name: str) -> QueueDefinition:
    """The same queue under another name; its numbers stay with the first."""
    fields = {one: getattr(definition, one) for one in QueueDefinition.__struct_fields__}
    return QueueDefinition(**fields | {"name": name, "numbers": (), "title": {}})


async def _of_asterisk(request: web.Request, queue: KeptQueue) -> QueueDefinition | None:
    seen = await live(request, queue.server)
    there = next((one for one in seen.queues if one.name == queue.name), None) if seen else None
    return conf.parse(queue.name, there.lines).definition if there else None


async def _said(request: web.Request, queue: KeptQueue, why: str, status: int) -> web.StreamResponse:
    if queue.draft is not None:
        return errors.answer(request, status, _(why))
    return await show(request, queue, replace(await _view(request, queue), message=_(why)), status)


async def _view(request: web.Request, queue: KeptQueue) -> LookView:
    seen = await live(request, queue.server)
    there = next((one for one in seen.queues if one.name == queue.name), None) if seen and seen.connected else None
    here, agents = await around(request, queue.server), await states(request)
    owners = {phone: one.name for one in here.people.persons.values() for phone in one.interfaces}
    members = [
        MemberNow(
            member=one,
            title=owners.get(one.interface) or owners.get(one.state_interface) or one.name or one.interface,
            state=state_of(agents, queue.server, one.interface, one.state_interface),
        )
        for one in (there.members if there else ())
    ]
    return LookView(
        written=written_of(queue.shown), queue=queue, d=queue.shown, around=here, live=there,
        asked=bool(seen and seen.connected), members=members,
        still_needed=[sentence(one) for one in here.removal_problems(queue)] if queue.removing else (),
        extension=next(iter(user_of(request).extensions), ""),
    )  # fmt: skip
