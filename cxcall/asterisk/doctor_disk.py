"""Can Asterisk, as its own user, read the prompts and write spoken comments? Judged from owners and modes.

Asterisk tells nobody over its manager interface what it may read; the kernel's rule is simple enough to apply here.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cxcall.asterisk import shared_disk
from cxcall.asterisk.findings import Finding, info, ok, warn
from cxcall.asterisk.recording import place as recording_place
from cxcall.asterisk.surveys import comments
from cxcall.settings import Ami, Settings
from cxcall.store import prompt_files

PROGRAM = "asterisk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A user as the kernel sees one."""

    name: str
    uid: int
    gids: frozenset[int]


def files(settings: Settings, server: Ami) -> list[Finding]:
    """Findings on the files that `server` shares with us; blocking, for a thread. Never raises."""
    if not prompt_files.by_disk(server):
        fix = f"Let [[ami]] {server.name} share the data folder (prompts = disk), or leave spoken comments out."
        return [
            ok("prompts", f"Asterisk fetches them from {prompt_files.base_url(settings)}."),
            warn("comments", "This Asterisk has a disk of its own: spoken comments are passed over.", fix),
        ]
    who = _asterisk()
    if who is None:
        return [info("sound files", "Asterisk's user is not known here, so its rights are not either.")]
    return [_prompts(settings, who), _comments(settings, who), _recordings(settings, server, who)]


def _prompts(settings: Settings, who: Who) -> Finding:
    folder = prompt_files.folder(settings)
    shut = _shut(_existing(folder), who, os.R_OK | os.X_OK)
    if shut is None:
        return ok("prompts", f"Asterisk's user {who.name} can read {folder}.")
    fix = f"chmod o+rx {shut}, or put {who.name} into the group that may read it."
    return warn("prompts", f"Asterisk's user {who.name} can't read {shut}: callers would hear nothing.", fix)


def _comments(settings: Settings, who: Who) -> Finding:
    folder = comments.folder(settings)
    try:
        comments.place(settings, "doctor.wav")
    except OSError as error:
        return warn("comments", f"{folder} can't be made: {error.strerror}.", "Let cxcall write its data folder.")
    return _writes("comments", folder, who, "spoken comments")


def _recordings(settings: Settings, server: Ami, who: Who) -> Finding:
    try:
        folder = recording_place.place(settings, server)
    except recording_place.NoPlace as error:
        return warn("recordings", str(error), "Let cxcall write its data folder, or set recordings.dir.")
    return _writes("recordings", folder, who, "recordings")


def _writes(name: str, folder: Path, who: Who, what: str) -> Finding:
    """Whether Asterisk's user can put `what` into our folder."""
    shut = _shut(folder, who, os.W_OK | os.X_OK)
    if shut is None:
        return ok(name, f"Asterisk's user {who.name} can write {folder}.")
    group = shared_disk.GROUP
    fix = (
        f"Put cxcall's user into the group {group} (usermod -aG {group} cxcall) and start cxcall again; {shut} must"
        f" let that group in: chgrp -R {group} {folder}; chmod -R g+rwX {folder}."
    )
    return warn(name, f"Asterisk's user {who.name} can't write {shut}: {what} would be lost.", fix)


def _asterisk() -> Who | None:
    """Whom Asterisk runs as here: the owner of its process, else the user of its name."""
    for status in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if status.read_text().strip() == PROGRAM:
                return _who(pwd.getpwuid(status.stat().st_uid))
    with suppress(KeyError):
        return _who(pwd.getpwnam(PROGRAM))
    return None


def _who(user: pwd.struct_passwd) -> Who:
    others = {group.gr_gid for group in grp.getgrall() if user.pw_name in group.gr_mem}
    return Who(name=user.pw_name, uid=user.pw_uid, gids=frozenset({user.pw_gid, *others}))


def _existing(path: Path) -> Path:
    return next((one for one in (path, *path.parents) if one.is_dir()), Path("/"))


def _shut(path: Path, who: Who, wanted: int) -> Path | None:
    """The first folder on the way to `path`, itself included, that keeps `who` out; None when none does."""
    for folder in (*reversed(path.parents), path):
        try:
            found = folder.stat()
        except OSError:
            return folder
        if not _may(found, who, wanted if folder == path else os.X_OK):
            return folder
    return None


def _may(found: os.stat_result, who: Who, wanted: int) -> bool:
    if who.uid == 0:
        return True
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid == who.uid:
        mode >>= 6
    elif found.st_gid in who.gids:
        mode >>= 3
    return mode & wanted == wanted
