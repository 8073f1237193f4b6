"""Checks of the queues and of how their members are dialled."""

from __future__ import annotations

from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.doctor_files import on, sections
from cxcall.asterisk.findings import Finding, info, ok, warn
from cxcall.asterisk.probe import Probe
from cxcall.settings import Ami

_NAMED_AT_MOST = 5


async def queues(probe: Probe, server: Ami, _: float) -> list[Finding]:
    """The queues that are there, and what about their members will make figures wrong."""
    reply = await probe.ask("QueueStatus")
    if not reply.done:
        return [info("queues", f"They can't be listed: {reply.message}.")]
    found = [text(item, "Queue") for item in reply.items if text(item, "Event") == "QueueParams"]
    members = [item for item in reply.items if text(item, "Event") == "QueueMember"]
    if not found:
        fix = "Make a queue in Asterisk when calls are to wait for agents. Without one cxcall logs direct calls only."
        return [warn("queues", "Asterisk has no queue.", fix)]
    says = f"{len(found)} ({_some(found)}) with {len(members)} members."
    return [ok("queues", says), *_members(members), *await _ringinuse(probe, found)]


def _members(members: list[Headers]) -> list[Finding]:
    findings = []
    if folded := [_where(member) for member in members if _folded(member)]:
        fix = "Write the member as Local/…@…/n (with /n), so that the channel stays what it is during the call."
        findings.append(warn("queue members", f"Local channels without /n: {_some(folded)}.", fix))
    if blind := [_where(member) for member in members if _blind(member)]:
        fix = "Give the member its phone as state interface: member => Local/1001@agents/n,0,Name,PJSIP/1001"
        findings.append(warn("queue members", f"Local channels without a phone to watch: {_some(blind)}.", fix))
    if hinted := [_where(member) for member in members if text(member, "StateInterface").startswith("hint:")]:
        says = (
            f"Watched by a hint, as FreePBX and Issabel do: {_some(hinted)}. A user's phone here is the hint's device."
        )
        findings.append(info("queue members", says))
    return findings or [ok("queue members", "Dialled in a way that keeps the record whole.")] if members else findings


async def _ringinuse(probe: Probe, names: list[str]) -> list[Finding]:
    """ringinuse = yes, Asterisk's default, rings agents who are on a call: every such ring looks like a missed call."""
    reply = await probe.ask("GetConfig", Filename="queues.conf")
    if not reply.done:
        return [info("ringinuse", "queues.conf can't be read from here.")]
    said = sections(reply.answer)
    busy = [name for name in names if name in said and on(said[name].get("ringinuse", "yes"))]
    if not busy:
        return [ok("ringinuse", "Queues do not ring agents who are on a call.")]
    fix = "Say ringinuse = no for these queues in queues.conf, then `queue reload all`."
    return [warn("ringinuse", f"These queues ring agents who are on a call: {_some(busy)}.", fix)]


def _folded(member: Headers) -> bool:
    """A Local channel that Asterisk takes out of the call as soon as it is answered."""
    interface = text(member, "Location")
    return interface.startswith("Local/") and "n" not in interface.partition("@")[2].partition("/")[2]


def _blind(member: Headers) -> bool:
    state = text(member, "StateInterface")
    return text(member, "Location").startswith("Local/") and (not state or state.startswith("Local/"))


def _where(member: Headers) -> str:
    return f"{text(member, 'Location')} in {text(member, 'Queue')}"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
