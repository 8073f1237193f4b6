"""The wallboard: how it is asked for and followed. The shapes are in cxcall.calls.board_shapes.

The command SNAPSHOT (None) gives a BoardSnapshot while the listener role runs. The channels carry patches, at most two
a second: `{"at": …}` with what changed of `figures`, `queues`, `agents` (entries by key, null: gone), `calls`,
`servers`, `day`, `day_began`, `complete`. A page asks for the number of the channel first and for the snapshot then:
patches name whole entries, so one that is in the snapshot already does no harm.
"""

from __future__ import annotations

SNAPSHOT = "board:snapshot"

BOARD = "board"
"""Channel for those who oversee."""

OPEN = "board:open"
"""Channel for everybody who is signed in, and for screens on the wall: nothing of it tells who calls."""
