"""`/rosters`: who is to do what when, as an export of a planning system writes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec

from cxcall.staffing.roster import MOST_LINES, length_is_right, overlapping
from cxcall.staffing.shift import Activity, Shift
from cxcall.store import rosters, users
from cxcall.store.rosters import Clash
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

LONGEST = timedelta(days=400)

Agent = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="Id of a user.")]


class RosterQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries that touch the time from `since` to `until`, of one `agent` or of all."""

    since: Time
    until: Time
    agent: str = ""


class RosterEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`agent`: id of a user. Breaks, lunch, training and absences are laid over work; no entry is longer than a day."""

    agent: Agent
    since: Time
    until: Time
    activity: Activity = "work"


class RosterList(msgspec.Struct, frozen=True, kw_only=True):
    """Entries by agent and time."""

    items: list[RosterEntry]


class NewRoster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in place of all entries that begin from `since` to `until`, of `agents`; without `agents` of those
    named in `items`."""

    since: Time
    until: Time
    items: Annotated[list[RosterEntry], msgspec.Meta(max_length=MOST_LINES)]
    agents: Annotated[list[Agent], msgspec.Meta(max_length=10_000)] = []


class RosterChange(msgspec.Struct, frozen=True, kw_only=True):
    """What was done; people can take it back on the page of the roster for 90 days."""

    id: str
    at: Time
    added: int
    removed: int


async def list_roster(asked: Asked[RosterQuery, None]) -> RosterList:
    _right_span(asked.query.since, asked.query.until)
    only = [asked.query.agent] if asked.query.agent else None
    async with asked.engine.connect() as conn:
        found = await rosters.entries(conn, since=asked.query.since, until=asked.query.until, users_ids=only)
    return RosterList(items=[_shown(entry.shift) for entry in found])


async def replace_roster(asked: Asked[None, NewRoster]) -> RosterChange:
    """All of it or nothing. 409 where an entry would lie over one that begins outside the time."""
    body = asked.body
    _right_span(body.since, body.until)
    async with asked.engine.begin() as conn:
        known = {user.id for user in await users.everyone(conn)}
        shifts = _checked(body, known)
        try:
            change = await rosters.replace(
                conn, shifts, since=body.since, until=body.until, by=asked.who.name, now=asked.now,
                agents=body.agents or None,
            )  # fmt: skip
        except Clash as clash:
            there = _shown(clash.others[0])
            raise Problem(409, f"An entry lies over one of {there.since.isoformat()} of the same agent.") from clash
        await note_act(asked, conn, "roster.replace", f"roster:{change.id}", {"added": change.added})
    return RosterChange(id=change.id, at=change.at, added=change.added, removed=change.removed)


def _checked(body: NewRoster, known: set[str]) -> list[Shift]:
    errors = []
    for place, item in enumerate(body.items):
        if item.agent not in known:
            errors.append({"detail": "There is no such user.", "pointer": f"#/items/{place}/agent"})
        if not length_is_right(item.since, item.until):
            detail = "An entry ends after it begins, and within a day."
            errors.append({"detail": detail, "pointer": f"#/items/{place}/until"})
        elif not body.since <= item.since < body.until:
            detail = "An entry begins in the time that is replaced."
            errors.append({"detail": detail, "pointer": f"#/items/{place}/since"})
    shifts = [
        Shift(agent=item.agent, since=item.since, until=item.until, activity=item.activity) for item in body.items
    ]
    if not errors and (pair := overlapping(shifts)):
        place = shifts.index(pair[1])
        errors.append({"detail": "It lies over another entry of the same agent.", "pointer": f"#/items/{place}"})
    if errors:
        raise Problem(422, "This can't be a roster, see errors.", errors=errors[:100])
    return shifts


def _right_span(since: datetime, until: datetime) -> None:
    if not timedelta() < until - since <= LONGEST:
        raise Problem(422, "until is after since, by 400 days at most.")


def _shown(shift: Shift) -> RosterEntry:
    return RosterEntry(agent=shift.agent, since=shift.since, until=shift.until, activity=shift.activity)


_ALL: dict[str, Any] = {"tag": "agents", "roles": tuple(sorted(OVERSEERS))}
ENDPOINTS = (
    Endpoint(method="GET", path="/rosters", handler=list_roster, summary="Who is to do what when",
             scope=Scope.AGENTS_READ, query=RosterQuery, gives=RosterList, **_ALL),
    Endpoint(method="PUT", path="/rosters", handler=replace_roster, summary="Replace a part of the roster",
             scope=Scope.AGENTS_WRITE, body=NewRoster, gives=RosterChange, problems=(409,), **_ALL),
)  # fmt: skip
