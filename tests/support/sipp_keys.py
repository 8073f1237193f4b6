"""Callers by SIPp who press keys (RFC 4733) as a table says: for load with answers that can be checked.

    outcome = await press(switch.tree, switch.sip_address, "0219800", {"09350000001": ("4", "10")}, per_second=20)

SIPp sends its key presses through a raw socket: that takes root, or CAP_NET_RAW. `play_dtmf` of SIPp 3.8 sends payload
type 96 whatever is described (its recorded keys have 101), so that is what is offered.
"""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cxcall.demo.switch import Tree
from cxcall.demo.switch.ports import free_port

_INVITE = """<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="keys">
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]k[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:keys@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0 96
a=rtpmap:0 PCMU/8000
a=rtpmap:96 telephone-event/8000
a=fmtp:96 0-16

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true" timeout="30000"/>
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
"""

_KEY = """<pause milliseconds="@WAIT@"/>
<nop><action><exec play_dtmf="[field@FIELD@]"/></action></nop>
"""

_BYE = """<recv request="BYE" timeout="60000"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Calls that were answered, pressed their keys and were hung up on, and those that were not."""

    succeeded: int
    failed: int


async def press(
    tree: Tree,
    server: tuple[str, int],
    number: str,
    callers: Mapping[str, Sequence[str]],
    *,
    per_second: int = 20,
    first_after: float = 1.0,
    between: float = 1.6,
    timeout: float = 120.0,
) -> Pressed:
    """Have each of `callers` (number → what to press, one string for each time) call `number` and press.

    `first_after` seconds after the answer the first is pressed, the others `between` seconds apart. Raises
    TimeoutError after `timeout` seconds, AssertionError with what SIPp said when it did not run.
    """
    times = len(next(iter(callers.values())))
    with tempfile.TemporaryDirectory(prefix="cxcall-keys-") as folder:
        scenario, table, statistics = (Path(folder) / name for name in ("keys.xml", "keys.csv", "statistics.csv"))
        waits = [first_after] + [between] * (times - 1)
        keys = [
            _KEY.replace("@WAIT@", str(round(wait * 1_000))).replace("@FIELD@", str(n + 1))
            for n, wait in enumerate(waits)
        ]
        scenario.write_text(_INVITE + "".join(keys) + _BYE)
        table.write_text("SEQUENTIAL\n" + "".join(f"{who};{';'.join(what)};\n" for who, what in callers.items()))
        process = await asyncio.create_subprocess_exec(
            "setpriv", "--pdeathsig", "KILL", "--",
            *tree.sipp, f"{server[0]}:{server[1]}", "-sf", str(scenario), "-inf", str(table), "-s", number,
            "-m", str(len(callers)), "-l", str(len(callers)), "-r", str(per_second), "-rp", "1000",
            "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(free_port()), "-nostdin",
            "-trace_stat", "-stf", str(statistics), "-fd", "1",
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
        assert statistics.exists(), errors.decode("utf-8", "replace")[-500:]
        with statistics.open(newline="") as lines:
            last = list(csv.DictReader(lines, delimiter=";"))[-1]
        return Pressed(succeeded=int(last["SuccessfulCall(C)"]), failed=int(last["FailedCall(C)"]))
