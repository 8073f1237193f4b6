"""Asterisk, SIPp and espeak-ng unpacked from Debian's packages into a folder: no root, nothing installed, 20 s, once.

The packages are only unpacked: no maintainer script runs. The programs are started through the unpacked C library's
own loader, so the machine's libraries do not matter. A tree is built beside its place and renamed when its Asterisk has
said its version, so a half-made one is never taken for a whole one; a lock file lets two callers ask at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from cxcall.demo.switch.packages import KEYRING, NOT_NEEDED, PACKAGES, SUITE, download
from cxcall.demo.switch.tools import last_line, left, run
from cxcall.demo.switch.tree import SwitchUnavailable, Tree

_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_TOOLS = ("apt-get", "dpkg", "dpkg-deb", "tar", "setpriv")
_LEFT_OUT = ("./usr/share/man", "./usr/share/doc", "./usr/share/locale", "./usr/share/bash-completion")
_ESPEAK = "espeak-ng"
_START_ESPEAK = """#!/bin/sh
# espeak-ng with the libraries and voices beside it, wherever this folder lies
here=$(dirname "$(readlink -f "$0")")
libraries=$here/usr/lib/x86_64-linux-gnu
export ESPEAK_DATA_PATH="$libraries"
path=$libraries:$libraries/pulseaudio
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$path" "$here/usr/bin/espeak-ng" "$@"
"""
_INSTEAD = "install Asterisk yourself and set CXCALL_DEMO__ASTERISK=system"


def unpack(folder: Path, *, timeout: float = 300.0) -> Tree:
    """Return the tree in `folder`, unpacking it first when it is not there; `timeout` seconds for all of it.

    Raises SwitchUnavailable, in one sentence, when this machine can't have one or the archive is out of reach.
    """
    folder = folder.resolve()
    root = folder / f"asterisk-{_recipe()}"
    if root.is_dir():
        return _tree(root)
    _check_machine()
    deadline = time.monotonic() + timeout
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / "lock", deadline):
        if not root.is_dir():
            _build(root, deadline)
    return _tree(root)


def _recipe() -> str:
    """Name what is unpacked, so that a changed list is unpacked anew."""
    parts = (SUITE, *PACKAGES, *sorted(NOT_NEEDED), *_LEFT_OUT, _START_ESPEAK)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]


def _tree(root: Path) -> Tree:
    libraries = root / _LIBRARIES
    loader = (str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries))
    return Tree(
        asterisk=(*loader, str(root / "usr/sbin/asterisk")),
        sipp=(*loader, str(root / "usr/bin/sipp")),
        modules=libraries / "asterisk/modules",
        documentation=root / "usr/share/asterisk/documentation",
        espeak=str(root / _ESPEAK),
    )


def _check_machine() -> None:
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise SwitchUnavailable(
            f"A private Asterisk needs Debian's tools and {', '.join(missing)} is not here; {_INSTEAD}."
        )
    architecture = run(["dpkg", "--print-architecture"], 10).strip()
    if architecture != "amd64":
        raise SwitchUnavailable(
            f"A private Asterisk is unpacked for 64-bit PCs (amd64) only and this is {architecture}; {_INSTEAD}."
        )
    if not KEYRING.exists():
        raise SwitchUnavailable(f"Without {KEYRING} Debian's packages can't be checked; {_INSTEAD}.")


@contextmanager
def _only_one(lock: Path, deadline: float) -> Iterator[None]:
    with lock.open("w") as handle:
        while not _locked(handle.fileno()):
            if time.monotonic() > deadline:
                raise SwitchUnavailable(f"Another process has been unpacking Asterisk for too long ({lock}).")
            time.sleep(0.2)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _build(root: Path, deadline: float) -> None:
    for leftover in root.parent.glob("building-*"):
        shutil.rmtree(leftover)
    building = root.parent / f"building-{os.getpid()}"
    files = building / "root"
    files.mkdir(parents=True)
    try:
        packages = download(building / "apt", deadline)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda package: _extract(package, files, deadline), packages))
        (files / _ESPEAK).write_text(_START_ESPEAK, "utf-8")
        (files / _ESPEAK).chmod(0o755)
        run([*_tree(files).asterisk, "-V"], left(deadline))
        run([_tree(files).espeak, "--voices=fa"], left(deadline))
        files.rename(root)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _extract(package: Path, root: Path, deadline: float) -> None:
    tar = ["tar", "-C", str(root), "-x", "--keep-directory-symlink", "--no-same-owner"]
    tar += [f"--exclude={path}" for path in _LEFT_OUT]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as reader:  # noqa: S603, S607 - Debian's own tool
        try:
            done = subprocess.run(tar, stdin=reader.stdout, capture_output=True, timeout=left(deadline), check=False)  # noqa: S603 - as above
        except subprocess.TimeoutExpired:
            raise SwitchUnavailable(f"Unpacking {package.name} took too long.") from None
        finally:
            reader.kill()
    if done.returncode:
        raise SwitchUnavailable(f"{package.name} can't be unpacked: {last_line(done.stderr)}")
