"""The words of AudioSocket: however the network cuts them, and whatever comes instead."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.speech.audiosocket import (
    LONGEST,
    RATES,
    Codec,
    Event,
    Failed,
    HungUp,
    Key,
    Named,
    PeerError,
    Sound,
    hang_up,
    name,
    sound,
)

ID = "5f0b9a52-63cc-4d44-9c1b-0c0e6b4a0001"


def read(*pieces: bytes) -> list[Event]:
    """All events of a stream that comes in these pieces. Raises PeerError."""
    codec, events = Codec(), list[Event]()
    for piece in pieces:
        codec.receive(piece)
        while (event := codec.next_event()) is not None:
            events.append(event)
    return events


def frames() -> st.SearchStrategy[tuple[bytes, Event]]:
    samples = st.binary(max_size=700).map(lambda pcm: pcm[: len(pcm) // 2 * 2])
    return st.one_of(
        st.tuples(samples, st.sampled_from(sorted(RATES.values()))).map(
            lambda each: (sound(*each), Sound(pcm=each[0], rate=each[1]))
        ),
        st.sampled_from("0123456789*#ABCD").map(lambda key: (b"\x03\x00\x01" + key.encode(), Key(key=key))),
        st.integers(0, 255).map(lambda code: (b"\xff\x00\x01" + bytes((code,)), Failed(code=code))),
    )


@given(st.uuids(), st.lists(frames(), max_size=8), st.booleans(), st.data())
def test_a_stream_means_the_same_however_the_network_cuts_it(
    id_: uuid.UUID, said: list[tuple[bytes, Event]], ends: bool, data: Any
) -> None:
    whole = name(str(id_)) + b"".join(frame for frame, _ in said) + (hang_up() if ends else b"")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(*pieces) == [Named(id=str(id_)), *(event for _, event in said), *([HungUp()] if ends else [])]


@given(st.lists(st.binary(max_size=60), max_size=12), st.booleans())
def test_any_bytes_at_all_raise_nothing_but_the_codecs_own_error_again_and_again(
    pieces: list[bytes], begins_well: bool
) -> None:
    codec = Codec()
    for piece in ([name(ID)] if begins_well else []) + pieces:
        codec.receive(piece)
        try:
            while codec.next_event() is not None:
                assert codec.waiting <= LONGEST + 3
        except PeerError:
            with pytest.raises(PeerError, match=r"."):
                codec.next_event()
            return


@pytest.mark.parametrize("first", [b"G", b"\x00", b"\x01\x01", b"\x01\x00\x11", sound(b"\0\0"), hang_up()])
def test_whoever_does_not_begin_with_a_name_is_refused_at_the_first_wrong_byte(first: bytes) -> None:
    with pytest.raises(PeerError):
        read(first)


@pytest.mark.parametrize(
    "wrong",
    [
        b"\x10\x00\x01\x00",
        b"\x02\x00\x00",
        b"\x19\x00\x02\0\0",
        b"\x10" + (LONGEST + 2).to_bytes(2, "big"),
        name(ID),
        b"\x01\x00\x00",
        b"\x03\x00\x01x",
        b"\x03\x00\x02\xff\xff",
        b"\x00\x00\x01\x00",
    ],
    ids=[
        "half a sample",
        "unknown",
        "unknown rate",
        "too long",
        "named twice",
        "no name",
        "no key",
        "no text",
        "words",
    ],
)
def test_what_can_not_follow_the_name_is_an_error(wrong: bytes) -> None:
    with pytest.raises(PeerError):
        read(name(ID), wrong)


def test_after_the_hang_up_nothing_counts() -> None:
    assert read(name(ID) + hang_up() + b"whatever") == [Named(id=ID), HungUp()]


def test_what_makes_no_frame_is_our_own_mistake() -> None:
    for pcm, rate in ((b"\0", 8000), (b"\0\0", 11025), (bytes(LONGEST + 2), 8000)):
        with pytest.raises(ValueError, match="make no frame"):
            sound(pcm, rate)
    with pytest.raises(ValueError, match="badly formed"):
        name("call 7")
