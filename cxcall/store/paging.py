"""Keyset paging: a page begins after a row that was seen, so new rows never shift what is being read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row_ = TypeVar("Row_")

MOST_ROWS = 500
"""The longest page anyone gets."""


class BadCursor(ValueError):
    """This place in the list does not exist (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The row to continue from: the value the list is sorted by, its id, and which way to go."""

    key: str
    id: str
    back: bool = False

    def encode(self) -> str:
        """A word for addresses."""
        plain = "\0".join(("p" if self.back else "n", self.key, self.id))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, word: str) -> Cursor:
        """The cursor of `encode`; raises `BadCursor` on anything else."""
        try:
            padded = word.encode("ascii") + b"=" * (-len(word) % 4)
            way, key, id_ = base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("\0")
        except (binascii.Error, UnicodeError, ValueError):
            raise BadCursor(BadCursor.__doc__) from None
        if way not in ("n", "p"):
            raise BadCursor(BadCursor.__doc__)
        return cls(key=key, id=id_, back=way == "p")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[Row_]):
    """Rows of one page in the order shown, and the cursors of the pages around it, None where there is none."""

    rows: list[Row_]
    next: str | None
    previous: str | None


def cut(
    fetched: Sequence[Row_], limit: int, after: Cursor | None, spot: Callable[[Row_], tuple[str, str]]
) -> Slice[Row_]:
    """A page from up to `limit` + 1 rows fetched in the direction of `after`; `spot` gives sort value and id."""
    back = after is not None and after.back
    more = len(fetched) > limit
    rows = list(fetched[:limit])
    if back:
        rows.reverse()
    if not rows:
        return Slice(rows=[], next=None, previous=None)
    (first_key, first_id), (last_key, last_id) = spot(rows[0]), spot(rows[-1])
    first = Cursor(key=first_key, id=first_id, back=True).encode()
    last = Cursor(key=last_key, id=last_id).encode()
    return Slice(
        rows=rows,
        next=last if more or back else None,
        previous=first if (more if back else after is not None) else None,
    )
