"""Passwords: argon2id in a thread, so that hashing never holds up a call's page; and what a password must be."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from cxcall.web.words import N_

SHORTEST = 10
LONGEST = 256
_AT_ONCE = asyncio.Semaphore(2)  # a storm of logins may use this many times the hasher's memory, not more

# About 60 ms and 32 MiB on a 2-core machine; above OWASP's minimum for argon2id (19 MiB, 2 passes, 1 lane).
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)

TOO_SHORT = N_("The password needs at least 10 characters.")
TOO_LONG = N_("The password may have at most 256 characters.")
SAME_AS_NAME = N_("The password must not be the name.")


def fault(password: str, name: str) -> str | None:
    """Why `password` won't do for the person `name`, as an untranslated sentence; None when it will."""
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    return SAME_AS_NAME if password.casefold() == name.casefold() else None


def made_up() -> str:
    """A password to read out and type once: 16 letters and digits that look different, about 78 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


async def hash_password(password: str) -> str:
    """What is kept of a password."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_HASHER.hash, password)


async def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one; takes as long for a person who does not exist (`kept` None)."""
    async with _AT_ONCE:
        right = await asyncio.to_thread(_matches, password[:LONGEST], kept or _nobodys())
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether the hash was made under other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _matches(password: str, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))
