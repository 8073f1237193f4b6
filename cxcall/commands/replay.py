"""`cxcall replay`: recorded event streams through the call tracker, call records out. No database, network or clock."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cxcall.calls.directions import OUTSIDE_CONTEXTS, Directions
from cxcall.calls.events import Message
from cxcall.calls.record import encode
from cxcall.calls.replaying import Replay
from cxcall.calls.streams import Unreadable, detect, read_ami, read_json, timed

CHUNK = 1 << 16


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
    files: Annotated[list[Path], typer.Argument(help="Recorded streams, one after the other; .gz is read as well.")],
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
    troubles: Counter[str] = Counter()
    formats = [_format_of(file, format_) for file in files]
    for item in timed(_messages(files, formats, troubles)):
        if not isinstance(item, Unreadable):
            wrong = replayed.take(*item)
            if wrong is not None:
                troubles[wrong] += 1
    with suppress(AttributeError):
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a test's stdout may have none
    for record in replayed.records():
        sys.stdout.write(encode(record).decode() + "\n")
    sys.stdout.flush()
    unreadable = sum(troubles.values())
    if unreadable:
        typer.echo(f"{unreadable} unreadable: " + "; ".join(f"{n} × {why}" for why, n in troubles.items()), err=True)
    return unreadable


def _messages(files: list[Path], formats: list[StreamFormat], troubles: Counter[str]) -> Iterator[Message]:
    for file, format_ in zip(files, formats, strict=True):
        reader = read_ami if format_ is StreamFormat.ami else read_json
        for item in reader(_chunks(file)):
            if isinstance(item, Unreadable):
                troubles[item.why] += 1
                if troubles[item.why] == 1:
                    typer.echo(f"{file}:{item.line}: {item.why}, skipped", err=True)
            else:
                yield item


def _format_of(file: Path, asked: StreamFormat) -> StreamFormat:
    head = b""
    for chunk in _chunks(file):
        head = chunk
        break
    if asked is StreamFormat.auto:
        found = detect(head)
        if found is None and head.strip():
            raise Refused(f"{file} looks like no format replay knows; say which with --format.")
        asked = StreamFormat(found or "ami")
    if asked in (StreamFormat.cel_csv, StreamFormat.queue_log):
        raise Refused(f"{file} is {asked.value}: replay can't read that yet, only ami and ami-jsonl.")
    return asked


def _chunks(file: Path) -> Iterable[bytes]:
    """A file's bytes, unpacked when it is gzip; a cut-off or broken gzip gives what could be unpacked."""
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            while chunk := stream.read(CHUNK):
                yield chunk
    except FileNotFoundError:
        raise Refused(f"{file} does not exist.") from None
    except IsADirectoryError:
        raise Refused(f"{file} is a folder; name the files in it.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        typer.echo(f"{file}: the gzip file is cut off or broken; read as far as it goes", err=True)
    except OSError as error:
        raise Refused(f"{file} can't be read: {error.strerror}.") from None
