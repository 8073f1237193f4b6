"""PostgreSQL 15 from Debian's package, in a folder of its own, on a free loopback port, for as long as a test run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BIN = Path("/usr/lib/postgresql/15/bin")
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "jit": "off",
}


class NoPostgres(RuntimeError):
    """PostgreSQL 15 is not here or does not start; the text says what to do."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """A fresh server; yields its address without a database name (`postgresql://cxcall@127.0.0.1:PORT`)."""
    if not (_BIN / "initdb").exists():
        msg = f"The store is tested on PostgreSQL too, and {_BIN} is missing: apt-get install postgresql-15"
        raise NoPostgres(msg)
    folder = Path(tempfile.mkdtemp(prefix="cxcall-postgres-"))
    as_user = _as_user(folder)
    port = _free_port()
    data = folder / "data"
    try:
        _run(
            *as_user,
            str(_BIN / "initdb"),
            "-D",
            data,
            "-U",
            "cxcall",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale",
            "C.UTF-8",
        )
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        listen = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {options}"
        server: tuple[str | Path, ...] = (*as_user, _BIN / "pg_ctl", "-D", data)
        _run(*server, "-l", folder / "log", "-w", "-t", "30", "-o", listen, "start")
        try:
            yield f"postgresql://cxcall@127.0.0.1:{port}"
        finally:
            _run(*server, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, else as `nobody`."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd="/",
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        msg = f"{' '.join(map(str, command))} failed:\n{done.stdout.decode(errors='replace')}"
        raise NoPostgres(msg)
