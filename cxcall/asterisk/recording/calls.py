"""The recorded calls of one Asterisk: which are chosen, when each begins, and when it is complete.

A recording begins when somebody is rung for the caller, or when two talk; what came before the talk is cut away when it
is kept. It is the caller's channel whose two directions are written, so it goes on through every transfer and ends with
that channel. Asterisk writes by itself: a recording goes on while we are down and is found again by its row.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

import structlog

from cxcall.asterisk import consent
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.following import Follower
from cxcall.asterisk.recording import tape as tapes
from cxcall.asterisk.recording.books import Books
from cxcall.asterisk.recording.pausing import Pausing
from cxcall.asterisk.recording.place import Named, NoPlace, folder, found, place
from cxcall.asterisk.recording.tape import Tape
from cxcall.asterisk.tap.choosing import Chosen
from cxcall.bus import CommandRefused
from cxcall.calls.changes import Change
from cxcall.calls.record import CallId
from cxcall.calls.stage import Party, Stage
from cxcall.settings import Ami, Settings
from cxcall.speech.listening import Listening, Said, chance_of, records

_DECIDING = ""

log = structlog.get_logger(__name__)


class Calls:
    """`tapes` by call; `decided`: calls that were looked at, with why they are recorded or not."""

    def __init__(
        self,
        ami: Ami,
        client: Client,
        follower: Follower,
        *,
        settings: Settings,
        chosen: Chosen,
        books: Books,
        now: Callable[[], datetime],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.client = client
        self.follower = follower
        self.tapes: dict[str, Tape] = {}
        self.decided: dict[str, str] = {}
        self.pausing = Pausing(ami.name, client, books, now, start)
        self._ami = ami
        self._settings = settings
        self._chosen = chosen
        self._books = books
        self._now = now
        self._start = start
        self._beginning: dict[str, asyncio.Lock] = {}
        self._taken_up = False
        """What was recorded before we came is known: nothing is recorded twice."""

    def chosen(self, stage: Stage) -> Listening:
        """What the site chose for a call's queue."""
        return self._chosen.of(self._ami.name, stage.queue)

    def heard(self, changes: Sequence[Change]) -> None:
        """These changes have just happened."""
        if not self.tapes and not self._chosen.records(self._ami.name):
            return
        for change in changes:
            if change.kind == "ended":
                self._over(change.call_id)
            elif change.kind == "merged" and change.merged_into is not None:
                self._merged(change.call_id, change.merged_into)
            else:
                self._consider(change.call_id)

    async def take_up(self) -> None:
        """After every connect: recordings of calls that are up go on, the others are complete.

        Those we were told of last may not have been written down before we fell; their files tell of them.
        """
        known = {tape.name for tape in self.tapes.values()}
        for tape in [*await self._books.under_way(self._ami.name), *await self._left_behind()]:
            if tape.name in known:
                continue
            known.add(tape.name)
            stage = self.follower.stage_of(CallId(tape.call_id))
            party = next((party for party in stage.parties if party.uid == tape.unique_id), None) if stage else None
            if party is None:
                self._complete(tape)
            else:
                tape.channel = party.channel
                self.tapes.setdefault(tape.call_id, tape)
                self.decided[tape.call_id] = "chosen"
        self._taken_up = True
        for call_id in self.follower.open_calls():
            self._consider(call_id)

    async def _left_behind(self) -> list[Tape]:
        """What the files tell; each is in the books from now on, if it was not."""
        here = folder(self._settings)
        tapes = [self._tape(name) for name in await asyncio.to_thread(found, here, self._ami.name)]
        for tape in tapes:
            self._books.begun(
                self._ami.name, tape, said="unknown", by="", why="chosen", keep_days=self._keep_days(tape)
            )
        return tapes

    def _tape(self, name: Named) -> Tape:
        """Of a file that was found: its call is the one its channel is in, else the one that began with it."""
        up = self.follower.record_of(name.unique_id)
        return Tape(
            call_id=up.id if up is not None else f"{self._ami.name}-{name.unique_id}",
            name=name.name, channel="", unique_id=name.unique_id, began_at=name.began_at,
            folder=folder(self._settings),
        )  # fmt: skip

    def _keep_days(self, tape: Tape) -> int:
        stage = self.follower.stage_of(CallId(tape.call_id))
        return self._chosen.of(self._ami.name, stage.queue if stage is not None else "").keep_days

    async def begin(self, stage: Stage, *, said: Said, by: str, why: str) -> Tape:
        """Have a call written from now on, once. Raises CommandRefused with the reason when that can't be."""
        async with self._beginning.setdefault(stage.call_id, asyncio.Lock()):
            try:
                if (tape := self.tapes.get(stage.call_id)) is not None:
                    return tape  # two people asked at once, or one and its queue's rules
                return await self._begin(stage, said=said, by=by, why=why)
            finally:
                self._beginning.pop(stage.call_id, None)

    async def _begin(self, stage: Stage, *, said: Said, by: str, why: str) -> Tape:
        party = _whose(stage)
        if party is None:
            raise CommandRefused("Nobody is on the line any more.")
        try:
            where = await asyncio.to_thread(place, self._settings, self._ami)
        except NoPlace as error:
            raise CommandRefused(str(error)) from error
        now = self._now()
        named = Named(server=self._ami.name, unique_id=party.uid, began_at=now)
        tape = Tape(
            call_id=stage.call_id, name=named.name, channel=party.channel, unique_id=party.uid, began_at=now,
            folder=where,
        )  # fmt: skip
        try:
            await tapes.begin(self.client, tape)
        except AmiError as error:
            raise CommandRefused(f"Asterisk does not record this call: {error}") from error
        self.tapes[tape.call_id] = tape
        self.decided[tape.call_id] = why
        self._books.begun(self._ami.name, tape, said=said, by=by, why=why, keep_days=self.chosen(stage).keep_days)
        return tape

    async def end(self, tape: Tape) -> None:
        """Nothing more is written of it, though the call goes on."""
        self.tapes.pop(tape.call_id, None)
        with contextlib.suppress(AmiError):
            await tapes.end(self.client, tape)
        self._complete(tape)

    def of_channel(self, uid: str) -> Tape | None:
        """The recording of the call in which this channel is."""
        for tape in self.tapes.values():
            stage = self.follower.stage_of(CallId(tape.call_id))
            if stage is not None and any(party.uid == uid for party in stage.parties):
                return tape
        return None

    def _consider(self, call_id: str) -> None:
        if not self._taken_up or call_id in self.decided or call_id in self.tapes:
            return
        stage = self.follower.stage_of(CallId(call_id))
        if stage is None or not (stage.talks or stage.offered) or not self.chosen(stage).record:
            return  # not remembered: it may still come to a queue that is recorded
        self.decided[call_id] = _DECIDING
        self._start(self._decide(stage))

    async def _decide(self, stage: Stage) -> None:
        said = await consent.said(self.client, stage)
        why = records(self.chosen(stage), said=said, chance=chance_of(stage.call_id))
        if self.decided.get(stage.call_id) != _DECIDING:
            return  # over, or a person was quicker
        self.decided[stage.call_id] = why
        if why == "chosen":
            try:
                tape = await self.begin(stage, said=said, by="", why=why)
            except CommandRefused as error:
                self.decided[stage.call_id] = "refused"
                log.warning("a call is not recorded", call=stage.call_id, why=str(error))
            else:
                if self.follower.stage_of(stage.call_id) is None:  # it ended meanwhile
                    self._over(tape.call_id)

    def _over(self, call_id: str) -> None:
        self.decided.pop(call_id, None)
        tape = self.tapes.pop(call_id, None)
        if tape is not None:
            self._complete(tape)

    def _merged(self, call_id: str, into: str) -> None:
        """A call has become part of another: its recording goes on for that one, unless that has one already."""
        self.decided.pop(call_id, None)
        tape = self.tapes.pop(call_id, None)
        if tape is None:
            return
        if into in self.tapes:
            self._start(self.end(tape))
        else:
            tape.call_id = into
            self.tapes[into] = tape

    def _complete(self, tape: Tape) -> None:
        self.pausing.forget(tape)
        tape.speak(self._now())
        self._books.complete(self._ami.name, tape)


def _whose(stage: Stage) -> Party | None:
    """Whose two directions are written: the customer's, so that all they heard and said is there."""
    first = next((party for party in stage.parties if party.uid == stage.caller), None)
    return stage.customer or first
