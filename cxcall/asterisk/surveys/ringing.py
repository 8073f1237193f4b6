"""Ringing somebody into a script of ours: the dialplan's `cxcall-ring` with a token."""

from __future__ import annotations

import re

import phonenumbers

from cxcall.bus import Commands
from cxcall.bus.acts import Originate
from cxcall.customers.number import national

CONTEXT = "cxcall-ring"
_PHONE = re.compile(r"[A-Za-z0-9]{2,10}/[\w.+-]{1,40}", re.ASCII)


async def ring(
    commands: Commands, server: str, channel: str, *, script: str, token: str, channel_id: str, seconds: float
) -> None:
    """Ring `channel` on `server`; answered, it comes to us as `/script` with `token`.

    Raises CommandRefused when Asterisk does not take it, NoAnswer when nobody talks with that Asterisk here.
    """
    act = Originate(
        channel=channel,
        context=CONTEXT,
        variables={"CX_SCRIPT": script, "CX_TOKEN": token},
        timeout=seconds,
        channel_id=channel_id,
    )
    await commands.ask(f"ami:{server}", act, timeout=5.0)


def is_phone(extension: str) -> bool:
    """Whether this is an interface (`PJSIP/1001`) or the number of a phone."""
    return _PHONE.fullmatch(extension) is not None or re.fullmatch(r"[\w*#]{1,20}", extension, re.ASCII) is not None


def dialled(number: str, country: str) -> str:
    """An E.164 number as somebody in `country` dials it: without the country code at home, else with 00."""
    own = phonenumbers.country_code_for_region(country.upper())
    return national(number) if number.startswith(f"+{own}") else f"00{number.removeprefix('+')}"
