"""PostgreSQL 15 from Debian's package, in a folder of its own, on a free loopback port, for as long as a test run."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
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


class Postgres:
    """A server of our own that a test may freeze, stop and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._as_user = _as_user(folder)
        self._port = _free_port()
        self._data = folder / "data"

    @property
    def address(self) -> str:
        """Without a database name: `postgresql://cxcall@127.0.0.1:PORT`."""
        return f"postgresql://cxcall@127.0.0.1:{self._port}"

    def make(self) -> None:
        self._run("initdb", "-D", self._data, "-U", "cxcall", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        listen = f"-p {self._port} -c listen_addresses=127.0.0.1 -k {self._folder} {options}"
        self._control("-l", self._folder / "log", "-w", "-t", "30", "-o", listen, "start")

    def stop(self, how: str = "fast") -> None:
        """`fast` ends every session with a word, `immediate` without one."""
        self._control("-m", how, "-w", "stop")

    def freeze(self) -> None:
        """Let the server and all its sessions stand still, connections open."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def create(self, name: str) -> str:
        """Make a database; its address."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "cxcall", name)
        return f"{self.address}/{name}"

    @property
    def runs(self) -> bool:
        return (self._data / "postmaster.pid").exists()

    def _pids(self) -> list[int]:
        """The server first, so that it starts no further session while the others are found."""
        first = int((self._data / "postmaster.pid").read_text().partition("\n")[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def _control(self, *words: str | Path) -> None:
        self._run("pg_ctl", "-D", self._data, *words)

    def _run(self, program: str, *words: str | Path) -> None:
        _run(*self._as_user, _BIN / program, *words)


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """A fresh server, started; thawed, stopped and removed at the end."""
    if not (_BIN / "initdb").exists():
        msg = f"The store is tested on PostgreSQL too, and {_BIN} is missing: apt-get install postgresql-15"
        raise NoPostgres(msg)
    folder = Path(tempfile.mkdtemp(prefix="cxcall-postgres-"))
    server = Postgres(folder)
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.runs:
                server.thaw()
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[str]:
    """A fresh server; yields its address without a database name (`postgresql://cxcall@127.0.0.1:PORT`)."""
    with own_postgres() as server:
        yield server.address


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
