"""`/route`: where should this call go? For dialplans that ask over FastAGI; asterisk-conf asks over HTTP instead."""

from __future__ import annotations

from cxcall.asterisk.agi.session import Session


async def handle(session: Session) -> None:
    """Set CX_STATUS to `default`: no opinion, the dialplan takes the queue it would have taken without us.

    That is all until there are routing rules; CX_STATUS is set whatever else is, so a dialplan may wait for it.
    """
    await session.set_variable("CX_STATUS", "default")
