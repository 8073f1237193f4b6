"""Serves the dialplan's `[cxcall-reason]`: has callers heard, matches what they say, remembers it for the decision.

Theory of operation. The dialplan asks over HTTP whether it may have the caller heard; a "no", or none, and it goes on
without. Else it dials the audio port under the token it got, which rings nobody: the sound goes to who hears sentences.
When that knows enough, the audio leg is hung up, the dialplan goes on and fetches the result. Who still speaks when a
leg reaches its limit is dialled again (`parts`), if we are there to say so. Nothing here reads the database while a
caller waits; what was said is written beside the calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, TypedDict

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.reasons.asked import Asked, clean
from cxcall.asterisk.reasons.known import Known
from cxcall.asterisk.reasons.parts import Parts
from cxcall.asterisk.routing.asked import live_call
from cxcall.asterisk.surveys.question import server_of
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.commands import Handler
from cxcall.bus.reasons import ANSWER, BEGIN, REASONS, RESULT, SAID, STATUS, ReasonStatus
from cxcall.settings import Settings
from cxcall.speech.sentence import Ear, Heard, Wanted
from cxcall.store import reasons
from cxcall.store.ledger import Ledger

log = structlog.get_logger(__name__)

COMES_S = 30.0
"""For the audio leg to come, after the prompt; then nobody is waited for."""
RESULT_S = 1.2
"""For the text of what was said last: Asterisk waits 1.5 for the answer."""
_LATELY = timedelta(days=7)
_READ_S = 10.0
_REMEMBERED = 5_000
_LISTENING = 200
"""Callers who are heard at a time; one more keys what they want."""

Listen = Callable[[Wanted, Callable[[str], bool], Callable[[Heard], None]], Ear]
"""Who hears a sentence: what is wanted, whether a text is understood, and whom to tell."""


class Refusal(Protocol):
    """Why a language can't be heard now."""

    def __call__(self, language: str, engine: str = "") -> Literal["", "no_model", "overload"]:
        """The reason, "" where it can."""


class Hears(TypedDict, total=False):
    """What a process needs to hear callers; empty where it can't."""

    audio: AudioServer
    listen: Listen
    refusal: Refusal


