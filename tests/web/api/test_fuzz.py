"""Whatever anyone sends, nothing breaks: no answer is a 500, and every error is problem+json."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxcall.bus import Bus, Commands
from cxcall.settings import Settings
from cxcall.store.engine import open_engine, upgrade
from cxcall.web.api import ENDPOINTS
from cxcall.web.api.endpoint import Endpoint
from cxcall.web.app import init_app
from tests.store import make
from tests.support.postgres import running_postgres
from tests.web.api.conftest import Answer, Clock, Site


class Running:
    """One application for all examples of a run, with an event loop of its own."""

    def __init__(self, database: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._start(database))

    async def _start(self, database: str) -> None:
        engine = open_engine(database)
        await upgrade(engine)
        bus, commands, clock = Bus(epoch=1), Commands(), Clock()
        settings = Settings()
        self._server = TestServer(init_app(settings=settings, engine=engine, bus=bus, commands=commands, clock=clock))
        await self._server.start_server()
        address = str(self._server.make_url("")).rstrip("/")
        self._site = Site(engine, bus, commands, clock, settings, address)
        await self._site.store(make.queue_call(1), make.ringing(make.queue_call(2)))
        admin = await self._site.user("admin", "admin", "PJSIP/1001")
        self._client = await self._site.by_token(admin)
        customer = (await self._client.get("/customers")).json["items"][0]["id"]
        self.ids = [make.queue_call(1).id, customer, admin.id]

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        return self._loop.run_until_complete(self._client.ask(method, path, **options))

    def stop(self) -> None:
        self._loop.run_until_complete(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        await self._site.close()
        await self._server.close()
        await self._site.engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database: each of the two refuses things the other takes."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'cxcall.db'}"
        return
    with running_postgres() as address:
        yield f"{address}/postgres"


@pytest.fixture(scope="module")
def running(database: str) -> Iterator[Running]:
    found = Running(database)
    yield found
    found.stop()


NASTY = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.sampled_from(
        ["", "null", "true", "٣", "۰۹۱۲", "-1", "0", "200", "'", '"', "%", "\0", "\u202e", "\ufffd", "*", "a b"]
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def _names(kind: Any) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)]


def _path(endpoint: Endpoint, ids: list[str], data: st.DataObject) -> str:
    value = data.draw(st.one_of(st.sampled_from(ids), NASTY.filter(bool)), label="id")
    return re.sub(r"{\w+}", quote(value, safe=""), endpoint.path)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_anything(running: Running, endpoint: Endpoint, data: st.DataObject) -> None:
    path = _path(endpoint, running.ids, data)
    options: dict[str, Any] = {}
    if endpoint.query:
        name = st.sampled_from(_names(endpoint.query))
        options["params"] = data.draw(st.lists(st.tuples(name, NASTY), max_size=3), label="query")
    if endpoint.body is str:
        options["data"] = data.draw(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), label="body")
        options["headers"] = {"Content-Type": endpoint.body_type}
    elif endpoint.body:
        name = st.one_of(st.sampled_from(_names(endpoint.body)), st.text(max_size=5))
        options["json"] = data.draw(st.dictionaries(name, JSON, max_size=4) | JSON, label="body")
    if "If-Match" in endpoint.headers:
        options["headers"] = {
            "If-Match": data.draw(st.sampled_from(['"1"', '"2"', "*", 'W/"1"', "1", ""]), label="tag")
        }
    answer = running.ask(endpoint.method, path, **options)
    assert answer.status < 500 or (answer.status in endpoint.problems and answer.status == 503), answer.body
    if answer.status >= 400:
        assert answer.kind == "application/problem+json"
        assert answer.json["status"] == answer.status


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=st.text(max_size=40),
    body=st.binary(max_size=200),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_path_breaks_anything(running: Running, method: str, path: str, body: bytes) -> None:
    options = {"data": body, "headers": {"Content-Type": "application/json"}} if method != "GET" else {}
    answer = running.ask(method, "/" + quote(path), **options)
    assert answer.status < 500, answer.body
