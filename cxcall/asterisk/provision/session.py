"""A session for configuration files: of its own, so that the record's session neither waits nor keeps what is read.

Answers are long (a file of ten thousand members is a megabyte) and acts are slow (a file is written anew each time).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cxcall.asterisk.ami.client import address
from cxcall.asterisk.probe import Probe, ProbeFailed
from cxcall.settings import Ami

LONGEST = 32 << 20
PATIENCE_S = 30.0


class CannotReach(Exception):
    """There is no session; the text says why. Nothing was done."""


@asynccontextmanager
async def session(server: Ami) -> AsyncIterator[Probe]:
    """A logged-in session without events. Raises CannotReach before there is one; what comes later is ProbeFailed."""
    where = address(server)
    opening = Probe.connect(server, longest=LONGEST, patience=PATIENCE_S)
    try:
        probe = await opening.__aenter__()
    except ConnectionRefusedError:
        raise CannotReach(f"Nothing listens on {where}.") from None
    except TimeoutError:
        raise CannotReach(f"{where} did not answer in time.") from None
    except (OSError, ProbeFailed) as error:
        raise CannotReach(f"The connection to {where} failed: {error}") from error
    try:
        await _log_in(probe, server)
        yield probe
    finally:
        await opening.__aexit__(None, None, None)


async def _log_in(probe: Probe, server: Ami) -> None:
    try:
        reply = await probe.ask("Login", Username=server.username, Secret=server.secret, Events="off")
    except ProbeFailed as error:
        raise CannotReach(str(error)) from error
    if not reply.done:
        raise CannotReach(f"Asterisk refused the login of “{server.username}”: {reply.message}.")
