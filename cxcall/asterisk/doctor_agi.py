"""Checks of FastAGI: does our own port answer, and does Asterisk's dialplan know where it is."""

from __future__ import annotations

import asyncio
import contextlib
import re
from ipaddress import ip_address

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.findings import Finding, fail, info, ok, warn
from cxcall.asterisk.probe import Probe
from cxcall.settings import Agi, Ami

_CHECK = "FastAGI"
_SECONDS = 3.0
_ADDRESS = re.compile(r"agi://(\[[0-9a-fA-F:]+\]|[^:/\s]+)(?::(\d{1,5}))?/?", re.ASCII)
_USUAL_PORT = 4573
_ASKS = b"agi_network: yes\nagi_network_script: route\nagi_uniqueid: cxcall-doctor\n\n"
_SAYS = b"SET VARIABLE CX_STATUS "
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - seen, not bound


async def port(settings: Agi) -> Finding:
    """Does cxcall answer on its FastAGI port? Asked as Asterisk would, by the script that changes nothing."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    where = f"{host}:{settings.port}"
    try:
        said = await _converse(host, settings.port)
    except ConnectionRefusedError:
        return warn(_CHECK, f"Nothing listens on {where}: cxcall does not run now.", "Start it: cxcall serve")
    except (OSError, TimeoutError) as error:
        says = f"{where} can't be asked: {str(error) or 'no answer'}."
        return fail(_CHECK, says, "Check agi.host and agi.port, and restart cxcall when it runs.")
    if not said.startswith(_SAYS):
        fix = "Set agi.port to a port nothing else has, and CXCALL_AGI in Asterisk's globals to the same."
        return fail(_CHECK, f"What answers on {where} is not cxcall.", fix)
    return ok(_CHECK, f"cxcall answers on {where}.")


async def dialplan(probe: Probe, server: Ami, settings: Agi) -> Finding:
    """Is what the dialplan calls, its global CXCALL_AGI, the port we listen on, and can Asterisk's machine reach it?"""
    reply = await probe.ask("Getvar", Variable="CXCALL_AGI")
    if not reply.done:
        return info(_CHECK, f"The dialplan's CXCALL_AGI can't be read from here: {reply.message}.")
    given = text(reply.answer, "Value")
    match = _ADDRESS.fullmatch(given)
    says = _amiss(given, match, server, settings)
    if not says:
        return ok(_CHECK, f"The dialplan asks {given}.")
    fix = (
        f"Set CXCALL_AGI = agi://ADDRESS:{settings.port} in globals_cxcall.conf, ADDRESS being this machine as"
        f" {server.host} reaches it, then `dialplan reload`."
    )
    if match is not None and _is_loopback(settings.host) and not _is_loopback(match[1]):
        fix = "Set agi.host to that address, or to 0.0.0.0 behind a firewall, and restart cxcall."
    return warn(_CHECK, says, fix)


def _amiss(given: str, match: re.Match[str] | None, server: Ami, settings: Agi) -> str:
    """What is wrong with the address the dialplan calls; "" when nothing is."""
    if not given:
        return "The dialplan has no CXCALL_AGI: no caller is asked how it was."
    if match is None:
        return f"The dialplan's CXCALL_AGI is {given}, which is no address of a FastAGI server."
    if int(match[2] or _USUAL_PORT) != settings.port:
        return f"The dialplan asks {given}; cxcall listens on port {settings.port}."
    if _is_loopback(match[1]) and not _is_loopback(server.host):
        return f"The dialplan asks {given}, which on {server.host} is that machine itself."
    if _is_loopback(settings.host) and not _is_loopback(match[1]):
        return f"The dialplan asks {given}; cxcall listens on {settings.host}, which only this machine reaches."
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def _converse(host: str, port: int) -> bytes:
    """The first line of what is answered to Asterisk's header. Raises OSError or TimeoutError."""
    async with asyncio.timeout(_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(_ASKS)
            said = await reader.readline()
            writer.write(b"200 result=1\n")
        except ValueError:  # a line without end
            said = b""
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    return said
