"""What all lists share: `limit`, `after`, and `next` in the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec

from cxcall.web.problems import Problem

MOST = 200

Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST, description="Rows of one page.")]
After = Annotated[str, msgspec.Meta(max_length=1000, description="`next` of the page before.")]

T = TypeVar("T")


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A list without filters."""

    limit: Limit = 50
    after: After | None = None


def part(rows: Sequence[T], query: PageQuery, key: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """A page of a list that is short enough to be read whole, and the `next` of it; `key` names a row."""
    begin = 0
    if query.after is not None:
        place = next((n for n, row in enumerate(rows) if key(row) == query.after), None)
        if place is None:
            raise bad_cursor()
        begin = place + 1
    shown = rows[begin : begin + query.limit]
    more = begin + query.limit < len(rows)
    return shown, key(shown[-1]) if more else None


def bad_cursor() -> Problem:
    """`after` is none of ours, or its row is gone."""
    error = {"detail": "Give the `next` of an earlier answer, as it was.", "parameter": "after"}
    return Problem(422, "There is no such place in this list. Start again without `after`.", errors=[error])
