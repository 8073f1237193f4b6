"""One private Asterisk as a process: started, watched, stopped.

It runs in the foreground in a process group of its own, as whoever we are, and gets SIGKILL from the kernel when the
thread that started it ends (setpriv --pdeathsig), so that even `kill -9` of us leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from cxcall.demo.switch import configuration
from cxcall.demo.switch.configuration import Ports, Site
from cxcall.demo.switch.tree import SwitchUnavailable, Tree

_START_SECONDS = 30.0
_STOP_SECONDS = 8.0
_ATTEMPTS = 3
_MANAGER_SECONDS = 10.0


class Switch:
    """A running private Asterisk with manager user `username`/`secret`; use `async with Switch.start(…)`."""

    username = "cxcall"

    def __init__(self, folder: Path, tree: Tree, site: Site) -> None:
        """Not for use from outside: see `start`."""
        self.folder = folder.resolve()
        self.tree = tree
        self.site = site
        self.secret = secrets.token_urlsafe(16)
        self._ports = Ports()
        self._process: asyncio.subprocess.Process | None = None
        self._configured = self.folder / "etc/asterisk.conf"

    @classmethod
    @asynccontextmanager
    async def start(cls, folder: Path, tree: Tree, site: Site | None = None) -> AsyncIterator[Switch]:
        """Run an Asterisk of `tree` with its files under `folder` for as long as the context lasts.

        Raises SwitchUnavailable, with the end of its log, when its manager interface does not answer in time.
        """
        switch = cls(folder, tree, site or Site())
        try:
            await switch._start_somewhere()
            yield switch
        finally:
            await switch.stop()
            configuration.forget_run_folder(switch.folder)

    @property
    def name(self) -> str:
        """Asterisk's systemname: what its unique ids begin with."""
        return self.site.name

    @property
    def ami_port(self) -> int:
        """TCP port of the manager interface on 127.0.0.1."""
        return self._ports.ami

    @property
    def http_port(self) -> int:
        """TCP port of Asterisk's own web server on 127.0.0.1."""
        return self._ports.http

    @property
    def sip_port(self) -> int:
        """UDP port for SIP on 127.0.0.1."""
        return self._ports.sip

    @property
    def sip_address(self) -> tuple[str, int]:
        """Where phones send their SIP requests."""
        return ("127.0.0.1", self._ports.sip)

    @property
    def trunk_port(self) -> int:
        """UDP port where the outside world listens for calls that go out by the trunk."""
        return self._ports.trunk

    def phone_port(self, phone: str) -> int:
        """Return the UDP port where `phone`, such as `1001`, must listen."""
        return self._ports.phones[phone]

    @property
    def pid(self) -> int | None:
        """Process id, None while it is not running."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def cli(self, command: str, timeout: float = 10.0) -> str:
        """Return what Asterisk's console answers to `command`; raises TimeoutError after `timeout` seconds."""
        process = await asyncio.create_subprocess_exec(
            *self.tree.asterisk, "-C", str(self._configured), "-rx", command,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), timeout)
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        return output.decode("utf-8", "replace")

    async def manage(self, action: str, *, ends: str = "", **fields: str) -> str:
        """Have another manager, as a tool beside cxcall would be, ask one thing; returns what Asterisk answers.

        `ends`: for a list, the event that ends it. Raises TimeoutError after 10 s, OSError.
        """
        async with asyncio.timeout(_MANAGER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.ami_port)
            try:
                login = {"Username": self.username, "Secret": self.secret, "Events": "off"}
                for name, values in (("Login", login), (action, {**fields, "ActionID": "asked"})):
                    lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in values.items())]
                    writer.write("\r\n".join([*lines, "", ""]).encode())
                said = [b""]
                while b"ActionID: asked\r\n" not in said[-1] or (
                    ends and f"Event: {ends}\r\n".encode() not in said[-1]
                ):
                    said.append(await reader.readuntil(b"\r\n\r\n"))
                return b"".join(said).decode("utf-8", "replace")
            except asyncio.IncompleteReadError as error:
                raise ConnectionResetError("Asterisk ended the session") from error
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

    def append(self, name: str, text: str) -> None:
        """Add `text` to a file of etc/, as somebody with an editor would; a reload makes it count."""
        with (self.folder / "etc" / name).open("a", encoding="utf-8") as out:
            out.write("\n" + text)

    async def restart(self) -> None:
        """Stop it if it runs and start it again: same files, ports and secret."""
        await self.stop()
        await self._launch()

    async def stop(self) -> None:
        """Ask it to end its calls and itself; SIGKILL after 8 seconds. Nothing happens when it is not running."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it with SIGKILL, as a crash would."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    async def _start_somewhere(self) -> None:
        """Start on ports that are free now; when someone is quicker, on others."""
        for attempt in range(1, _ATTEMPTS + 1):
            self._ports = Ports()
            await asyncio.to_thread(configuration.write, self.folder, self.tree, self.site, self._ports, self.secret)
            try:
                await self._launch()
            except SwitchUnavailable:
                if attempt == _ATTEMPTS or self._ports.are_free():
                    raise
            else:
                return

    async def _launch(self) -> None:
        console = self.folder / "log/console"
        with console.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "KILL", "--",
                *self.tree.asterisk, "-C", str(self._configured), "-f", "-n",
                stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._answers()
        except (TimeoutError, OSError, EOFError) as error:
            await self.kill()
            raise SwitchUnavailable(f"Asterisk did not start. It said last:\n{self.log_tail()}") from error
        except BaseException:
            await self.kill()
            raise

    async def _answers(self) -> None:
        """Return once a manager can log in, Asterisk is fully booted and SIP is answered."""
        while True:
            if self.pid is None:
                raise EOFError
            with suppress(ConnectionRefusedError, ConnectionResetError, asyncio.IncompleteReadError):
                await self._log_in()
                break
            await asyncio.sleep(0.1)
        await asyncio.to_thread(_ask_options, self.sip_address)

    async def _log_in(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ami_port)
        try:
            login = f"Action: Login\r\nUsername: {self.username}\r\nSecret: {self.secret}\r\nEvents: system\r\n\r\n"
            writer.write(login.encode())
            await reader.readuntil(b"Event: FullyBooted")
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def log_tail(self, lines: int = 12) -> str:
        """Return the last lines of its console and its log."""
        texts = [self.folder / "log/console", self.folder / "log/messages"]
        said = "\n".join(file.read_text("utf-8", "replace") for file in texts if file.exists())
        return "\n".join(said.splitlines()[-lines:])


def _ask_options(address: tuple[str, int]) -> None:
    """Wait up to 15 s for an answer of any kind to a SIP OPTIONS request; raises TimeoutError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(1.0)
        host, port = probe.getsockname()
        request = (
            f"OPTIONS sip:ping@{address[0]}:{address[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"From: <sip:ping@{host}:{port}>;tag={secrets.token_hex(4)}\r\nTo: <sip:ping@{address[0]}>\r\n"
            f"Call-ID: {secrets.token_hex(8)}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
        for _ in range(15):
            probe.sendto(request.encode(), address)
            with suppress(TimeoutError):
                probe.recvfrom(4096)
                return
    raise TimeoutError("SIP is not answered")
