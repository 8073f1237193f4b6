"""`cxcall replay`: recorded event streams through the call tracker, call records out. No database, network or clock."""

from __future__ import annotations

import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from functools import partial
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Annotated

import typer

from cxcall.calls.directions import OUTSIDE_CONTEXTS, Directions
from cxcall.calls.events import Message
from cxcall.calls.record import encode
from cxcall.calls.replaying import Replay
from cxcall.calls.streams import Unreadable, detect, goes_on, hold_back, read_ami, read_json, timed

CHUNK = 1 << 16
LOOKED_AT = 128
"""Chunks in which a format must show, after whatever garbage a stream begins with."""
STDIN = Path("-")
GZIP = b"\x1f\x8b"


class StreamFormat(StrEnum):
    auto = "auto"
    ami = "ami"
    ami_jsonl = "ami-jsonl"
    cel_csv = "cel-csv"
    queue_log = "queue-log"


class Refused(Exception):
    """Wrong use: a sentence for stderr, exit 2."""


def register(app: typer.Typer) -> None:
    """Give the command line its `replay`."""
    app.command("replay")(replay)


def replay(
    files: Annotated[
        list[Path], typer.Argument(help="Recorded streams, one after the other; .gz is read as well, - is stdin.")
    ],
    format: Annotated[  # noqa: A002  # the option's name is the contract
        StreamFormat, typer.Option("--format", help="What the files hold; auto looks at each.")
    ] = StreamFormat.auto,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when any line could not be read.")] = False,
    server: Annotated[
        str | None, typer.Option("--server", help="Name of the server; default: SystemName, else asterisk.")
    ] = None,
    outside: Annotated[
        list[str] | None, typer.Option("--outside", help="A context of lines from outside; may be repeated.")
    ] = None,
) -> None:
    """Run recorded event streams through the call tracker: one JSON object a call on stdout."""
    try:
        unreadable = _run(files, format, server, outside or [])
    except Refused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None
    except BrokenPipeError:
        # Whoever read us has seen enough; the interpreter must not complain on its way out either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    if strict and unreadable:
        raise typer.Exit(1)


def _run(files: list[Path], format_: StreamFormat, server: str | None, outside: list[str]) -> int:
    replayed = Replay(server, Directions(outside=OUTSIDE_CONTEXTS + tuple(outside)))
    troubles = Troubles()
    for item in timed(_messages(files, format_, troubles)):
        if not isinstance(item, Unreadable):
            wrong = replayed.take(*item)
            if wrong is not None:
                troubles.count[wrong] += 1
    with suppress(AttributeError):
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a test's stdout may have none
    for record in replayed.records():
        sys.stdout.write(encode(record).decode() + "\n")
    sys.stdout.flush()
    return troubles.summed_up()


class Troubles:
    """What could not be read: each kind is named once, with its place, and counted."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def meet(self, file: Path, trouble: Unreadable) -> None:
        self.count[trouble.why] += 1
        if self.count[trouble.why] == 1:
            typer.echo(f"{file}:{trouble.line}: {trouble.why}, skipped", err=True)

    def summed_up(self) -> int:
        unreadable = sum(self.count.values())
        if unreadable:
            told = "; ".join(f"{n} × {why}" for why, n in self.count.items())
            typer.echo(f"{unreadable} unreadable: {told}", err=True)
        return unreadable


class Source:
    """One file, opened once (a pipe can't be read twice), with its beginning at hand."""

    def __init__(self, file: Path, troubles: Troubles) -> None:
        self.file = file
        self._chunks = _chunks(file, troubles)
        self._looked_at: list[bytes] = []

    def look(self, chunks: int) -> list[bytes]:
        """The first chunks of the file, which stay there to be read."""
        self._looked_at += islice(self._chunks, max(0, chunks - len(self._looked_at)))
        return self._looked_at[:chunks]

    def goes_on(self) -> bool:
        return goes_on(b"".join(self.look(1)))

    def chunks(self) -> Iterator[bytes]:
        return chain(self._looked_at, self._chunks)


def _messages(files: list[Path], asked: StreamFormat, troubles: Troubles) -> Iterator[Message | Unreadable]:
    """The messages of all files; one that a rotation cut in two is read whole."""
    sources = [Source(file, troubles) for file in files]
    cut = b""
    format_: StreamFormat | None = None

    def bytes_of(source: Source, following: Source | None, format_: StreamFormat) -> Iterator[bytes]:
        nonlocal cut
        before, cut = cut, b""
        rest = yield from hold_back(
            chain([before], source.chunks()), "ami" if format_ is StreamFormat.ami else "ami-jsonl"
        )
        if following is not None and rest and following.goes_on():
            cut = rest
        else:
            yield rest

    for source, following in zip_longest(sources, sources[1:]):
        if not cut or format_ is None:
            format_ = _format_of(source, asked)
        reader = read_ami if format_ is StreamFormat.ami else read_json
        for item in reader(bytes_of(source, following, format_)):
            if isinstance(item, Unreadable):
                troubles.meet(source.file, item)
            yield item


def _format_of(source: Source, asked: StreamFormat) -> StreamFormat:
    if asked is StreamFormat.auto:
        looked_at = (chunk for count in range(1, LOOKED_AT + 1) for chunk in source.look(count)[count - 1 :])
        found = next((found for chunk in looked_at if (found := detect(chunk)) is not None), None)
        if found is None and b"".join(source.look(LOOKED_AT)).strip():
            raise Refused(f"{source.file} looks like no format replay knows; say which with --format.")
        asked = StreamFormat(found or "ami")
    if asked in (StreamFormat.cel_csv, StreamFormat.queue_log):
        raise Refused(f"{source.file} is {asked.value}: replay can't read that yet, only ami and ami-jsonl.")
    return asked


def _chunks(file: Path, troubles: Troubles) -> Iterator[bytes]:
    """A file's bytes, unpacked when it is gzip; a cut-off or broken gzip gives what could be unpacked."""
    try:
        with sys.stdin.buffer if file == STDIN else file.open("rb") as raw:
            chunks = iter(partial(raw.read, CHUNK), b"")
            first = next(chunks, b"")
            chunks = chain([first], chunks)
            yield from _unpacked(chunks) if first.startswith(GZIP) else chunks
    except FileNotFoundError:
        raise Refused(f"{file} does not exist.") from None
    except IsADirectoryError:
        raise Refused(f"{file} is a folder; name the files in it.") from None
    except (EOFError, zlib.error):
        troubles.count["gzip cut off or broken"] += 1
        typer.echo(f"{file}: the gzip file is cut off or broken; read as far as it goes", err=True)
    except OSError as error:
        raise Refused(f"{file} can't be read: {error.strerror}.") from None


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Gzip's content, of all members; raises EOFError when it ends too early."""
    member = zlib.decompressobj(wbits=31)
    for packed in chunks:
        rest = packed
        while rest:
            if member.eof:
                member = zlib.decompressobj(wbits=31)
            yield member.decompress(rest)
            rest = member.unused_data
    if not member.eof:
        raise EOFError
