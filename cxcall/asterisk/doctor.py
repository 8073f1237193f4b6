"""The checks of one Asterisk, in order: each says what it saw and what to do.

Nothing is changed there: rights to act are tried on a channel and a queue member that do not exist, and the way of live
sound by a spy on nobody.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from cxcall.asterisk import doctor_agi, doctor_audio, doctor_routing
from cxcall.asterisk.ami.client import address
from cxcall.asterisk.ami.message import text
from cxcall.asterisk.doctor_files import contexts, event_times, lines, queue_log
from cxcall.asterisk.doctor_provision import queue_files
from cxcall.asterisk.doctor_queues import queues
from cxcall.asterisk.findings import Finding, fail, info, ok, warn
from cxcall.asterisk.probe import NotAsterisk, Probe, ProbeFailed
from cxcall.asterisk.reading import wanted
from cxcall.settings import Agi, Ami, Audio, Web

_TESTED = range(16, 23)
_SKEW_WARN_S, _SKEW_FAIL_S = 1.0, 30.0
_NOBODY = "PJSIP/cxcall-doctor"
"""A channel and member that does not exist: what is asked of it shows the right and does nothing."""

_SEES = {
    "system": "starts and reloads of Asterisk",
    "call": "calls, bridges, transfers",
    "agent": "queues and their members",
    "dialplan": "how a queue was left (QUEUESTATUS)",
}
_ACTS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("system", "MuteAudio", {"Channel": _NOBODY, "Direction": "in", "State": "off"}, "filter events, mute"),
    ("call", "Setvar", {"Channel": _NOBODY, "Variable": "CXCALL_DOCTOR", "Value": ""}, "hang up, transfer, list calls"),
    ("agent", "QueuePause", {"Interface": _NOBODY, "Paused": "false"}, "pause queue members"),
    ("originate", "Originate", {}, "place calls"),
)
_NEEDED = frozenset({"system", "call", "agent"})
"""Without these cxcall can't keep its record; without the others a part is missing."""

_CALL_EVENTS = frozenset({"Newchannel", "Hangup", "BridgeEnter", "DialBegin"})


async def examine(
    server: Ami,
    *,
    listen: float = 2.0,
    agi: Agi | None = None,
    audio: Audio | None = None,
    web: Web | None = None,
) -> AsyncIterator[Finding]:
    """Findings on `server`, as they come; `listen`: seconds to wait for events. Never raises, always ends.

    `agi`: where cxcall takes FastAGI, which the dialplan should know; `audio`: where it takes the sound of calls;
    `web`: where it answers the dialplan. None does not look.
    """
    try:
        async with Probe.connect(server) as probe:
            yield _of(server, ok("connection", f"{address(server)} answers, manager interface {probe.version}."))
            login = await _login(probe, server)
            yield _of(server, login)
            if login.result == "ok":
                for check in _CHECKS:
                    async for finding in _findings(check, probe, server, listen):
                        yield _of(server, finding)
                if agi is not None:
                    yield _of(server, await doctor_agi.dialplan(probe, server, agi))
                if web is not None:
                    yield _of(server, await doctor_routing.dialplan(probe, server, web))
                if audio is not None:
                    for finding in await doctor_audio.listening(probe, server, audio):
                        yield _of(server, finding)
    except NotAsterisk as error:
        fix = f"Check host and port of [[ami]] {server.name}: the manager interface usually has port 5038."
        yield _of(server, fail("connection", f"{address(server)}: {error}", fix))
    except (OSError, TimeoutError) as error:
        yield _of(server, _unreachable(server, error))
    except ProbeFailed as error:
        fix = "See Asterisk's own log around this time, then run cxcall doctor again."
        yield _of(server, fail("connection", str(error), fix))


Check = Callable[[Probe, Ami, float], Awaitable[list[Finding]]]


async def _findings(check: Check, probe: Probe, server: Ami, listen: float) -> AsyncIterator[Finding]:
    for finding in await check(probe, server, listen):
        yield finding


def _of(server: Ami, finding: Finding) -> Finding:
    return replace(finding, server=server.name)


def _unreachable(server: Ami, error: OSError | TimeoutError) -> Finding:
    where = address(server)
    if isinstance(error, ConnectionRefusedError):
        fix = "See that Asterisk runs and that manager.conf has enabled = yes with this port and bindaddr."
        return fail("connection", f"Nothing listens on {where}.", fix)
    if isinstance(error, TimeoutError):
        return fail("connection", f"{where} does not answer.", "Check address, port and the firewall between.")
    return fail("connection", f"{where} can't be reached: {error}.", f"Check host and port of [[ami]] {server.name}.")


