"""Which phone a `hint:998@ext-local` stands for: how FreePBX and Issabel name the state of their queue members."""

from __future__ import annotations

import re

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError, Refused
from cxcall.asterisk.ami.message import text

PREFIX = "hint:"
_PHONE = re.compile(r"(PJSIP|SIP|IAX2|DAHDI|SCCP|MGCP|Skinny|UniStim)/[^&,@]+", re.IGNORECASE)


async def phone_of(client: Client, hint: str) -> str | None:
    """The first phone that the hint watches (`PJSIP/998`), or the hint itself where it watches none.

    None when Asterisk could not be asked now.
    """
    extension, _, context = hint.removeprefix(PREFIX).partition("@")
    try:
        answer = await client.action("ExtensionState", {"Exten": extension, "Context": context or "default"})
    except Refused:
        return hint
    except (AmiError, ValueError):
        return None
    watched = _PHONE.match(text(answer, "Hint"))
    return hint if watched is None else watched[0]
