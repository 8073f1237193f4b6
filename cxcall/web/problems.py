"""Errors of the API: RFC 9457 `application/problem+json`, made in one place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

CONTENT_TYPE = "application/problem+json"
API = "/api/"


class Problem(web.HTTPException):
    """Raise it from an API handler: `raise Problem(422, "The number is not valid.", field="number")`.

    `detail` is a plain English sentence for the program's author; further members go into the body as they are.
    """

    status_code = 500  # aiohttp wants one on the class; each instance has its own

    def __init__(self, status: int, detail: str = "", **members: Any) -> None:
        self.status_code = status
        super().__init__(text=body(status, detail, **members).decode(), content_type=CONTENT_TYPE)


def body(status: int, detail: str = "", **members: Any) -> bytes:
    """`type` stays about:blank, so `title` is the status in words, as the RFC asks."""
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        problem["detail"] = detail
    return msgspec.json.encode(problem | members)


def response(status: int, detail: str = "", **members: Any) -> web.Response:
    return web.Response(body=body(status, detail, **members), status=status, content_type=CONTENT_TYPE)


def wanted(request: web.BaseRequest) -> bool:
    """Whether whoever asks is a program: paths of the API, and requests that take only JSON."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith(API) or (accept.startswith("application/json"))
