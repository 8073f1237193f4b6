"""The pages served to a test as the service serves them."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


class AsServed(TestServer):
    """aiohttp's own server for tests ends the handling of a request whose browser has gone on to another page, which
    the service does not: a file that was just being opened would stay open."""

    async def _make_runner(self, **kwargs: Any) -> web.BaseRunner:
        return await super()._make_runner(**{**kwargs, "handler_cancellation": False})
