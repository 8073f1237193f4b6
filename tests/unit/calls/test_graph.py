"""What a channel is, by its name and id."""

from __future__ import annotations

import pytest

from cxcall.calls.graph import Kind, kind_of


@pytest.mark.parametrize(
    ("uid", "name", "kind"),
    [
        ("lab-1795000000.1", "PJSIP/1001-00000001", "party"),
        ("lab-1795000000.2", "Local/1001@agents-00000001;1", "local"),
        ("cxspy-0b1c", "AudioSocket/127.0.0.1:9019-0b1c", "helper"),
        ("cxspy-0b1c", "PJSIP/1001-00000001", "helper"),
        ("lab-1795000000.3", "AudioSocket/127.0.0.1:9019-0b1c", "helper"),
        ("cxsnoop-0b1c", "Snoop/lab-1795000000.1-00000001", "helper"),
        ("cxem-0b1c", "UnicastRTP/127.0.0.1:9020-0b1c", "helper"),
        ("cxtest-0b1c", "Local/s@cxcall-survey-00000002;1", "helper"),
    ],
)
def test_what_we_make_ourselves_is_a_helper_by_its_id_and_by_its_kind(uid: str, name: str, kind: Kind) -> None:
    assert kind_of(uid, name) == kind
