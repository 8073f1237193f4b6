"""Bytes to messages: the same messages however the network cuts them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.asterisk.ami.framing import Splitter
from cxcall.asterisk.ami.message import Wanted, event_name, marker, parse, text

header = st.tuples(
    st.from_regex(r"[A-Z][A-Za-z]{0,8}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12),
)
messages = st.lists(
    st.lists(header, min_size=1, max_size=4).map(
        lambda pairs: "\r\n".join(f"{key}: {value}" for key, value in pairs).encode()
    ),
    max_size=6,
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(borders)]


def split(parts: list[bytes], limit: int = 1 << 20) -> tuple[list[bytes], bytes, Splitter]:
    splitter = Splitter(limit)
    found: list[bytes] = []
    journal = b""
    for part in parts:
        whole, some = splitter.feed(part)
        journal += whole
        found += some
    return found, journal, splitter


@settings(deadline=None)
@given(messages, st.lists(st.integers(0, 10_000), max_size=8))
def test_any_cutting_of_the_bytes_gives_the_same_messages(sent: list[bytes], places: list[int]) -> None:
    data = b"".join(one + b"\r\n\r\n" for one in sent)
    found, journal, splitter = split(cut(data, places))
    assert found == sent
    assert journal == data
    assert splitter.unfinished == 0


garbage = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"A", b"B: 1", b"\x00\xff"])).map(b"".join)


@settings(deadline=None)
@given(garbage, st.lists(st.integers(0, 1000), max_size=6))
def test_garbage_is_cut_alike_however_it_arrives(data: bytes, places: list[int]) -> None:
    at_once, _, _ = split([data])
    in_parts, _, _ = split(cut(data, places))
    assert [message for message in in_parts if message] == [message for message in at_once if message]


@settings(deadline=None)
@given(st.integers(1, 60), st.lists(st.integers(0, 1000), max_size=6))
def test_a_message_over_the_limit_is_skipped_and_counted_by_its_length_alone(size: int, places: list[int]) -> None:
    data = b"A: 1\r\n\r\n" + b"x" * size + b"\r\n\r\nB: 2\r\n\r\n"
    found, journal, splitter = split(cut(data, places), 30)
    middle = [b"x" * size] if size <= 30 else []
    assert found == [b"A: 1", *middle, b"B: 2"]
    assert journal == b"".join(one + b"\r\n\r\n" for one in found)
    assert splitter.too_long == (size > 30)


def test_a_message_without_end_does_not_grow_for_ever() -> None:
    splitter = Splitter(1000)
    for _ in range(100):
        splitter.feed(b"x" * 100)
    assert splitter.unfinished < 1100
    _, found = splitter.feed(b"\r\n\r\nA: 1\r\n\r\n")
    assert found == [b"A: 1"]
    assert splitter.too_long == 1


def test_half_a_message_at_the_end_is_not_a_message() -> None:
    found, journal, splitter = split([b"Event: A\r\n\r\nEvent: B\r\nUniq"])
    assert found == [b"Event: A"]
    assert journal == b"Event: A\r\n\r\n"
    assert splitter.unfinished == len(b"Event: B\r\nUniq")


def test_a_character_cut_in_two_by_the_network_stays_one_character() -> None:
    """panoramisk 1.4, bug 4: "José Müller" became "Jos Müller"."""
    raw = "Event: Newchannel\r\nCallerIDName: José Müller\r\n\r\n".encode()
    at = raw.index("é".encode()) + 1
    found, _, _ = split([raw[:at], raw[at:]])
    assert parse(found[0])["CallerIDName"] == "José Müller"


def test_bad_utf_8_is_replaced_and_the_rest_kept() -> None:
    assert parse(b"Event: Newchannel\r\nCallerIDName: Jos\xe9\r\nExten: 800") == {
        "Event": "Newchannel",
        "CallerIDName": "Jos�",
        "Exten": "800",
    }


def test_a_repeated_header_becomes_a_list_and_text_gives_its_first() -> None:
    message = parse(b"Event: X\r\nVariable: a=1\r\nVariable: b=2\r\nVariable: c=3")
    assert message["Variable"] == ["a=1", "b=2", "c=3"]
    assert text(message, "Variable") == "a=1"
    assert text(message, "Missing") == ""


def test_empty_values_missing_spaces_and_strange_lines_do_not_hurt() -> None:
    assert parse(b"Event: X\r\nAccountCode: \r\nKey:value\r\nno header at all\r\n: ") == {
        "Event": "X",
        "AccountCode": "",
        "Key": "value",
        "": "",
    }


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_parsing_never_raises(raw: bytes) -> None:
    parse(raw)
    event_name(raw)
    Wanted({"VarSet", "Newexten"})(raw)


def test_of_varset_only_queuestatus_is_wanted_and_of_newexten_only_the_applications_asked_for() -> None:
    wanted = Wanted({"VarSet", "Newexten", "Hangup"}, {"queue", "playback"})
    assert wanted(b"Event: Hangup\r\nCause: 16")
    assert not wanted(b"Event: HangupRequest\r\nCause: 16")
    assert not wanted(b"Response: Success")
    assert wanted(b"Event: VarSet\r\nVariable: QUEUESTATUS\r\nValue: TIMEOUT")
    assert not wanted(b"Event: VarSet\r\nVariable: QUEUESTATUSX\r\nValue: TIMEOUT")
    assert not wanted(b"Event: VarSet\r\nVariable: SIPCALLID\r\nValue: QUEUESTATUS")
    assert wanted(b"Event: Newexten\r\nExtension: 800\r\nApplication: Queue\r\nAppData: support")
    assert not wanted(b"Event: Newexten\r\nApplication: NoOp\r\nAppData: queue")


def test_a_marker_is_a_message_like_any_other() -> None:
    _, found = Splitter().feed(marker("CxcallConnected", 1795294661.5))
    assert parse(found[0]) == {"Event": "CxcallConnected", "Timestamp": "1795294661.500000"}
