"""The wallboard's live state: calls, agents and targets in, one picture of the floor out. No I/O, no clock.

Theory of operation
-------------------
The board keeps, for each call, its visits to queues as last told, and nothing it could not count anew. A call that
changes takes its former visits out of the counts and puts its new ones in, so being told the same twice, late or in
another order changes nothing, and a call that becomes part of another is not counted in both. What the database kept
of calls from before the start comes in the same shape; of a call that is also followed live the live one holds.

A visit belongs to the day (of the site's zone) on which it joined. At midnight the counts start anew from the visits of
the new day; who waits goes on waiting.

What depends on the time alone (who waits too long, which quarter of an hour it is) is worked out when someone asks for
the picture `at` a moment, from times as Asterisk told them. So the board of a moment equals what the final records say
of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import tzinfo

from msgspec.structs import replace

from cxcall.calls.board_calls import Feeling, OnAir, Patience, held, needy, on_air
from cxcall.calls.board_days import Day, day_of
from cxcall.calls.board_figures import NO_ANSWERS, Answers, figures
from cxcall.calls.board_lines import SPAN, Lines
from cxcall.calls.board_shapes import BoardSnapshot, QueueFacts, QueueTile, Seat, ServerLife, Shut, queue_key
from cxcall.calls.board_stays import Stay, stays_of
from cxcall.calls.board_tally import Tally
from cxcall.calls.board_tiles import NO_FACTS, Parts, Seating, Shelf, seating
from cxcall.calls.record import CallRecord

Place = tuple[str, str]
"""A queue: server and name."""


class Board:
    """The floor of all servers. Feed it what changes, ask it for the picture `at` a time (epoch seconds)."""

    def __init__(self, zone: tzinfo, patience: Patience | None = None) -> None:
        self.zone = zone
        self.complete = False
        """Whether what was before the start is known; whoever tells the board sets it."""
        self.patience = patience or Patience()
        self._day: Day | None = None
        self._live: dict[str, tuple[Stay, ...]] = {}
        self._kept: dict[str, tuple[Stay, ...]] = {}
        self._tallies: dict[Place, Tally] = {}
        self._waiting: dict[Place, dict[tuple[str, int], float]] = {}
        self._promised: Counter[Place] = Counter()
        self._lines = Lines(self._stays)
        self._shelf = Shelf()
        self._calls: dict[str, OnAir] = {}
        self._feelings: dict[str, Feeling] = {}
        self._facts: dict[Place, QueueFacts] = {}
        self._shut: dict[Place, Shut] = {}
        self._messages: dict[Place, int] = {}
        self._seats: dict[str, Seat] = {}
        self._servers: dict[str, ServerLife] = {}
        self._answers: dict[str, Answers] = {}

    # What is told

    def call(self, record: CallRecord) -> None:
        """A call as it is now."""
        stays = stays_of(record)
        self._count(record.id, self._kept.pop(record.id, ()), -1)
        before = self._live.get(record.id, ())
        if stays != before:
            self._count(record.id, before, -1)
            self._count(record.id, stays, 1)
        if stays:
            self._live[record.id] = stays
        else:
            self._live.pop(record.id, None)
        air = on_air(record)
        if air is None:
            self._calls.pop(record.id, None)
        else:
            self._calls[record.id] = air
        if record.ended_at is not None:
            self._feelings.pop(record.id, None)

    def forget(self, call: str) -> None:
        """The call is part of another one from now on."""
        for known in (self._live, self._kept):
            self._count(call, known.pop(call, ()), -1)
        self._calls.pop(call, None)
        self._feelings.pop(call, None)

    def remember(self, kept: Mapping[str, tuple[Stay, ...]]) -> None:
        """All that the database has, by call, in place of what it had before."""
        wanted = {call: stays for call, stays in kept.items() if call not in self._live}
        for call, stays in self._kept.items():
            if wanted.get(call) != stays:
                self._count(call, stays, -1)
        before, self._kept = self._kept, wanted
        for call, stays in wanted.items():
            if before.get(call) != stays:
                self._count(call, stays, 1)
        self._lines.forget()

    def lost(self, server: str, up: Container[str]) -> None:
        """Asterisk has told all calls that are `up`: nobody waits any more whom only the database thinks to wait."""
        for call, stays in list(self._kept.items()):
            if call not in up and any(stay.open and stay.server == server for stay in stays):
                self.forget(call)

    def define(self, facts: Mapping[Place, QueueFacts], shut: Mapping[Place, Shut]) -> None:
        """What people set about queues, and which of them are closed now."""
        self._facts, self._shut = dict(facts), dict(shut)
        if any(tally.targets != self._fact(place).targets for place, tally in self._tallies.items()):
            self._recount()

    def mailboxes(self) -> frozenset[Place]:
        """Server and name of the mailboxes that callers of closed queues are sent to."""
        return frozenset(_mailbox(place, shut) for place, shut in self._shut.items() if shut.then == "voicemail")

    def messages(self, unheard: Mapping[Place, int]) -> None:
        """How many messages nobody has heard, by mailbox."""
        self._messages = dict(unheard)

    def seats(self, seats: Iterable[Seat], gone: Iterable[str] = ()) -> None:
        """Agents whose state changed, and those that are no more."""
        for key in gone:
            self._seats.pop(key, None)
        self._seats.update({seat.key: seat for seat in seats})

    def server(self, name: str, life: ServerLife) -> None:
        """Whether an Asterisk is heard."""
        self._servers[name] = life

    def answers(self, answers: Mapping[str, Answers]) -> None:
        """What callers of today and yesterday said, by the name of the queue; "" for calls that were in none."""
        self._answers = dict(answers)

    def mood(self, call: str, mood: float | None, trend: str, now: float) -> None:
        """How the customer of a call feels."""
        self._feelings.setdefault(call, Feeling()).told(mood, trend, now)

    def alert(self, call: str, now: float, words: str = "") -> None:
        """Somebody was alerted about a call that goes on."""
        feeling = self._feelings.setdefault(call, Feeling())
        feeling.alert = now if feeling.alert is None else min(now, feeling.alert)
        feeling.words = words or feeling.words

    def unheard(self, call: str) -> None:
        """Nobody listens to the call any more."""
        self._feelings.pop(call, None)

    # What is shown

    def at(self, now: float) -> BoardSnapshot:
        """The whole picture at a moment; the ones before it can't be asked for any more."""
        day = self._turn(now)
        self._lines.move(now)
        seats = {key: held(seat, self._calls) for key, seat in sorted(self._seats.items())}
        tiles = {tile.key: tile for tile in self._tiles(day, seating(seats.values()), now)}
        known = {place[1] for place in self._facts} | {tile.name for tile in tiles.values()}
        elsewhere = [answers for queue, answers in self._answers.items() if queue not in known]
        return BoardSnapshot(
            at=now,
            day=day.date,
            day_began=day.began,
            zone=str(self.zone),
            complete=self.complete,
            servers=dict(self._servers),
            figures=figures(tiles.values(), seats.values(), elsewhere),
            queues=tiles,
            agents=seats,
            calls=needy(self._calls, self._feelings, self._by_call(seats), self.patience, now),
        )

    def _tiles(self, day: Day, seated: Mapping[Place, Seating], now: float) -> Iterator[QueueTile]:
        """Of all queues anybody spoke of, but hidden ones. Answers name no server: the first of that name has them."""
        answered = set[str]()
        staffed = {seat.server for seat in self._seats.values()}
        for place in sorted(self._facts.keys() | self._tallies.keys() | self._waiting.keys() | seated.keys()):
            facts = self._fact(place)
            if facts.hidden:
                continue
            answers = NO_ANSWERS if place[1] in answered else self._answers.get(place[1], NO_ANSWERS)
            answered.add(place[1])
            parts = Parts(
                facts=facts,
                tally=self._tallies.get(place) or self._tallies.setdefault(place, Tally(facts.targets)),
                joined=sorted(self._waiting.get(place, {}).values()),
                promised=self._promised[place],
                seated=seated.get(place, Seating()),
                staffed=place[0] in staffed,
                line=self._lines.of(queue_key(*place)),
                answers=answers,
                shut=self._shut_now(place),
                day=day,
            )
            yield self._shelf.tile(place, parts, now)

    def _shut_now(self, place: Place) -> Shut | None:
        shut = self._shut.get(place)
        if shut is None or shut.then != "voicemail":
            return shut
        return replace(shut, messages=self._messages.get(_mailbox(place, shut)))

    def _by_call(self, seats: Mapping[str, Seat]) -> dict[str, Seat]:
        return {seat.call: seat for seat in seats.values() if seat.call and seat.state == "on_call"}

    # Counting

    def _stays(self) -> Iterator[Stay]:
        for known in (self._live, self._kept):
            for stays in known.values():
                yield from stays

    def _fact(self, place: Place) -> QueueFacts:
        return self._facts.get(place, NO_FACTS)

    def _count(self, call: str, stays: tuple[Stay, ...], times: int) -> None:
        for n, stay in enumerate(stays):
            place = (stay.server, stay.queue)
            if stay.promised:  # offered when they joined themselves
                self._promised[place] += times * stay.open
                continue
            if stay.open and stay.joined is not None:
                if times > 0:
                    self._waiting.setdefault(place, {})[call, n] = stay.joined
                else:
                    self._waiting.get(place, {}).pop((call, n), None)
            if self._day is not None and stay.joined is not None and self._day.holds(stay.joined):
                tally = self._tallies.get(place)
                if tally is None:
                    tally = self._tallies[place] = Tally(self._fact(place).targets)
                tally.add(stay, times)

    def _recount(self) -> None:
        self._tallies.clear()
        self._waiting.clear()
        self._promised.clear()
        for known in (self._live, self._kept):
            for call, stays in known.items():
                self._count(call, stays, 1)

    def _turn(self, now: float) -> Day:
        """The day that it is; a new one starts with what is already known of it."""
        if self._day is None or not self._day.holds(now):
            if self._day is not None:  # words of calls that ended before they were told
                self._feelings = {call: felt for call, felt in self._feelings.items() if call in self._calls}
            self._day = day = day_of(now, self.zone)
            for known in (self._live, self._kept):
                for call in [call for call, stays in known.items() if all(_over(stay, day) for stay in stays)]:
                    del known[call]
            self._recount()
        return self._day


def _mailbox(place: Place, shut: Shut) -> Place:
    """A mailbox without a name is the queue's own."""
    return place[0], shut.to or place[1]


def _over(stay: Stay, day: Day) -> bool:
    """Whether a visit matters no more: neither today nor for the lines of the last half hour."""
    if stay.open:
        return False
    last = stay.left if stay.left is not None else stay.joined
    return (stay.joined is None or stay.joined < day.began) and (last is None or last < day.began - SPAN)
