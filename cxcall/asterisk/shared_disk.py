"""Folders into which Asterisk, as its own user, writes what we read: spoken comments and recordings.

That works only where its disk is ours too (the servers whose prompts are read from the disk). Such a folder belongs to
Asterisk's group: what it writes there we can read, and nobody else on the machine can.
"""

from __future__ import annotations

import contextlib
import grp
import os
import shutil
from pathlib import Path

from cxcall.settings import Settings
from cxcall.store import prompt_files

GROUP = "asterisk"
"""The group of Asterisk's user in Debian, Red Hat and FreePBX."""

_MODE = 0o2770
"""Owner and group may write and look; new files and folders get the same group."""


def shared(settings: Settings, server: str) -> bool:
    """Whether `server` reads and writes the files we do: it plays prompts from the disk."""
    return any(ami.name == server and prompt_files.by_disk(ami) for ami in settings.ami)


def make(folder: Path) -> None:
    """Make the folder, if it is not there, so that Asterisk can write into it. Raises OSError."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0 or _knows_group():
        with contextlib.suppress(OSError, LookupError):
            shutil.chown(folder, group=GROUP)
    folder.chmod(_MODE)


def _knows_group() -> bool:
    """Whether we are in Asterisk's group, so that a folder of ours may be given to it."""
    try:
        return grp.getgrnam(GROUP).gr_gid in (*os.getgroups(), os.getegid())
    except KeyError:
        return False
