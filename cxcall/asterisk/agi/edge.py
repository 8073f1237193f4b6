"""The FastAGI port of this process: opened where the settings say, its state told to whoever asks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from cxcall.asterisk.agi.counters import AgiStatus
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.server import Handler, Server
from cxcall.bus import Commands
from cxcall.settings import Agi


class AgiEdge:
    """Serves `scripts` (path → handler) while `serving` lasts, and `agi:status` (an AgiStatus) on `commands`."""

    def __init__(
        self, *, settings: Agi, commands: Commands, scripts: Mapping[str, Handler], limits: Limits | None = None
    ) -> None:
        self._settings = settings
        self._commands = commands
        self._server = Server(scripts, limits)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The port is open; gives `host:port`. Raises OSError when it can't be opened."""
        async with self._server.listening(self._settings.host, self._settings.port) as address:
            withdraw = self._commands.serve("agi:status", self._tell)
            try:
                yield address
            finally:
                withdraw()

    def status(self) -> AgiStatus:
        return self._server.status()

    async def _tell(self, _: object) -> AgiStatus:
        return self.status()
