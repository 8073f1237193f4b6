"""JSON Schema (2020-12, as OpenAPI 3.1 wants it) of our structs and of the call record, made by msgspec.

What msgspec can't know is put right here: in answers every field is always there, `from_` is written `from`,
and the datetimes of the record's dataclasses are strings with a format.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

Schema = dict[str, Any]

REF = "#/components/schemas/{name}"
TIME: Schema = {"type": "string", "format": "date-time"}


def components(requests: Iterable[type], answers: Iterable[type]) -> dict[str, Schema]:
    """Schemas by name of all `requests` and `answers` and what they are made of."""
    _, asked = msgspec.json.schema_components(tuple(requests), ref_template=REF)
    _, told = msgspec.json.schema_components(tuple(answers), ref_template=REF)
    both = {name for name in asked.keys() & told.keys() if asked[name] == told[name]}
    for name, schema in told.items():
        if name not in both:  # what is also sent to us may leave out what it has a default for
            _always_whole(schema)
    for kind in _dataclasses(answers):
        if kind.__name__ in told:
            _as_jsonable(told[kind.__name__], kind)
    for schema in (*asked.values(), *told.values()):
        _plain_defaults(schema)
    clash = {name for name in asked.keys() & told.keys() if asked[name] != told[name]}
    if clash:
        raise ValueError(f"Give requests and answers names of their own: {', '.join(sorted(clash))}")
    return dict(sorted((asked | told).items()))


def of(kind: Any) -> Schema:
    """How a place in the document points at `kind`."""
    (schema,), _ = msgspec.json.schema_components((kind,), ref_template=REF)
    return schema


def parameters(kind: type[msgspec.Struct]) -> list[Schema]:
    """The query parameters a struct stands for."""
    _, named = msgspec.json.schema_components((kind,), ref_template=REF)
    properties: dict[str, Schema] = named[kind.__name__]["properties"]
    return [_parameter(field, properties[field.encode_name]) for field in msgspec.structs.fields(kind)]


def _parameter(field: msgspec.structs.FieldInfo, schema: Schema) -> Schema:
    text = schema.pop("description", None)
    if schema.get("default", ...) is None:
        del schema["default"]
    options = [option for option in schema.pop("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        schema.update(options[0])
    elif options:
        schema["anyOf"] = options
    text = schema.pop("description", text)
    parameter: Schema = {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
    return parameter | ({"description": text} if text else {})


def _plain_defaults(schema: Schema) -> None:
    """Defaults as JSON has them: msgspec leaves tuples and structs as they are."""
    for member in schema.get("properties", {}).values():
        if "default" in member:
            member["default"] = msgspec.json.decode(msgspec.json.encode(member["default"]))


def _always_whole(schema: Schema) -> None:
    """An answer leaves nothing out: fields have no defaults, all are required."""
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        for member in schema["properties"].values():
            member.pop("default", None)


def _as_jsonable(schema: Schema, kind: type) -> None:
    """Name and type the fields of a dataclass the way `cxcall.calls.record.jsonable` writes them."""
    hints = typing.get_type_hints(kind)
    for name, hint in hints.items():
        if hint is datetime:
            schema["properties"][name] = dict(TIME)
        elif datetime in typing.get_args(hint):
            schema["properties"][name] = {"anyOf": [dict(TIME), {"type": "null"}]}
    schema["properties"] = {name.rstrip("_"): member for name, member in schema["properties"].items()}
    schema["required"] = list(schema["properties"])


def _dataclasses(kinds: Iterable[Any]) -> set[type]:
    """Every dataclass in `kinds` or in their fields, however deep."""
    found: set[type] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and kind not in found:
            if dataclasses.is_dataclass(kind):
                found.add(kind)
                waiting += typing.get_type_hints(kind).values()
            elif issubclass(kind, msgspec.Struct):
                waiting += [field.type for field in msgspec.structs.fields(kind)]
        waiting += typing.get_args(kind)
    return found
