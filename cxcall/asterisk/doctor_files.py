"""Checks of what Asterisk's configuration files say, read over the manager interface (GetConfig)."""

from __future__ import annotations

import re

from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.findings import Finding, info, ok, warn
from cxcall.asterisk.probe import Probe
from cxcall.settings import Ami

_LINE = re.compile(r"Line-(\d+)-\d+")
_CATEGORY = re.compile(r"Category-(\d+)")
_ON = frozenset({"yes", "true", "y", "t", "1", "on"})

CONTEXTS = {
    "cxcall-transfer": "transfers from the desk",
    "cxcall-queue": "queues by their name",
    "cxcall-route": "routing, in a later version",
    "cxcall-survey": "surveys",
    "cxcall-take": "taking a call over",
    "cxcall-tell": "the tone an agent hears when somebody listens in",
}
"""The dialplan contexts of asterisk-conf/extensions_cxcall.conf, and what is missing without each."""


def lines(answer: Headers) -> list[tuple[str, str]]:
    """Name and value of every line of a GetConfig answer, in order."""
    found = []
    for header, value in answer.items():
        if _LINE.fullmatch(header) and isinstance(value, str):
            name, _, rest = value.partition("=")
            found.append((name.strip().lower(), rest.lstrip(">").strip()))
    return found


def sections(answer: Headers) -> dict[str, dict[str, str]]:
    """Values by name, by section; a name that repeats has its last value."""
    names = {match[1]: text(answer, key) for key in answer if (match := _CATEGORY.fullmatch(key))}
    found: dict[str, dict[str, str]] = {name: {} for name in names.values()}
    for header, value in answer.items():
        match = _LINE.fullmatch(header)
        if match and match[1] in names and isinstance(value, str):
            key, _, rest = value.partition("=")
            found[names[match[1]]][key.strip().lower()] = rest.lstrip(">").strip()
    return found


def on(value: str) -> bool:
    """Whether Asterisk takes this for yes."""
    return value.lower() in _ON


async def event_times(probe: Probe, server: Ami, _: float) -> list[Finding]:
    """Events should carry when they happened: seen on those that came, else as manager.conf says."""
    fix = (
        "Say timestampevents = yes in [general] of manager.conf (FreePBX, Issabel: in [general](+) of"
        " manager_custom.conf), then `manager reload`."
    )
    live = [event for event in probe.events if "Privilege" in event and text(event, "Event") != "FullyBooted"]
    if live:
        if any("Timestamp" in event for event in live):
            return [ok("event times", "Events carry the time at which they happened.")]
        return [warn("event times", "Events carry no time; the time of their arrival is taken instead.", fix)]
    reply = await probe.ask("GetConfig", Filename="manager.conf", Category="general")
    if not reply.done:
        return [info("event times", "Not seen: no event came, and manager.conf can't be read from here.")]
    if on(dict(lines(reply.answer)).get("timestampevents", "no")):
        return [ok("event times", "manager.conf has timestampevents on.")]
    return [warn("event times", "manager.conf has timestampevents off.", fix)]


async def queue_log(probe: Probe, server: Ami, _: float) -> list[Finding]:
    """Asterisk's own log of the queues, from which a later version refills what nobody listened to."""
    reply = await probe.ask("GetConfig", Filename="logger.conf", Category="general")
    if not reply.done and "does not exist" not in reply.message and "not found" not in reply.message.lower():
        return [info("queue_log", f"logger.conf can't be read from here: {reply.message}.")]
    said = dict(lines(reply.answer))
    if on(said.get("queue_log", "yes")):
        return [ok("queue_log", "Asterisk writes its queue_log.")]
    fix = "Say queue_log = yes in [general] of logger.conf (asterisk-conf/logger_cxcall.conf), then `logger reload`."
    return [
        warn("queue_log", "Asterisk writes no queue_log: calls missed while cxcall was away can't be refilled.", fix)
    ]


async def contexts(probe: Probe, server: Ami, _: float) -> list[Finding]:
    """Our dialplan contexts, as loaded if we may ask, else as the file has them."""
    missing = []
    for context in CONTEXTS:
        there = await _has_context(probe, context)
        if there is None:
            return [info("dialplan", "The dialplan can't be read from here.")]
        if not there:
            missing.append(context)
    if not missing:
        return [ok("dialplan", f"The contexts {', '.join(CONTEXTS)} are there.")]
    says = "Missing: " + "; ".join(f"{context} ({CONTEXTS[context]})" for context in missing) + "."
    fix = (
        "Include extensions_cxcall.conf in extensions.conf (FreePBX, Issabel: extensions_custom.conf), then"
        " `dialplan reload`. `cxcall init` writes the file."
    )
    return [warn("dialplan", says, fix)]


async def _has_context(probe: Probe, context: str) -> bool | None:
    loaded = await probe.ask("ShowDialPlan", Context=context)
    if not loaded.forbidden:
        return loaded.done
    reply = await probe.ask("GetConfig", Filename="extensions.conf", Category=context)
    return None if reply.forbidden else reply.done
