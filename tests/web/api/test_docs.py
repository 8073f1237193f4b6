"""The examples of docs/api.md run as they stand there, in order, and none of them fails."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

from cxcall.speech.transcript import Turn
from cxcall.store import transcripts, turns
from cxcall.store.transcripts import NewTranscript
from cxcall.store.turns import NewTurn
from cxcall.web.api import ENDPOINTS
from cxcall.web.api.scopes import SCOPES, Scope
from tests.store import make
from tests.web.api.conftest import Site

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
ERROR = "limit=1000&outcome=great"


async def _run(example: str, environ: dict[str, str], folder: Path) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", example.replace("curl -s", "curl -sS --noproxy '*' -m 20 -w '\\n%{http_code}'"),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, **environ}, cwd=folder,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, example
    return out


async def test_every_example_works(site: Site, tmp_path: Path) -> None:
    call = make.queue_call(1)
    await site.store(call)
    async with site.engine.begin() as conn:
        heard = NewTranscript(
            kind="call", subject=call.id, began_at=site.clock(), state="done", source="live", language="en"
        )
        kept = await transcripts.begin(conn, heard, now=site.clock())
        said = Turn(n=1, speaker="customer", start=0.0, end=2.0, text="I cold last week as well.")
        await turns.put(conn, kept.id, [NewTurn(turn=said)])
    token = await site.token(await site.user("admin", "admin"))
    environ = {"CXCALL": site.address, "TOKEN": token}
    site.commands.serve("asterisk:status", _nobody)
    assert len(EXAMPLES) >= 10
    for example in EXAMPLES:
        body, _, status = (await _run(example, environ, tmp_path)).rpartition(b"\n")
        if ERROR in example:
            assert status == b"422"
            shown = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
            assert shown
            assert json.loads(body) == json.loads(shown[1])
        elif "readyz" in example:
            assert status in (b"200", b"503")
        else:
            assert status in (b"200", b"201", b"202"), (example, body)
        if "زهرا" in example:
            environ["CUSTOMER"] = json.loads(body)["id"]


async def _nobody(_: object) -> list[object]:
    return []


def test_every_scope_and_error_is_told() -> None:
    table = set(re.findall(r"^\| `([a-z]+:[a-z]+)` \|", TEXT, re.MULTILINE))
    assert table == {scope.value for scope in SCOPES}
    assert {endpoint.scope for endpoint in ENDPOINTS} - {None, Scope.ANY} <= set(SCOPES)
    assert all(str(status) in TEXT for endpoint in ENDPOINTS for status in endpoint.problems)
