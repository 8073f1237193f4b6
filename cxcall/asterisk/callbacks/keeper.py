"""Keeps the promises: watches the queues they wait in and the calls that come of them, and does what is due.

Once a second each queue with open call-backs is looked at, and at once when one of our own calls changes. Nothing is
remembered that can't be seen anew: after a restart of cxcall the database tells what was promised and the switch what
of it still stands; after a restart of Asterisk nothing stands, and everybody is put back at their place.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError, Refused
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.callbacks import doing
from cxcall.asterisk.callbacks.book import Book
from cxcall.asterisk.callbacks.callers import Callers
from cxcall.asterisk.callbacks.picture import QueuePicture, look
from cxcall.asterisk.callbacks.progress import line_of, progress
from cxcall.asterisk.callbacks.promising import Line, Promising
from cxcall.asterisk.callbacks.strays import lost, promised_here, strays
from cxcall.asterisk.following import Follower
from cxcall.bus import Bus, CommandRefused, Commands, NoAnswer
from cxcall.bus import call_backs as names
from cxcall.bus.acts import Hangup
from cxcall.bus.call_backs import CallBackStatus, CancelCallBack, TryCallBack
from cxcall.calls.changes import Change
from cxcall.calls.record import CallRecord
from cxcall.routing.call_back import PREFIX, CallBack, id_of, place
from cxcall.routing.call_back_events import (
    Act,
    AskAfterwards,
    CalledOff,
    Event,
    Gone,
    HangUp,
    Looked,
    Now,
    PutInLine,
    RingCustomer,
)
from cxcall.settings import Ami, Settings
from cxcall.store import calls as call_store
from cxcall.store.errors import reason

log = structlog.get_logger(__name__)

LOOK_S = 1.0
PACE_S = 0.2
"""Between two looks, however much happens."""

ACT_S = 5.0


class CallBackKeeper:
    """A watcher of calls; serves `call_back:*` and keeps the promises while `run` runs."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._country = settings.site.country
        self._engine = engine
        self._bus = bus
        self._commands = commands
        self._now = now
        self._lines: dict[str, Line] = {}
        self._changed: dict[str, Change] = {}
        self._listed: set[str] = set()
        self._loaded = False
        self._something = asyncio.Event()
        self._pictures: dict[tuple[str, str], QueuePicture] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.book = Book(engine=engine, bus=bus, now=now)
        self._callers = Callers(self._country)
        self._promising = Promising(
            settings=settings, engine=engine, book=self.book, lines=self._lines, now=now, made=self._something.set
        )

    # As a watcher: all of these only note what has to be done

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self._lines[server.name] = Line(client, calls)

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind == "merged" and change.merged_into is not None:
                self._changed.pop(change.call_id, None)
                self._callers.forget(change.call_id)
                self._changed.setdefault(change.merged_into, change)
            else:
                self._changed[change.call_id] = change
            if PREFIX in change.call_id:
                self._something.set()

    def told(self, server: str, event: str, message: Headers) -> None:
        pass

    def listed(self, server: str) -> None:
        self._listed.add(server)
        self._something.set()

    async def run(self) -> None:
        """Until cancelled."""
        served: dict[str, Callable[[Any], Coroutine[Any, Any, Any]]] = {
            names.ASK: self._promising.ask, names.CONFIRM: self._promising.confirm, names.BACK: self._promising.back,
            names.CANCEL: self._cancel, names.NOW: self._try_now, names.PLACES: self._places,
            names.STATUS: self._status,
        }  # fmt: skip
        with contextlib.ExitStack() as serving:
            for name, handler in served.items():
                serving.callback(self._commands.serve(name, handler))
            for channel in (names.PLANS, "queues"):
                serving.callback(self._bus.subscribe(channel, lambda _: self.book.forget_rules()))
            try:
                while True:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_S):
                            await self._something.wait()
                    self._something.clear()
                    await self._safely()
                    await asyncio.sleep(PACE_S)
            finally:
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _safely(self) -> None:
        try:
            await self._look()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("call-backs are looked after later", error=reason(error) or "too slow")
        except Exception:
            log.exception("call-backs can't be looked after")

    async def _look(self) -> None:
        if not self._loaded:
            await self.book.load(self._lines)
            self._loaded = True
        await self._take_changes()
        for server in tuple(self._listed):
            await self._compare(server)
        for place_ in {(one.server, one.queue) for one in self.book.open.values()}:
            await self._look_at(*place_)

    # Calls

    async def _take_changes(self) -> None:
        """What became of our own calls, and which customers are on the line."""
        changed, self._changed = self._changed, {}
        if not self.book.open:
            self._callers.stop()
            changed = {call: change for call, change in changed.items() if PREFIX in call}
        elif not self._callers.watching:
            self._callers.begin(line.calls for line in self._lines.values())
        try:
            while changed:
                call = next(iter(changed))
                await self._take(changed[call].record())
                del changed[call]
        finally:
            self._changed = changed | self._changed

    async def _take(self, record: CallRecord) -> None:
        line = line_of(record)
        if line:
            told, one = progress(record, self._now()), self.book.open.get(id_of(line))
            if one is None or one.line != line:
                if told.taken and not (told.talked or told.over):
                    self._start(self._end_unwanted(record.server, line))
                return
            await self._happened(one.id, told)
            return
        for one in self._callers.told(record, self.book.open.values()):
            await self._happened(one.id, CalledOff(at=self._now(), why="called_again"))

    async def _compare(self, server: str) -> None:
        """What we think stands on the switch, with what does: it or we may have been away."""
        client = self._lines[server].client
        try:
            there = await client.listing("CoreShowChannels")
        except AmiError as error:
            log.warning("call-backs can't be compared with Asterisk", server=server, error=str(error))
            return
        for one in lost(there, (one for one in self.book.open.values() if one.server == server)):
            async with asyncio.timeout(ACT_S), self._engine.connect() as conn:
                record = await call_store.get(conn, one.last_call)
            if record is not None and record.ended_at is not None:
                await self._happened(one.id, progress(record, self._now()))
            await self._happened(one.id, Gone(at=self._now(), line=one.line))
        self._callers.stop()
        self._listed.discard(server)

    # Queues

    async def _look_at(self, server: str, queue: str) -> None:
        line = self._lines.get(server)
        if line is None or not line.client.connected:
            return
        try:
            picture = self._pictures[server, queue] = await look(line.client, queue)
        except AmiError as error:
            log.warning("a queue with call-backs can't be looked at", queue=queue, error=str(error))
            return
        rules, at = await self.book.rules(), self._now()
        ours = self.book.of_queue(server, queue)
        slots = _slots(picture, ours)
        queued, opens = picture.queued(), rules.opens((server, queue), at)
        for one in ours:
            kept = {each.id for each in ours if each.first == "customer" and each.state != "connected"} - {one.id}
            acts = await self._happened(
                one.id,
                Looked(
                    at=at, queued=queued, kept=kept, slots=slots, there=picture.there, staffed=picture.staffed,
                    opens=opens, on_the_line=self._callers.on_the_line(one.number),
                ),
            )  # fmt: skip
            slots -= any(isinstance(act, RingCustomer) for act in acts)
        for stray in await strays(picture, self.book, self._engine):
            self._start(self._end_stray(server, queue, stray))

    async def _happened(self, id_: str, event: Event) -> tuple[Act, ...]:
        before = self.book.open.get(id_)
        one, acts = await self.book.apply(id_, event)
        for act in acts:
            if one is not None and before is not None:
                self._start(self._do(one, act))
        return acts

    async def _do(self, one: CallBack, act: Act) -> None:
        plan = (await self.book.rules()).plan((one.server, one.queue))
        try:
            match act:
                case PutInLine():
                    await self._ask(one.server, doing.put_in_line(one, act, plan, self._country))
                case RingCustomer():
                    await self._ask(one.server, doing.ring_customer(one, act, plan, self._country))
                case HangUp():
                    await self._end(one, act)
                case AskAfterwards():
                    for fields in doing.asking_afterwards(one, act):
                        await self._lines[one.server].client.act("Setvar", fields, limit=ACT_S)
        except (CommandRefused, NoAnswer, AmiError) as error:
            log.warning(
                "Asterisk did not do what a call-back needs", id=one.id, act=type(act).__name__, error=str(error)
            )
            if isinstance(act, (PutInLine, RingCustomer)):
                with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
                    await self._happened(one.id, Gone(at=self._now(), line=act.line, why="refused"))

    async def _ask(self, server: str, act: object) -> None:
        await self._commands.ask(f"ami:{server}", act, timeout=ACT_S)

    async def _end(self, one: CallBack, act: HangUp) -> None:
        """Out of the queue as somebody who was called back and did not give up; else whatever of it there is."""
        client = self._lines[one.server].client
        try:
            await client.act("Setvar", doing.called_off(act), limit=ACT_S)
            fields = doing.withdrawal(one, act, await look(client, one.queue))
            if fields is not None:
                await client.act("QueueWithdrawCaller", fields, limit=ACT_S)
            else:
                await self._ask(one.server, doing.hang_up(act))
        except (CommandRefused, Refused) as error:
            log.info("a call-back had ended by itself", id=one.id, error=str(error))

    async def _end_unwanted(self, server: str, line: str) -> None:
        """An agent took what was called off at the same moment: before the customer's telephone rings for nothing."""
        if not await promised_here(self._engine, id_of(line)):
            return
        with contextlib.suppress(CommandRefused, NoAnswer):
            await self._ask(server, Hangup(channel=line))

    async def _end_stray(self, server: str, queue: str, channel: str) -> None:
        fields = {"Queue": queue, "Caller": channel, "WithdrawInfo": "callback"}
        with contextlib.suppress(AmiError):
            await self._lines[server].client.act("QueueWithdrawCaller", fields, limit=ACT_S)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What pages ask

    async def _cancel(self, asked: CancelCallBack) -> None:
        await self._asked(asked.id, CalledOff(at=self._now(), why=asked.why, by=asked.by))

    async def _try_now(self, asked: TryCallBack) -> None:
        await self._asked(asked.id, Now(at=self._now()))
        self._something.set()

    async def _asked(self, id_: str, event: Event) -> None:
        one = self.book.open.get(id_)
        if one is None:
            raise CommandRefused("This call-back is over.")
        if one.state == "connected":
            raise CommandRefused("They talk now.")
        try:
            after, acts = await self.book.apply(id_, event)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise CommandRefused("The database can't be asked now.") from error
        for act in acts:  # done when the page says so
            await self._do(after or one, act)

    async def _status(self, _: object) -> CallBackStatus:
        ended, failed = dict(self.book.ended), self._promising.failures
        return CallBackStatus(open=len(self.book.open), failed=failed, ended=ended)

    async def _places(self, _: object) -> dict[str, int]:
        found = {}
        for one in self.book.open.values():
            ours = {each.id for each in self.book.of_queue(one.server, one.queue) if each.first == "customer"}
            picture = self._pictures.get((one.server, one.queue))
            if one.state == "waiting" and picture is not None:
                found[one.id] = place(one, picture.queued() | ours - {one.id})
        return found


def _slots(picture: QueuePicture, ours: Sequence[CallBack]) -> int:
    """Customers that may be rung now: one for each free agent, and where all talk while people wait one for the agent
    who will be free next. Those who are rung or wait on the line have theirs."""
    rung = sum(one.first == "customer" and one.state == "calling" for one in ours)
    next_one = 1 if picture.waiting and picture.staffed else 0
    return max(picture.free, next_one) - rung
