"""What was removed and can be brought back as it was, under the id that others name it by, while this process runs."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from aiohttp import web

MOST = 200
T = TypeVar("T")


class Removed:
    """The last things that were removed, by id."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, object] = OrderedDict()

    def put(self, id_: str, thing: object) -> None:
        self._kept[id_] = thing
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def has(self, id_: str) -> bool:
        return id_ in self._kept

    def get(self, id_: str, kind: type[T]) -> T | None:
        """What was removed under this id, if it was of this kind and nobody brought it back."""
        thing = self._kept.get(id_)
        return thing if isinstance(thing, kind) else None

    def back(self, id_: str) -> None:
        """It is there again."""
        self._kept.pop(id_, None)


REMOVED: web.AppKey[Removed] = web.AppKey("removed", Removed)


def undo_of(request: web.Request, path: str) -> str:
    """Where a form posts to bring back what the page was led here by (`who`), "" when that is not possible."""
    who = request.query.get("who", "")
    there = request.query.get("done") == "removed" and request.app[REMOVED].has(who)
    return f"{path}/{who}/restore" if there else ""


def setup(app: web.Application) -> None:
    app[REMOVED] = Removed()
