"""Foreign input to typed values: every field that does not fit is named, not only the first.

msgspec stops at the first misfit; a person who fills in a form, or a program that is being written against us,
wants all of them. So a struct is read field by field, and each misfit says where it is: a JSON Pointer
(RFC 6901, written as a URI fragment) in a body, the parameter's name in a query.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)

Place = Literal["body", "query"]

_PATH = re.compile(r"(?P<detail>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """One thing wrong with the input: where, and what was expected in its place."""

    where: str
    detail: str


class Misfits(Exception):
    """The input can't be used; `found` says why, one entry a field."""

    def __init__(self, place: Place, found: Iterable[Misfit]) -> None:
        self.place = place
        self.found = tuple(found)
        super().__init__("; ".join(f"{misfit.where}: {misfit.detail}" for misfit in self.found))


def read_body(kind: type[S], raw: Any) -> S:
    """`raw`, decoded JSON, as a `kind`. Raises Misfits."""
    if not isinstance(raw, dict):
        raise Misfits("body", [Misfit(where="#", detail="Expected `object`")])
    return _read(kind, raw, "body")


def read_query(kind: type[S], pairs: Iterable[tuple[str, str]]) -> S:
    """The parameters of a query string as a `kind`; an empty value counts as not given. Raises Misfits."""
    given: dict[str, str] = {}
    twice: set[str] = set()
    for name, value in pairs:
        if name in given:
            twice.add(name)
        if value:
            given[name] = value
    if twice:
        raise Misfits("query", [Misfit(where=name, detail="Given more than once") for name in sorted(twice)])
    return _read(kind, given, "query")


def _read(kind: type[S], raw: Mapping[str, Any], place: Place) -> S:
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    found = [
        Misfit(where=_where(place, name), detail="There is no field of this name") for name in raw if name not in known
    ]
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name not in raw:
            if field.required:
                found.append(Misfit(where=_where(place, name), detail="Required, but not given"))
            continue
        try:
            values[field.name] = _converted(raw[name], field.type, place)
        except msgspec.ValidationError as error:
            found.append(_misfit(error, place, name, field.type))
    if found:
        raise Misfits(place, found)
    try:
        return kind(**values)
    except ValueError as error:  # fields that fit one by one, but not together
        raise Misfits(place, [Misfit(where="#", detail=str(error))]) from error


def _converted(value: Any, kind: Any, place: Place) -> Any:
    if _has_control(value):
        raise msgspec.ValidationError("Text must not hold the character U+0000 or half of a surrogate pair")
    converted = msgspec.convert(value, kind, strict=place == "body")
    if isinstance(converted, datetime) and not 1900 <= converted.year <= 9000:
        raise msgspec.ValidationError("Expected a time between the years 1900 and 9000")  # far inside what stores hold
    return converted


def _has_control(value: Any) -> bool:
    """True when a string somewhere in `value` can't be stored: PostgreSQL has no U+0000, UTF-8 no lone surrogates."""
    if isinstance(value, str):
        return "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, dict):
        return any(_has_control(item) for pair in value.items() for item in pair)
    return isinstance(value, list) and any(_has_control(item) for item in value)


def _misfit(error: msgspec.ValidationError, place: Place, name: str, kind: Any) -> Misfit:
    match = _PATH.fullmatch(str(error))
    detail, path = (match["detail"], match["path"]) if match else (str(error), None)
    allowed = _choices(kind)
    if allowed and detail.startswith("Invalid enum value"):
        detail = "Expected one of: " + ", ".join(allowed)
    steps = [key or index for key, index in _STEP.findall(path or "") if (key or index) != "..."]
    return Misfit(where=_where(place, name, *steps), detail=detail)


def _where(place: Place, name: str, *steps: str) -> str:
    if place == "query":
        return name
    return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in (name, *steps))


def _choices(kind: Any) -> list[str]:
    """The words of a Literal, also inside `Annotated` and `| None`."""
    if typing.get_origin(kind) is Literal:
        return [str(word) for word in typing.get_args(kind)]
    if typing.get_origin(kind) in (typing.Annotated, typing.Union, types.UnionType):
        return next((words for part in typing.get_args(kind) if (words := _choices(part))), [])
    return []
