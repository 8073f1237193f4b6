"""What can go wrong with a change that several people make, and what a database's error means."""

from __future__ import annotations

import errno
import re
import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_AWAY_STATES = ("08", "40", "53", "55", "57", "58", "25006", "25P0")
"""SQLSTATEs of a server that is starting, stopping, full, busy, a read-only stand-by, or that was lost."""

_VALUE_STATES = ("22", "23", "54")
"""SQLSTATEs of values that a table does not take: out of range, not unique, too long for an index."""

_DRIVERS_CLASS = re.compile(r"^<class '[\w.]+'>: ")
_LOCAL_ERRNOS = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.EEXIST})


class Conflict(Exception):
    """Someone else changed this meanwhile; load it again and repeat the change."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not be asked just now: the same question may be answered later.

    asyncpg's errors reach us as a plain DBAPIError with an SQLSTATE, whatever they mean; what a connection attempt
    meets (refused, no route, no such name) comes as it is.
    """
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
            return True
        return _state(error).startswith(_AWAY_STATES)
    if isinstance(error, OSError):
        return error.errno not in _LOCAL_ERRNOS
    return isinstance(error, PoolTimeout)


def is_of_values(error: BaseException) -> bool:
    """Whether what was to be written is at fault, so that trying the same again will never work."""
    if is_away(error):
        return False
    if isinstance(error, DBAPIError):
        sqlite = isinstance(error.orig, (sqlite3.DataError, sqlite3.ProgrammingError))
        return sqlite or isinstance(error, (IntegrityError, DataError)) or _state(error).startswith(_VALUE_STATES)
    return not isinstance(error, (SQLAlchemyError, OSError)) or _of_a_parameter(error)


def reason(error: BaseException) -> str:
    """The first line of what the database or the system said."""
    if isinstance(error, TimeoutError) and not str(error):
        return "it did not answer in time"
    said = _DRIVERS_CLASS.sub("", str(getattr(error, "orig", None) or error)).strip()
    return said.partition("\n")[0] or type(error).__name__


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _of_a_parameter(error: BaseException) -> bool:
    """A value that could not even be made into a parameter (StatementError around a ValueError, say)."""
    return isinstance(getattr(error, "orig", None), (ValueError, TypeError, OverflowError))
