"""The OpenAPI 3.1 document of the API, made from the same table as the routes, so neither can drift.

Rules of the document: https://spec.openapis.org/oas/v3.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

import cxcall
from cxcall.web.api import schema
from cxcall.web.api.endpoint import Endpoint
from cxcall.web.api.scopes import SCOPES, Scope

Doc = dict[str, Any]

ABOUT = """\
Calls, customers, users and tokens of this cxcall. Times are UTC, ISO 8601 with microseconds; durations are seconds.
Lists are read page by page: give the `next` of one answer as `after` of the next request; `next` is null at the end.
Errors are `application/problem+json` (RFC 9457). `Accept-Language` changes words, never data."""

ALWAYS = (401, 403, 429)
"""Errors any operation that needs a login may answer with."""

HEADERS = {
    "ETag": "Version of what is given, in quotes, for `If-Match`.",
    "Location": "Where the new resource is.",
    "X-Total-Count": "How many rows follow.",
}


class FieldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong with a request: `pointer` into the body, or the name of a query `parameter`."""

    detail: str
    pointer: str | msgspec.UnsetType = msgspec.UNSET
    parameter: str | msgspec.UnsetType = msgspec.UNSET


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, as RFC 9457 writes it."""

    type: str
    title: str
    status: int
    detail: str | msgspec.UnsetType = msgspec.UNSET
    instance: str | msgspec.UnsetType = msgspec.UNSET
    errors: list[FieldError] | msgspec.UnsetType = msgspec.UNSET


def document(endpoints: Sequence[Endpoint]) -> Doc:
    """The whole document as plain JSON values."""
    paths: dict[str, Doc] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.full_path, {})[endpoint.method.lower()] = _operation(endpoint)
    statuses = sorted({status for endpoint in endpoints for status in _problems(endpoint)})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cxcall",
            "version": cxcall.__version__,
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(endpoints),
            "responses": {_problem_name(status): _problem_response(status) for status in statuses},
            "securitySchemes": _security_schemes(),
        },
    }


def _operation(endpoint: Endpoint) -> Doc:
    operation: Doc = {"operationId": endpoint.name, "summary": endpoint.summary, "tags": [endpoint.tag]}
    text = _description(endpoint)
    if text:
        operation["description"] = text
    if endpoint.scope is None:
        operation["security"] = []
    else:
        scopes = [] if endpoint.scope is Scope.ANY else [endpoint.scope.value]
        operation["security"] = [{"token": scopes}, {"session": []}]
    asked = [_path_parameter(name) for name in re.findall(r"{(\w+)}", endpoint.path)]
    asked += schema.parameters(endpoint.query) if endpoint.query else []
    asked += [_header_parameter(name) for name in endpoint.headers]
    if asked:
        operation["parameters"] = asked
    if endpoint.body:
        content = {endpoint.body_type: {"schema": schema.of(endpoint.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = _responses(endpoint)
    return operation


def _description(endpoint: Endpoint) -> str:
    lines = (endpoint.handler.__doc__ or "").strip().splitlines()
    text = " ".join(line.strip() for line in lines)
    if endpoint.roles:
        text += f" For: {', '.join(sorted(endpoint.roles))}."
    return text.strip()


def _responses(endpoint: Endpoint) -> Doc:
    good: Doc = {"description": HTTPStatus(endpoint.status).phrase}
    if endpoint.gives is not None:
        good["content"] = {endpoint.gives_type: {"schema": schema.of(endpoint.gives)}}
    if endpoint.gives_headers:
        good["headers"] = {name: _header(name) for name in endpoint.gives_headers}
    return {str(endpoint.status): good} | {
        str(status): {"$ref": f"#/components/responses/{_problem_name(status)}"} for status in _problems(endpoint)
    }


def _problems(endpoint: Endpoint) -> list[int]:
    """Every error status the operation may answer with."""
    found = set(endpoint.problems)
    if endpoint.scope is not None:
        found.update(ALWAYS)
    if endpoint.query:
        found.add(422)
    if endpoint.body:
        found.update((400, 413, 415, 422))
    if "{" in endpoint.path:
        found.add(404)
    return sorted(found)


def _problem_name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _problem_response(status: int) -> Doc:
    response: Doc = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": schema.of(Problem)}},
    }
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "Always `Bearer`."}}
    if status == 429:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    return response


def _path_parameter(name: str) -> Doc:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _header_parameter(name: str) -> Doc:
    text = "The ETag this change is based on; without it, give `version` in the body."
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": text}


def _header(name: str) -> Doc:
    return {"schema": {"type": "string"}, "description": HEADERS[name]}


def _schemas(endpoints: Iterable[Endpoint]) -> Doc:
    told = [endpoint.gives for endpoint in endpoints if endpoint.gives is not None]
    asked = [endpoint.body for endpoint in endpoints if endpoint.body]
    return schema.components([*asked, Problem], told)


def _security_schemes() -> Doc:
    listed = "; ".join(f"`{scope.value}` {text}" for scope, text in SCOPES.items())
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": f"`Authorization: Bearer TOKEN`, made under /tokens. Scopes: {listed}.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "cxcall_session",
            "description": "The cookie of a signed-in browser, for our own pages.",
        },
    }
