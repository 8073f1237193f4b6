"""`cxcall demo`: a whole call centre on this machine, with made-up customers and real SIP calls."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Literal

import structlog
import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from cxcall.commands.failure import Failure
from cxcall.demo.run import ASTERISK, DemoError, Options, Ready, SwitchUnavailable, run
from cxcall.service import ServiceError

_LOOK_AT = {
    "agent": "/desk: wait a few seconds until the phone rings, see who calls and read what is said",
    "supervisor": "/wallboard: the floor now; press L on a call to listen. /speech: what was said in four weeks",
    "admin": "/admin/queues: change one, apply it, roll it back; /admin/agents, /admin/hours, /admin/asterisk",
}

_LIVE_TEXT = (
    "Live text is on: see what callers and agents say, how they feel and what helps at /desk and /live, all of it at "
    "/speech. Voices are made in the first minutes; until then some talks are silent."
)
_NO_TEXT = (
    "Live text is off, for there is no English model: install cxcall[demo]. What past callers said is at /speech."
)


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Web port; when taken, the next free one.")] = 8080,
    language: Annotated[Literal["en", "fa"], typer.Option(help="Language of the pages at first.")] = "en",
    folder: Annotated[Path, typer.Option("--dir", help="Folder for everything the demo writes.")] = Path("var/demo"),
    calls: Annotated[int, typer.Option(min=1, max=40, help="How many calls go on at a time, at most.")] = 8,
    keep: Annotated[
        bool, typer.Option("--keep/--fresh", help="Go on with the data of the last time, or begin anew.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print address and logins as JSON on stdout.")] = False,
) -> None:
    """Run a complete call centre until Ctrl C: its own Asterisk, made-up customers, real SIP calls."""
    asterisk = os.environ.get("CXCALL_DEMO__ASTERISK", ASTERISK)
    voices = os.environ.get("CXCALL_DEMO__VOICES", "")
    options = Options(
        folder=folder, asterisk=asterisk, voices=voices, port=port, language=language, at_once=calls, fresh=not keep
    )  # fmt: skip
    _log_to(folder)
    screen = _Screen(as_json=as_json)
    try:
        with screen:
            asyncio.run(run(options, screen))
    except (DemoError, SwitchUnavailable, ServiceError) as error:
        raise Failure(str(error)) from error
    screen.say("The demo has ended; nothing of it is running any more.")


class _Screen:
    """Shows on stderr how far it is; address and logins also on stdout when asked for as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._console = Console(stderr=True)
        self._bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            console=self._console, transient=True,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}
        self._steps: list[TaskID] = []

    def __enter__(self) -> _Screen:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def say(self, sentence: str) -> None:
        self._console.print(sentence)

    def step(self, what: str) -> None:
        for bar in (*self._steps, *self._tasks.values()):
            self._bars.remove_task(bar)
        self._tasks.clear()
        self._steps = [self._bars.add_task(what, total=None)]
        if not self._console.is_terminal:
            self._console.print(f"{what} …")

    def progress(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(f"Making up {what}", total=total)
        self._bars.update(self._tasks[what], completed=done)

    def ready(self, ready: Ready) -> None:
        self._bars.stop()
        if ready.port_was_taken:
            self.say("The web port was taken, so the next free one is used.")
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("sign in as", "password", "role"):
            table.add_column(heading, no_wrap=True)  # a password cut short can't be typed
        table.add_column("what to look at", overflow="fold")
        for login in ready.logins:
            worker = login.worker
            table.add_row(worker.login, login.password, worker.role, _LOOK_AT[worker.role])
        self._console.print(Panel.fit(f"[bold]{ready.url}[/]", title="cxcall demo", border_style="blue"))
        self._console.print(table)
        self.say(
            "Sara's phone is answered by itself after 6 to 10 seconds, Laleh's at once when she listens in. All names,"
            " numbers and past calls are made up."
        )
        if ready.refused:
            self.say(f"The queues stand in Asterisk's own file, for it did not take cxcall's: {ready.refused}")
        self.say(_LIVE_TEXT if ready.live_text else _NO_TEXT)
        self.say(f"Data and log: {ready.place.folder}   Check it: cxcall --config {ready.place.configuration} doctor")
        self.say("Ctrl C ends it.")
        if self._as_json:
            typer.echo(json.dumps(_as_data(ready), ensure_ascii=False))


def _as_data(ready: Ready) -> dict[str, object]:
    return {
        "url": ready.url,
        "folder": str(ready.place.folder),
        "configuration": str(ready.place.configuration),
        "live_text": ready.live_text,
        "logins": [
            {
                "name": login.worker.login,
                "password": login.password,
                "role": login.worker.role,
                "display_name": login.worker.name,
                "extension": login.worker.interface if login.worker.phone else None,
            }
            for login in ready.logins
        ],
    }


def _log_to(folder: Path) -> None:
    """The log goes into the demo's folder: the terminal is for the person."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        out = (folder / "cxcall.log").open("a", encoding="utf-8")
    except OSError as error:
        raise Failure(
            f"The folder {folder} can't be used: {error.strerror}. Name another with --dir.", code=2
        ) from error
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(out),
    )
