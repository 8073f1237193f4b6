"""Who is who in a call: the caller, the roles of the legs, the joined-up talks, the direction."""

from __future__ import annotations

from cxcall.calls.directions import endpoint
from cxcall.calls.graph import Channel
from cxcall.calls.outcomes import leg_result, offered_to
from cxcall.calls.record import Direction, LegResult, LegRole
from cxcall.calls.story import Attempt, Story, Talk, Visit

SEAM = 0.15
"""Seconds: a pair that parts and meets again sooner was only re-plugged (optimisation, re-INVITE), not parted."""


class JoinedTalk:
    """A pair's talk without seams; `one` is of this call, the caller where they take part."""

    __slots__ = ("one", "other", "over", "since", "until")

    def __init__(self, talk: Talk, one: Channel, other: Channel) -> None:
        self.one = one
        self.other = other
        self.since = talk.since
        self.until = talk.until
        self.over = talk.over


class Cast:
    """The people of one story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        parties = [channel for channel in story.channels if channel.kind == "party"]
        self.caller = _caller(story, parties)
        self.attempts: dict[str, Attempt] = {a.dest_uid: a for v in story.visits for a in v.attempts if a.dest_uid}
        for visit in story.visits:
            if visit.agent_uid and visit.agent_uid not in self.attempts:
                self.attempts[visit.agent_uid] = self._unseen_offer(visit, parties)
        self.legs = sorted(parties, key=lambda leg: (leg is not self.caller, leg.born_at or 0.0))
        offered = set(self.attempts)
        self.offers = {leg: offered_to(leg, offered) for leg in self.legs}
        self.behind: dict[str, list[Channel]] = {}
        for leg, uid in self.offers.items():
            if uid is not None:
                self.behind.setdefault(uid, []).append(leg)
        self.by_uid = {channel.uid: channel for channel in story.channels}
        self.talks = self._join()

    def _unseen_offer(self, visit: Visit, parties: list[Channel]) -> Attempt:
        """The offer to who has the caller, where none was seen: before the stream began, or another picked it up."""
        member, interface = visit.member, visit.interface
        taker = next((leg for leg in parties if leg.uid == visit.agent_uid), None)
        if taker is not None and visit.attempts and interface != endpoint(taker.name):
            interface = endpoint(taker.name)
            known = [a.member for v in self.story.visits for a in v.attempts if a.interface == interface]
            member = known[0] if known else None
        return Attempt(visit.connected_at, visit.agent_uid, member, interface)

    def attempt(self, leg: Channel) -> Attempt | None:
        """The queue's offer for whose sake this leg was rung."""
        uid = self.offers.get(leg)
        return None if uid is None else self.attempts[uid]

    def role(self, leg: Channel) -> LegRole:
        if leg is self.caller:
            return "caller"
        if self.attempt(leg) is not None:
            return "agent"
        if leg in self.story.consulted or _root_is_consultation(leg):
            return "consultant"
        twin = self._first_of_device(leg)
        if twin is not None:
            return "device" if twin is self.caller else self.role(twin)
        return "callee"

    def result(self, leg: Channel) -> LegResult | None:
        """What became of a rung leg; one that a queue gave up on rang out, even if a Local pair says cancelled."""
        result = leg_result(leg)
        attempt = self.attempt(leg)
        if result == "cancelled" and attempt is not None and attempt.rang_out_at is not None:
            return "no_answer"
        return result

    def agent_name(self, leg: Channel) -> str | None:
        """The queue member's name, else its interface, for a leg that is (the device of) a queue's agent."""
        attempt = self.attempt(leg)
        if attempt is None and leg is not self.caller:
            twin = self._first_of_device(leg)
            attempt = None if twin is None else self.attempt(twin)
        return None if attempt is None else attempt.member or attempt.interface

    def _first_of_device(self, leg: Channel) -> Channel | None:
        """The earlier leg of the same phone: its first line, for the line that consults; an agent rung once more."""
        if leg.outside:
            return None
        device = endpoint(leg.name)
        first = next((other for other in self.legs if endpoint(other.name) == device), leg)
        if first is leg or (leg.dialled_at is not None and self.attempt(first) is None):
            return None
        return first

    def number(self, leg: Channel) -> str | None:
        """The leg's number: its own as first seen; of a line that was rung, the number that was dialled on it."""
        if leg.dialled_at is not None and leg.outside:
            return leg.dial_number or leg.number
        if leg.number is not None:
            return leg.number
        return leg.dial_number or _digits(leg.name)

    def direction(self) -> Direction:
        caller = self.caller
        if caller is None:
            return "unknown"
        rung = [leg for leg in self.legs if leg is not caller and leg.dialled_at is not None]
        if self.story.originated:
            if caller.outside or any(leg.outside for leg in rung):
                return "outbound"
            return "internal" if rung or self.story.visits else "unknown"
        first = min(rung, key=lambda leg: leg.dialled_at or 0.0, default=None)
        leads_out = first is not None and first.outside and self.attempt(first) is None
        if caller.found:
            return "outbound" if leads_out and _digits(caller.name) is not None else _direction_of_found(caller)
        if caller.outside:
            return "inbound"
        return "outbound" if leads_out else "internal"

    def reached(self) -> bool:
        """Whether the caller and a person (or, where no phone is seen behind a queue's member, the member) talked."""
        if any(self.caller in (talk.one, talk.other) for talk in self.talks):
            return True
        if self.caller is None or self.caller.found:
            return bool(self.talks) or any(visit.connected for visit in self.story.visits)
        return any(visit.connected and self._faceless(visit.agent_uid) for visit in self.story.visits)

    def answered_at(self) -> float | None:
        """The first moment the caller shared a bridge with a person."""
        mine = [talk.since for talk in self.talks if self.caller in (talk.one, talk.other)]
        if mine:
            known = [at for at in mine if at is not None]
            return min(known) if len(known) == len(mine) else None
        if self.reached():
            return min((v.connected_at for v in self.story.visits if v.connected_at is not None), default=None)
        return None

    def faceless_agent(self) -> Channel | None:
        """The channel that stands for the last connected member, where no phone is seen behind it."""
        visit = next((v for v in reversed(self.story.visits) if v.connected), None)
        if visit is None or not self._faceless(visit.agent_uid):
            return None
        return self.by_uid.get(visit.agent_uid)

    def _faceless(self, uid: str) -> bool:
        """Whether no phone was ever rung behind this member."""
        return uid not in self.behind

    def _join(self) -> list[JoinedTalk]:
        joined: list[JoinedTalk] = []
        last: dict[frozenset[str], JoinedTalk] = {}
        place = {leg: index for index, leg in enumerate(self.legs)}
        for talk in sorted(self.story.talks, key=lambda talk: talk.since or 0.0):
            if talk.a.kind != "party" or talk.b.kind != "party":
                continue  # one of them turned out to be a spy
            pair = frozenset((talk.a.uid, talk.b.uid))
            before = last.get(pair)
            if before is not None and before.over and (talk.since or 0.0) - (before.until or 0.0) <= SEAM:
                before.until, before.over = talk.until, talk.over
                continue
            one, other = sorted((talk.a, talk.b), key=lambda leg: place.get(leg, len(place)))
            last[pair] = JoinedTalk(talk, one, other)
            joined.append(last[pair])
        return joined


