"""Whatever is wrong with a request, the answer is problem+json that says what."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest

from tests.web.api.conftest import Answer, Client, Site

PROBLEM = "application/problem+json"


def _is_problem(answer: Answer, status: int) -> None:
    assert answer.status == status, answer.body
    assert answer.kind == PROBLEM
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert answer.json["type"] == "about:blank"


@pytest.mark.parametrize("path", ["//api/v1/nothing", "//api/v2/calls", "//api/", "//api/v1/calls/1/2/3"])
async def test_unknown_paths_are_404(admin: Client, path: str) -> None:
    _is_problem(await admin.get(path), 404)


async def test_a_method_a_path_does_not_have_is_405_and_names_those_it_has(admin: Client) -> None:
    answer = await admin.delete("/calls")
    _is_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


async def test_errors_carry_the_id_that_is_in_the_log(admin: Client) -> None:
    answer = await admin.get("//api/v1/nothing")
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=1e9", "limit"),
        ("limit=9999999999999999999999", "limit"),
        ("limit=5&limit=6", "limit"),
        ("after=nonsense", "after"),
        ("after=" + "a" * 1001, "after"),
        ("since=yesterday", "since"),
        ("since=2026-11-21", "since"),
        ("since=2026-11-21T10:00:00", "since"),
        ("since=0001-01-01T00:00:00%2B23:00", "since"),
        ("until=9999-12-31T23:59:59Z", "until"),
        ("outcome=great", "outcome"),
        ("direction=up", "direction"),
        ("min_talk=-1", "min_talk"),
        ("min_talk=nan", "min_talk"),
        ("min_talk=inf", "min_talk"),
        ("colour=red", "colour"),
        ("queue=%00", "queue"),
        ("text=" + "x" * 201, "text"),
    ],
)
async def test_a_parameter_that_does_not_fit_is_named(admin: Client, query: str, parameter: str) -> None:
    answer = await admin.get(f"/calls?{query}")
    _is_problem(answer, 422)
    (error,) = answer.json["errors"]
    assert error["parameter"] == parameter
    assert error["detail"]


async def test_every_misfit_is_named_not_only_the_first(admin: Client) -> None:
    answer = await admin.get("/calls?limit=x&outcome=y&nothing=z")
    _is_problem(answer, 422)
    assert {error["parameter"] for error in answer.json["errors"]} == {"limit", "outcome", "nothing"}
    outcome = next(error for error in answer.json["errors"] if error["parameter"] == "outcome")
    assert "abandoned" in outcome["detail"]


async def test_since_after_until_is_refused(admin: Client) -> None:
    _is_problem(await admin.get("/calls?since=2026-11-22T00:00:00Z&until=2026-11-21T00:00:00Z"), 422)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"name": 5}, {"#/name"}),
        ({"numbers": "09123456789"}, {"#/numbers"}),
        ({"numbers": ["09123456789", 7]}, {"#/numbers/1"}),
        ({"name": "A", "age": 3}, {"#/age"}),
        ({"a/b~c": 1, "name": "A"}, {"#/a~1b~0c"}),
        ({"tier": "platinum", "name": "x" * 201}, {"#/tier", "#/name"}),
        ({}, {"#/name"}),
        ({"name": "A", "numbers": ["+989123456789", "abc"]}, {"#/numbers/1"}),
        ({"name": "A\0B"}, {"#/name"}),
        ({"name": None}, {"#/name"}),
    ],
)
async def test_a_body_that_does_not_fit_is_told_by_json_pointer(
    admin: Client, body: object, pointers: set[str]
) -> None:
    answer = await admin.post("/customers", json=body)
    _is_problem(answer, 422)
    assert {error["pointer"] for error in answer.json["errors"]} == pointers


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"\xff\xfe", b'{"name": "a"', b"[" * 100_000, b'{"name": 1e999}', b'"\\ud800"', b"NaN"],
)
async def test_a_body_that_is_no_json_is_400(admin: Client, body: bytes) -> None:
    answer = await admin.post("/customers", data=body, headers={"Content-Type": "application/json"})
    _is_problem(answer, 400)


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"text"', b"true"])
async def test_json_that_is_no_object_is_422(admin: Client, body: bytes) -> None:
    _is_problem(await admin.post("/customers", data=body, headers={"Content-Type": "application/json"}), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/octet-stream", "nonsense"])
async def test_another_kind_of_body_is_415(admin: Client, kind: str) -> None:
    _is_problem(await admin.post("/customers", data=b"{}", headers={"Content-Type": kind}), 415)


async def test_a_huge_body_is_413_before_it_is_read(site: Site, admin: Client) -> None:
    _is_problem(await admin.post("/customers", json={"name": "x" * 300_000}), 413)


async def test_a_huge_body_in_pieces_is_413_too(admin: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    answer = await admin.post("/customers", data=pieces(), headers={"Content-Type": "application/json"})
    _is_problem(answer, 413)


async def test_a_broken_request_line_does_no_harm(site: Site, admin: Client) -> None:
    host, _, port = site.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(b"\x16\x03\x01 not http\r\n\r\n")
    assert (await admin.get("/me")).status == 200


async def test_data_is_the_same_in_every_language(site: Site) -> None:
    owner = await site.user("boss", "supervisor")
    asked = [
        await (await site.by_token(owner)).get("/calls?limit=0", headers={"Accept-Language": language})
        for language in ("en", "fa")
    ]
    assert asked[0].json["errors"][0]["parameter"] == asked[1].json["errors"][0]["parameter"]
    assert asked[0].status == asked[1].status
