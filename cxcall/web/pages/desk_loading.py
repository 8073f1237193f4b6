"""Reads what the desk shows: a handful of indexed queries on one connection, quick enough to be done at every ring."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.routing.call_back import PREFIX, CallBack
from cxcall.store import call_backs, calls, customer_notes, customers, desk, users
from cxcall.store.calls import CallFilter, CallRow
from cxcall.store.customers import Customer
from cxcall.store.desk_card import desk_card
from cxcall.web.access import SignedIn
from cxcall.web.pages.desk_calls import MyCall, Phones, is_at, missed, my_calls, my_end, my_talk
from cxcall.web.pages.desk_member import Duty
from cxcall.web.pages.desk_shift import Shift
from cxcall.web.pages.desk_view import (
    NO_SHIFT,
    CallView,
    CustomerCard,
    DeskView,
    Fact,
    LastView,
    Line,
    MissedView,
    NoteLine,
    NoteView,
    missed_view,
    notices_of,
    state_of,
)
from cxcall.web.pages.intents import said as wishes
from cxcall.web.pages.labels import DIRECTIONS, ENDED_BY, OUTCOMES
from cxcall.web.pages.people import LANGUAGES, TIERS, person
from cxcall.web.pages.routing import why
from cxcall.web.presentation import Presentation
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

WRAP_FOR = timedelta(minutes=60)
"""How long an ended call waits for its notes to be finished."""
MISSED_FOR = timedelta(minutes=15)
RECENT = 7
MINE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the agent has put away: the call whose wrap-up is finished, the missed offer that was seen."""

    finished: str = ""
    seen: str = ""


async def load(
    conn: AsyncConnection,
    user: SignedIn,
    shown: Presentation,
    duty: Duty,
    done: Done,
    *,
    refused: str = "",
    muted: frozenset[str] = frozenset(),
    shift: Shift = NO_SHIFT,
) -> DeskView:
    """The desk of `user` now. `refused`: why the last act was not done; `muted`: channels we silenced."""
    phones, now = user.phones, shown.now
    if not phones:
        return DeskView(now=now, phones=(), title=_("Desktop"), state=state_of(None, duty, phones, shift))
    mine = my_calls(await desk.in_progress_at(conn, phones), phones)
    begun = user.seat.since if user.seat else None  # what the phone did before was somebody else's
    own_rows = (await calls.page(conn, CallFilter(extension=user.past_phones), limit=MINE)).rows
    current = next((call for call in mine if call.state != "ringing"), None)
    ended = None if current else await _ended(conn, own_rows, mine, phones, now, done)
    rings = [call for call in mine if call.state == "ringing"]
    pop = rings[0] if rings and current is None else None
    promised = await _promised(conn, mine)
    theirs = [one.customer_id for one in promised.values() if one.customer_id]
    known = await customers.many(conn, [id_ for call in mine if (id_ := call.record.caller.customer_id)] + theirs)
    said = await wishes.of_calls(conn, [call.record.id for call in mine])
    views = [
        dataclasses.replace(_call_view(call, known, muted, promised.get(call.record.id)), wish=said.get(call.record.id))
        for call in mine
    ]
    top = next((view for view, call in zip(views, mine, strict=True) if call is current), None)
    popped = next((view for view, call in zip(views, mine, strict=True) if call is pop), None)
    if pop is not None and popped is not None:
        popped = dataclasses.replace(popped, why=await why.short(conn, pop.record))
    if current is not None and top is not None:
        top = dataclasses.replace(top, why=await why.short(conn, current.record))
    wrap, wrapped = await _wrap(conn, ended, phones)
    subject = current.record if current else ended
    missed_now = None if mine else await _missed(conn, phones, now, done, begun)
    return DeskView(
        now=now,
        phones=phones,
        title=_title(popped, top, wrap),
        state=state_of(current or pop, duty, phones, shift),
        duty=duty,
        shift=shift,
        notices=notices_of(duty, phones, refused, shift, now),
        call=top,
        pop=await _popped(conn, popped, known.get(popped.person.id or ""), now) if popped else None,
        wrap=wrap,
        others=[view for view, call in zip(views, mine, strict=True) if call is not current and call is not pop],
        missed=missed_now,
        customer=await _card(conn, _customer_of(subject, known, wrapped)),
        recent=await _recent(conn, subject, user),
        mine=[_line(row) for row in own_rows] if subject is None else (),
        note=await _note(conn, subject.id, user) if subject else None,
        day=await desk.day(conn, user.past_phones, midnight(shown)),
    )


def midnight(shown: Presentation) -> datetime:
    """When the site's day of the request began."""
    return shown.local(shown.now).replace(hour=0, minute=0, second=0, microsecond=0)


