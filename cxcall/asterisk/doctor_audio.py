"""Checks of live sound: does our audio port answer, can Asterisk listen, and does what it hears reach us."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from ipaddress import ip_address

import aiohttp

from cxcall.asterisk.findings import Finding, fail, info, ok, warn
from cxcall.asterisk.probe import Probe
from cxcall.settings import Ami, Audio
from cxcall.speech.audiosocket import name

_CHECK = "live sound"
_SECONDS = 3.0
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - seen, not bound

_MODULES = (
    ("app_chanspy", "no call can be heard live"),
    ("app_mixmonitor", "no call can be recorded"),
    ("func_jitterbuffer", "CXCALL_JITTER has no effect"),
)


async def port(settings: Audio) -> Finding:
    """Does cxcall answer on its audio port? It lets go of a stream that nobody asked for, without a word."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    where = f"{host}:{settings.port}"
    try:
        said = await _knock(host, settings.port)
    except ConnectionRefusedError:
        return warn(_CHECK, f"Nothing listens on {where}: cxcall does not run now.", "Start it: cxcall serve")
    except (OSError, TimeoutError) as error:
        says = f"{where} can't be asked: {str(error) or 'no answer'}."
        return fail(_CHECK, says, "Check audio.host and audio.port, and restart cxcall when it runs.")
    if said:
        return fail(_CHECK, f"What answers on {where} is not cxcall.", "Set audio.port to a port nothing else has.")
    if settings.host in _EVERYWHERE:
        fix = (
            f"Set audio.host to the address Asterisk reaches, and let no other machine through to port {settings.port}."
        )
        return warn(
            _CHECK, "The audio port is open on every address of this machine, and AudioSocket has no password.", fix
        )
    return ok(_CHECK, f"cxcall answers on {where}.")


async def listening(probe: Probe, server: Ami, settings: Audio) -> list[Finding]:
    """What this Asterisk needs to be listened to, and whether it reaches our audio port."""
    found = []
    missing = [(module, loss) for module, loss in _MODULES if not await _has(probe, module)]
    if missing:
        says = "Not loaded: " + "; ".join(f"{module} ({loss})" for module, loss in missing) + "."
        found.append(warn("modules", says, "Load them in modules.conf, and restart Asterisk or `module load` each."))
    if server.tap == "ari" or not await _has(probe, "chan_audiosocket"):
        found.append(await _ari(server))
    else:
        found.append(await _reached(probe, server, settings))
    return found


async def _has(probe: Probe, module: str) -> bool:
    """Whether a module is loaded; one that can't be asked for counts as there."""
    reply = await probe.ask("ModuleCheck", Module=f"{module}.so")
    return reply.done or reply.forbidden


async def _reached(probe: Probe, server: Ami, settings: Audio) -> Finding:
    """Have Asterisk connect to our port: a spy on nobody, which ends at once and is in no CDR (cxspy-)."""
    where, fix = _address(server, settings)
    if not where:
        return warn(_CHECK, f"{server.host} can't reach {settings.host}, where cxcall takes its sound.", fix)
    id_ = uuid.uuid4()
    fields = {
        "Channel": f"AudioSocket/{where}/{id_}", "Application": "ChanSpy", "Data": "cxcall-doctor,quoES",
        "ChannelId": f"cxspy-{id_}", "Variable": "CDR_PROP(disable)=1", "Timeout": "2000", "Async": "false",
    }  # fmt: skip
    reply = await probe.ask("Originate", **fields)
    if reply.done:
        return ok(_CHECK, f"Asterisk reaches {where}.")
    if reply.forbidden:
        return info(_CHECK, "Whether Asterisk reaches the audio port can't be tried: the right `originate` is missing.")
    return warn(_CHECK, f"Asterisk can't connect to {where}: calls are not heard live.", fix)


def _address(server: Ami, settings: Audio) -> tuple[str, str]:
    """Where Asterisk is to connect, "" when that can't be right; and what to do when it does not work."""
    fix = (
        f"See that cxcall runs (cxcall serve) and that {server.host} may connect to port {settings.port}; or set audio"
        f" of [[ami]] {server.name} to host:port as that machine reaches this one."
    )
    if server.audio:
        return server.audio, fix
    if _is_loopback(settings.host) and not _is_loopback(server.host):
        return "", f"Set audio.host to this machine's address as {server.host} reaches it, and restart cxcall."
    return f"{_EVERYWHERE.get(settings.host, settings.host)}:{settings.port}", fix


async def _ari(server: Ami) -> Finding:
    """An Asterisk without AudioSocket is listened to over its REST interface."""
    if not server.ari_url:
        fix = (
            "Load res_audiosocket.so and chan_audiosocket.so; for a build without them (Debian's Asterisk 16) set"
            f" ari_url, ari_user and ari_password of [[ami]] {server.name} (docs/integration.md)."
        )
        return warn(_CHECK, "This Asterisk has no AudioSocket (chan_audiosocket): calls can't be heard live.", fix)
    fix = "Check ari_url, and ari_user and ari_password against ari.conf; http.conf needs enabled = yes."
    who = {"Authorization": aiohttp.encode_basic_auth(server.ari_user, server.ari_password)}
    limits = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(headers=who, timeout=limits) as session,
            session.get(f"{server.ari_url.rstrip('/')}/channels") as answer,
        ):
            if answer.status == 200:
                return ok(_CHECK, f"Calls are listened to over {server.ari_url}, which answers.")
            return warn(_CHECK, f"{server.ari_url} answers {answer.status}.", fix)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return warn(_CHECK, f"{server.ari_url} can't be reached: {str(error) or 'no answer'}.", fix)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def _knock(host: str, port: int) -> bytes:
    """What is said to a stream of a name nobody asked for. Raises OSError or TimeoutError."""
    async with asyncio.timeout(_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(name(str(uuid.uuid4())))
            return await reader.read(64)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
