"""Where Asterisk writes recordings: a folder that both of us see, and that Asterisk may write into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cxcall.asterisk import shared_disk
from cxcall.settings import Ami, Settings

_MOMENT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the name of a recording tells: whose channel was recorded, on which server, since when."""

    server: str
    unique_id: str
    began_at: datetime

    @property
    def name(self) -> str:
        return f"{self.server}@{self.unique_id}@{self.began_at.astimezone(UTC):{_MOMENT}}"


class NoPlace(Exception):
    """There is nowhere to record to; the text says why."""


def folder(settings: Settings) -> Path:
    """The folder, absolute; of the same name for Asterisk and for us."""
    given = settings.recordings.dir
    return (Path(given) if given else settings.data_dir / "recordings" / "incoming").absolute()


def place(settings: Settings, ami: Ami) -> Path:
    """The folder, made so that Asterisk can write there; for a thread. Raises NoPlace."""
    if not settings.recordings.dir and not shared_disk.shared(settings, ami.name):
        raise NoPlace(f"The Asterisk {ami.name} has a disk of its own: set recordings.dir to a folder both see.")
    made = folder(settings)
    try:
        for each in (made.parent, made) if not settings.recordings.dir else (made,):
            shared_disk.make(each)
    except OSError as error:
        raise NoPlace(f"The folder {made} can't be made: {error.strerror}.") from error
    return made


def found(folder: Path, server: str) -> list[Named]:
    """The recordings of a server whose files are there; for a thread."""
    here = []
    for file in folder.glob(f"{server}@*@*-in.wav"):
        _, unique_id, began = file.name.removesuffix("-in.wav").split("@", 2)
        try:
            moment = datetime.strptime(began, _MOMENT).replace(tzinfo=UTC)
        except ValueError:
            continue
        here.append(Named(server=server, unique_id=unique_id, began_at=moment))
    return here
