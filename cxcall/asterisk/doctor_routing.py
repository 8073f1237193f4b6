"""Checks of what routing needs: that the dialplan can ask cxcall, where it asks, and the contexts that do it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.findings import Finding, info, ok, warn
from cxcall.asterisk.probe import Probe
from cxcall.settings import Ami, Web

_CHECK = "routing"
_CONTEXTS = {"cxcall-route": "s", "cxcall-preferred": "s", "cxcall-queue": "support"}
_USUAL = {"http": 80, "https": 443}


async def dialplan(probe: Probe, server: Ami, web: Web) -> Finding:
    """Can calls be asked about here? Nobody has to route by cxcall: without the context, that is said and no more."""
    missing = [name for name, exten in _CONTEXTS.items() if not await _there(probe, name, exten)]
    if "cxcall-route" in missing:
        return info(_CHECK, "The dialplan has no cxcall-route: calls go where it sends them without cxcall.")
    if missing:
        fix = "Take the newer extensions_cxcall.conf (`cxcall init` writes it), then `dialplan reload`."
        return warn(_CHECK, f"The dialplan lacks {', '.join(missing)}: not all of a decision is done.", fix)
    if text((await probe.ask("Getvar", Variable="CXCALL_ROUTE_BY")).answer, "Value") == "agi":
        return ok(_CHECK, "The dialplan asks over FastAGI.")
    if not (await probe.ask("ModuleCheck", Module="func_curl.so")).done:
        fix = "Load func_curl (FreePBX: in Asterisk's curl package), or set CXCALL_ROUTE_BY = agi in the globals."
        return warn(
            _CHECK, "func_curl is not loaded: the dialplan can't ask cxcall, and calls take their default.", fix
        )
    reply = await probe.ask("Getvar", Variable="CXCALL_URL")
    given = text(reply.answer, "Value")
    says = _amiss(given, server, web) if reply.done else ""
    if says:
        fix = "Set CXCALL_URL in globals_cxcall.conf to where that machine reaches cxcall, then `dialplan reload`."
        return warn(_CHECK, says, fix)
    return ok(_CHECK, f"The dialplan asks {given}." if given else "The dialplan asks.")


async def _there(probe: Probe, context: str, exten: str) -> bool:
    reply = await probe.ask("Getvar", Variable=f"DIALPLAN_EXISTS({context},{exten},1)")
    return text(reply.answer, "Value") != "0"


def _amiss(given: str, server: Ami, web: Web) -> str:
    """What is wrong with the address the dialplan asks; "" when nothing is."""
    if not given:
        return "The dialplan has no CXCALL_URL: nobody is asked where calls go."
    try:
        address = urlsplit(given)
        host, port = address.hostname, address.port or _USUAL.get(address.scheme)
    except ValueError:
        host = port = None
    if not host or port is None:
        return f"The dialplan's CXCALL_URL is {given}, which is no address of a web server."
    if not _is_loopback(host):
        return ""
    if not _is_loopback(server.host):
        return f"The dialplan asks {given}, which on {server.host} is that machine itself."
    if port != web.port and not web.public_url:
        return f"The dialplan asks {given}; cxcall listens on port {web.port}."
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
