"""A tone in the agent's ear alone: somebody is in the call now."""

from __future__ import annotations

from typing import Any

import structlog

from cxcall.asterisk.acts import calls, spies
from cxcall.asterisk.acts.limits import LIMIT
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.bus import CommandRefused

CONTEXT = "cxcall-tell"
"""What says it (asterisk-conf/extensions_cxcall.conf): a sound, since generated tones don't come through here."""

log = structlog.get_logger(__name__)


async def tell(client: Client, uid: str, mark: str) -> None:
    """Have who is at the channel `uid` hear it; where that can't be, it is logged and nothing else happens."""
    try:
        if await calls.exists(client, CONTEXT, "s"):
            await client.act("Originate", _fields(uid, mark), limit=LIMIT)
            return
        why = "there is no context cxcall-tell: renew extensions_cxcall.conf"
    except (AmiError, CommandRefused) as error:
        why = str(error)
    log.warning("an agent could not be told by a tone that somebody listens", why=why)


def _fields(uid: str, mark: str) -> dict[str, Any]:
    one = spies.new_id(mark)
    return {
        "Channel": f"Local/s@{CONTEXT}/n",
        "Application": "ChanSpy",
        "Data": f"{uid},{spies.BASE}W",
        "CallerID": '"cxcall" <cxcall>',
        "ChannelId": one,
        "OtherChannelId": f"{one}-2",
        "Variable": "CDR_PROP(disable)=1",
        "Timeout": "5000",
        "Async": "true",
    }
