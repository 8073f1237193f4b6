"""The composition root: opens the database, starts what the asked roles need, and stops it in order.

Start: database at its revision, then the pages (so that people see the state of the rest), then speech and the port
sound comes to, then the listeners, then FastAGI, so that no call is taken into a service that is not whole. Stop:
FastAGI first, so that conversations with callers come to their end; then the listeners, so that what they read is
written; then the streams of sound and, when their last words are kept, speech; then the pages; then the database. Each
has a deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from datetime import UTC, datetime

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import housekeeping
from cxcall.asterisk.acts.monitoring import Monitors
from cxcall.asterisk.agi import route
from cxcall.asterisk.agi.edge import AgiEdge
from cxcall.asterisk.agi.server import Handler
from cxcall.asterisk.callbacks.keeper import CallBackKeeper
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.floor.agents import AgentKeeper
from cxcall.asterisk.floor.alerts import FloorAlerts
from cxcall.asterisk.floor.closing import Closing
from cxcall.asterisk.floor.keeper import FloorKeeper
from cxcall.asterisk.provision.edge import QueueEdge
from cxcall.asterisk.reasons.edge import Hears, ReasonEdge
from cxcall.asterisk.recording.recorder import Recorder
from cxcall.asterisk.routing.edge import RoutingEdge
from cxcall.asterisk.surveys.edge import SurveyEdge
from cxcall.asterisk.tap.tapper import Tapper
from cxcall.asterisk.watching import Watcher, Watchers
from cxcall.bus import Bus, Commands
from cxcall.customers.number import is_country
from cxcall.media.edge import MediaEdge
from cxcall.media.recording.keeper import Keeper
from cxcall.media.voicemail import Mailboxes
from cxcall.outgoing.schedules import ReportSender
from cxcall.outgoing.webhooks import WebhookSender
from cxcall.settings import Agi, Audio, Settings
from cxcall.speech.intents import body_of
from cxcall.speech.templates import ready_made
from cxcall.speech.templates.intents import READY_MADE
from cxcall.store import (
    categories,
    intents,
    pause_reasons,
    users,
)
from cxcall.store.engine import DatabaseAddressError, DatabaseTooNew, open_engine, upgrade
from cxcall.store.errors import reason
from cxcall.web import passwords
from cxcall.web.app import init_app
from cxcall.web.assets import AssetsMissing
from cxcall.web.exporting import Exporter
from cxcall.web.pages.schedules.making import maker

ROLES = frozenset({"agi", "jobs", "listener", "media", "web"})
"""`media` is speech: with `listener` in the same process, calls are heard while they go on."""

STOP_SECONDS = 3.0
"""How long requests may still take once the service stops."""

GOODBYE_S = 1.0
"""For the database to end its connections."""

KEEPALIVE_S = 75.0
"""How long a connection may stand without a whole request: idle, or with one that comes drop by drop."""

log = structlog.get_logger(__name__)


class ServiceError(Exception):
    """The service can't start or a user can't be added; the text says what to do, `code` is the exit code."""

    code = 1


class WrongSetting(ServiceError):
    """A setting can't be used, however often it is tried."""

    code = 2


