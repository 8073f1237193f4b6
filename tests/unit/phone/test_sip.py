"""SIP messages: bytes to values and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.demo.phone.sip import Address, Malformed, Request, Response, address, parse

INVITE = (
    "INVITE sip:1001@127.0.0.1:5070 SIP/2.0\r\n"
    "v: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKa1\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bKb2\r\n"
    'f: "زهرا کریمی" <sip:09121234567@127.0.0.1>;tag=t1\r\n'
    "t: <sip:1001@127.0.0.1>\r\n"
    "CALL-ID: c1\r\n"
    "cseq: 7 INVITE\r\n"
    "p-asserted-identity: <sip:1@h>\r\n"
    "X-Long: one\r\n two\r\n"
    "l: 4\r\n\r\nbodyREST"
).encode()


def test_a_request_is_read_with_compact_odd_and_folded_headers() -> None:
    message = parse(INVITE)
    assert isinstance(message, Request)
    assert (message.method, message.uri) == ("INVITE", "sip:1001@127.0.0.1:5070")
    assert message.get("Call-ID") == "c1"
    assert message.sequence == (7, "INVITE")
    assert message.branch == "z9hG4bKa1"
    assert len(message.every("Via")) == 2
    assert message.get("P-Asserted-Identity") == "<sip:1@h>"
    assert message.get("X-Long") == "one two"
    assert message.get("Content-Length", "none") == "none"
    assert message.body == "body"


def test_a_response_is_read_with_any_reason_or_none() -> None:
    text = INVITE.partition(b"\r\n")[2]
    for first in (b"SIP/2.0 486 Busy Here\r\n", b"SIP/2.0 486\r\n", b"SIP/2.0 486 \r\n"):
        message = parse(first + text)
        assert isinstance(message, Response)
        assert message.status == 486


def test_what_is_written_is_read_back() -> None:
    message = parse(INVITE)
    assert parse(message.encode()) == message


def test_length_counts_bytes_not_letters() -> None:
    request = Request(method="MESSAGE", uri="sip:a@b", headers=parse(INVITE).headers, body="سلام")
    assert b"Content-Length: 8" in request.encode()
    assert parse(request.encode()).body == "سلام"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no empty line"),
        (b"HELLO\r\n\r\n", "no Via"),
        (INVITE.replace(b"INVITE sip:1001@127.0.0.1:5070 SIP/2.0", b"GET / HTTP/1.1"), "first line"),
        (INVITE.replace(b"CALL-ID: c1\r\n", b""), "no Call-ID"),
        (INVITE.replace(b"cseq: 7 INVITE", b"cseq: x"), "CSeq"),
        (INVITE.replace(b"l: 4", b"l: 400"), "body shorter"),
        (INVITE.replace(b"l: 4", b"l: four"), "body shorter"),
        (INVITE.replace(b"X-Long: one", b"X-Long one"), "without a colon"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        parse(data)


@given(st.binary(max_size=400), st.integers(0, len(INVITE)))
def test_no_bytes_raise_anything_but_malformed(junk: bytes, cut: int) -> None:
    for data in (junk, INVITE[:cut] + junk, INVITE[:cut] + junk + INVITE[cut:]):
        try:
            message = parse(data)
        except Malformed:
            continue
        parse(message.encode())


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30).map(str.strip))
def test_any_name_survives_quoting(name: str) -> None:
    assert address(str(Address(uri="sip:1@h", name=name, tag="t"))) == Address(uri="sip:1@h", name=name, tag="t")


@pytest.mark.parametrize(
    ("text", "user", "name", "tag"),
    [
        ("<sip:1001@h:5060;transport=udp>;tag=a", "1001", "", "a"),
        ("Sara Ahmadi <sip:1001@h>", "1001", "Sara Ahmadi", ""),
        ("sip:1001@h;tag=b", "1001", "", "b"),
        ("<sip:127.0.0.1:5060>", "", "", ""),
        ("<tel:+989121234567>", "+989121234567", "", ""),
    ],
)
def test_addresses_are_read_in_all_their_forms(text: str, user: str, name: str, tag: str) -> None:
    read = address(text)
    assert (read.user, read.name, read.tag) == (user, name, tag)
