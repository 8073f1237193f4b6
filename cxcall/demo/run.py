"""`cxcall demo` from start to end: Asterisk, database, phones, service, traffic; all gone again when it ends.

Stopped in the order that leaves true records: first the phones hang up, then the service writes what it saw, then
Asterisk goes. A `kill -9` of us takes Asterisk along (see `cxcall.demo.switch`).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import aiohttp

from cxcall import service
from cxcall.configuration import Answers, text_of
from cxcall.demo import doors, past_sounds, seed, surveys
from cxcall.demo.place import DemoError, Place, made_up_passwords, write_private
from cxcall.demo.staff import COUNTRY, SERVER, SHOWN, TIMEZONE, Worker, renamed, staff
from cxcall.demo.switch import Site, Switch, SwitchUnavailable, Tree, tree_of_system, unpack
from cxcall.demo.traffic import Traffic
from cxcall.demo.voices import Voices
from cxcall.demo.writing import write_queues
from cxcall.settings import Settings, load
from cxcall.speech.engines import models
from cxcall.store import calls

ASTERISK = "var/asterisk"
"""The folder Asterisk is unpacked into unless told otherwise; the tests use it as well."""

_AGI_PORT = 4573
_AUDIO_PORT = 9092
_PORTS_TRIED = 50
_LISTENS_WITHIN = 30.0
_MAY_WRITE_QUEUES = "[cxcall](+)\nwrite = system,call,agent,originate,config\n"
"""The demo's manager user may write queues; a site decides that for itself."""
_LAST_EVENTS = 12.0
"""Seconds the service is given, at most, to write what the last hang-ups brought."""
_QUIET = 3
"""Looks that find no call, one after the other, until all is over: one may just have been on its way."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`asterisk`: `system` for the one installed here, else the folder to unpack one into. `at_once`: calls up.

    `voices`: the folder where what was said is kept, "" for one of this demo's own.
    """

    folder: Path = Path("var/demo")
    asterisk: str = ASTERISK
    voices: str = ""
    port: int = 8080
    language: Literal["en", "fa"] = "en"
    at_once: int = 8
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Someone to sign in as."""

    worker: Worker
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The demo runs: where, and as whom to look at it. `port_was_taken`: the asked one, so it is another.
    `live_text`: there is a model that makes text of its calls. `refused`: why Asterisk did not take the queues, ""."""

    url: str
    logins: tuple[Login, ...]
    place: Place
    port_was_taken: bool
    live_text: bool
    refused: str = ""


class Tell(Protocol):
    """Who is told how far it is."""

    def step(self, what: str) -> None:
        """A stage begins."""

    def progress(self, what: str, done: int, total: int) -> None:
        """So many of what is being made are done."""

    def ready(self, ready: Ready) -> None:
        """Everything runs."""


