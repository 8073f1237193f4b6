"""Whether somebody did what the roster says: their states laid beside it, second by second.

In adherence: at work while work is scheduled (a pause for a reason that counts as work too), paused for a break or away
while a break or lunch is, in a pause that counts as work or away from the phone while training is. Who works on into
their break is out of adherence, as elsewhere. Conformance: time worked of the time that was to be worked, whenever.
Times in which nobody's states were known, and those still to come, count for neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Generic, Literal, Protocol, TypeVar

from cxcall.staffing.shift import Activity, Shift, flat

GRACE = 60.0
"""Seconds from which a difference is named; it counts from the first."""

Doing = Literal["working", "busy", "resting", "away"]
"""At the phone; paused for something that counts as work; paused for a break; signed out."""

Kind = Literal[
    "missing", "late", "early_leave", "long_break", "early_break", "extra_break", "away", "worked_break",
    "missed_training",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time of one state: `state` and `reason` as the history of agents has them, one after the other, never two at
    once."""

    state: str
    since: datetime
    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A time in which neither roster nor doing changed. `planned` None: nothing was."""

    since: datetime
    until: datetime
    planned: Activity | None
    doing: Doing
    adheres: bool

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptional:
    """A difference between roster and doing, longer than GRACE."""

    kind: Kind
    since: datetime
    until: datetime
    planned: Activity | None

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """Seconds: `scheduled` (absences are not), of them `adhered`; `to_work` (work and training) and `worked` at any
    time of the period."""

    scheduled: float
    adhered: float
    to_work: float
    worked: float
    unknown: float
    exceptions: tuple[Exceptional, ...]
    pieces: tuple[Piece, ...]

    @property
    def share(self) -> float | None:
        """Adherence, None where nothing was scheduled."""
        return self.adhered / self.scheduled if self.scheduled else None

    @property
    def conformance(self) -> float | None:
        """Conformance; above 1 where somebody worked longer than they had to."""
        return self.worked / self.to_work if self.to_work else None


def doing(state: str | None, reason: str, counts_as: Mapping[str, str]) -> Doing:
    """What a state means for the roster; a reason nobody knows is a break."""
    if state is None or state == "offline":
        return "away"
    if state == "paused":
        return "busy" if counts_as.get(reason) == "work" else "resting"
    return "working"


def adheres(planned: Activity, did: Doing) -> bool:
    if planned == "work":
        return did in ("working", "busy")
    if planned == "training":
        return did in ("busy", "away")
    return did in ("resting", "away")


def compare(
    shifts: Iterable[Shift],
    spells: Sequence[Spell],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    unknown: Sequence[tuple[datetime, datetime]] = (),
    counts_as: Mapping[str, str] | None = None,
) -> Adherence:
    """One person's roster and states in [since, until), up to `now`; `unknown` are times nobody was watched in."""
    plan = flat(shifts)
    until = min(until, now)
    pieces = list(_pieces(plan, spells, since, until, unknown, counts_as or {}))
    known = [piece for piece in pieces if piece is not None]
    planned = [piece for piece in known if piece.planned not in (None, "absent")]
    hidden = sum(
        (min(end, until) - max(begin, since)).total_seconds() for begin, end in unknown if begin < until and end > since
    )
    return Adherence(
        scheduled=sum(piece.seconds for piece in planned),
        adhered=sum(piece.seconds for piece in planned if piece.adheres),
        to_work=sum(piece.seconds for piece in planned if piece.planned in ("work", "training")),
        worked=sum(
            piece.seconds
            for piece in known
            if piece.doing in ("working", "busy") or (piece.planned == "training" and piece.adheres)
        ),
        unknown=hidden,
        exceptions=tuple(_exceptions(plan, known, until)),
        pieces=tuple(known),
    )


