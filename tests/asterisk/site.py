"""A whole site for the tests of this folder: a private Asterisk, its phones, and `cxcall serve` that follows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cxcall.demo.switch import Site, Switch, Tree
from tests.asterisk.conftest import Phones, connect_phones
from tests.support.serving import Serving, serving

SUPPORT = "02191000500"
"""The site's number that leads into the queue `support` (1001, 1002, 1003)."""

SALES = "02191000501"
"""The number that leads into the queue `sales` (1004, 1005; 1003 when both are taken), who are asked in turn."""

DIRECT = "0219100"
"""Followed by an extension: the number that leads straight to that phone."""

CALLER = "09121234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    switch: Switch
    phones: Phones
    cxcall: Serving


def ami_of(switch: Switch) -> dict[str, str]:
    """The settings with which cxcall follows `switch`."""
    return {
        "CXCALL_AMI__NAME": switch.name,
        "CXCALL_AMI__PORT": str(switch.ami_port),
        "CXCALL_AMI__USERNAME": switch.username,
        "CXCALL_AMI__SECRET": switch.secret,
    }


@asynccontextmanager
async def centre(folder: Path, tree: Tree, site: Site | None = None) -> AsyncIterator[Centre]:
    """A site under `folder` whose every part works, until the end of the context."""
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site or Site(name="lab")))
        running.push_async_callback(switch.kill)  # nobody needs an orderly end
        phones = await connect_phones(switch, running)
        cxcall = await running.enter_async_context(serving(folder, ami_of(switch)))
        await cxcall.connected()
        yield Centre(switch=switch, phones=phones, cxcall=cxcall)
