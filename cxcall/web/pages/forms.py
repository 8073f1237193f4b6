"""Fields of a form that was sent."""

from __future__ import annotations

from aiohttp import web
from multidict import MultiDictProxy

Form = MultiDictProxy[str | bytes | bytearray | web.FileField]


def field(form: Form, name: str) -> str:
    """The text of a field; "" when it is not there or is a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
