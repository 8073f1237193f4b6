"""How somebody is put into a call: the phone is rung, and ChanSpy runs on it once it is answered.

On the agent's own phone, by its unique id: so nobody is heard by the wrong ears behind a Local or hint member either,
whose outer half is a mirror (docs/decisions/0336). `q`: no beep, `u`: by unique id, `E` and `S`: over with that phone's
call. Our channels are known by their id: no party of a call, no CDR.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

from cxcall.bus.monitoring import MODES, Mode

BASE = "quES"
OPTIONS: dict[Mode, str] = {"listen": "", "whisper": "w", "join": "B"}
KEYS: dict[Mode, str] = {"listen": "4", "whisper": "5", "join": "6"}
BY_KEY: dict[str, Mode] = {key: mode for mode, key in KEYS.items()}
PREFIX = "cxsup-"
RING_S = 30.0
"""Seconds the phone may ring."""

_UNSAID = re.compile(r'["<>;,\r\n\\]')


def mark(site: str) -> str:
    """The beginning of the ids of this cxcall's channels: another one may follow the same Asterisk."""
    return f"{PREFIX}{hashlib.sha256(site.encode()).hexdigest()[:8]}-"


def new_id(beginning: str) -> str:
    return f"{beginning}{uuid.uuid4()}"


def switches(may: frozenset[Mode]) -> bool:
    """Whether the mode may be changed by keys: the phone itself asks nobody for a right."""
    return may.issuperset(MODES)


def listening(uid: str, *, phone: str, mode: Mode, keys: bool, name: str, channel_id: str) -> dict[str, Any]:
    """The Originate that puts `phone` into the call of the channel `uid`; `name`: what its display shows."""
    fields = {
        "Channel": phone,
        "Application": "ChanSpy",
        "Data": f"{uid},{BASE}{OPTIONS[mode]}{'d' if keys else ''}",
        "CallerID": f'"{_UNSAID.sub(" ", name)[:60]}" <cxcall>',
        "ChannelId": channel_id,
        "Variable": "CDR_PROP(disable)=1",
        "Timeout": str(round(RING_S * 1000)),
        "Async": "true",
    }
    if phone.startswith("Local/"):
        fields["OtherChannelId"] = f"{channel_id}-2"
    return fields
