"""What acts become on the manager interface, and what is refused before it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cxcall.asterisk import acts
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import NotConnected
from cxcall.bus import CommandRefused
from cxcall.bus.acts import Originate


class Switch:
    """Takes actions as a client does; `dial` is what CXCALL_DIAL says."""

    def __init__(self, dial: str = "SIP/", *, away: bool = False) -> None:
        self.dial = dial
        self.away = away
        self.done: list[tuple[str, dict[str, Any]]] = []

    async def action(self, name: str, fields: dict[str, Any], *, limit: float) -> dict[str, str]:
        return {"Response": "Success", "Value": self.dial}

    async def act(self, name: str, fields: dict[str, Any], *, limit: float) -> dict[str, str]:
        if self.away:
            raise NotConnected("no connection")
        self.done.append((name, fields))
        return {"Response": "Success"}


async def originate(switch: Switch, act: Originate) -> dict[str, Any]:
    await acts.do(cast("Client", switch), act)
    ((name, fields),) = switch.done
    assert name == "Originate"
    return fields


async def test_a_call_is_originated_beside_with_a_list_of_variables() -> None:
    act = Originate(
        channel="PJSIP/1001", context="cxcall-ring", variables={"CX_TOKEN": "abc", "CX_SCRIPT": "prompt"},
        caller_id="cxcall <500>", channel_id="cxtest-abc", timeout=25,
    )  # fmt: skip
    assert await originate(Switch(), act) == {
        "Channel": "PJSIP/1001", "Async": "true", "Timeout": "25000", "Context": "cxcall-ring", "Exten": "s",
        "Priority": "1", "CallerID": "cxcall <500>", "ChannelId": "cxtest-abc",
        "Variable": ["CX_TOKEN=abc", "CX_SCRIPT=prompt"],
    }  # fmt: skip


@pytest.mark.parametrize(("dial", "channel"), [("SIP/", "SIP/1001"), ("", "PJSIP/1001")])
async def test_a_bare_number_is_dialled_as_the_site_dials_its_phones(dial: str, channel: str) -> None:
    fields = await originate(Switch(dial), Originate(channel="1001", application="Echo"))
    assert (fields["Channel"], fields["Application"], fields["Data"]) == (channel, "Echo", "")


async def test_what_is_no_number_is_refused_before_asterisk_sees_it() -> None:
    switch = Switch()
    with pytest.raises(CommandRefused, match="which phone"):
        await acts.do(cast("Client", switch), Originate(channel="1001\r\nAction: x", application="Echo"))
    assert switch.done == []


async def test_without_a_connection_a_call_is_refused_and_never_made_later() -> None:
    with pytest.raises(CommandRefused, match="Nothing was done"):
        await acts.do(cast("Client", Switch(away=True)), Originate(channel="PJSIP/1001", application="Echo"))
