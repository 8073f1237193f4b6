"""ChanSpy into AudioSocket: one Originate a speaker, nothing in the dialplan, nothing left behind.

The options: quiet, only what comes from this channel, long queue (a phone whose packets come late loses none), end with
the channel, and when there is none. `u`: the channel by its unique id, so that no other whose name begins alike is
taken and a renamed one is found. Measured: docs/decisions/0171.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from uuid import UUID

import structlog

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.tap.ear import Ear
from cxcall.asterisk.tap.ways import CONNECT_S, SPY, NotHeard

OPTIONS = "quoESl"
_ACTION_S = 3.0

log = structlog.get_logger(__name__)


class Spying:
    """Spies on channels of one server. `helpers`: unique id and name of its channels that are nobody's party."""

    name = "audiosocket"

    def __init__(
        self, client: Client, audio: AudioServer, address: str, helpers: Callable[[], list[tuple[str, str]]]
    ) -> None:
        self._client = client
        self._audio = audio
        self.address = address
        self._helpers = helpers
        self._asked: dict[str, Ear] = {}

    async def begin(self, ear: Ear) -> None:
        self._audio.expect(ear.id, ear)
        self._asked[ear.id] = ear
        try:
            await self._client.act("Originate", self._spy(ear), limit=_ACTION_S)
            async with asyncio.timeout(CONNECT_S):
                await asyncio.shield(ear.here)
        except AmiError as error:
            raise NotHeard(f"Asterisk did not begin to listen: {error}") from error
        except TimeoutError:
            raise NotHeard(f"Asterisk did not connect to {self.address} within {CONNECT_S:g} s.") from None
        except asyncio.CancelledError:
            if not ear.here.cancelled():
                raise
        finally:
            self._asked.pop(ear.id, None)
            if not ear.open:
                self._audio.forget(ear.id)

    def end(self, ear: Ear) -> None:
        self._audio.forget(ear.id)

    def originated(self, message: Headers) -> None:
        """A spy that could not be made is not waited for."""
        channel = text(message, "Channel")
        if text(message, "Response") != "Failure" or not channel.startswith("AudioSocket/"):
            return
        with contextlib.suppress(ValueError):
            ear = self._asked.get(str(UUID(channel[-36:])))
            if ear is not None and not ear.here.done():
                why = f"Asterisk can't connect to {self.address}: is cxcall's audio port open to its machine?"
                ear.here.set_exception(NotHeard(why))

    async def sweep(self, ours: set[str]) -> None:
        """Only spies that send to our own address: another cxcall may listen to the same Asterisk."""
        for uid, name in self._helpers():
            if uid.startswith(SPY) and uid.removeprefix(SPY) not in ours and f"/{self.address}" in name:
                with contextlib.suppress(AmiError):
                    await self._client.action("Hangup", {"Channel": name}, limit=_ACTION_S)
                    log.info("a spy that an earlier process left behind was ended", channel=name)

    async def close(self) -> None:
        """The audio port ends what is left."""

    def _spy(self, ear: Ear) -> dict[str, str]:
        return {
            "Channel": f"AudioSocket/{self.address}/{ear.id}",
            "Application": "ChanSpy",
            "Data": f"{ear.stream.unique_id},{OPTIONS}",
            "CallerID": '"cxcall" <cxcall>',
            "ChannelId": f"{SPY}{ear.id}",
            "Variable": "CDR_PROP(disable)=1",
            "Async": "true",
        }
