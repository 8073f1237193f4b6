"""A process that plays a recorded AMI stream to whoever logs in: the far end of ingest.py and memory.py.

It answers the actions of a login and a resync, refuses filters, and on QueueStatus sends the recording again and again
as fast as it is taken, each time with its own Uniqueids and times (the epoch seconds inside are moved on by 100).
It runs apart so that its processor time is not counted.
"""

from __future__ import annotations

import gzip
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

RECORDING = Path(__file__).parents[1] / "tests" / "replay" / "streams" / "load_queue10.ami.gz"
EPOCH = 17952946
"""The first eight digits of every time in the recording, in Timestamps and Uniqueids alike."""


def recording() -> bytes:
    return gzip.decompress(RECORDING.read_bytes())


def repeated(stream: bytes, times: int) -> Iterator[bytes]:
    """The stream `times` times over, each a hundred seconds later than the one before."""
    old = str(EPOCH).encode()
    for number in range(times):
        yield stream.replace(old, str(EPOCH + number).encode())


def last_event() -> bytes:
    return b"Event: UserEvent\r\nUserEvent: BenchmarkEnd\r\n\r\n"


def answer(fields: dict[str, str]) -> bytes:
    name, id_ = fields["Action"], fields.get("ActionID", "")
    if name == "Filter":
        return f"Response: Error\r\nActionID: {id_}\r\nMessage: Permission denied\r\n\r\n".encode()
    if name in ("CoreShowChannels", "BridgeList", "QueueStatus"):
        return (
            f"Response: Success\r\nActionID: {id_}\r\nEventList: start\r\n\r\n"
            f"Event: {name}Complete\r\nActionID: {id_}\r\nEventList: Complete\r\nListItems: 0\r\n\r\n"
        ).encode()
    booted = b"Event: FullyBooted\r\n\r\n" if name == "Login" else b""
    return f"Response: Success\r\nActionID: {id_}\r\nMessage: Done\r\n\r\n".encode() + booted


def main() -> None:
    times = int(sys.argv[1])
    stream = recording()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(60)
    print(server.getsockname()[1], flush=True)
    connection, _ = server.accept()
    connection.settimeout(120)
    connection.sendall(b"Asterisk Call Manager/11.0.0\r\n")
    waiting = b""
    started = False
    while data := connection.recv(65536):
        *messages, waiting = (waiting + data).split(b"\r\n\r\n")
        for message in messages:
            fields = dict(line.split(": ", 1) for line in message.decode().split("\r\n"))
            connection.sendall(answer(fields))
            started = started or fields["Action"] == "QueueStatus"
        if started:
            for part in repeated(stream, times):
                connection.sendall(part)
            connection.sendall(last_event())
            started = False


if __name__ == "__main__":
    main()
