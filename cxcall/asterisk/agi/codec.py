"""The words of FastAGI without its socket: bytes in, events out; commands in, bytes out. No I/O, no clock.

Theory of operation
-------------------
Asterisk opens the connection and sends a header: lines `agi_name: value`, then an empty one. From then on we send a
command, one line, and Asterisk sends its answer; never two at a time. So there are three states:

    HEADER ──empty line──▶ OURS ──send()──▶ THEIRS ──answer──▶ OURS …        and BROKEN, for good, after a PeerError

Nearly every answer is one line, `200 result=1 (value) endpos=7840`. The exceptions are why this is a codec of its own:

* `HANGUP` on a line alone says that the caller is gone. It comes whenever it happens, so also between a command and its
  answer, and is never the answer. Taking it for one shifts every later answer by one.
* `520-…` begins the usage of a command that was used wrongly; the lines up to the one that begins `520 ` belong to it.
* `100 …` comes before the answer of some commands and is none.
* A value in parentheses may hold line ends: variables come from anywhere. The answer then ends with the line that has
  a closing parenthesis. A value that tries to look like a further answer ends the conversation instead, since an answer
  nobody asked for is an error.

Bytes are cut into lines before they are decoded, so a UTF-8 character in two pieces stays one. What is not a whole line
is kept up to a limit; what can't become a header is refused at its first wrong byte. `next_event` is asked until it
gives None, and gives the same events in the same order however the network cut the bytes. Sources: res_agi.c's own
answers as measured on Asterisk 22 and 16 (docs/decisions/0090).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum, auto
from urllib.parse import parse_qsl

from cxcall.asterisk.agi.commands import encoded
from cxcall.asterisk.agi.errors import CommandError, PeerError, TooMuch
from cxcall.asterisk.agi.events import Answer, Event, HungUp, Request

HEADER_BYTES = 32 * 1024
HEADER_LINES = 256
"""Asterisk sends 26 lines and up to 127 arguments."""

ANSWER_BYTES = 64 * 1024
ANSWER_LINES = 256
"""All that may come for one command, its answer included."""

_HEADER_LINE = re.compile(r"(agi_[a-z0-9_]{1,60}): ?(.*)", re.ASCII)
_ANSWER = re.compile(r"result=(\S*)(?: \((.*)\))?(?: endpos=(-?\d{1,18}))?(?: .*)?", re.DOTALL | re.ASCII)
_VALUE_OPEN = re.compile(r"result=\S* \([^)]*", re.DOTALL | re.ASCII)
_CODE = re.compile(r"([1-5]\d\d)([ -])?(.*)", re.DOTALL | re.ASCII)


class State(IntEnum):
    """Whose turn it is to speak."""

    HEADER = auto()
    OURS = auto()
    THEIRS = auto()
    BROKEN = auto()


_DUE = {
    State.HEADER: (b"agi_", HEADER_BYTES, HEADER_LINES),
    State.OURS: (b"HANGUP", ANSWER_BYTES, ANSWER_LINES),
    State.THEIRS: (b"", ANSWER_BYTES, ANSWER_LINES),
}
"""What alone a line may begin with in each state (an empty one ends the header), and how much may come in it."""


class Codec:
    """One conversation, from the first byte of its header."""

    __slots__ = ("_buffer", "_held", "_hung_up", "_lines", "_seen", "_taken", "_variables", "_why", "state")

    def __init__(self) -> None:
        self.state = State.HEADER
        self._buffer = bytearray()
        self._seen = 0
        """Bytes of the buffer that have no line end in them."""
        self._taken = 0
        self._lines = 0
        """Bytes and number of the lines taken since the header began, or since the last turn."""
        self._held: list[str] = []
        """The lines of an answer that goes on."""
        self._variables: dict[str, str] = {}
        self._hung_up = False
        self._why: tuple[type[PeerError], str] = (PeerError, "")

    def receive(self, data: bytes) -> None:
        """Take what was read; `next_event` then says what it means."""
        if self.state is not State.BROKEN:
            self._buffer += data

    def next_event(self) -> Event | None:
        """The next event, or None when more bytes are needed.

        Raises PeerError (TooMuch among them) when this is no AGI, again and again from then on.
        """
        try:
            if self.state is State.BROKEN:
                raise self._why[0](self._why[1])
            return self._next()
        except PeerError as error:
            self._why = (type(error), str(error))
            self.state = State.BROKEN
            self._buffer.clear()
            self._held.clear()
            raise

    def send(self, command: str) -> bytes:
        """The bytes of a command. Raises CommandError for what is not one line, too long, or out of turn."""
        if self.state is not State.OURS:
            raise CommandError(f"A command was sent out of turn: {command[:40]!r}.")
        data = encoded(command)
        self._turn(State.THEIRS)
        return data

    def _turn(self, whose: State) -> None:
        self.state = whose
        self._taken = self._lines = 0

    def _next(self) -> Event | None:
        while (line := self._line()) is not None:
            event = _READERS[self.state](self, line)
            if event is not None:
                return event
        return None

    def _line(self) -> str | None:
        """The next whole line without its end, or None."""
        due, most, lines = _DUE[self.state]
        if not self._buffer.startswith(due):
            self._refuse_early(due)
        end = self._buffer.find(b"\n", self._seen)
        if self._taken + (end if end >= 0 else len(self._buffer)) > most or self._lines > lines:
            raise TooMuch(f"More than {most} bytes or {lines} lines came without an end.")
        if end < 0:
            self._seen = len(self._buffer)
            return None
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._seen = 0
        self._taken += end + 1
        self._lines += 1
        return line.decode("utf-8", "replace")

    def _refuse_early(self, due: bytes) -> None:
        """Whoever is no Asterisk need not be waited for: the first bytes of a line show it."""
        begun = bytes(self._buffer[: len(due)]).partition(b"\n")[0].rstrip(b"\r")
        if not due.startswith(begun):
            raise PeerError(f"A line begins with {begun!r}.")

    def _read_header(self, line: str) -> Event | None:
        if not line:
            return self._request()
        match = _HEADER_LINE.fullmatch(line)
        if match is None:
            raise PeerError(f"A line of the header is {line[:60]!r}.")
        self._variables[match[1]] = match[2]
        return None

    def _request(self) -> Request:
        if not self._variables:
            raise PeerError("The header is empty.")
        self._turn(State.OURS)
        variables, self._variables = self._variables, {}
        script, _, query = _address(variables).partition("?")
        try:
            asked = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=HEADER_LINES))
        except ValueError as error:
            raise TooMuch(f"The script's query can't be read: {error}.") from error
        return Request(script=f"/{script.strip('/')}", query=asked, args=_arguments(variables), variables=variables)

    def _read_out_of_turn(self, line: str) -> Event | None:
        if line == "HANGUP":
            return self._hang_up()
        raise PeerError(f"An answer came that nobody asked for: {line[:60]!r}.")

    def _read_answer(self, line: str) -> Event | None:
        if self._held:
            return self._go_on(line)
        if line == "HANGUP":
            return self._hang_up()
        match = _CODE.fullmatch(line)
        if match is None:
            raise PeerError(f"No answer begins like {line[:60]!r}.")
        code, mark, rest = int(match[1]), match[2], match[3]
        if code < 200:
            return None
        if mark == "-" or (code == 200 and _VALUE_OPEN.fullmatch(rest)):
            self._held.append(line)
            return None
        return self._answer(code, rest)

    def _go_on(self, line: str) -> Event | None:
        first = self._held[0]
        self._held.append(line)
        usage = first[3:4] == "-"
        if not (line.startswith(first[:3] + " ") if usage else ")" in line):
            return None
        whole = "\n".join(self._held)[4:]
        self._held.clear()
        return self._answer(int(first[:3]), whole)

    def _answer(self, code: int, rest: str) -> Answer:
        self._turn(State.OURS)
        if code != 200:
            return Answer(code=code, text=rest)
        match = _ANSWER.fullmatch(rest)
        if match is None:
            raise PeerError(f"An answer without a result came: {rest[:60]!r}.")
        result, value, endpos = match.groups()
        return Answer(code=code, result=result, value=value, endpos=None if endpos is None else int(endpos))

    def _hang_up(self) -> HungUp:
        if self._hung_up:
            raise PeerError("HANGUP came twice.")
        self._hung_up = True
        return HungUp()


_READERS = {
    State.HEADER: Codec._read_header,
    State.OURS: Codec._read_out_of_turn,
    State.THEIRS: Codec._read_answer,
}


def _address(variables: Mapping[str, str]) -> str:
    """What follows host and port in the address the dialplan called."""
    script = variables.get("agi_network_script")
    if script is not None:
        return script
    return variables.get("agi_request", "").partition("://")[2].partition("/")[2]


def _arguments(variables: Mapping[str, str]) -> tuple[str, ...]:
    found = []
    for number in range(1, HEADER_LINES):
        value = variables.get(f"agi_arg_{number}")
        if value is None:
            break
        found.append(value)
    return tuple(found)
