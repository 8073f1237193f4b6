"""Load by SIPp."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxcall.demo.sipp import Outcome, place_calls
from cxcall.demo.switch import Switch, SwitchUnavailable


async def test_calls_are_placed_answered_and_counted(switch: Switch) -> None:
    outcome = await place_calls(
        switch.tree, switch.sip_address, "02191000850", calls=10, per_second=10, seconds=0.5, timeout=20
    )
    assert outcome == Outcome(succeeded=10, failed=0)


async def test_calls_to_nowhere_are_counted_as_failed(switch: Switch) -> None:
    outcome = await place_calls(switch.tree, switch.sip_address, "1", calls=2, per_second=10, seconds=0.5, timeout=20)
    assert outcome == Outcome(succeeded=0, failed=2)


async def test_a_tree_without_sipp_is_named(switch: Switch) -> None:
    with pytest.raises(SwitchUnavailable, match="sip-tester"):
        await place_calls(replace(switch.tree, sipp=()), switch.sip_address, "1", calls=1, per_second=1, seconds=1)
