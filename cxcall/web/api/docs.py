"""The API described: `/api/v1/openapi.json` for programs, `/api/docs` for people, from the same document."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from aiohttp import web

from cxcall.web import render
from cxcall.web.access import public
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.openapi import Doc, document

WORDS = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false", "null": "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A parameter or a member of a body. `kind` in words; `link` names the schema it is made of."""

    name: str
    kind: str
    link: str
    required: bool
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is answered when all is well."""

    status: str
    body: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    public: bool
    parameters: Sequence[Field]
    takes: Field | None
    gives: Given
    errors: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A named schema and its members."""

    name: str
    text: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsView:
    version: str
    about: Sequence[str]
    token: str
    groups: Sequence[Group]
    shapes: Sequence[Shape]


def described(table: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """`table` with one more operation: the document of them all."""

    async def get_openapi(asked: Asked[None, None]) -> web.Response:
        """OpenAPI 3.1. Needs no login."""
        return web.Response(body=await asyncio.to_thread(body), content_type="application/json", charset="utf-8")

    itself = Endpoint(
        method="GET", path="/openapi.json", handler=get_openapi, summary="This document", tag="about",
        scope=None, gives=dict[str, Any],
    )  # fmt: skip
    whole = (*table, itself)
    body = cache(lambda: msgspec.json.encode(document(whole)))  # a third of a second, which no start has to wait for
    return whole


def page(endpoints: Sequence[Endpoint]) -> web.RouteDef:
    """The route of `/api/docs`."""
    view = cache(lambda: _view(document(endpoints)))

    @public
    async def api_docs(request: web.Request) -> web.Response:
        return render.page(request, "api_docs.html", await asyncio.to_thread(view))

    return web.get("/api/docs", api_docs)


def _view(doc: Doc) -> DocsView:
    operations = [
        (operation["tags"][0], _operation(path, method, operation, doc))
        for path, methods in doc["paths"].items()
        for method, operation in methods.items()
    ]
    tags = [tag["name"] for tag in doc["tags"]]
    return DocsView(
        version=doc["info"]["version"],
        about=doc["info"]["description"].splitlines(),
        token=doc["components"]["securitySchemes"]["token"]["description"],
        groups=[Group(name=tag, operations=[one for of, one in operations if of == tag]) for tag in tags],
        shapes=[_shape(name, schema) for name, schema in doc["components"]["schemas"].items()],
    )


def _operation(path: str, method: str, operation: Doc, doc: Doc) -> Operation:
    scopes = [scope for way in operation["security"] for scope in way.get("token", ())]
    body = operation.get("requestBody")
    (status, good), *errors = operation["responses"].items()
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation.get("description", ""),
        scope=", ".join(scopes),
        public=not operation["security"],
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", ())],
        takes=_content("", body["content"]) if body else None,
        gives=Given(status=status, body=_content("", good["content"]) if "content" in good else None),
        errors=[(code, doc["components"]["responses"][_name(error)]["description"]) for code, error in errors],
    )


def _parameter(parameter: Doc) -> Field:
    field = _field(parameter["name"], parameter["schema"], required=parameter["required"])
    return Field(
        name=field.name,
        kind=field.kind,
        link=field.link,
        required=field.required,
        text=parameter.get("description", ""),
        where=parameter["in"],
    )


def _content(name: str, content: Doc) -> Field:
    (media_type, body), *_ = content.items()
    field = _field(name, body["schema"], required=True)
    return Field(name=name, kind=field.kind, link=field.link, required=True, text=media_type)


def _shape(name: str, schema: Doc) -> Shape:
    required = schema.get("required", ())
    fields = [_field(key, member, required=key in required) for key, member in schema.get("properties", {}).items()]
    return Shape(name=name, text=schema.get("description", ""), fields=fields)


def _field(name: str, schema: Doc, *, required: bool) -> Field:
    kind = " or ".join(dict.fromkeys(_kinds(schema)))
    if "default" in schema:
        kind += f", otherwise {msgspec.json.encode(schema['default']).decode()}"
    return Field(name=name, kind=kind, link=_linked(schema), required=required, text=schema.get("description", ""))


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    """What a value may be, in words."""
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _kinds(option)
    elif "$ref" in schema:
        yield _name(schema)
    elif "enum" in schema:
        yield " | ".join(str(word) for word in schema["enum"])
    elif "prefixItems" in schema:
        yield "pair of " + " or ".join(_kinds(schema["prefixItems"][0]))
    elif schema.get("type") == "array":
        yield "list of " + " or ".join(_kinds(schema["items"]))
    elif schema.get("format") == "date-time":
        yield "time"
    elif "type" in schema:
        yield WORDS.get(schema["type"], schema["type"]) + _bounds(schema)
    else:
        yield "anything"


def _bounds(schema: Mapping[str, Any]) -> str:
    counted = "minLength" in schema or "maxLength" in schema
    low = schema.get("minLength" if counted else "minimum")
    high = schema.get("maxLength" if counted else "maximum")
    unit = " letters" if counted else ""
    if high is None:
        return f", {low}{unit} or more" if low else ""
    return f", {low}–{high}{unit}" if low is not None else f", up to {high}{unit}"


def _linked(schema: Mapping[str, Any]) -> str:
    """The first named schema a value is made of."""
    if "$ref" in schema:
        return _name(schema)
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if isinstance(schema.get("items"), dict) else ())]
    return next((name for part in inner if (name := _linked(part))), "")


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