def _pieces(
    plan: Sequence[Shift],
    spells: Sequence[Spell],
    since: datetime,
    until: datetime,
    unknown: Sequence[tuple[datetime, datetime]],
    counts_as: Mapping[str, str],
) -> Iterable[Piece | None]:
    """The period cut wherever anything changes; None where nobody was watched. Neighbours that are alike are one."""
    hidden = [_Hidden(*pair) for pair in unknown]
    lasting: list[_Lasting] = [*plan, *spells, *hidden]
    cuts = {since, until} | {edge for one in lasting for edge in (one.since, one.until)}
    edges = sorted(edge for edge in cuts if since <= edge <= until)
    planned_at, state_at, hidden_at = _Finder(plan), _Finder(spells), _Finder(hidden)
    last: Piece | None = None
    for begin, end in pairwise(edges):
        shift, spell = planned_at(begin), state_at(begin)
        if hidden_at(begin) is not None:
            yield last
            last = None
            continue
        planned = shift.activity if shift is not None else None
        did = doing(spell.state, spell.reason, counts_as) if spell is not None else "away"
        if last is not None and (last.planned, last.doing) == (planned, did):
            last = replace(last, until=end)
            continue
        yield last
        right = planned is None or planned == "absent" or adheres(planned, did)
        last = Piece(since=begin, until=end, planned=planned, doing=did, adheres=right)
    yield last


class _Lasting(Protocol):
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class _Hidden:
    since: datetime
    until: datetime


L = TypeVar("L", bound=_Lasting)


class _Finder(Generic[L]):
    """What lasts at a moment, asked for moments in their order."""

    def __init__(self, things: Iterable[L]) -> None:
        self._coming = sorted(things, key=lambda one: one.since, reverse=True)
        self._last: L | None = None

    def __call__(self, at: datetime) -> L | None:
        while self._coming and self._coming[-1].since <= at:
            self._last = self._coming.pop()
        return self._last if self._last is not None and self._last.until > at else None


def _exceptions(plan: Sequence[Shift], pieces: Sequence[Piece], until: datetime) -> Iterable[Exceptional]:
    for begins, ends in _blocks(plan):
        inside = [piece for piece in pieces if begins <= piece.since < ends]
        over = ends <= until
        if over and inside and not any(piece.doing in ("working", "busy") for piece in inside):
            if sum(piece.seconds for piece in inside if not piece.adheres) > GRACE:
                yield Exceptional(kind="missing", since=begins, until=ends, planned="work")
            continue
        for before, off, after in _runs(inside):
            found = Exceptional(
                kind=_kind(off, before, after, begins=begins, ends=ends if over else None),
                since=off[0].since, until=off[-1].until, planned=off[0].planned,
            )  # fmt: skip
            if found.seconds > GRACE:
                yield found


def _blocks(plan: Sequence[Shift]) -> Iterable[tuple[datetime, datetime]]:
    """From when until when somebody was to be there, breaks included."""
    begins: datetime | None = None
    ends: datetime | None = None
    for one in plan:
        if one.activity == "absent":
            continue
        if begins is None or ends is None or one.since > ends:
            if begins is not None and ends is not None:
                yield begins, ends
            begins = one.since
        ends = one.until
    if begins is not None and ends is not None:
        yield begins, ends


def _runs(pieces: Sequence[Piece]) -> Iterable[tuple[Piece | None, list[Piece], Piece | None]]:
    """Pieces out of adherence that follow each other under the same plan, with what was before and after them."""
    place = 0
    while place < len(pieces):
        end = place + 1
        if not pieces[place].adheres:
            while (
                end < len(pieces)
                and not pieces[end].adheres
                and pieces[end].planned == pieces[place].planned
                and pieces[end].since == pieces[end - 1].until
            ):
                end += 1
            after = pieces[end] if end < len(pieces) else None
            yield (pieces[place - 1] if place else None), list(pieces[place:end]), after
        place = end


def _kind(
    off: Sequence[Piece], before: Piece | None, after: Piece | None, *, begins: datetime, ends: datetime | None
) -> Kind:
    """`ends` None: the shift goes on still."""
    if off[0].planned == "training":
        return "missed_training"
    if off[0].planned != "work":
        return "worked_break"
    if off[0].since == begins:
        return "late"
    if off[-1].until == ends:
        return "early_leave"
    rests = ("break", "lunch")
    if before is not None and before.planned in rests and before.adheres and before.until == off[0].since:
        return "long_break"
    if after is not None and after.planned in rests and after.adheres and after.since == off[-1].until:
        return "early_break"
    return "away" if max(off, key=lambda piece: piece.seconds).doing == "away" else "extra_break"
