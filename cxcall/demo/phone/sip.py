"""SIP messages as bytes and as values (RFC 3261, the part a phone on a loopback needs). Pure: no socket, no clock.

Header names come out in their usual spelling whatever way they came in (`i` and `CALL-ID` are `Call-ID`); repeated
headers stay apart and in order. Text is UTF-8, so a caller's name may be in any script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION = "SIP/2.0"

_COMPACT = {
    "i": "Call-ID", "m": "Contact", "e": "Content-Encoding", "l": "Content-Length", "c": "Content-Type", "f": "From",
    "s": "Subject", "k": "Supported", "t": "To", "v": "Via", "o": "Event", "r": "Refer-To", "b": "Referred-By",
}  # fmt: skip
_SPELLING = {
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "www-authenticate": "WWW-Authenticate",
    "mime-version": "MIME-Version",
}

_REASONS = {
    100: "Trying", 180: "Ringing", 200: "OK", 202: "Accepted", 302: "Moved Temporarily", 400: "Bad Request",
    404: "Not Found", 405: "Method Not Allowed", 480: "Temporarily Unavailable", 481: "Call Does Not Exist",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 500: "Server Error",
    503: "Service Unavailable",     603: "Decline",
}  # fmt: skip

Headers = tuple[tuple[str, str], ...]


class Malformed(Exception):
    """These bytes are not a SIP message; the text says what is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What requests and responses share."""

    headers: Headers = ()
    body: str = ""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of header `name`, in its usual spelling."""
        return next((value for key, value in self.headers if key == name), default)

    def every(self, name: str) -> list[str]:
        """Return all values of header `name` in order."""
        return [value for key, value in self.headers if key == name]

    @property
    def branch(self) -> str:
        """The topmost Via's branch: with the method, the name of the transaction."""
        found = re.search(r";\s*branch=([^;,\s]+)", self.get("Via"))
        return found[1] if found else ""

    @property
    def sequence(self) -> tuple[int, str]:
        """CSeq's number and method."""
        number, _, method = self.get("CSeq").partition(" ")
        return int(number), method.strip()

    def _bytes(self, first: str) -> bytes:
        body = self.body.encode()
        lines = [first, *(f"{name}: {value}" for name, value in self.headers), f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """`method` asked of `uri`."""

    method: str
    uri: str

    def encode(self) -> bytes:
        """Return the message as it goes over the wire, with its Content-Length."""
        return self._bytes(f"{self.method} {self.uri} {VERSION}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """The answer `status` to a request."""

    status: int

    def encode(self) -> bytes:
        """Return the message as it goes over the wire, with its Content-Length."""
        return self._bytes(f"{VERSION} {self.status} {_REASONS.get(self.status, 'Answer')}")


def parse(data: bytes) -> Request | Response:
    """Return the message in `data`, without its Content-Length header.

    Raises Malformed when it is none, is cut short, or lacks what every message has (Via, From, To, Call-ID, CSeq).
    """
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise Malformed("no empty line after the headers")
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    headers = _headers(lines)
    values = dict(reversed(headers))
    missing = [name for name in ("Via", "From", "To", "Call-ID", "CSeq") if not values.get(name)]
    if missing:
        raise Malformed(f"no {', '.join(missing)}")
    if not re.fullmatch(r"\d{1,10}\s+[A-Z]+", values["CSeq"]):
        raise Malformed("a CSeq that is not a number and a method")
    text = _body(body, values.get("Content-Length"))
    kept = tuple((name, value) for name, value in headers if name != "Content-Length")
    return _message(first, kept, text)


def _message(first: str, headers: Headers, body: str) -> Request | Response:
    if answer := re.fullmatch(rf"{VERSION} (\d{{3}})(?: .*)?", first):
        return Response(status=int(answer[1]), headers=headers, body=body)
    if asked := re.fullmatch(rf"([A-Z]+) (\S+) {VERSION}", first):
        return Request(method=asked[1], uri=asked[2], headers=headers, body=body)
    raise Malformed("a first line that is neither a request nor a response")


def _headers(lines: list[str]) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and headers:  # a folded line goes on with the one before
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
            continue
        name, separator, value = line.partition(":")
        if not separator:
            raise Malformed("a header without a colon")
        headers.append((_spelt(name.strip()), value.strip()))
    return headers


def _spelt(name: str) -> str:
    low = name.lower()
    return _COMPACT.get(low) or _SPELLING.get(low) or "-".join(part.capitalize() for part in low.split("-"))


def _body(data: bytes, length: str | None) -> str:
    if length is None:
        return data.decode("utf-8", "replace")
    if not length.isdecimal() or int(length) > len(data):
        raise Malformed("a body shorter than its Content-Length")
    return data[: int(length)].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A From, To or Contact: `"Name" <sip:user@host>;tag=…`."""

    uri: str
    name: str = ""
    tag: str = ""

    def __str__(self) -> str:
        quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{quoted}" ' if self.name else ""
        return f"{shown}<{self.uri}>" + (f";tag={self.tag}" if self.tag else "")

    @property
    def user(self) -> str:
        """The part of the address before the @: a number, most often."""
        found = re.match(r"sips?:([^@;]+)@|tel:([^;]+)", self.uri)
        return (found[1] or found[2]) if found else ""


def address(text: str) -> Address:
    """Read a From, To, Contact or P-Asserted-Identity header's value."""
    tag = re.search(r";\s*tag=([^;\s]+)", text)
    found = re.match(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*))\s*<([^>]*)>', text)
    if found is None:
        return Address(uri=text.partition(";")[0].strip(), tag=tag[1] if tag else "")
    name = re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2].strip()
    return Address(uri=found[3], name=name, tag=tag[1] if tag else "")
