"""The listening sockets of FastAGI and AudioSocket: how many wait there, and what a flood may take."""

from __future__ import annotations

import asyncio
import socket

BACKLOG = 1024
"""Connections the kernel keeps for us until we accept them."""

AT_ONCE = 16
"""Connections accepted in one turn of the event loop: a flood leaves the others their turn, and none that was just
accepted is crowded out before its first bytes could be read."""


async def opened(host: str, port: int) -> socket.socket:
    """A listening socket on the first address of `host`; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, _, _, _, address = found[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)


def told(door: socket.socket) -> str:
    """`host:port` where it really is."""
    return "{}:{}".format(*door.getsockname())