async def run(options: Options, tell: Tell) -> None:
    """Run until SIGINT or SIGTERM. Raises DemoError, SwitchUnavailable or ServiceError with a sentence."""
    place = Place(options.folder)
    with place.claimed():
        demo = asyncio.create_task(_demo(options, place, tell))
        _on_signal(demo.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await demo


async def _demo(options: Options, place: Place, tell: Tell) -> None:
    tree, passwords = await _prepared(options, place, tell)
    port, agi, audio = (first_free_port(wanted) for wanted in (options.port, _AGI_PORT, _AUDIO_PORT))
    tell.step("Starting Asterisk and the service")
    known, unknown = seed.public()
    voices = Voices(Path(options.voices) if options.voices else place.voices, tree.espeak)
    async with Switch.start(
        place.switch,
        tree,
        Site(
            name=SERVER,
            web=f"127.0.0.1:{port}",
            agi=f"127.0.0.1:{agi}",
            audio=f"127.0.0.1:{audio}",
            managed=True,
            additions={"manager.conf": _MAY_WRITE_QUEUES, "extensions.conf": doors.dialplan()},
            renamed=renamed(place.language),
        ),
    ) as switch:
        settings = _settings(options, place, switch, port, agi, audio, espeak=tree.espeak)
        refused = await write_queues(settings, switch)
        async with (
            Traffic.start(switch, known, unknown, voices, at_once=options.at_once, language=place.language) as traffic,
            _serving(settings, switch) as (url, serving),
            _beside(_speaking(settings, switch, voices)),
            _beside(traffic.run()) as calling,
            _beside(_watch(switch)) as watching,
        ):
            logins = tuple(
                Login(worker=who, password=passwords[who.login]) for who in staff(place.language) if who.login in SHOWN
            )
            text = await asyncio.to_thread(_makes_text, settings)
            taken = port != options.port
            tell.ready(
                Ready(url=url, logins=logins, place=place, port_was_taken=taken, live_text=text, refused=refused)
            )
            done, _ = await asyncio.wait((serving, calling, watching), return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()


async def _prepared(options: Options, place: Place, tell: Tell) -> tuple[Tree, Mapping[str, str]]:
    """Asterisk unpacked and the database filled, both at once; an Asterisk that is not there is said before."""
    system = tree_of_system() if options.asterisk == "system" else None
    kept = None if options.fresh else place.passwords
    tell.step("Unpacking Asterisk (the first time some 20 s)" if kept is None else "Looking for Asterisk")
    async with (
        _beside(_in_thread(lambda: system or unpack(Path(options.asterisk)))) as getting,
        _beside(_filled(options, place, kept, tell)) as filling,
    ):
        await asyncio.wait((getting, filling), return_when=asyncio.FIRST_EXCEPTION)
        for work in (getting, filling):
            if work.done():
                work.result()
        return getting.result(), filling.result()


async def _filled(options: Options, place: Place, kept: Mapping[str, str] | None, tell: Tell) -> Mapping[str, str]:
    """Passwords by login, of a database that is whole."""
    if kept is not None:
        return kept
    place.clear()
    passwords = made_up_passwords()
    await _fill(place, options, passwords, tell)
    place.finished(passwords, options.language)
    return passwords


async def _fill(place: Place, options: Options, passwords: Mapping[str, str], tell: Tell) -> None:
    settings = _load(_text(options, place, ami_port=5038, secret="", port=options.port), place)
    for worker in staff(options.language):
        await service.add_user(
            settings,
            name=worker.login,
            role=worker.role,
            password=passwords[worker.login],
            display_name=worker.name,
            extensions=[worker.interface] if worker.phone else [],
        )
    async with service.database(settings) as engine:
        await seed.fill(engine, until=datetime.now(UTC), progress=tell.progress, language=options.language)


def _settings(
    options: Options, place: Place, switch: Switch, port: int, agi: int, audio: int, *, espeak: str
) -> Settings:
    """Settings of this run, also as a file, so that `cxcall --config …` works beside it."""
    text = _text(
        options, place, ami_port=switch.ami_port, secret=switch.secret, port=port, agi=agi, audio=audio, espeak=espeak
    )
    return _load(text, place)


def _load(text: str, place: Place) -> Settings:
    write_private(place.configuration, text)
    return load(place.configuration, {})


def _text(
    options: Options, place: Place, *, ami_port: int, secret: str, port: int, agi: int = _AGI_PORT,
    audio: int = _AUDIO_PORT, espeak: str = "",
) -> str:  # fmt: skip
    return text_of(
        Answers(
            host="127.0.0.1", port=ami_port, server=SERVER, username="cxcall", secret=secret, name="cxcall demo",
            language=options.language, timezone=TIMEZONE, country=COUNTRY, database="", data=str(place.data),
            web_host="127.0.0.1", web_port=port, agi_port=agi, audio_port=audio,
            espeak=espeak,
        )
    )  # fmt: skip


def _makes_text(settings: Settings) -> bool:
    """Whether the model is there that the demo's queues ask for. For a thread."""
    found = models.find(settings.speech_models)
    return any(one.engine == "whisper" and one.language in ("en", "any") and not one.problem for one in found)


async def _speaking(settings: Settings, switch: Switch, voices: Voices) -> None:
    """Have said whatever is to be heard in the demo: what callers and the survey are asked, what people talk about."""
    await doors.give_voice(settings, switch)
    async with _beside(surveys.give_voice(settings)) as giving:
        await voices.make()
        await past_sounds.record(settings, voices)
        await giving


@contextlib.asynccontextmanager
async def _serving(settings: Settings, switch: Switch) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """The service; its address and its task."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    owner = asyncio.current_task()
    async with _beside(service.run(settings, ready=address.set_result)) as serving:
        await asyncio.wait((address, serving), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
            raise DemoError("The service ended before it served. Its log says why.")
        # The service took the signals; they are ours, so that the phones hang up before it goes.
        _on_signal(owner.cancel if owner else serving.cancel)
        await _listening(address.result())
        try:
            yield address.result(), serving
        finally:
            await _all_over(settings, switch, serving)


async def _all_over(settings: Settings, switch: Switch, serving: asyncio.Task[None]) -> None:
    """End the calls there are, also those the service makes itself, and wait until the database knows of it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_EVENTS), service.database(settings) as engine:
            quiet = 0
            while not serving.done() and quiet < _QUIET:
                await switch.cli("channel request hangup all")
                await asyncio.sleep(0.2)
                async with engine.connect() as conn:
                    quiet = 0 if await calls.rows_in_progress(conn, at_most=1) else quiet + 1


async def _listening(url: str) -> None:
    """Wait until the service follows the calls, so that it sees the first one whole; DemoError when it does not."""
    try:
        async with asyncio.timeout(_LISTENS_WITHIN), aiohttp.ClientSession(url) as session:
            while not await _is_ready(session):  # noqa: ASYNC110 it is asked over HTTP
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise DemoError(
            "The service does not follow the calls; cxcall.log in the demo's folder says why. --fresh begins anew."
        ) from None


async def _is_ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, _T]) -> AsyncIterator[asyncio.Task[_T]]:
    """Run `work` beside the rest, and end it with the context."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _watch(switch: Switch) -> None:
    """Raise DemoError when Asterisk is gone."""
    while switch.pid is not None:  # noqa: ASYNC110 the process is the switch's own affair; a look a second is enough
        await asyncio.sleep(1.0)
    raise DemoError(f"Asterisk has ended. It said last:\n{switch.log_tail()}")


async def _in_thread(work: Callable[[], _T]) -> _T:
    """Do `work` in a thread that nobody waits for at the end, unlike asyncio's own."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_T] = loop.create_future()

    def tell(method: Callable[[Any], None], value: Any) -> None:
        if not outcome.done():
            method(value)

    def body() -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be gone by then
            try:
                value = work()
            except BaseException as error:
                loop.call_soon_threadsafe(tell, outcome.set_exception, error)
            else:
                loop.call_soon_threadsafe(tell, outcome.set_result, value)

    threading.Thread(target=body, daemon=True).start()
    return await outcome


def first_free_port(asked: int) -> int:
    """`asked` if it is free on 127.0.0.1, else the next one that is; raises DemoError when none is."""
    for port in range(asked, min(asked + _PORTS_TRIED, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise DemoError(f"The port {port} can't be used: {error.strerror}.") from error
            else:
                return port
    raise DemoError(f"No port from {asked} on is free. Name another with --port.")


def _on_signal(stop: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)


__all__ = ["ASTERISK", "DemoError", "Login", "Options", "Ready", "SwitchUnavailable", "Tell", "run"]
