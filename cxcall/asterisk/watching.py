"""Somebody who watches the calls of an Asterisk as they change, in the process and at the moment they are followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.following import Follower
from cxcall.calls.changes import Change
from cxcall.settings import Ami


class Watcher(Protocol):
    """All methods return at once: the next events wait for them."""

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        """A server is going to be followed."""

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        """These changes have just happened."""

    def originated(self, server: str, message: Headers) -> None:
        """Asterisk tells what became of a channel it was asked to make (OriginateResponse)."""

    def listed(self, server: str) -> None:
        """Connected, and all that is up is known."""
