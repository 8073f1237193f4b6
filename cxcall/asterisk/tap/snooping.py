"""Snoop channels and RTP over Asterisk's REST interface, for builds without AudioSocket (Debian's Asterisk 16).

Three things are made for a speaker: a Snoop channel that has what comes from theirs, an external medium that sends RTP
to a port of ours, and a bridge that joins the two. Asterisk ends only the first by itself, so all three are ended when
any is. On Asterisk 16 a ChanSpy into RTP loses frames and this way does not (docs/decisions/0173).
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import structlog

from cxcall.asterisk.tap.ari import APP, Ari, AriError
from cxcall.asterisk.tap.ear import Ear
from cxcall.asterisk.tap.rtp import RtpPort
from cxcall.asterisk.tap.ways import NotHeard
from cxcall.settings import Ami

SNOOP, MEDIUM, BRIDGE = "cxsnoop-", "cxem-", "cxbr-"
"""What the ids of the three begin with; the stream's id follows."""

_NO_CDR = {"variables": {"CDR_PROP(disable)": "1"}}

log = structlog.get_logger(__name__)


class Snooping:
    """Listens to channels of one server."""

    name = "ari"

    def __init__(self, server: Ami) -> None:
        self._ari = Ari(server, gone=self._gone, lost=self._lost)
        self._ears: dict[str, Ear] = {}
        self._ports: dict[str, asyncio.DatagramTransport] = {}
        self._tidying: set[asyncio.Task[None]] = set()

    async def begin(self, ear: Ear) -> None:
        self._ears[ear.id] = ear
        try:
            await self._ari.ready()
            await self._join(ear)
        except (AriError, OSError) as error:
            self.end(ear)
            raise NotHeard(f"Asterisk did not begin to listen: {error}") from error
        except asyncio.CancelledError:
            self.end(ear)
            raise
        if ear.closed is None:
            ear.arrived()

    def end(self, ear: Ear) -> None:
        if self._ears.pop(ear.id, None) is not None:
            self._tidy(ear.id)

    async def sweep(self, ours: set[str]) -> None:
        """Only what sends to our own address: another cxcall may listen to the same Asterisk."""
        with contextlib.suppress(AriError):
            await self._ari.ready()
            for channel in await self._ari.ask("GET", "/channels") or ():
                name, uid = str(channel.get("name", "")), str(channel.get("id", ""))
                stream = uid.removeprefix(MEDIUM)
                if uid != stream and stream not in ours and name.startswith(f"UnicastRTP/{self._ari.host}:"):
                    log.info("listening that an earlier process left behind was ended", channel=name)
                    await self._undo(stream)

    async def close(self) -> None:
        """End everything; the calls go on."""
        for ear in list(self._ears.values()):
            self.end(ear)
        await asyncio.gather(*self._tidying, return_exceptions=True)
        await self._ari.close()

    async def _join(self, ear: Ear) -> None:
        loop = asyncio.get_running_loop()
        port, _ = await loop.create_datagram_endpoint(lambda: RtpPort(ear), local_addr=(self._ari.host, 0))
        self._ports[ear.id] = port
        to = "{}:{}".format(*port.get_extra_info("sockname")[:2])
        ask, stream = self._ari.ask, ear.id
        await ask("POST", f"/channels/{ear.stream.unique_id}/snoop/{SNOOP}{stream}", spy="in", app=APP)
        no_cdr = {"variable": "CDR_PROP(disable)", "value": "1"}
        with contextlib.suppress(AriError):
            await ask("POST", f"/channels/{SNOOP}{stream}/variable", **no_cdr)
        medium = {"channelId": f"{MEDIUM}{stream}", "external_host": to, "format": "ulaw"}
        await ask("POST", "/channels/externalMedia", _NO_CDR, app=APP, **medium)
        await ask("POST", f"/bridges/{BRIDGE}{stream}", type="mixing")
        both = f"{SNOOP}{stream},{MEDIUM}{stream}"
        await ask("POST", f"/bridges/{BRIDGE}{stream}/addChannel", channel=both)

    def _gone(self, channel: str) -> None:
        """A channel of ours has ended: the one it listened to is gone."""
        for kind in (SNOOP, MEDIUM):
            ear = self._ears.get(channel.removeprefix(kind))
            if ear is not None:
                self.end(ear)
                ear.close("hung_up", time.time())

    def _lost(self) -> None:
        for ear in list(self._ears.values()):
            self.end(ear)
            ear.close("lost", time.time())

    def _tidy(self, stream: str) -> None:
        port = self._ports.pop(stream, None)
        if port is not None:
            port.close()
        task = asyncio.create_task(self._undo(stream))
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    async def _undo(self, stream: str) -> None:
        """End all that was made for a stream; what is gone already is gone."""
        for path in (f"/channels/{SNOOP}{stream}", f"/channels/{MEDIUM}{stream}", f"/bridges/{BRIDGE}{stream}"):
            with contextlib.suppress(AriError):
                await self._ari.ask("DELETE", path)
