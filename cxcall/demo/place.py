"""The demo's folder: who may use it, what is in it, and whether it was filled to the end."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cxcall.demo.staff import STAFF

_WORDS = (
    "almond", "amber", "cedar", "cobalt", "copper", "coral", "cypress", "falcon", "garnet", "harbour", "juniper",
    "lantern", "lapis", "marble", "meadow", "orchard", "pebble", "river", "saffron", "silver", "thistle", "velvet",
    "walnut", "willow",
)  # fmt: skip

_FILLED_WITH = "filled-with-rosters"
"""A file whose name says what a place was filled with; one that was filled with less is filled anew. In it stands
the language of the names."""


class DemoError(Exception):
    """The demo can't run; the text says what to do."""


class Place:
    """Files under `folder`: the database, the journal, the private Asterisk's, the voices, and the logins.

    `logins.json` is written last of all when a demo is filled, so a place without it is not whole.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.switch = self.folder / "asterisk"
        self.voices = self.folder / "voices"
        self.configuration = self.folder / "cxcall.toml"
        self._logins = self.folder / "logins.json"
        self._filled = self.data / _FILLED_WITH

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Ours for as long as the context lasts; raises DemoError when another demo runs here."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = (self.folder / "lock").open("w")
        except OSError as error:
            raise DemoError(
                f"The folder {self.folder} can't be used: {error.strerror}. Name another with --dir."
            ) from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoError(
                    f"A demo is running in {self.folder}. Stop it, or name another folder with --dir."
                ) from None
            yield

    @property
    def passwords(self) -> Mapping[str, str] | None:
        """Password by login of a place that was filled to the end, else None."""
        try:
            found: dict[str, str] = msgspec.json.decode(self._logins.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return None
        whole = {worker.login for worker in STAFF} <= set(found) and self.data.is_dir() and self._filled.exists()
        return found if whole else None

    def clear(self) -> None:
        """Forget database, journal and logins; what Asterisk was unpacked from and voices said stays."""
        self._logins.unlink(missing_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.switch, ignore_errors=True)

    @property
    def language(self) -> str:
        """Of the names in a place that was filled."""
        try:
            return self._filled.read_text(encoding="utf-8").strip() or "en"
        except OSError:
            return "en"

    def finished(self, passwords: Mapping[str, str], language: str = "en") -> None:
        """The place is whole; remember the logins, for us only to read, and the `language` of its names."""
        self.data.mkdir(exist_ok=True)
        self._filled.write_text(language, encoding="utf-8")
        write_private(self._logins, msgspec.json.format(msgspec.json.encode(dict(passwords))).decode())


def made_up_passwords() -> dict[str, str]:
    """A password for each of the staff, easy to read and to type."""
    return {worker.login: _password() for worker in STAFF}


def _password() -> str:
    words = "-".join(secrets.choice(_WORDS) for _ in range(3))
    return f"{words}-{secrets.randbelow(9000) + 1000}"


def write_private(path: Path, text: str) -> None:
    """Write a file that holds a secret, in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
