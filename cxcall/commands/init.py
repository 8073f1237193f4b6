"""`cxcall init`: a configuration, the database, the first administrator, and what to paste into Asterisk."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from cxcall.commands import snippets
from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.configuration import Answers, text_of
from cxcall.service import ServiceError, add_user
from cxcall.settings import Settings, SettingsError, load
from cxcall.web import passwords


def register(app: typer.Typer) -> None:
    app.command()(init)


def init(
    ctx: typer.Context,
    site: Annotated[str | None, typer.Option(help="What runs there: plain, freepbx or issabel.")] = None,
    host: Annotated[str | None, typer.Option(help="Host name or address of the Asterisk machine.")] = None,
    port: Annotated[int, typer.Option(help="Port of its manager interface.")] = 5038,
    server: Annotated[str, typer.Option(help="A short name for this Asterisk, kept with every call.")] = "asterisk",
    username: Annotated[str, typer.Option(help="Name of the manager user that cxcall logs in as.")] = "cxcall",
    secret_file: Annotated[
        Path | None, typer.Option(help="Take the manager secret from a file instead of making one up.")
    ] = None,
    seen_as: Annotated[str, typer.Option(help="Address by which Asterisk's machine reaches this one.")] = "127.0.0.1",
    name: Annotated[str | None, typer.Option(help="Name of the company, shown in the pages.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the pages at first: en or fa.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of the site, such as Asia/Tehran.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of numbers without a country code: IR, DE …")] = None,
    database: Annotated[
        str, typer.Option(help="sqlite:///FILE or postgresql://…; empty: SQLite in the data folder.")
    ] = "",
    data: Annotated[Path, typer.Option(help="Folder for database, journal and uploads.")] = Path("var/cxcall"),
    web_host: Annotated[str, typer.Option(help="Address the pages are served on.")] = "127.0.0.1",
    web_port: Annotated[int, typer.Option(help="Port the pages are served on.")] = 8080,
    admin: Annotated[str | None, typer.Option(help="Login name of the first administrator.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Read their password from the first line of a file.")
    ] = None,
    snippets_to: Annotated[Path | None, typer.Option("--snippets", help="Folder for Asterisk's files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a configuration that is there.")] = False,
) -> None:
    """Write a configuration, make the database and the first administrator, and say what Asterisk needs.

    What is not given as an option is asked for on a terminal; elsewhere the usual answer is taken.
    """
    file = context_of(ctx).config or Path("cxcall.toml")
    if file.exists() and not force:
        raise Failure(f"{file} is there already. Name another with --config, or write over it with --force.", code=2)
    answers = Answers(
        host=_ask("Host name or address of Asterisk", host, "127.0.0.1"),
        port=port,
        server=server,
        username=username,
        secret=_first_line(secret_file) if secret_file else secrets.token_urlsafe(24),
        name=_ask("Name of the company", name, ""),
        language=_one_of("Language of the pages", language, ("en", "fa"), "en"),
        timezone=_ask("Time zone", timezone, _zone_of_machine()),
        country=_ask("Country (two letters)", country, "IR").upper(),
        database=database,
        data=str(data),
        web_host=web_host,
        web_port=web_port,
        agi_host="127.0.0.1" if seen_as == "127.0.0.1" else "0.0.0.0",  # noqa: S104 - Asterisk must reach it
    )
    kind = cast("snippets.Kind", _one_of("What runs there", site, snippets.KINDS, "plain"))
    login = _ask("Login name of the first administrator", admin, "admin")
    password = _password(password_file, login)
    settings = _write_configuration(file, answers)
    folder = snippets_to or file.parent / "asterisk-files"
    site_files = snippets.Snippets(
        kind=kind, username=username, secret=answers.secret, seen_as=seen_as, web_port=web_port
    )
    snippets.write(folder, site_files)
    _add_administrator(settings, login, password)
    _say(
        f"Configuration: {file}",
        f"Administrator: {login}",
        f"For Asterisk:  {folder}/ (INSTALL.txt says what goes where)",
        "",
    )
    _say(snippets.sheet(site_files))
    _say("Then see whether all is well:  cxcall doctor", "and start it:                  cxcall serve")


def _write_configuration(file: Path, answers: Answers) -> Settings:
    """Write the file, for us only to read since it holds a secret, once it is seen to be a good one."""
    draft = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(text_of(answers), encoding="utf-8")
        settings = load(draft, {})
        draft.replace(file)
    except SettingsError as error:
        raise Failure(str(error), code=2) from error
    except OSError as error:
        raise Failure(f"{file} can't be written: {error}.", code=2) from error
    finally:
        draft.unlink(missing_ok=True)
    return settings


def _add_administrator(settings: Settings, login: str, password: str) -> None:
    """Make the database and the first administrator in it."""
    work = add_user(settings, name=login, role="admin", password=password, display_name=login, extensions=[])
    try:
        asyncio.run(work)
    except ServiceError as error:
        raise Failure(str(error), code=error.code) from error


def _asks() -> bool:
    return sys.stdin.isatty()


def _ask(question: str, given: str | None, usual: str) -> str:
    if given is not None:
        return given
    return str(typer.prompt(question, default=usual, err=True)).strip() if _asks() else usual


def _one_of(question: str, given: str | None, choices: tuple[str, ...], usual: str) -> str:
    answer = _ask(f"{question} ({', '.join(choices)})", given, usual).lower()
    if answer not in choices:
        raise Failure(f"{answer!r} is not one of {', '.join(choices)}.", code=2)
    return answer


def _password(file: Path | None, login: str) -> str:
    """From the file, else asked for twice."""
    if file is not None:
        password = _first_line(file)
    elif _asks():
        password = str(typer.prompt("Their password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        raise Failure(
            "The administrator needs a password: write it to a file and name it with --password-file.", code=2
        )
    if fault := passwords.fault(password, login):
        raise Failure(fault, code=2)
    return password


def _first_line(file: Path) -> str:
    try:
        line = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"The file {file} can't be read: {error}", code=2) from error
    if not line:
        raise Failure(f"The first line of {file} is empty; it must hold the secret.", code=2)
    return line


def _zone_of_machine() -> str:
    """This machine's time zone as far as it says so."""
    if os.environ.get("TZ"):
        return os.environ["TZ"]
    try:
        return Path("/etc/timezone").read_text(encoding="utf-8").strip() or "UTC"
    except OSError:
        return "UTC"


def _say(*lines: str) -> None:
    for line in lines:
        typer.echo(line, err=True)
