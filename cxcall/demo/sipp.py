"""Many callers at once by SIPp: each calls a number, talks for a while or until hung up on, and is counted.

    outcome = await place_calls(switch.tree, switch.sip_address, "02191000850", calls=100, per_second=10, seconds=3)

SIPp sends no sound; Asterisk's Answer() waits half a second for it. For calls that are scripted or heard use
cxcall.demo.phone.
"""

from __future__ import annotations

import asyncio
import csv
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cxcall.demo.switch import SwitchUnavailable, Tree
from cxcall.demo.switch.ports import free_port

_SCENARIO = """<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="caller">
  <send retrans="500"><![CDATA[
    INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: "Load [call_number]" <sip:@PREFIX@[call_number]@[local_ip]:[local_port]>;tag=[pid]l[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 INVITE
    Contact: <sip:load@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=- 1 1 IN IP4 [local_ip]
    s=-
    c=IN IP4 [media_ip]
    t=0 0
    m=audio [media_port] RTP/AVP 0
    a=rtpmap:0 PCMU/8000

  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true" timeout="@RINGING@"/>
  <send><![CDATA[
    ACK [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    [last_From:]
    [last_To:]
    Call-ID: [call_id]
    CSeq: 1 ACK
    Max-Forwards: 70
    Content-Length: 0

  ]]></send>
  <recv request="BYE" timeout="@TALKING@" ontimeout="hang_up"/>
  <send next="over"><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>
  <label id="hang_up"/>
  <send retrans="500"><![CDATA[
    BYE [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: "Load [call_number]" <sip:@PREFIX@[call_number]@[local_ip]:[local_port]>;tag=[pid]l[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
    Call-ID: [call_id]
    CSeq: 2 BYE
    Max-Forwards: 70
    Content-Length: 0

  ]]></send>
  <recv response="200"/>
  <label id="over"/>
</scenario>
"""

_LONGEST_RINGING = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How many calls were answered and ended as they should, and how many were not."""

    succeeded: int
    failed: int


async def place_calls(
    tree: Tree,
    server: tuple[str, int],
    number: str,
    *,
    calls: int,
    per_second: float,
    seconds: float,
    at_once: int = 100,
    from_prefix: str = "0935000",
    timeout: float = 300.0,
) -> Outcome:
    """Place `calls` calls to `number`, at most `at_once` at a time, each hanging up `seconds` after its answer.

    Caller numbers are `from_prefix` and 1, 2, 3… Raises SwitchUnavailable when this tree has no SIPp or it fails to
    run, TimeoutError after `timeout` seconds. Cancelling ends SIPp.
    """
    if not tree.sipp:
        raise SwitchUnavailable("SIPp is not installed here; install sip-tester, or leave CXCALL_DEMO__ASTERISK unset.")
    with tempfile.TemporaryDirectory(prefix="cxcall-sipp-") as folder:
        scenario, statistics = Path(folder) / "caller.xml", Path(folder) / "statistics.csv"
        scenario.write_text(_filled(from_prefix, seconds))
        process = await asyncio.create_subprocess_exec(
            "setpriv", "--pdeathsig", "KILL", "--",
            *tree.sipp, f"{server[0]}:{server[1]}", "-sf", str(scenario), "-s", number,
            "-m", str(calls), "-l", str(at_once), "-r", str(max(1, round(per_second * 10))), "-rp", "10000",
            "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(free_port()), "-mp", str(free_port()),
            "-nostdin", "-trace_stat", "-stf", str(statistics), "-fd", "1",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            cwd=folder,
        )  # fmt: skip
        try:
            _, errors = await asyncio.wait_for(process.communicate(), timeout)
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if not statistics.exists():
            raise SwitchUnavailable(f"SIPp did not run: {errors.decode('utf-8', 'replace').strip()[-300:]}")
        return _outcome(statistics)


def _filled(from_prefix: str, seconds: float) -> str:
    filled = _SCENARIO.replace("@PREFIX@", from_prefix).replace("@TALKING@", str(round(seconds * 1_000)))
    return "\n".join(
        line.strip() for line in filled.replace("@RINGING@", str(round(_LONGEST_RINGING * 1_000))).split("\n")
    )


def _outcome(statistics: Path) -> Outcome:
    with statistics.open(newline="") as lines:
        last = list(csv.DictReader(lines, delimiter=";"))[-1]
    return Outcome(succeeded=int(last["SuccessfulCall(C)"]), failed=int(last["FailedCall(C)"]))
