"""The calls of one Asterisk that are heard, each brought by every change to where its talk is.

A call is looked at from the moment somebody is rung for it or talks in it. It is decided once, and again when it comes
to another queue. From then on everybody who talks gets an ear of their own, at most one a channel; an ear ends with its
channel, by itself. So transfers, conferences and Local members need no rules of their own: who talks is listened to.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal

import msgspec
import structlog

from cxcall.asterisk.tap.choosing import Chosen, Customer
from cxcall.asterisk.tap.ear import Ear
from cxcall.asterisk.tap.line import Line
from cxcall.asterisk.tap.tapped import Tapped
from cxcall.asterisk.tap.ways import NotHeard
from cxcall.calls.changes import Change
from cxcall.calls.stage import Party, Stage
from cxcall.speech.listening import Decision, chance_of, consented, decide
from cxcall.speech.stream import Closed, Receiver, Stream

Refusal = Callable[[str, str], Literal["", "no_model", "overload"]]
"""By language and engine ("" for the site's): why nothing can be transcribed now, "" when something can."""

AGAIN_S = 1.0
"""Seconds until a channel whose spy was lost or refused is looked at again."""

LAST_WORDS_S = 1.5
"""Seconds the sound of a call that is over may still be on its way."""

log = structlog.get_logger(__name__)


class Calls:
    """`calls` are those that are heard or were decided not to be; `ears` by unique id of the channel they listen to.

    `start` runs what has to wait for Asterisk or the database beside everything else.
    """

    def __init__(
        self,
        line: Line,
        *,
        chosen: Chosen,
        receiver: Receiver,
        refusal: Refusal,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self.line = line
        self.calls: dict[str, Tapped] = {}
        self.ears: dict[str, Ear] = {}
        self.refused = 0
        self._chosen = chosen
        self._receiver = receiver
        self._refusal = refusal
        self._start = start
        self._preparing: asyncio.Task[None] | None = None

    def heard(self, changes: Sequence[Change]) -> None:
        """These changes have just happened."""
        if not self.calls and not self._chosen.any(self.line.name):
            return
        touched: dict[str, None] = {}
        for change in changes:
            touched.pop(change.call_id, None)
            if change.kind == "ended":
                self._over(change.call_id)
            elif change.kind == "merged" and change.merged_into is not None:
                self._merged(change.call_id, change.merged_into)
                touched[change.merged_into] = None
            else:
                touched[change.call_id] = None
        for call_id in touched:
            self.consider(call_id)

    def listed(self) -> None:
        """Connected, and all that is up is known."""
        if self._preparing is not None:
            self._preparing.cancel()
        self._preparing = self._start(self._prepare())

    def consider(self, call_id: str) -> None:
        """Look at a call as it is now: decide whether it is heard, and see to its ears."""
        stage = self.line.stage(call_id)
        if stage is None:
            return
        call = self.calls.get(call_id)
        if call is None:
            if not (stage.offered or stage.talks) or not self._chosen.of(self.line.name, stage.queue).live:
                return
            call = self.calls[call_id] = Tapped(call_id)
        self._follow(call, stage)

    def ask(self, call_id: str) -> Tapped:
        """This call is heard, or not, because somebody asks for it and not because it was chosen."""
        return self.calls.setdefault(call_id, Tapped(call_id))

    async def decide(self, call: Tapped) -> Decision | None:
        """Whether a call is heard, asked anew; None when it is over."""
        stage = self.line.stage(call.call_id)
        if stage is None:
            return None
        listening = self._chosen.of(self.line.name, stage.queue)
        customer = stage.customer
        wanted = listening.live or call.asked_for
        known = await self._chosen.customer(customer.number) if wanted and customer is not None else Customer()
        said = await self.line.said(stage) if wanted else "unknown"
        decision = decide(
            listening, said=said, chance=chance_of(call.call_id), tier=known.tier, asked_for=call.asked_for
        )
        if decision.heard and known.language and not self._refusal(known.language, listening.engine):
            listening = msgspec.structs.replace(listening, language=known.language)
        if decision.heard and (refusal := self._refusal(listening.language, listening.engine)):
            decision = Decision(heard=False, why=refusal)
        call.queue, call.listening, call.decision = stage.queue, listening, decision
        call.consent = consented(listening, said)
        return decision

    def silence(self, call: Tapped) -> None:
        """Stop listening to a call; it goes on."""
        for ear in list(call.ears.values()):
            self._let_go(ear, "stopped")

    # Inside

    def _follow(self, call: Tapped, stage: Stage) -> None:
        if call.over or call.stopped or call.deciding:
            return
        if call.decision is None or (call.queue != stage.queue and not call.asked_for):
            call.deciding = True
            self._start(self._decide(call))
        elif call.decision.heard:
            for party in call.missing(stage):
                self._listen(call, party, stage)
        self._pauses(call, stage)

    async def _decide(self, call: Tapped) -> None:
        try:
            decision = await self.decide(call)
        finally:
            call.deciding = False
        if decision is not None and not decision.heard:
            self.silence(call)
        self.consider(call.call_id)

    def _listen(self, call: Tapped, party: Party, stage: Stage) -> None:
        """Have one more speaker listened to."""
        if self.line.way is None or party.uid in self.ears:
            return
        call.tries[party.uid] = call.tries.get(party.uid, 0) + 1
        stream = Stream(
            id=str(uuid.uuid4()),
            server=self.line.name,
            call_id=call.call_id,
            caller_id=stage.caller,
            speaker="customer" if party.customer else "agent",
            channel=party.channel,
            unique_id=party.uid,
            queue=stage.queue,
            agent=party.agent,
            agent_name=party.agent_name,
            language=call.listening.language,
            engine=call.listening.engine,
            consent=call.consent,
            inside=stage.inside,
        )
        ear = Ear(stream, self._receiver, self._ended)
        call.ears[party.uid] = self.ears[party.uid] = ear
        self._start(self._begin(ear))

    async def _begin(self, ear: Ear) -> None:
        if self.line.way is None:
            ear.close("lost", time.time())
            return
        try:
            await self.line.way.begin(ear)
        except NotHeard as error:
            self.refused += 1
            call = self.calls.get(ear.stream.call_id)
            if call is not None and not call.over:
                if not call.problem:
                    log.warning("a speaker is not listened to", call=call.call_id, why=str(error))
                call.problem = str(error)
            ear.close("lost", time.time())

    def _ended(self, ear: Ear, why: Closed) -> None:
        """A stream is over; where its channel still talks it is tried once more."""
        uid = ear.stream.unique_id
        if self.ears.get(uid) is ear:
            del self.ears[uid]
        call = self.calls.get(ear.stream.call_id)
        if call is None or call.ears.get(uid) is not ear:
            return
        del call.ears[uid]
        call.told = call.told or ear.told
        if call.over and not call.ears:
            self._finish(call)
        elif why != "stopped":
            asyncio.get_running_loop().call_later(AGAIN_S, self.consider, call.call_id)

    def _pauses(self, call: Tapped, stage: Stage) -> None:
        now = time.time()
        parties = {party.uid: party for party in stage.parties}
        for uid, ear in call.ears.items():
            party = parties.get(uid)
            ear.hold(party is None or not party.talks or party.held, now)

    def _over(self, call_id: str) -> None:
        """A call has ended: what is on its way still comes, then the receiver is told."""
        call = self.calls.get(call_id)
        if call is None or call.over:
            return
        call.over = True
        if call.ears:
            asyncio.get_running_loop().call_later(LAST_WORDS_S, self._finish, call)
        else:
            self._finish(call)

    def _finish(self, call: Tapped) -> None:
        if self.calls.get(call.call_id) is not call:
            return
        del self.calls[call.call_id]
        told = call.known
        for ear in list(call.ears.values()):
            self._let_go(ear, "hung_up")
        if told:
            _tell(self._receiver.over, call.call_id, time.time())

    def _merged(self, call_id: str, into: str) -> None:
        """A call has become part of another: its ears are the other's."""
        call = self.calls.pop(call_id, None)
        if call is None:
            return
        other = self.ask(into)
        other.asked_for = other.asked_for or call.asked_for
        if call.known:
            other.told = True
            _tell(self._receiver.merged, call_id, into)
        for uid, ear in call.ears.items():
            ear.belongs(into)
            other.ears[uid] = ear
        if other.stopped or (other.decision is not None and not other.decision.heard):
            self.silence(other)

    async def _prepare(self) -> None:
        """After every connect: how this Asterisk can be listened to, then every call that is up."""
        await self.line.prepare({ear.id for ear in self.ears.values()})
        for call in self.calls.values():
            call.tries.clear()
        for call_id in self.line.follower.open_calls():
            self.consider(call_id)

    def _let_go(self, ear: Ear, why: Closed) -> None:
        if self.line.way is not None:
            self.line.way.end(ear)
        ear.close(why, time.time())


def _tell(what: Callable[..., None], *words: Any) -> None:
    try:
        what(*words)
    except Exception:
        log.exception("what takes the sound of calls failed")
