"""A conversation with Asterisk about one call: what a handler may ask of it, and what comes of it in plain words.

Asterisk's -1 means several things. To WAIT FOR DIGIT it is a hang-up; to STREAM FILE it may as well be a prompt that
could not be fetched while the caller waits. So -1 alone is never believed: CHANNEL STATUS is asked first.
"""

from __future__ import annotations

import asyncio

from cxcall.asterisk.agi.commands import line
from cxcall.asterisk.agi.connection import Connection
from cxcall.asterisk.agi.counters import End
from cxcall.asterisk.agi.errors import CallerHungUp, CommandRejected, NoSuchApplication, PeerError
from cxcall.asterisk.agi.events import Answer, Request
from cxcall.asterisk.agi.results import ChannelState, EndedBy, NotPlayed, Played, Pressed, Recording, Silence

MARGIN = 5.0
"""Seconds for Asterisk to answer, over the time a command takes by itself."""

PROMPT_RATE = 8_000
"""STREAM FILE counts its samples at 8 kHz whatever the file has."""

_RATES = {"wav16": 16_000, "sln16": 16_000, "siren7": 16_000, "g722": 16_000}
"""Samples a second of formats that are not 8 kHz."""

_KEYS = frozenset(map(ord, "0123456789*#ABCDabcd"))