async def _login(probe: Probe, server: Ami) -> Finding:
    if not server.secret:
        fix = f"Set secret or secret_file in [[ami]] {server.name}, the same as in Asterisk's manager.conf."
        return fail("login", f"No secret is set for {server.name}.", fix)
    reply = await probe.ask("Login", Username=server.username, Secret=server.secret, Events="on")
    if reply.done:
        return ok("login", f"Logged in as {server.username}.")
    fix = (
        f"Compare user [{server.username}] and its secret with manager.conf on {server.host}, see that its permit line"
        " allows this machine's address, then `manager reload` in Asterisk's console."
    )
    return fail("login", f"Asterisk refused {server.username}: {reply.message}.", fix)


async def _version(probe: Probe, server: Ami, _: float) -> list[Finding]:
    version = text((await probe.ask("CoreSettings")).answer, "AsteriskVersion")
    major = version.partition(".")[0]
    if not major.isdecimal():
        return [info("version", f"Asterisk calls itself {version or 'nothing'}.")]
    if int(major) in _TESTED:
        return [ok("version", f"Asterisk {version}.")]
    says = f"Asterisk {version}; cxcall is tested with {_TESTED[0]} to {_TESTED[-1]}."
    return [warn("version", says, "Look at the first calls with care, and tell us what is not right.")]


async def _rights_to_act(probe: Probe, server: Ami, _: float) -> list[Finding]:
    missing = []
    for right, action, fields, use in _ACTS:
        reply = await probe.ask(action, **fields)
        if reply.forbidden:
            missing.append((right, use))
    if not missing:
        return [ok("rights to act", ", ".join(right for right, *_ in _ACTS) + ".")]
    says = "Missing: " + "; ".join(f"{right} ({use})" for right, use in missing) + "."
    fix = _add(server, "write", [right for right, _ in missing])
    grave = _NEEDED & {right for right, _ in missing}
    return [fail("rights to act", says, fix) if grave else warn("rights to act", says, fix)]


async def _rights_to_see(probe: Probe, server: Ami, _: float) -> list[Finding]:
    """As manager.conf has them; Asterisk tells a user nothing else about what it is not shown."""
    reply = await probe.ask("GetConfig", Filename="manager.conf", Category=server.username)
    read = [value for key, value in lines(reply.answer) if key == "read"]
    if not reply.done or not read:
        return [info("rights to see", "They can't be read from here; see “events” below.")]
    given = {word.strip() for line in read for word in line.split(",")}
    missing = [] if "all" in given else [right for right in _SEES if right not in given]
    if not missing:
        return [ok("rights to see", ", ".join(_SEES) + ".")]
    says = "Missing: " + "; ".join(f"{right} ({_SEES[right]})" for right in missing) + "."
    fix = _add(server, "read", missing)
    return [fail("rights to see", says, fix) if _NEEDED & set(missing) else warn("rights to see", says, fix)]


def _add(server: Ami, line: str, rights: list[str]) -> str:
    return (
        f"Add {', '.join(rights)} to the `{line} =` line of [{server.username}] in manager.conf on {server.host}, then"
        " `manager reload`."
    )


async def _events(probe: Probe, server: Ami, listen: float) -> list[Finding]:
    await probe.listen(listen)
    seen = {text(event, "Event") for event in probe.events}
    if _CALL_EVENTS & seen:
        needed = len(seen & set(wanted().names()))
        return [ok("events", f"Events of calls arrive ({len(probe.events)} in {listen:g} s, {needed} kinds we use).")]
    up = (await probe.ask("CoreShowChannels")).items
    if up and listen >= 10:
        fix = "Add call and agent to the `read =` line of this user in manager.conf, then `manager reload`."
        return [warn("events", f"{len(up)} channels are up, but no event of a call came in {listen:g} s.", fix)]
    return [info("events", f"No call changed in {listen:g} s. Run it during a call, or with --listen 30.")]


async def _clock(probe: Probe, server: Ami, _: float) -> list[Finding]:
    before = time.time()
    stamp = text((await probe.ask("Ping")).answer, "Timestamp")
    after = time.time()
    try:
        skew = float(stamp) - (before + after) / 2
    except ValueError:
        return [info("clock", "This Asterisk does not tell its time.")]
    if abs(skew) < _SKEW_WARN_S:
        return [ok("clock", f"The two clocks differ by {abs(skew):.2f} s.")]
    says = f"Asterisk's clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this machine's."
    fix = "Let both machines keep time by NTP (chrony or systemd-timesyncd)."
    return [fail("clock", says, fix) if abs(skew) >= _SKEW_FAIL_S else warn("clock", says, fix)]


_CHECKS: tuple[Check, ...] = (
    _version,
    _rights_to_see,
    _rights_to_act,
    _events,
    event_times,
    _clock,
    queues,
    queue_files,
    queue_log,
    contexts,
)