def _title(pop: CallView | None, call: CallView | None, wrap: CallView | None) -> str:
    if pop is not None:
        return f"☎ {pop.spoken or _('Anonymous caller')}"
    who = call or wrap
    if who is not None:
        return _("Call with %(who)s") % {"who": who.spoken or _("Anonymous caller")}
    return _("Desktop")


async def _ended(
    conn: AsyncConnection, rows: Sequence[CallRow], mine: Sequence[MyCall], phones: Phones, now: datetime, done: Done
) -> CallRecord | None:
    """The last call the agent talked on, while its notes are not finished."""
    going_on = {call.record.id for call in mine}
    row = next((row for row in rows if row.id not in going_on), None)
    if row is None or row.id == done.finished or row.answered_at is None:
        return None
    record = await calls.get(conn, row.id)
    end = my_end(record, phones) if record else None
    return record if end is not None and now - end < WRAP_FOR else None


async def _wrap(
    conn: AsyncConnection, record: CallRecord | None, phones: Phones
) -> tuple[CallView | None, Customer | None]:
    if record is None:
        return None, None
    id_ = record.caller.customer_id
    customer = await customers.get(conn, id_) if id_ else None
    placed = any(leg.role == "caller" and is_at(leg.channel, phones) for leg in record.legs)
    visit = next((visit for visit in reversed(record.queue_visits) if visit.result == "answered"), None)
    end = my_end(record, phones)
    view = CallView(
        id=record.id,
        person=person(customer, None if placed else record.caller.name),
        number=record.called if placed else record.caller.number,
        state="ended",
        since=end or record.started_at or datetime.min,  # noqa: DTZ901 - a record without any time is not shown
        queue=visit.queue if visit else None,
        wait=visit.wait if visit else None,
        talk=my_talk(record, phones),
        direction=record.direction,
        ended_by=ENDED_BY[record.ended_by] if record.ended_at else N_("You passed the call on"),
    )
    return view, customer


async def _missed(
    conn: AsyncConnection, phones: Phones, now: datetime, done: Done, begun: datetime | None
) -> MissedView | None:
    records = await desk.offered_at(conn, phones, max(now - MISSED_FOR, begun) if begun else now - MISSED_FOR)
    found = missed(records, phones, now, MISSED_FOR)
    if found is None or found.key == done.seen:
        return None
    id_ = found.record.caller.customer_id
    customer = await customers.get(conn, id_) if id_ else None
    return missed_view(found, person(customer, found.record.caller.name).name)


async def _promised(conn: AsyncConnection, mine: Sequence[MyCall]) -> dict[str, CallBack]:
    """The call-backs among the agent's calls, by call."""
    found: dict[str, CallBack] = {}
    for call in mine:
        if PREFIX in call.record.id:
            one = await call_backs.of_call(conn, call.record.id)
            if one is not None:
                found[call.record.id] = one
    return found


def _call_view(
    call: MyCall, known: Mapping[str, Customer], muted: frozenset[str], promised: CallBack | None
) -> CallView:
    customer = known.get(call.record.caller.customer_id or (promised.customer_id if promised else "") or "")
    visit = call.visit
    waits = call.state == "ringing" and visit is not None
    view = CallView(
        id=call.record.id,
        person=person(customer, call.name),
        number=call.number,
        state=call.state,
        since=call.since,
        talking_since=call.talking_since,
        held_by_me=call.held_by_me,
        muted=call.leg.channel in muted,
        queue=visit.queue if visit else None,
        waiting_since=visit.joined_at if visit and waits else None,
        wait=visit.wait if visit else None,
        direction=call.record.direction,
        can_pass=waits,
        first_contact=customer is not None and customer.first_contact,
        consulted=call.consultant,
    )
    return view if promised is None else _called_back(view, promised, customer)


def _called_back(view: CallView, promised: CallBack, customer: Customer | None) -> CallView:
    """Who is called back, also before their number is dialled; they wait since they first joined."""
    return dataclasses.replace(
        view,
        call_back=promised,
        person=person(customer, promised.name or None),
        number=promised.number,
        queue=promised.queue,
        waiting_since=promised.joined_at if view.state == "ringing" else None,
    )


async def _popped(conn: AsyncConnection, pop: CallView, customer: Customer | None, now: datetime) -> CallView:
    """The ringing call with what is known of the caller: earlier calls, the last note."""
    if customer is None:
        return pop
    card = await desk_card(conn, customer, now=now, call_id=pop.id)
    last = card.last_call
    notes = await desk.notes_on(conn, [last.id]) if last else []
    return dataclasses.replace(
        pop,
        this_week=card.calls_lately + 1,
        calls=card.calls_total,
        last=LastView(at=last.started_at, label=OUTCOMES[last.outcome]) if last else None,
        last_agent=card.last_agent,
        said=notes[-1].text if notes else card.last_note or "",
        first_contact=card.first_contact,
    )