class Session:
    """One call in our hands, until `end`, the handler's return, or the caller's hang-up."""

    def __init__(self, connection: Connection, request: Request, stopping: asyncio.Event) -> None:
        """Made by the server. `stopping` is set when cxcall is about to stop: say thanks, and return."""
        self._connection = connection
        self.request = request
        self.stopping = stopping

    @property
    def gone(self) -> bool:
        """Whether there is nobody to talk to any more: hung up, or the connection is over."""
        return self._connection.hung_up or self._connection.over is not None

    def end(self) -> None:
        """Give the call back to the dialplan now; the handler may still write down what it has."""
        self._connection.let_go()

    async def command(self, command: str, *, limit: float = MARGIN) -> Answer:
        """The answer to a command line (see `commands.line`) within `limit` seconds.

        Raises CommandError, CommandRejected (510, 520), CallerHungUp (511), or another SessionOver.
        """
        answer = await self._connection.ask(command, limit)
        if answer.dead:
            raise CallerHungUp("The caller has hung up.")
        if answer.code != 200:
            raise CommandRejected(answer.code, answer.text)
        return answer

    async def answer(self) -> None:
        """Pick the call up, if nobody has."""
        await self._on_channel(line("ANSWER"))

    async def stream_file(
        self, prompt: str, keys: str = "", *, offset: int = 0, limit: float = 60.0
    ) -> Played | Pressed | NotPlayed:
        """Play a prompt, cut short by any of `keys`; a key that is none of them is lost (Asterisk keeps it for nobody).

        `prompt`: a path without extension as Asterisk sees it, or an address it fetches. `offset`: samples to leave
        out. `limit`: seconds it may take, fetching included.
        """
        answer = await self._channel_command(line("STREAM FILE", prompt, keys, offset), limit=limit)
        if answer.number < 0:
            await self._still_there()
            return NotPlayed()
        if answer.number > 0:
            return Pressed(self._key(answer))
        heard = (answer.endpos or 0) - offset
        return Played(heard / PROMPT_RATE) if heard > 0 else NotPlayed()

    async def wait_for_digit(self, seconds: float) -> Pressed | Silence:
        """Wait so long for a key."""
        answer = await self._on_channel(line("WAIT FOR DIGIT", round(seconds * 1000)), limit=seconds + MARGIN)
        return Pressed(self._key(answer)) if answer.number else Silence()

    async def record_file(
        self,
        path: str,
        *,
        fmt: str = "wav",
        keys: str = "#",
        seconds: float,
        beep: bool = True,
        silence: int | None = None,
    ) -> Recording:
        """Record what the caller says into `path`.`fmt` on Asterisk's disk, at most so many `seconds`.

        Ended by any of `keys`, or by `silence` seconds without a word. A hang-up ends it too and does not raise.
        """
        words: list[str | int] = ["RECORD FILE", path, fmt, keys, round(seconds * 1000)]
        words += (["BEEP"] if beep else []) + ([f"s={silence}"] if silence else [])
        answer = await self._channel_command(line(*words), limit=seconds + 2 * MARGIN)
        length = max(answer.endpos or 0, 0) / _RATES.get(fmt, 8_000)
        match answer.value:
            case "hangup":
                self._connection.caller_gone()
                return Recording(ended_by="hang_up", seconds=length)
            case "dtmf" | "randomerror" if answer.number > 0:  # the latter: pressed while the beep was heard
                return Recording(ended_by="key", seconds=length, key=self._key(answer))
            case "timeout":
                return Recording(ended_by=_quiet_or_full(length, seconds, silence), seconds=length)
        if answer.number < 0:
            await self._still_there()
        return Recording(ended_by="failed", seconds=length)

    async def channel_status(self) -> ChannelState:
        """State of the caller's channel. Raises CallerHungUp when there is none."""
        answer = await self.command(line("CHANNEL STATUS"))
        if answer.number < 0:
            self._connection.caller_gone()
            raise CallerHungUp("The caller has hung up.")
        try:
            return ChannelState(answer.number)
        except ValueError:
            return ChannelState.DOWN

    async def get_variable(self, name: str) -> str | None:
        """A variable or function of the channel, None when it is not set. Works after the hang-up too."""
        answer = await self.command(line("GET VARIABLE", name))
        return answer.value if answer.number == 1 else None

    async def set_variable(self, name: str, value: str) -> None:
        """Set a variable or function of the channel. Works after the hang-up too."""
        await self.command(line("SET VARIABLE", name, value))

    async def execute(self, app: str, data: str = "", *, limit: float = 30.0) -> int:
        """Run an application, and return what it returned (0, mostly). Works after the hang-up too.

        Raises NoSuchApplication.
        """
        answer = await self.command(line("EXEC", app, data), limit=limit)
        if answer.number == -2:
            raise NoSuchApplication(answer.code, f"There is no application {app}.")
        return answer.number

    async def verbose(self, text: str, level: int = 1) -> None:
        """Say something in Asterisk's log. Works after the hang-up too."""
        await self.command(line("VERBOSE", " ".join(text.split()), level))

    def _key(self, answer: Answer) -> str:
        """The key whose ASCII number is the result."""
        if answer.number not in _KEYS:
            wrong = PeerError(f"{answer.result[:20]!r} is no key.")
            self._connection.drop(wrong, End.WRONG_ANSWER)
            raise wrong
        return chr(answer.number).upper()

    async def _channel_command(self, command: str, *, limit: float = MARGIN) -> Answer:
        """The answer to what only a live channel does."""
        if self._connection.hung_up:
            raise CallerHungUp("The caller has hung up.")
        return await self.command(command, limit=limit)

    async def _on_channel(self, command: str, *, limit: float = MARGIN) -> Answer:
        """The same, where -1 is a hang-up or a fault of the channel and nothing else."""
        answer = await self._channel_command(command, limit=limit)
        if answer.number < 0:
            await self._still_there()
            raise CommandRejected(answer.code, f"{command.partition(' ')[0]} failed on a live channel.")
        return answer

    async def _still_there(self) -> None:
        """Raise CallerHungUp unless the channel is up."""
        if not self._connection.hung_up:
            await self.channel_status()
        if self._connection.hung_up:  # HANGUP may come with that very answer
            raise CallerHungUp("The caller has hung up.")


def _quiet_or_full(length: float, most: float, silence: int | None) -> EndedBy:
    """Asterisk says "timeout" for both; it cuts most of the silence off, so that recording is shorter."""
    return "silence" if silence and length < most - 0.5 else "limit"
