"""What an Asterisk has that queues may name: phones, music, queues of other files. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.probe import Probe
from cxcall.asterisk.provision import files
from cxcall.asterisk.provision.applying import dial_of
from cxcall.asterisk.provision.files import MayNot
from cxcall.asterisk.provision.writing import live_queues
from cxcall.bus.queues import SwitchFacts

_LISTS = (("PJSIPShowEndpoints", "EndpointList", "PJSIP/"), ("SIPpeers", "PeerEntry", "SIP/"))


async def facts(probe: Probe, own: Collection[str]) -> SwitchFacts:
    """`own`: names of queues that cxcall wrote. Raises ProbeFailed."""
    mine = {name.casefold() for name in own}
    return SwitchFacts(
        phones=await _phones(probe),
        music=await _music(probe),
        foreign=frozenset(name for name in await live_queues(probe) if name.casefold() not in mine),
        dial=await dial_of(probe),
    )


async def _phones(probe: Probe) -> frozenset[str] | None:
    """Interfaces of all phones; None when no driver tells."""
    found: set[str] = set()
    told = False
    for action, event, prefix in _LISTS:
        reply = await probe.ask(action)
        told = told or reply.done
        found |= {prefix + text(item, "ObjectName") for item in reply.items if text(item, "Event") == event}
    return frozenset(found) if told else None


async def _music(probe: Probe) -> frozenset[str] | None:
    try:
        sections = await files.read_file(probe, "musiconhold.conf")
    except MayNot:
        return None
    if sections is None:
        return None
    return frozenset({"default", *(one.name for one in sections if one.name != "general" and not one.template)})
