"""What a person or a program sees when something went wrong: an error page in the shell, or problem+json."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from cxcall.bus import NoAnswer
from cxcall.store.errors import is_away, reason
from cxcall.web import problems, render
from cxcall.web.access import Forbidden
from cxcall.web.observe import LONGEST_PATH, REQUEST_ID
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

log = structlog.get_logger("cxcall.web")

PASS_ON = frozenset(range(400)) | {426}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    status: int
    title: str
    text: str
    request_id: str
    again: bool


TEXTS: dict[int, tuple[str, str]] = {
    400: (N_("This request can't be read"), N_("The address or the form is not complete.")),
    403: (N_("Not open to you"), N_("Your role does not open this page. An administrator can change that.")),
    404: (N_("Not here"), N_("There is no such page, or it is gone. Check the address.")),
    405: (N_("Not possible this way"), N_("This page can't be used like this.")),
    409: (N_("Not possible now"), N_("What is there now does not allow it. Look at it again.")),
    413: (N_("Too large"), N_("What was sent is larger than this page takes.")),
    500: (
        N_("Something broke"),
        N_("Calls go on as before. Try again; if it breaks again, give the id below to your administrator."),
    ),
    503: (
        N_("Not available just now"),
        N_("A part that this page needs did not answer in time. Calls go on as before. Try again in a moment."),
    ),
}


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except problems.Problem:
        raise
    except web.HTTPException as error:
        if error.status in PASS_ON:
            raise
        response = answer(request, error.status, error.why if isinstance(error, Forbidden) else "")
        for name in ("Allow", "Retry-After"):
            if name in error.headers:
                response.headers[name] = error.headers[name]
        return response
    except Exception as error:
        if isinstance(error, NoAnswer) or is_away(error):
            return _away(request, error)
        log.exception("request_failed", id=request[REQUEST_ID], path=request.path[:LONGEST_PATH], error=_name(error))
        return answer(request, 500)


def _away(request: web.Request, error: Exception) -> web.Response:
    log.warning("not_available", id=request[REQUEST_ID], path=request.path[:LONGEST_PATH], error=reason(error)[:300])
    response = answer(request, 503)
    response.headers["Retry-After"] = "5"
    return response


def answer(request: web.Request, status: int, why: str = "") -> web.Response:
    """The error in the form the asker reads; `why` replaces the status's own sentence."""
    request_id = request[REQUEST_ID]
    if problems.wanted(request):
        return problems.response(status, why, request_id=request_id)
    title, text = TEXTS.get(status, (HTTPStatus(status).phrase, ""))
    view = ErrorView(
        status=status,
        title=_(title),
        text=why or (_(text) if text else ""),
        request_id=request_id,
        again=status >= 500,
    )
    if request.headers.get("HX-Request") or request.headers.get("X-Fragment"):
        return render.fragment(request, "_error.html", view, status=status)
    return render.page(request, "error.html", view, status=status)


def _name(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]