def _caller(story: Story, parties: list[Channel]) -> Channel | None:
    """The call's first channel; of a call that Asterisk was told to make, the phone that was rung (and came) first."""
    if not parties:
        return None
    first = story.channels[0]
    if first.kind == "party" and (story.originated or first.uid == story.linked[0]):
        return first
    if first.kind == "local":
        came = [leg for leg in parties if leg.answered_at is not None]
        return min(came, key=lambda leg: leg.answered_at or 0.0) if came else parties[0]
    return next((leg for leg in parties if leg.uid == story.linked[0]), parties[0])


def _root_is_consultation(leg: Channel) -> bool:
    """A leg rung over a Local pair that nobody dialled: an attended transfer by feature code makes such a pair."""
    here = leg
    for _ in range(16):
        source = here.dialled_by
        if source is None:
            return here.kind == "local" and here.dialled_at is None and not _opened_call(here)
        if source.kind != "local" or source.half is None:
            return False
        here = source.half
    return False


def _opened_call(half: Channel) -> bool:
    """Whether this Local pair is what the call began with."""
    return half.story is None or half.story.channels[0] in (half, half.half)


def _digits(name: str) -> str | None:
    device = endpoint(name).rpartition("/")[2]
    return device if device.isdigit() else None


def _direction_of_found(caller: Channel) -> Direction:
    """A caller who was up before the stream began stands in any context by now: only what fits together is told."""
    device = _digits(caller.name)
    if device is not None and device == caller.number:
        return "internal"
    return "inbound" if caller.outside and device is None else "unknown"