def _customer_of(record: CallRecord | None, known: Mapping[str, Customer], wrapped: Customer | None) -> Customer | None:
    if record is None:
        return None
    return known.get(record.caller.customer_id or "") or wrapped


async def _card(conn: AsyncConnection, customer: Customer | None) -> CustomerCard | None:
    if customer is None:
        return None
    profile = customer.profile
    facts: list[Fact] = [Fact(name=N_("Number"), value=number, kind="phone") for number in profile.numbers]
    facts += [Fact(name=N_("E-mail"), value=email, kind="code") for email in profile.emails]
    facts += [Fact(name=N_("Company"), value=profile.company)] if profile.company else []
    facts += [Fact(name=N_("City"), value=profile.city)] if profile.city else []
    facts += [Fact(name=N_("Tier"), value=TIERS[profile.tier], kind="word")] if profile.tier else []
    facts += [Fact(name=N_("Language"), value=LANGUAGES[profile.language], kind="word")] if profile.language else []
    manager = await users.get(conn, profile.manager) if profile.manager else None
    facts += [Fact(name=N_("Account manager"), value=manager.display_name)] if manager else []
    since = customer.first_contact_at or customer.created_at
    facts.append(Fact(name=N_("Customer since"), value=since, kind="date"))
    notes = await customer_notes.of_customer(conn, customer.id)
    names = await author_names(conn, [note.author for note in notes[:2]])
    return CustomerCard(
        id=customer.id,
        name=profile.name,
        facts=tuple(facts),
        tags=profile.tags,
        notes=tuple(
            NoteLine(author=names.get(note.author, ""), text=note.text, at=note.written_at) for note in notes[:2]
        ),
    )


async def _recent(conn: AsyncConnection, record: CallRecord | None, user: SignedIn) -> list[Line]:
    """Earlier calls of the customer in `record`, newest first, with their notes."""
    if record is None or record.caller.customer_id is None:
        return []
    found = await calls.page(conn, CallFilter(customer_id=record.caller.customer_id), limit=RECENT)
    return await lines_of(conn, [row for row in found.rows if row.id != record.id], user)


async def lines_of(conn: AsyncConnection, rows: Sequence[CallRow], user: SignedIn) -> list[Line]:
    """Calls of a customer with the notes on them; an agent may open those of the own phones."""
    ids = [row.id for row in rows]
    notes = await desk.notes_on(conn, ids)
    names = await author_names(conn, [note.author for note in notes])
    own = set(ids) if user.oversees else await desk.at_phones(conn, ids, user.extensions or user.phones)
    written: dict[str, tuple[NoteLine, ...]] = {}
    for note in notes:
        line = NoteLine(author=names.get(note.author, ""), text=note.text, at=note.saved_at)
        written[note.call_id] = (*written.get(note.call_id, ()), line)
    return [_line(row, written.get(row.id, ()), may_open=row.id in own) for row in rows]


async def _note(conn: AsyncConnection, call_id: str, user: SignedIn) -> NoteView:
    written = await desk.notes_on(conn, [call_id])
    own = next((note for note in written if note.author == user.id), None)
    names = await author_names(conn, [note.author for note in written if note.author != user.id])
    return NoteView(
        call_id=call_id,
        version=own.version if own else 0,
        text=own.text if own else "",
        others=tuple(
            NoteLine(author=names.get(note.author, note.author), text=note.text, at=note.saved_at)
            for note in written
            if note.author != user.id
        ),
    )


async def author_names(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    """Names of the people who wrote notes, by user id."""
    found = [await users.get(conn, id_) for id_ in dict.fromkeys(ids)]
    return {user.id: user.display_name or user.name for user in found if user is not None}


def _line(row: CallRow, notes: tuple[NoteLine, ...] = (), *, may_open: bool = True) -> Line:
    outbound = row.direction == "outbound"
    return Line(
        id=row.id,
        at=row.started_at,
        name=row.customer_name or ("" if outbound else row.caller_name) or "",
        number=(row.party_number or row.called) if outbound else row.caller_number,
        queue=row.queue,
        agent=row.agent,
        talk=row.talk,
        label=OUTCOMES[row.outcome],
        icon=DIRECTIONS[row.direction].icon,
        notes=notes,
        wait=row.wait,
        may_open=may_open,
    )
