"""Which channels belong to the outside world: what tells inbound, outbound and internal calls apart.

Nothing in AMI says it. A site may name its trunks and contexts; without that, the contexts that FreePBX and most
hand-written dialplans use for lines from outside count as outside, the rest as inside.
"""

from __future__ import annotations

from dataclasses import dataclass

OUTSIDE_CONTEXTS = ("from-trunk", "from-pstn", "from-did", "from-extern", "ext-did")
"""Beginnings of context names that mean outside: lines, and numbers dialled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """`outside`: beginnings of context names; `trunks`: channel names without their suffix, `PJSIP/trunk`.

    `inside` names whole contexts that are inside although a beginning in `outside` fits them.
    """

    outside: tuple[str, ...] = OUTSIDE_CONTEXTS
    trunks: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()

    def is_outside(self, channel: str, context: str | None) -> bool:
        """Whether a channel, born in `context`, leads out of the house."""
        if self.trunks and endpoint(channel) in self.trunks:
            return True
        return context is not None and context.startswith(self.outside) and context not in self.inside


def endpoint(channel: str) -> str:
    """`PJSIP/1001-0000002a` → `PJSIP/1001`: a channel's device, its name without the running number."""
    return channel.rpartition("-")[0] or channel
