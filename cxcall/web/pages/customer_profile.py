"""One customer: the profile, the history of calls, notes, numbers; made and changed by forms that lose nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.number import fold
from cxcall.customers.profile import Profile, read_profile
from cxcall.store import (
    audit,
    calls,
    customer_merges,
    customer_notes,
    customers,
    desk,
    managers,
    rfm,
    survey_answers,
    survey_history,
    users,
)
from cxcall.store.calls import CallFilter
from cxcall.store.customers import Conflict, Customer, NumberTaken
from cxcall.store.paging import BadCursor
from cxcall.web import customer_groups
from cxcall.web.access import needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import BUS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages import customer_surveys, follow_up_about
from cxcall.web.pages.customer_view import (
    CustomerView,
    EditView,
    Merged,
    differing,
    errors_of,
    figures_of,
    number_title,
    scores_of,
    written_in,
    written_of,
)
from cxcall.web.pages.desk_loading import author_names, lines_of
from cxcall.web.pages.desk_view import NoteLine
from cxcall.web.pages.forms import field
from cxcall.web.pages.people import person
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import gettext as _

PATH = "/customers"
ONE = PATH + "/{id:[0-9a-f]+}"
LATELY = timedelta(days=90)
HISTORY = 20

routes = web.RouteTableDef()


@routes.get(PATH + "/new")
@needs()
async def show_new(request: web.Request) -> web.Response:
    written = written_of(Profile()) | {"numbers": typed(request.query.get("number", ""))[:40]}
    async with request.app[ENGINE].connect() as conn:
        people = await managers.shown(conn)
    return page(request, "customer_edit.html", _new(written, people))


@routes.post(PATH + "/new")
@needs()
async def create(request: web.Request) -> web.StreamResponse:
    """Make a customer; what is wrong stands beside its field and nothing typed is lost."""
    written = written_in(await request.post())
    async with request.app[ENGINE].connect() as conn:
        people = await managers.shown(conn)
    view = _new(written, people)
    profile, problems = read_profile(written, current().country, {id_: id_ for id_ in people})
    if problems:
        return page(request, "customer_edit.html", dataclasses.replace(view, errors=errors_of(problems)), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await customers.create(conn, profile)
            await note_act(request, conn, "customer.create", made.id)
    except NumberTaken as taken:
        return page(request, "customer_edit.html", _taken(view, taken), status=409)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=created")


@routes.get(ONE)
@needs()
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[ENGINE].connect() as conn:
        customer = await opened(conn, request)
        if customer.id != request.match_info["id"]:  # merged: its page is the other's
            raise web.HTTPFound(f"{PATH}/{customer.id}")
        view = await _view(conn, request, customer)
    return page(request, "customer.html", view, done=_done(request, customer))


@routes.get(ONE + "/history")
@needs()
async def history(request: web.Request) -> web.Response:
    """The history alone, fetched anew when the customer calls."""
    async with request.app[ENGINE].connect() as conn:
        view = await _view(conn, request, await opened(conn, request))
    return fragment(request, "customer_history.html", view)


@routes.get(ONE + "/edit")
@needs()
async def show_edit(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        customer = await opened(conn, request)
        people = await managers.shown(conn, customer.profile.manager)
    return page(request, "customer_edit.html", _edit(customer, written_of(customer.profile), people))


@routes.post(ONE + "/edit")
@needs()
async def save(request: web.Request) -> web.StreamResponse:
    """Change a profile. Somebody else's change meanwhile is shown beside this one; saving again decides."""
    form = await request.post()
    written, version = written_in(form), field(form, "version")
    async with request.app[ENGINE].connect() as conn:
        customer = await opened(conn, request)
        people = await managers.shown(conn, customer.profile.manager)
    view = _edit(customer, written, people)
    profile, problems = read_profile(written, current().country, {id_: id_ for id_ in people})
    if problems:
        view = dataclasses.replace(view, errors=errors_of(problems), version=_number(version))
        return page(request, "customer_edit.html", view, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            expected = _number(version) or customer.version
            await customers.change(conn, customer.id, profile, version=expected)
            await note_act(request, conn, "customer.change", customer.id)
    except NumberTaken as taken:
        return page(request, "customer_edit.html", _taken(view, taken), status=409)
    except Conflict:
        async with request.app[ENGINE].connect() as conn:
            theirs = await opened(conn, request)
        differs = differing(theirs.profile, profile, people)
        view = dataclasses.replace(_edit(theirs, written, people), differing=differs)
        return page(request, "customer_edit.html", view, status=409)
    tell(request, customer.id)
    raise web.HTTPSeeOther(f"{PATH}/{customer.id}?done=saved")


@routes.post(ONE + "/numbers")
@needs()
async def change_numbers(request: web.Request) -> web.StreamResponse:
    """Add a number (`add`) or take one away (`remove`)."""
    form = await request.post()
    add, remove = typed(field(form, "add")), field(form, "remove")
    number = fold(add, current().country)
    async with request.app[ENGINE].connect() as conn:
        customer = await opened(conn, request)
        people = await managers.shown(conn, customer.profile.manager)
    if add and number is None:
        said = {**written_of(customer.profile), "numbers": "\n".join((*customer.profile.numbers, add))}
        wrong = {"numbers": [_("{value} is not a phone number.").format(value=add[:60])]}
        view = dataclasses.replace(_edit(customer, said, people), errors=wrong)
        return page(request, "customer_edit.html", view, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            if number is not None:
                await customers.add_number(conn, customer.id, number)
            elif remove:
                await customers.remove_number(conn, customer.id, remove)
            await note_act(request, conn, "customer.change", customer.id)
    except NumberTaken as taken:
        said = {**written_of(customer.profile), "numbers": "\n".join((*customer.profile.numbers, add))}
        return page(request, "customer_edit.html", _taken(_edit(customer, said, people), taken), status=409)
    tell(request, customer.id)
    raise web.HTTPSeeOther(f"{PATH}/{customer.id}?done=saved")


@routes.post(ONE + "/notes")
@needs()
async def add_note(request: web.Request) -> web.StreamResponse:
    text = field(await request.post(), "text")
    async with request.app[ENGINE].begin() as conn:
        customer = await opened(conn, request)
        if text.strip():
            await customer_notes.add(conn, customer.id, user_of(request).id, text)
    tell(request, customer.id)
    raise web.HTTPSeeOther(f"{PATH}/{customer.id}#notes")


async def opened(conn: AsyncConnection, request: web.Request, name: str = "id") -> Customer:
    """The customer the address names. Raises 404."""
    customer = await customers.get(conn, request.match_info[name])
    if customer is None:
        raise web.HTTPNotFound
    return customer


def tell(request: web.Request, customer_id: str) -> None:
    """Pages that show this customer fetch it anew."""
    request.app[BUS].publish(f"customer:{customer_id}", {"id": customer_id})


async def note_act(request: web.Request, conn: AsyncConnection, act: str, customer_id: str, **details: str) -> None:
    """Write down who did what, in the transaction that does it."""
    await audit.add(
        conn,
        actor=user_of(request).name,
        act=act,
        subject=f"customer:{customer_id}",
        details=details or None,
        address=address_of(request),
        at=current().now,
    )


async def _view(conn: AsyncConnection, request: web.Request, customer: Customer) -> CustomerView:
    about = CallFilter(customer_id=customer.id)
    try:
        found = await calls.page(conn, about, limit=HISTORY, after=request.query.get("after"))
    except BadCursor:
        found = await calls.page(conn, about, limit=HISTORY)
    lately = await calls.summary(conn, dataclasses.replace(about, since=current().now - LATELY))
    notes = await customer_notes.of_customer(conn, customer.id)
    names = await author_names(conn, [note.author for note in notes])
    merges = await customer_merges.of_customer(conn, customer.id)
    asked = await survey_answers.of_customer(conn, customer.id)
    gone = await desk.names_of(conn, [merge.gone for merge in merges])
    manager = await users.get(conn, customer.profile.manager) if customer.profile.manager else None
    seen, bounds = await rfm.of_customer(conn, customer.id), await rfm.bounds(conn)
    return CustomerView(
        now=current().now,
        customer=customer,
        person=person(customer),
        manager=manager.display_name if manager else "",
        standing=customer_groups.standing(seen, bounds) if seen and bounds else None,
        figures=[*figures_of(await calls.count(conn, about), lately), *scores_of(asked)],
        surveys=customer_surveys.lines(await survey_history.of_calls(conn, [row.id for row in found.rows])),
        lines=await lines_of(conn, found.rows, user_of(request)),
        follow_ups=await follow_up_about.of_customer(conn, user_of(request), customer.id, current().now),
        notes=[
            NoteLine(author=names.get(note.author, _("Import")), text=note.text, at=note.written_at) for note in notes
        ],
        merges=[Merged(merge=merge, name=gone.get(merge.gone, "")) for merge in merges],
        older=f"{PATH}/{customer.id}?after={found.next}#history" if found.next else None,
        newer=f"{PATH}/{customer.id}?after={found.previous}#history" if found.previous else None,
    )


def _new(written: Mapping[str, str], people: Mapping[str, str]) -> EditView:
    return EditView(id=None, title=_("New customer"), version=0, written=written, people=people)


def _edit(customer: Customer, written: Mapping[str, str], people: Mapping[str, str]) -> EditView:
    title = customer.profile.name or number_title(customer)
    return EditView(id=customer.id, title=title, version=customer.version, written=written, people=people)


def _taken(view: EditView, taken: NumberTaken) -> EditView:
    sentence = _("{value} belongs to another customer.").format(value=taken.number)
    owner = (taken.owner_id, taken.owner_name or taken.number)
    return dataclasses.replace(view, errors={"numbers": [sentence]}, owner=owner)


def _done(request: web.Request, customer: Customer) -> Done | None:
    texts = {
        "created": _("The customer was added."),
        "saved": _("The profile was saved."),
        "merged": _("The two profiles are one now."),
        "unmerged": _("The merge was taken back."),
    }
    done = request.query.get("done", "")
    if done not in texts:
        return None
    merge = request.query.get("who", "")
    undo = f"{PATH}/{customer.id}/merges/{merge}/undo" if done == "merged" and merge.isalnum() else ""
    return Done(text=texts[done], undo=undo)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
