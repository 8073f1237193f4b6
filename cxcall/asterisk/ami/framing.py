"""Bytes of the manager interface cut into whole messages, however the network cut them.

Theory: a message ends with an empty line (CR LF CR LF). Messages are cut as bytes and decoded only when whole, so
a UTF-8 character that arrives in two pieces stays one character. Nothing else is interpreted here. What is not
yet whole is kept, up to `limit` bytes; a longer message is skipped to its end and counted, which depends on its
length alone and not on how it was cut.
"""

from __future__ import annotations

END = b"\r\n\r\n"
LIMIT = 1 << 20


class Splitter:
    """Feed it what was read; it returns what is whole by then. Pure: no I/O, no clock."""

    __slots__ = ("_limit", "_rest", "_skipping", "too_long")

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = b""
        self._skipping = False
        self.too_long = 0
        """Messages skipped because they were longer than the limit."""

    @property
    def unfinished(self) -> int:
        """Bytes of a message whose end has not come yet: what a cut connection loses."""
        return len(self._rest)

    def feed(self, data: bytes) -> tuple[bytes, list[bytes]]:
        """The bytes of all messages that are whole now, ready for the journal, and the messages without their end."""
        rest = self._rest
        buffer = rest + data if rest else data
        cut = buffer.rfind(END, max(0, len(rest) - len(END) + 1))
        if cut < 0:
            if len(buffer) >= self._limit + len(END):
                self._skipping = True
                buffer = buffer[1 - len(END) :]
            self._rest = buffer
            return b"", []
        cut += len(END)
        self._rest = buffer[cut:]
        whole = buffer[:cut]
        messages = whole.split(END)
        messages.pop()
        if self._skipping or len(whole) > self._limit:
            messages = self._without_too_long(messages)
            whole = END.join([*messages, b""])
        if END + b"\r" in whole or whole.startswith(b"\r"):
            messages = [_without_stray_line_ends(message) for message in messages]
        return whole, messages

    def _without_too_long(self, messages: list[bytes]) -> list[bytes]:
        kept = [message for message in messages[self._skipping :] if len(message) <= self._limit]
        self.too_long += len(messages) - len(kept)
        self._skipping = False
        return kept


def _without_stray_line_ends(message: bytes) -> bytes:
    """Some modules end a message with one empty line too many; it would begin the next."""
    while message.startswith(b"\r\n"):
        message = message[2:]
    return message
