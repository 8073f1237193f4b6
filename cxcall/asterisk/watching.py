"""Somebody who watches the calls of an Asterisk as they change, in the process and at the moment they are followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.following import Follower
from cxcall.calls.changes import Change
from cxcall.settings import Ami

log = structlog.get_logger(__name__)


class Watcher(Protocol):
    """All methods return at once: the next events wait for them."""

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        """A server is going to be followed."""

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        """These changes have just happened."""

    def told(self, server: str, event: str, message: Headers) -> None:
        """An event of `reading.WATCHED`."""

    def listed(self, server: str) -> None:
        """Connected, and all that is up is known."""


class Watchers:
    """All who watch, told in turn; what one of them fails at costs neither the record nor the others anything."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        for watcher in self._watchers:
            watcher.attach(server, client, calls)

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        for watcher in self._watchers:
            self._safely(server, partial(watcher.heard, server, changes))

    def told(self, server: str, event: str, message: Headers) -> None:
        for watcher in self._watchers:
            self._safely(server, partial(watcher.told, server, event, message))

    def listed(self, server: str) -> None:
        for watcher in self._watchers:
            self._safely(server, partial(watcher.listed, server))

    def _safely(self, server: str, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception:
            log.exception("who watches the calls failed", server=server)
