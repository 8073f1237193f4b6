"""What is going on now, asked of Asterisk after every login and put into the stream as a snapshot.

The manager interface replays nothing: what happened while we were away is only in its present state. The lists
are events of the same stream (and journal), between `CxcallSnapshotStart` and `CxcallSnapshotEnd`; at the end the
tracker keeps the calls it knew, adds those it finds, ends those that are gone and marks the gap.
CoreShowChannels names the bridge of each channel, so BridgeInfo is not needed for the members of a bridge.
"""

from __future__ import annotations

import structlog

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import Refused

log = structlog.get_logger(__name__)

LISTS = ("CoreShowChannels", "BridgeList", "QueueStatus")
EVENTS = frozenset({"CoreShowChannel", "BridgeListItem", "QueueParams", "QueueMember", "QueueEntry"})
"""The events these lists consist of."""


async def resync(client: Client) -> None:
    """Ask for the lists, one after the other.

    A list that Asterisk refuses (a module that is not loaded) is left out and logged, but without the channels nothing
    is known: that, and an answer that does not come, is an AmiError, no end marker is written, and the session starts
    again. Half a snapshot ends no call; the next one takes its place.
    """
    client.mark("CxcallSnapshotStart")
    for name in LISTS:
        try:
            await client.listing(name)
        except Refused as error:
            if name == "CoreShowChannels":
                raise Refused(f"Asterisk does not tell which calls are up: {error}.") from error
            log.warning("a list is missing from the snapshot", action=name, error=str(error))
    client.mark("CxcallSnapshotEnd")
