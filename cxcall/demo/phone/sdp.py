"""What two phones say about their audio before they talk (SDP, RFC 8866): G.711 µ-law and key presses, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

KEYS_PAYLOAD = 101
"""RTP payload type of key presses (RFC 4733) in our offers."""

_OTHER_SIDE: dict[Direction, Direction] = {
    "sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Where one side listens, and which way sound goes as that side sees it."""

    host: str
    port: int
    direction: Direction = "sendrecv"

    @property
    def answered(self) -> Direction:
        """The direction for the other side to answer with."""
        return _OTHER_SIDE[self.direction]


def write(audio: Audio, version: int) -> str:
    """Return the description of `audio`; `version` must grow with every new one of a call."""
    lines = (
        "v=0",
        f"o=- 1 {version} IN IP4 {audio.host}",
        "s=-",
        f"c=IN IP4 {audio.host}",
        "t=0 0",
        f"m=audio {audio.port} RTP/AVP 0 {KEYS_PAYLOAD}",
        "a=rtpmap:0 PCMU/8000",
        f"a=rtpmap:{KEYS_PAYLOAD} telephone-event/8000",
        f"a=fmtp:{KEYS_PAYLOAD} 0-16",
        "a=ptime:20",
        f"a={audio.direction}",
    )
    return "".join(f"{line}\r\n" for line in lines)


def read(text: str) -> Audio | None:
    """Return the audio described in `text`, None when there is none."""
    media = re.search(r"^m=audio (\d{1,5}) ", text, re.MULTILINE)
    host = re.search(r"^c=IN IP4 (\S+)", text, re.MULTILINE)
    if media is None or host is None:
        return None
    direction = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", text, re.MULTILINE)
    way: Direction = direction[1] if direction else "sendrecv"  # type: ignore[assignment]  # one of the four by the pattern
    return Audio(host=host[1], port=int(media[1]), direction=way)
