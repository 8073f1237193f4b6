"""What ids and dial strings tell: a channel's birth second, the number that was dialled."""

from __future__ import annotations

import re

_BORN = re.compile(r"(\d{9,10})\.\d{1,9}$")
_NUMBER = re.compile(r"\+?[0-9*#]{2,32}$")


def born_by_id(uid: str, now: float | None) -> float | None:
    """Asterisk's Uniqueid ends in `SECOND.COUNTER`: the epoch second of the channel's birth, None for other ids."""
    match = _BORN.search(uid)
    if match is None:
        return None
    born = float(match.group(1))
    return born if now is None or born <= now + 60 else None


def birth_order(uid: str) -> tuple[int, int] | None:
    """What sorts Uniqueids of one server by birth, None for other ids."""
    match = _BORN.search(uid)
    return None if match is None else (int(match.group(1)), int(uid.rpartition(".")[2]))


def dialled_number(dial_string: str | None) -> str | None:
    """The number in a dial string of any channel driver, None when it only names a device.

    `5559876@trunk` (PJSIP, SIP), `trunk/5559876` (SIP, IAX2), `trunk/sip:5559876@host` (PJSIP), `g1/5559876` (DAHDI),
    with or without the driver's name before it.
    """
    if dial_string is None:
        return None
    plain = dial_string.split(",", 1)[0].split("^", 1)[0]
    tail = plain.rpartition("/")[2].removeprefix("sip:").removeprefix("sips:")
    number = tail.partition("@")[0].partition(":")[0]
    return number if _NUMBER.match(number) else None
