"""Changes say what they are based on, by `If-Match` or `version` in the body, so nobody overwrites unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from aiohttp import web

from cxcall.web.problems import Problem

_ETAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    return f'"{version}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The version a change is based on, and which way it was told."""

    number: int
    by_header: bool

    def outdated(self) -> Problem:
        """412 for the header as RFC 9110 has it, 409 for the body."""
        detail = "This was changed meanwhile. Load it again and repeat the change."
        return Problem(412 if self.by_header else 409, detail)


def expected_version(request: web.Request, in_body: int | msgspec.UnsetType) -> Expected:
    """Raises Problem 428 when the request says neither, 412 for an ETag that can't be one of ours."""
    header = request.headers.get("If-Match")
    if header is None:
        if isinstance(in_body, msgspec.UnsetType):
            raise Problem(428, "Say which version this is based on: If-Match with its ETag, or `version` in the body.")
        return Expected(number=in_body, by_header=False)
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise Problem(412, 'If-Match takes one ETag of this resource, such as "3".')
    return Expected(number=int(match[1]), by_header=True)
