"""Our values as JSON: times always UTC with microseconds, records exactly as `jsonable` writes them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from cxcall.calls.record import iso, jsonable

Time = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment, written `2026-01-31T08:00:00.000000Z`; in input any RFC 3339 time with a zone."""


def plain(value: Any) -> Any:
    """Structs, dataclasses, times and lists of them as dicts, lists, strings and numbers."""
    if isinstance(value, datetime):
        return iso(value.astimezone(UTC))
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        fields = {outside: plain(getattr(value, inside)) for outside, inside in names}
        kind = value.__struct_config__
        return fields if kind.tag_field is None else {kind.tag_field: kind.tag, **fields}
    if dataclasses.is_dataclass(value):
        return jsonable(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def encoded(value: Any) -> bytes:
    """`plain(value)` as UTF-8 JSON."""
    return msgspec.json.encode(plain(value))
