"""`cxcall doctor`: is everything as it should be, here and at each Asterisk, and if not, what to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cxcall.asterisk import doctor_agi, doctor_audio, doctor_disk
from cxcall.asterisk.doctor import examine
from cxcall.asterisk.findings import Finding, Result, fail
from cxcall.commands import doctor_speech
from cxcall.commands.context import Context, context_of
from cxcall.commands.doctor_here import configuration_file, database, folders
from cxcall.commands.failure import Failure
from cxcall.settings import Settings

_SHOWN: dict[Result, str] = {
    "ok": "[green]ok  [/]", "info": "[dim]info[/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    listen: Annotated[float, typer.Option(min=0.0, max=300.0, help="Seconds to wait for events of each server.")] = 4.0,
) -> None:
    """Check configuration, folders, database and every Asterisk; exit 1 if any check fails."""
    found = asyncio.run(_all(context_of(ctx), listen, None if as_json else _Screen()))
    worst = _worst(found)
    if as_json:
        typer.echo(
            json.dumps({"result": worst, "checks": [asdict(one) for one in found]}, ensure_ascii=False, indent=1)
        )
    if worst == "fail":
        count = sum(one.result == "fail" for one in found)
        raise Failure(f"{count} {'check has' if count == 1 else 'checks have'} failed; each says what to do.")


@dataclass(slots=True)
class _Screen:
    """Shows findings as they come."""

    section: str | None = None

    def show(self, finding: Finding) -> None:
        console = Console(highlight=False, soft_wrap=True)
        if finding.server != self.section:
            self.section = finding.server
            console.print(f"\n[bold]{escape(finding.server or 'This machine')}[/]")
        console.print(f"  {_SHOWN[finding.result]}  {escape(finding.check):<15} {escape(finding.says)}")
        if finding.fix:
            console.print(f"        {'':<15} → {escape(finding.fix)}")


async def _all(context: Context, listen: float, screen: _Screen | None) -> list[Finding]:
    found = []
    async for finding in _findings(context, listen):
        found.append(finding)
        if screen is not None:
            screen.show(finding)
    return found


async def _findings(context: Context, listen: float) -> AsyncIterator[Finding]:
    try:
        settings = context.settings()
    except Failure as failure:
        yield fail("configuration", str(failure), "Mend that line, or make a new file with: cxcall init --force")
        return
    yield configuration_file(context)
    for finding in folders(settings):
        yield finding
    yield await database(settings)
    yield await doctor_agi.port(settings.agi)
    yield await doctor_audio.port(settings.audio)
    yield await asyncio.to_thread(doctor_speech.recordings, settings)
    for finding in await asyncio.to_thread(lambda: list(doctor_speech.voicemail(settings))):
        yield finding
    for finding in await asyncio.to_thread(lambda: list(doctor_speech.models(settings))):
        yield finding
    async for finding in _servers(settings, listen):
        yield finding


async def _servers(settings: Settings, listen: float) -> AsyncIterator[Finding]:
    if not settings.ami:
        yield fail("Asterisk", "No Asterisk is set up.", "Make a configuration with: cxcall init")
    for server in settings.ami:
        async for finding in examine(server, listen=listen, agi=settings.agi, audio=settings.audio, web=settings.web):
            yield finding
        for finding in await asyncio.to_thread(doctor_disk.files, settings, server):
            yield replace(finding, server=server.name)


def _worst(found: list[Finding]) -> Result:
    results = {one.result for one in found}
    return "fail" if "fail" in results else "warn" if "warn" in results else "ok"