class ReasonEdge:
    """`run` serves the commands of `cxcall.bus.reasons`. `audio`, `listen`: None where nothing is heard here, and
    callers key what they want."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        audio: AudioServer | None = None,
        listen: Listen | None = None,
        refusal: Refusal | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._commands = commands
        self._audio = audio
        self._listen = listen
        self._refusal = refusal
        self._now = now
        self._known = Known(settings, engine)
        self._ledger = Ledger(engine, of="reasons")
        self._by_token: OrderedDict[str, Asked] = OrderedDict()
        self._by_call: OrderedDict[tuple[str, str], Asked] = OrderedDict()
        self._listening: dict[str, asyncio.TimerHandle] = {}
        self._parts: dict[str, Parts] = {}
        self._counts: Counter[str] = Counter()
        self.asked = 0

    async def run(self) -> None:
        """Run until cancelled; what is to be written then is written, as far as the database takes it."""
        writing = asyncio.create_task(self._ledger.run())
        handlers: dict[str, Handler] = {
            BEGIN: self.begin, RESULT: self.result, ANSWER: self.answer, SAID: self.said, STATUS: self.status,
        }  # fmt: skip
        with contextlib.ExitStack() as served:
            for name, handler in handlers.items():
                served.callback(self._commands.serve(name, handler))
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._known.follow(self._bus))
                    group.create_task(self._warm())
            finally:
                for token in tuple(self._listening):
                    self._stop(token)
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)

    async def _warm(self) -> None:
        """Where callers were asked lately, what they speak is made ready before the first of them."""
        if self._refusal is None:
            return
        try:
            async with asyncio.timeout(_READ_S), self._engine.connect() as conn:
                lately = await reasons.any_since(conn, self._now() - _LATELY)
        except (SQLAlchemyError, OSError, TimeoutError):
            return  # it is loaded for the first of them then
        if lately:
            self._refusal("")

    async def begin(self, said: Mapping[str, Any]) -> dict[str, str]:
        """A caller is about to be asked."""
        call = clean(said, "call")
        if not call:
            raise CommandRefused("There is no call to ask about.")
        server = server_of(self._settings, clean(said, "server"), call)
        if await live_call(self._commands, server, call) is None:
            raise CommandRefused("This call is not on the line.")
        asked = Asked(
            token=str(uuid.uuid4()), server=server, call=call, at=self._now(), queue=clean(said, "queue"),
            language=clean(said, "language"), refuses=clean(said, "consent") == "no",
        )  # fmt: skip
        self.asked += 1
        _put(self._by_token, asked.token, asked)
        _put(self._by_call, (server, call), asked)
        why = self._why_not(asked)
        if why:
            asked.why = why
            asked.over.set()
            return {"answer": "menu", "token": asked.token, "reason": why}
        self._expect(asked)
        return {"answer": "listen", "token": asked.token, "reason": ""}

    async def result(self, said: Mapping[str, Any]) -> dict[str, str]:
        """What was made of what they said, or `more`: have them heard on, where the dialplan has time `left` for it;
        else the last words are waited for, a moment."""
        asked = self._asked(said)
        if self._goes_on(asked, clean(said, "left")):
            return _MORE
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RESULT_S):
                await asked.over.wait()
        if not asked.over.is_set():
            self._heard(asked, Heard(why="late"))
        self._stop(asked.token)
        if asked.intent:
            return _sure(asked)
        question = self._known.question(asked.server, asked.match.intent, asked.language)
        if asked.match.verdict == "ask" and question:
            asked.asking = True
            return {
                "answer": "ask", "intent": asked.match.intent, "sure": _percent(asked.match.confidence),
                "prompt": question,
            }  # fmt: skip
        return _NONE

    async def answer(self, said: Mapping[str, Any]) -> dict[str, str]:
        """They pressed a key, or "" none."""
        asked = self._asked(said)
        key = clean(said, "key")[:1]
        menu = self._known.intents.by_key(key)
        asked.pressed(key, menu.name if menu is not None else "")
        self._keep(asked)
        return _sure(asked) if asked.intent else _NONE

    async def said(self, about: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is known of a call's reason now."""
        asked = self._by_call.get((clean(about, "server"), clean(about, "call")))
        return asked.told() if asked is not None else None

    async def status(self, _: Any = None) -> ReasonStatus:
        return ReasonStatus(
            asked=self.asked, listening=len(self._listening), intents=len(self._known.intents.by_name),
            by_how=dict(self._counts), waiting=self._ledger.waiting, lost=self._ledger.lost,
        )  # fmt: skip

    def _why_not(self, asked: Asked) -> str:
        """Why this caller can't be heard; "" when they can."""
        if asked.refuses:
            return "no_consent"
        if not self._known.intents.by_name:
            return "no_intents"
        if self._audio is None or self._listen is None or not self._audio.address:
            return "no_model"
        if len(self._listening) >= _LISTENING:
            return "overload"
        return self._refusal(asked.language) if self._refusal is not None else ""

    def _expect(self, asked: Asked) -> None:
        assert self._audio is not None and self._listen is not None  # noqa: S101, PT018 - `_why_not` saw to it
        ear = self._listen(
            Wanted(token=asked.token, language=asked.language),
            lambda text: self._known.intents.match(text, asked.language).verdict == "sure",
            lambda heard: self._heard(asked, heard),
        )
        self._listening[asked.token] = asyncio.get_running_loop().call_later(COMES_S, self._stop, asked.token)
        self._parts[asked.token] = parts = Parts(ear)
        self._audio.expect(asked.token, parts)

    def _goes_on(self, asked: Asked, left: str) -> bool:
        """Whether their sentence may become longer than the part of it that was heard."""
        parts = self._parts.get(asked.token)
        if parts is None or self._audio is None or asked.over.is_set():
            return False
        if parts.came and left.isdecimal() and int(left) > 0:
            self._audio.expect(asked.token, parts)
            parts.waiting()
            return True
        parts.end()
        if not parts.came:
            self._heard(asked, Heard(why="gone"))
        return False

    def _heard(self, asked: Asked, heard: Heard) -> None:
        """They have said it, or not: the dialplan goes on as soon as their audio leg is gone."""
        if asked.over.is_set():
            return
        asked.heard(heard, self._known.intents.match(heard.text, asked.language))
        self._stop(asked.token)
        self._keep(asked)

    def _stop(self, token: str) -> None:
        self._parts.pop(token, None)
        timer = self._listening.pop(token, None)
        if timer is not None:
            timer.cancel()
            if self._audio is not None:
                self._audio.forget(token)

    def _keep(self, asked: Asked) -> None:
        self._counts[asked.how] += 1
        kept = asked.kept()
        self._ledger.put(lambda conn: reasons.put(conn, kept))
        self._bus.publish(REASONS, {"id": asked.token, "call": asked.call_id, "intent": asked.intent, "how": asked.how})

    def _asked(self, said: Mapping[str, Any]) -> Asked:
        asked = self._by_token.get(clean(said, "token"))
        if asked is None:
            raise CommandRefused("Nobody was asked under this token.")
        return asked


_NONE = {"answer": "none", "intent": "", "sure": "", "prompt": ""}
_MORE = {**_NONE, "answer": "more"}


def _sure(asked: Asked) -> dict[str, str]:
    return {"answer": "sure", "intent": asked.intent, "sure": _percent(asked.confidence), "prompt": ""}


def _percent(confidence: float) -> str:
    return str(round(confidence * 100))


def _put(kept: OrderedDict[Any, Asked], key: Any, asked: Asked) -> None:
    kept[key] = asked
    kept.move_to_end(key)
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
