"""What the doctor says of routing: whether the dialplan can ask, and where it asks."""

from __future__ import annotations

from typing import Any

import pytest

from cxcall.asterisk import doctor_routing
from cxcall.asterisk.probe import Reply
from cxcall.settings import Ami, Web

HERE = Ami(host="127.0.0.1")
THERE = Ami(host="10.0.0.5")


class Dialplan:
    """A probe of an Asterisk with these contexts, with CURL or not, that asks `url`."""

    def __init__(self, url: str = "http://127.0.0.1:8080", *missing: str, curl: bool = True, by: str = "http") -> None:
        self.url, self.missing, self.curl, self.by = url, missing, curl, by

    async def ask(self, action: str, **fields: str) -> Reply:
        if action == "ModuleCheck":
            return Reply(answer={"Response": "Success" if self.curl else "Error"})
        name = fields["Variable"]
        value = self.by if name == "CXCALL_ROUTE_BY" else self.url
        if name.startswith("DIALPLAN_EXISTS("):
            value = "0" if name.partition("(")[2].partition(",")[0] in self.missing else "1"
        return Reply(answer={"Response": "Success", "Value": value})


@pytest.mark.parametrize(
    ("dialplan", "server", "web", "result", "words"),
    [
        (Dialplan(), HERE, Web(), "ok", "asks http://127.0.0.1:8080"),
        (Dialplan("", "cxcall-route"), HERE, Web(), "info", "no cxcall-route"),
        (Dialplan("", "cxcall-preferred"), HERE, Web(), "warn", "lacks cxcall-preferred"),
        (Dialplan(curl=False), HERE, Web(), "warn", "func_curl"),
        (Dialplan(curl=False, by="agi"), HERE, Web(), "ok", "over FastAGI"),
        (Dialplan(""), HERE, Web(), "warn", "no CXCALL_URL"),
        (Dialplan("nowhere"), HERE, Web(), "warn", "no address"),
        (Dialplan("http://x:y"), HERE, Web(), "warn", "no address"),
        (Dialplan(), THERE, Web(), "warn", "that machine itself"),
        (Dialplan(), HERE, Web(port=9000), "warn", "listens on port 9000"),
        (Dialplan(), HERE, Web(port=9000, public_url="https://calls.example"), "ok", "asks"),
        (Dialplan("https://calls.example"), THERE, Web(), "ok", "asks https://calls.example"),
    ],
)
async def test_what_keeps_the_dialplan_from_asking_is_told(
    dialplan: Any, server: Ami, web: Web, result: str, words: str
) -> None:
    finding = await doctor_routing.dialplan(dialplan, server, web)
    assert finding.result == result
    assert words in finding.says
    assert bool(finding.fix) == (result == "warn")
