"""Descriptions of audio, µ-law, RTP packets and key presses."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.demo.phone import sdp
from cxcall.demo.phone.rtp import Listener, Speaker
from cxcall.demo.phone.sdp import Audio, Direction
from cxcall.demo.phone.sound import SILENCE, decode, encode, strength, tone


@pytest.mark.parametrize("direction", ["sendrecv", "sendonly", "recvonly", "inactive"])
def test_a_description_is_read_back(direction: Direction) -> None:
    audio = Audio(host="127.0.0.1", port=4000, direction=direction)
    assert sdp.read(sdp.write(audio, 3)) == audio


def test_hold_is_answered_by_listening_only() -> None:
    assert Audio(host="h", port=1, direction="sendonly").answered == "recvonly"
    assert Audio(host="h", port=1).answered == "sendrecv"


@given(st.text(max_size=200))
def test_any_text_is_no_description_rather_than_an_error(text: str) -> None:
    sdp.read(text)


@given(st.integers(-32_768, 32_767))
def test_mu_law_keeps_samples_within_its_step(sample: int) -> None:
    assert abs(decode(encode(sample)) - sample) <= max(8, abs(sample) // 16 + 8)


def test_silence_is_zero_and_a_tone_is_heard_as_itself_only() -> None:
    assert decode(SILENCE[0]) == 0
    sound = tone(600, 0.5)
    assert strength(sound, 600) == pytest.approx(9_000, rel=0.05)
    assert strength(sound, 900) < 500
    assert strength(b"", 600) == 0


def test_a_speaker_loops_its_sound_and_a_listener_hears_it() -> None:
    speaker, listener = Speaker(tone(1_000, 0.1)), Listener()
    for _ in range(50):
        listener.take(speaker.packet())
    assert listener.packets == 50
    assert strength(listener.last(0.5), 1_000) > 8_000


def test_packets_count_up_one_by_one_and_160_samples_at_a_time() -> None:
    speaker = Speaker()
    headers = [struct.unpack_from("!BBHI", speaker.packet()) for _ in range(3)]
    assert [(after[2] - before[2]) & 0xFFFF for before, after in itertools.pairwise(headers)] == [1, 1]
    assert [after[3] - before[3] for before, after in itertools.pairwise(headers)] == [160, 160]


def test_keys_pressed_are_keys_heard_once_each() -> None:
    speaker, listener = Speaker(), Listener()
    speaker.press("159*#a55")
    while speaker.pressing:
        listener.take(speaker.packet())
    assert listener.keys == "159*#A55"


def test_a_key_no_phone_has_is_refused() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        Speaker().press("x")


def test_a_listener_keeps_only_the_last_seconds() -> None:
    speaker, listener = Speaker(tone(500)), Listener(seconds=0.1)
    for _ in range(20):
        listener.take(speaker.packet())
    assert len(listener.last(10)) == 800
    listener.forget()
    assert listener.last(10) == b""


@given(st.binary(max_size=40))
def test_any_datagram_is_taken_without_an_error(data: bytes) -> None:
    Listener().take(data)


def test_what_is_said_once_is_heard_once_and_then_the_looped_sound_goes_on() -> None:
    speaker, listener = Speaker(tone(500, 0.1)), Listener()
    speaker.say(tone(1_000, 0.1)[:700])
    assert speaker.saying
    for _ in range(5):
        listener.take(speaker.packet())
    assert not speaker.saying
    assert strength(listener.last(0.08), 1_000) > 6_000
    assert listener.last(0.1)[-100:] == SILENCE * 100
    listener.forget()
    for _ in range(5):
        listener.take(speaker.packet())
    assert strength(listener.last(0.1), 1_000) < 500 < 8_000 < strength(listener.last(0.1), 500)


def test_after_a_rest_the_time_of_a_packet_tells_how_long_it_was() -> None:
    speaker = Speaker()
    before = struct.unpack_from("!BBHI", speaker.packet())
    speaker.rested(1.0)
    after = struct.unpack_from("!BBHI", speaker.packet())
    assert (after[2] - before[2]) & 0xFFFF == 1
    assert (after[3] - before[3]) & 0xFFFF_FFFF == 160 + 8_000