async def run(
    settings: Settings, *, roles: Collection[str] = ROLES, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until cancelled, SIGTERM or SIGINT; `ready` is called once with the address of the pages ("" without).

    Raises ServiceError when the database or the web port can't be used.
    """
    if not is_country(settings.site.country):
        raise WrongSetting(f"site.country is {settings.site.country!r}, which is no country; write one like IR or GB.")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    bus, commands = Bus(epoch=time.time_ns() // 1_000_000), Commands()
    async with contextlib.AsyncExitStack() as running:
        engine = await running.enter_async_context(database(settings))
        address = ""
        await _begin_lists(engine)
        if "web" in roles:
            address = await running.enter_async_context(_pages(settings, engine, bus, commands))
        watching: list[Watcher] = []
        hears: Hears = {}
        if "media" in roles:
            media = MediaEdge(settings=settings, engine=engine, bus=bus, commands=commands)
            await running.enter_async_context(_task(media.run(), stop))
            keeper = Keeper(settings=settings, engine=engine, bus=bus, understands=media.understands)
            await running.enter_async_context(_task(_keep_recordings(keeper, media), stop))
            if settings.voicemail.dir:
                mailboxes = Mailboxes(settings=settings, engine=engine, bus=bus)
                await running.enter_async_context(_task(mailboxes.run(), stop))
            if "listener" in roles and settings.ami:
                tapper, recorder = await running.enter_async_context(_hearing(settings, engine, bus, commands, media))
                watching += (tapper, recorder)
                hears = Hears(audio=tapper.audio, listen=media.sentence, refusal=media.refusal)
        if "listener" in roles:
            said = ReasonEdge(settings=settings, engine=engine, bus=bus, commands=commands, **hears)
            await running.enter_async_context(_task(said.run(), stop))
            monitors = Monitors(bus=bus, commands=commands, site=settings.database_url)
            agents = AgentKeeper(settings=settings, engine=engine, bus=bus, commands=commands)
            floor = FloorKeeper(settings=settings, engine=engine, bus=bus, commands=commands)
            call_backs = CallBackKeeper(settings=settings, engine=engine, bus=bus, commands=commands)
            routing = RoutingEdge(settings=settings, engine=engine, bus=bus, commands=commands, picture=floor.snapshot)
            watchers = Watchers(*watching, monitors, agents, floor, call_backs, routing)
            edge = AsteriskEdge(settings=settings, engine=engine, bus=bus, commands=commands, watchers=watchers)
            await running.enter_async_context(_task(edge.run(), stop))
            await running.enter_async_context(_task(agents.run(), stop))
            await running.enter_async_context(_task(floor.run(), stop))
            await running.enter_async_context(_task(call_backs.run(), stop))
            await running.enter_async_context(_task(routing.run(), stop))
            floor_alerts = FloorAlerts(engine=engine, bus=bus)
            closing = Closing(settings=settings, engine=engine, bus=bus)
            for look in (floor_alerts.look, closing.look):
                floor.watch(look)
            await running.enter_async_context(_task(floor_alerts.run(), stop))
            await running.enter_async_context(_task(closing.run(), stop))
            await running.enter_async_context(monitors.serving())
            provision = QueueEdge(settings=settings, engine=engine, bus=bus, commands=commands)
            await running.enter_async_context(_task(provision.run(), stop))
        if "agi" in roles:
            surveys = SurveyEdge(settings=settings, engine=engine, bus=bus, commands=commands)
            await running.enter_async_context(_task(surveys.run(), stop))
            await running.enter_async_context(_scripts(settings, commands, surveys.scripts))
        if "jobs" in roles:
            await running.enter_async_context(_task(WebhookSender(engine=engine, bus=bus).run(), stop))
            await running.enter_async_context(_task(Exporter(settings=settings, engine=engine, bus=bus).run(), stop))
            make = maker(settings=settings, engine=engine)
            reports = ReportSender(settings=settings, engine=engine, bus=bus, make=make)
            await running.enter_async_context(_task(reports.run(), stop))
            await running.enter_async_context(_task(housekeeping.keep_house(settings, engine), stop))
            await running.enter_async_context(_task(housekeeping.end_harmful_trials(settings, engine, bus), stop))
            await running.enter_async_context(_task(housekeeping.count_what_is_not(settings, engine), stop))
            await running.enter_async_context(_task(housekeeping.count_ended(settings, engine), stop))
            await running.enter_async_context(_task(housekeeping.keep_days(settings, engine), stop))
            await running.enter_async_context(_task(housekeeping.score_customers(settings, engine), stop))
            await running.enter_async_context(_task(housekeeping.draw_reviews(settings, engine), stop))
        log.info("serving", address=address, roles=sorted(roles), servers=[server.name for server in settings.ami])
        if ready is not None:
            ready(address)
        await stop.wait()


async def add_user(
    settings: Settings,
    *,
    name: str,
    role: users.RoleName,
    password: str,
    display_name: str = "",
    extensions: Sequence[str] = (),
) -> None:
    """Add someone who can sign in. Raises ServiceError with a sentence when that can't be."""
    fault = passwords.fault(password, name)
    if fault:
        raise ServiceError(fault)
    async with database(settings) as engine:
        hashed = await passwords.hash_password(password)
        try:
            async with engine.begin() as conn:
                await users.create(
                    conn,
                    name=name,
                    role=role,
                    password_hash=hashed,
                    display_name=display_name or name,
                    extensions=tuple(extensions),
                )
        except users.NameTaken as error:
            raise ServiceError(str(error)) from error


async def _begin_lists(engine: AsyncEngine) -> None:
    """A site without any category, intent or pause reason begins with the ready-made ones."""
    async with engine.begin() as conn:
        await pause_reasons.seed(conn)
        if not await categories.everything(conn):
            await categories.seed(conn, ready_made(), now=datetime.now(UTC))
        if not await intents.everything(conn):
            for intent in READY_MADE:
                await intents.create(conn, intent.name, body_of(intent), by="", now=datetime.now(UTC))


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The engine at this version's revision, closed at the end."""
    make_data_folder(settings)
    try:
        engine = open_engine(settings.database_url)
    except DatabaseAddressError as error:
        raise WrongSetting(str(error)) from error
    try:
        try:
            await upgrade(engine)
        except (SQLAlchemyError, OSError) as error:
            await asyncio.sleep(0.05)  # the driver's thread has a last word to say before this loop is closed
            raise ServiceError(unreachable(settings, error)) from error
        except DatabaseTooNew as error:
            raise ServiceError(str(error)) from error
        yield engine
    finally:
        with contextlib.suppress(TimeoutError):  # a server that hangs is not waited for
            async with asyncio.timeout(GOODBYE_S):
                await engine.dispose()


def unreachable(settings: Settings, error: BaseException) -> str:
    """One sentence on a database that does not answer, without its password."""
    address = settings.database_url.rpartition("@")[2]
    remedy = "Check database.url and that its server runs."
    if address.startswith("sqlite:"):
        address = address.removeprefix("sqlite:///")
        remedy = "Check data.dir and the rights of this file; if it is damaged, restore it from a backup."
    return f"The database {address} can't be used: {reason(error)}. {remedy}"


def make_data_folder(settings: Settings) -> None:
    """Make the data folder; raises ServiceError when it can't be written."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ServiceError(
            f"The data folder {folder} can't be used: {error.strerror}. Set data.dir to a folder cxcall may write to."
        ) from error


@contextlib.asynccontextmanager
async def _pages(settings: Settings, engine: AsyncEngine, bus: Bus, commands: Commands) -> AsyncIterator[str]:
    """Serve pages and API; gives their address."""
    try:
        app = init_app(settings=settings, engine=engine, bus=bus, commands=commands)
    except AssetsMissing as error:
        raise ServiceError(str(error)) from error
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=STOP_SECONDS, keepalive_timeout=KEEPALIVE_S
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.web.host, settings.web.port, reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            where = f"{settings.web.host}:{settings.web.port}"
            raise ServiceError(f"The web port {where} can't be opened: {error.strerror}. Set web.port.") from error
        host, port = runner.addresses[0][:2]
        yield settings.web.public_url or f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _scripts(settings: Settings, commands: Commands, surveys: Mapping[str, Handler]) -> AsyncIterator[str]:
    """Serve FastAGI; gives its address."""
    edge = AgiEdge(settings=settings.agi, commands=commands, scripts={"/route": route.script(commands), **surveys})
    async with contextlib.AsyncExitStack() as serving:
        try:
            address = await serving.enter_async_context(edge.serving())
        except OSError as error:
            raise _closed("agi", settings.agi, error) from error
        yield address


@contextlib.asynccontextmanager
async def _hearing(
    settings: Settings, engine: AsyncEngine, bus: Bus, commands: Commands, media: MediaEdge
) -> AsyncIterator[tuple[Tapper, Recorder]]:
    """Calls are heard and recorded as their queues choose; gives who has to watch them for that."""
    tapper = Tapper(
        settings=settings, engine=engine, bus=bus, commands=commands, receiver=media.live, refusal=media.refusal
    )
    recorder = Recorder(settings=settings, engine=engine, bus=bus, commands=commands, chosen=tapper.chosen)
    async with contextlib.AsyncExitStack() as serving:
        try:
            await serving.enter_async_context(tapper.serving())
        except OSError as error:
            raise _closed("audio", settings.audio, error) from error
        await serving.enter_async_context(recorder.serving())
        yield tapper, recorder


async def _keep_recordings(keeper: Keeper, media: MediaEdge) -> None:
    """Once it is known which languages can be written down: what was recorded while we were away is kept at once."""
    await media.looked.wait()
    await keeper.run()


def _closed(section: str, where: Agi | Audio, error: OSError) -> ServiceError:
    """The sentence of a port that can't be opened."""
    number = error.errno or 0
    why = os.strerror(number) if number > 0 else error.strerror
    name = {"agi": "FastAGI", "audio": "audio"}[section]
    return ServiceError(
        f"The {name} port {where.host}:{where.port} can't be opened: {why}. Set {section}.host or {section}.port."
    )


@contextlib.asynccontextmanager
async def _task(work: Coroutine[None, None, None], stop: asyncio.Event) -> AsyncIterator[None]:
    """Run `work` beside the rest; when it ends by itself the service stops with its error."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
