"""Checks of what cxcall needs to write queues: the right, the files and that they are included, the dialplan's part."""

from __future__ import annotations

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.doctor_files import sections
from cxcall.asterisk.findings import Finding, info, ok, warn
from cxcall.asterisk.probe import Probe
from cxcall.settings import Ami

_QUEUES = ("queues_cxcall.conf", "queues.conf", "FreePBX, Issabel: queues_custom.conf")
_RULES = ("queuerules_cxcall.conf", "queuerules.conf", "FreePBX, Issabel: queuerules_custom.conf")
_NOWHERE = "cxcall-nowhere.conf"
_PARTS = {"cxcall-open": "hours and closures", "cxcall-then": "what comes after", "cxcall-numbers": "numbers"}


async def queue_files(probe: Probe, server: Ami, _: float) -> list[Finding]:
    """Whether queues can be written here. Nobody has to: without the right, cxcall watches them."""
    reply = await probe.ask("UpdateConfig", SrcFilename=_NOWHERE, DstFilename=_NOWHERE)
    if reply.forbidden:
        says = f"cxcall only watches queues here: [{server.username}] in manager.conf has no config on its write line."
        return [info("queue files", says)]
    findings = [finding for names in (_QUEUES, _RULES) if (finding := await _included(probe, *names))]
    findings += await _dialplan(probe)
    return findings or [ok("queue files", "cxcall may write queues, and what it wrote is read.")]


async def _included(probe: Probe, own: str, main: str, elsewhere: str) -> Finding | None:
    """A file of ours that has sections which the main file lacks is not included."""
    ours = await probe.ask("GetConfig", Filename=own)
    if not ours.done:
        return None
    all_ = await probe.ask("GetConfig", Filename=main)
    missing = sections(ours.answer).keys() - (sections(all_.answer).keys() if all_.done else set())
    if not missing:
        return None
    fix = f"Add the line `#include {own}` at the end of {main} ({elsewhere}), then `queue reload all`."
    return warn("queue files", f"{main} does not include {own}: what cxcall writes there has no effect.", fix)


async def _dialplan(probe: Probe) -> list[Finding]:
    """The contexts that read what the pages say of hours and destinations."""
    missing = []
    for context, use in _PARTS.items():
        exten = "1" if context == "cxcall-numbers" else "s"
        reply = await probe.ask("Getvar", Variable=f"DIALPLAN_EXISTS({context},{exten},1)")
        if text(reply.answer, "Value") == "0":
            missing.append(f"{context} ({use})")
    if not missing:
        return []
    fix = "Take the newer extensions_cxcall.conf (`cxcall init` writes it), then `dialplan reload`."
    return [warn("queue files", f"The dialplan lacks {', '.join(missing)}.", fix)]
