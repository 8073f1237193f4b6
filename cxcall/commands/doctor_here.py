"""Doctor's checks of this machine: configuration, folders, database."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from cxcall import service
from cxcall.asterisk.findings import Finding, fail, info, ok, warn
from cxcall.commands.context import Context
from cxcall.settings import DEFAULT_FILES, Settings
from cxcall.store.engine import DatabaseAddressError, at_head, open_engine

_GB = 1 << 30
_LITTLE, _TOO_LITTLE = 2 * _GB, _GB // 5
_DATABASE_S = 10.0


def configuration_file(context: Context) -> Finding:
    """Where the settings came from, and that nobody else can read the secret in them."""
    file = context.config or next((file for file in DEFAULT_FILES if file.is_file()), None)
    if file is None:
        return info("configuration", "No file; settings come from the environment and defaults.")
    if file.stat().st_mode & 0o007:
        fix = f"chmod o-rwx {file}"
        return warn("configuration", f"{file} can be read by everybody on this machine and holds a secret.", fix)
    return ok("configuration", f"{file} is readable.")


def folders(settings: Settings) -> Iterator[Finding]:
    """The data folder and the journal in it: there, ours to write, room left."""
    for check, folder in (("data folder", settings.data_dir), ("journal", settings.data_dir / "journal")):
        existing = _existing(folder)
        try:
            _try_to_write(existing)
        except OSError as error:
            fix = f"Let the user that runs cxcall own {existing}, or set data.dir."
            yield fail(check, f"{existing} can't be written: {error.strerror}.", fix)
        else:
            yield ok(check, f"{folder} {'is writable' if folder == existing else 'will be made when needed'}.")
    yield _room(settings)


def _room(settings: Settings) -> Finding:
    free = shutil.disk_usage(_existing(settings.data_dir)).free
    says = f"{free / _GB:.1f} GB free where {settings.data_dir} is."
    fix = f"Make room; the journal alone may take {settings.journal.keep_mb / 1024:.0f} GB (journal.keep_mb)."
    if free < _TOO_LITTLE:
        return fail("disk space", says, fix)
    return warn("disk space", says, fix) if free < _LITTLE else ok("disk space", says)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above that is there."""
    folder = folder.absolute()
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path("/"))


def _try_to_write(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, "no right to write")
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"cxcall")


async def database(settings: Settings) -> Finding:
    """Whether the database answers and has this version's schema; a SQLite file that is not there is not made."""
    where = settings.database_url.rpartition("@")[2]
    if _not_made(where):
        return fail("database", f"There is no database {where} yet.", "Make it with: cxcall db upgrade")
    try:
        engine = open_engine(settings.database_url)
    except DatabaseAddressError as error:
        return fail("database", str(error), "Set database.url.")
    try:
        async with asyncio.timeout(_DATABASE_S):
            current = await at_head(engine)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return fail("database", service.unreachable(settings, error), "Start the database server, or set database.url.")
    finally:
        await engine.dispose()
    if current:
        return ok("database", f"{where} answers and is at this version's revision.")
    return fail("database", f"{where} is not at this version's revision.", "Bring it there with: cxcall db upgrade")


def _not_made(address: str) -> bool:
    """Whether this is a SQLite file that is not there; opening it would make it."""
    return address.startswith("sqlite:///") and not Path(address.removeprefix("sqlite:///")).exists()
