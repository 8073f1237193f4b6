"""Free ports of the loopback interface."""

from __future__ import annotations

import random
import socket

FIRST, LAST = 20_000, 32_000
"""Below the range the kernel hands out for outgoing connections, so nothing slips in between choice and use."""


def free_port() -> int:
    """Return a port that nothing on 127.0.0.1 holds, neither UDP nor TCP."""
    for _ in range(1_000):
        port = random.randrange(FIRST, LAST)
        if is_free(port):
            return port
    raise OSError(f"no free port between {FIRST} and {LAST}")


def is_free(port: int) -> bool:
    """Say whether nothing on 127.0.0.1 holds `port`, neither UDP nor TCP."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
