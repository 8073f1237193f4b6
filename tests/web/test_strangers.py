"""What no browser of ours would send: forms, headers and cookies that can't be read get an answer, never a fault."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError

from cxcall.web import session, visitors
from tests.support.webapp import Browser, World

FORM = "application/x-www-form-urlencoded"
PART = b"--x\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: nonsense\r\n\r\nq\r\n--x--"


@pytest.mark.parametrize(
    ("kind", "encoding", "body"),
    [
        (FORM, "gzip", b"not packed"),
        (f"{FORM}; charset=nonsense", "", b"name=a"),
        (f"{FORM}; charset=utf-16", "", b"a=1&b"),
        (FORM, "", b"name=\xff\xfe&csrf=\x00%00%"),
        ("multipart/form-data", "", b"a=1"),
        ("multipart/form-data; boundary=x", "", b"--x\r\nnonsense\r\n\r\n\xff\r\n--x--"),
        ("multipart/form-data; boundary=x", "", PART),
    ],
)
async def test_a_form_that_can_not_be_read_is_400(supervisor: Browser, kind: str, encoding: str, body: bytes) -> None:
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    headers |= {"Content-Encoding": encoding} if encoding else {}
    async with supervisor.client.post("/settings/password", data=body, headers=headers) as answer:
        assert answer.status in (400, 403, 404, 405)
        assert "Something broke" not in await answer.text()


@pytest.mark.parametrize(
    "headers",
    [
        b"Cookie: cxcall_session=\xff\xfe; cxcall_guest=\xff; cxcall_look=\xff.dark",
        b"Cookie: cxcall_session=%00; cxcall_look=..fa..; =; ;;",
        b"Origin: http://[\r\nX-CSRF-Token: \xff",
        b"Accept: \xff\r\nAccept-Language: \xff\r\nX-Forwarded-For: \xff, 999.1.1.1",
        b"Authorization: Bearer \xff",
    ],
)
@pytest.mark.parametrize("first", [b"GET /login", b"POST /login", b"GET /calls/%00%ff", b"GET /api/v1/calls?q=%ff%00"])
async def test_headers_in_no_writing_are_answered(world: World, first: bytes, headers: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(first + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n" + headers + b"\r\n\r\n")
    status = int((await asyncio.wait_for(reader.readline(), 30)).split()[1])
    writer.close()
    assert status < 500


async def test_a_database_that_hangs_is_not_waited_for(
    supervisor: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(session, "LOOKUP_S", 0.1)
    monkeypatch.setattr(session, "person_behind", hangs)
    page = await supervisor.get("/calls")
    assert page.status == 503
    assert "Calls go on as before" in page.text
    assert (await supervisor.get("/healthz")).status == 200
    assert (await supervisor.get("/readyz")).headers["Content-Type"].startswith("application/json")


async def test_a_database_that_is_starting_is_told_as_away_and_not_as_a_fault(
    supervisor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Starting(Exception):
        sqlstate = "57P03"

    async def refuses(*_: object) -> None:
        raise DBAPIError("SELECT 1", {}, Starting("the database system is starting up"))

    monkeypatch.setattr(visitors, "_by_session", refuses)
    page = await supervisor.get("/calls")
    assert page.status == 503
    assert page.headers["Retry-After"] == "5"
