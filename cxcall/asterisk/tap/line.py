"""One Asterisk as the tap asks it: how its calls can be listened to, who is on the line, what a caller said."""

from __future__ import annotations

from ipaddress import ip_address

from cxcall.asterisk import consent
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError, NotConnected, Refused
from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.following import Follower
from cxcall.asterisk.tap.snooping import Snooping
from cxcall.asterisk.tap.spying import Spying
from cxcall.asterisk.tap.ways import NotHeard, Way
from cxcall.calls.record import CallId
from cxcall.calls.stage import Stage
from cxcall.settings import Ami
from cxcall.speech.listening import Said

_ASK_S = 2.0
"""Seconds for Asterisk to say what it has."""

_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - seen, not bound


class Line:
    """What is asked of one server; `way` is None while it can't be listened to, and `problem` says why."""

    def __init__(self, server: Ami, client: Client, follower: Follower, audio: AudioServer) -> None:
        self.server = server
        self.follower = follower
        self.way: Way | None = None
        self.problem = "Not connected yet."
        self._client = client
        self._audio = audio

    @property
    def name(self) -> str:
        return self.server.name

    def stage(self, call_id: str) -> Stage | None:
        return self.follower.stage_of(CallId(call_id))

    async def prepare(self, ours: set[str]) -> None:
        """Find out how this Asterisk can be listened to, and end what an earlier process left there.

        `ours`: the ids of streams that are wanted.
        """
        try:
            way = await self._choose()
        except NotHeard as error:
            self.way, self.problem = None, str(error)
            return
        await way.sweep(ours)
        self.way, self.problem = way, ""

    async def said(self, stage: Stage) -> Said:
        """What the caller answered when asked."""
        return await consent.said(self._client, stage)

    async def _choose(self) -> Way:
        how = self.server.tap
        if how == "auto":
            how = "audiosocket" if await self._has_audiosocket() else "ari"
            if how == "ari" and not self.server.ari_url:
                raise NotHeard(
                    "This Asterisk has no AudioSocket (module chan_audiosocket). Load it, or set ari_url of its [[ami]]"
                    " table."
                )
        before = self.way
        if how == "ari":
            return before if isinstance(before, Snooping) else Snooping(self.server)
        if before is not None and not isinstance(before, Spying):
            await before.close()
        address = self._address()
        if isinstance(before, Spying) and before.address == address:
            return before
        return Spying(self._client, self._audio, address, self.follower.helpers)

    async def _has_audiosocket(self) -> bool:
        """A user who may not ask is taken to have it: the first spy shows."""
        try:
            await self._client.action("ModuleCheck", {"Module": "chan_audiosocket.so"}, limit=_ASK_S)
        except Refused as error:
            return "permission" in str(error).lower()
        except NotConnected:
            raise NotHeard("There is no connection to this Asterisk now.") from None
        except AmiError:
            return True
        return True

    def _address(self) -> str:
        """Where this Asterisk reaches our audio port."""
        if self.server.audio:
            return self.server.audio
        host, _, port = self._audio.address.rpartition(":")
        if not port:
            raise NotHeard("The audio port is not open.")
        if host in _EVERYWHERE:
            if not _is_this_machine(self.server.host):
                raise NotHeard(
                    f"Set audio of [[ami]] {self.name}: this machine's address as {self.server.host} sees it."
                )
            host = "127.0.0.1"
        return f"{host}:{port}"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
