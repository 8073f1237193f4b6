"""What the errors of both databases mean: away, or a value that will never be taken."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, StatementError

from cxcall.store.errors import is_away, is_of_values, reason


class Answer(Exception):
    """What asyncpg raises: a sentence and an SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("<class 'asyncpg.exceptions.SomeError'>: the server says so")
        self.sqlstate = sqlstate


@pytest.mark.parametrize("state", ["57P01", "57P03", "53300", "53100", "08006", "40P01", "25006", "55P03"])
def test_a_server_that_starts_stops_or_is_full_is_away(state: str) -> None:
    error = DBAPIError("INSERT", {}, Answer(state))
    assert (is_away(error), is_of_values(error)) == (True, False)
    assert reason(error) == "the server says so"


@pytest.mark.parametrize("state", ["22003", "22000", "23505", "54000"])
def test_a_value_that_does_not_fit_never_will(state: str) -> None:
    error = DBAPIError("INSERT", {}, Answer(state))
    assert (is_away(error), is_of_values(error)) == (False, True)


@pytest.mark.parametrize("state", ["42P01", "42501", "XX000", ""])
def test_what_can_be_put_right_at_the_database_is_held_and_never_given_up(state: str) -> None:
    error = DBAPIError("INSERT", {}, Answer(state))
    assert (is_away(error), is_of_values(error)) == (False, False)


@pytest.mark.parametrize(
    ("error", "away", "of_values"),
    [
        (ConnectionRefusedError(111, "refused"), True, False),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed"), True, False),
        (TimeoutError(), True, False),
        (FileNotFoundError(2, "No such file"), False, False),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")), True, False),
        (DBAPIError("INSERT", {}, sqlite3.DatabaseError("database disk image is malformed")), False, False),
        (DBAPIError("INSERT", {}, sqlite3.ProgrammingError("Error binding parameter 1")), False, True),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError("NOT NULL")), False, True),
        (DataError("INSERT", {}, sqlite3.DataError("string too big")), False, True),
        (StatementError("bad", "INSERT", {}, ValueError("naive time")), False, True),
        (OverflowError("too large for SQLite"), False, True),
        (KeyError("a fault of ours"), False, True),
    ],
)
def test_errors_of_sqlite_and_of_the_way_there(error: Exception, away: bool, of_values: bool) -> None:
    assert (is_away(error), is_of_values(error)) == (away, of_values)


def test_a_hanging_server_is_told_in_words() -> None:
    assert reason(TimeoutError()) == "it did not answer in time"
