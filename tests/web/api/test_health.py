"""/healthz, /readyz and /metrics: what service managers, balancers and Prometheus read."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from cxcall.asterisk.agi.edge import AgiEdge
from cxcall.asterisk.status import ServerStatus, State
from cxcall.asterisk.surveys.edge import SurveyStatus
from cxcall.bus.speech import EngineStatus, SpeechStatus
from cxcall.settings import Agi, Ami, Data, Settings
from cxcall.web import metrics
from tests.store import make
from tests.web.api.conftest import Answer, Client, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the listener tells of a server, as far as these tests go."""

    server: str = "lab"
    state: str = "connected"
    ready: bool = True
    events: int = 1200
    lag: float | None = 0.012
    overflows: int = 3
    address: str = "192.0.2.7:5038"
    last_error: str | None = "secret is wrong"


def _listen(site: Site, *statuses: Status) -> None:
    async def tell(_: Any) -> list[Status]:
        return list(statuses)

    site.commands.serve("asterisk:status", tell)


def _figures(answer: Answer) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


async def test_healthz_needs_no_login_and_no_other_part(site: Site) -> None:
    await site.engine.dispose()
    answer = await site.client().get("//healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_ready_when_database_and_every_server_are(site: Site) -> None:
    _listen(site, Status())
    answer = await site.client().get("//readyz")
    assert answer.status == 200
    assert answer.json == {
        "ready": True,
        "database": {"ready": True, "state": "ready"},
        "ami": {
            "ready": True,
            "state": "1 of 1 ready",
            "servers": {"lab": {"ready": True, "state": "connected"}},
        },
        "speech": {"ready": True, "state": "not set up"},
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status(state="reconnecting", ready=False), "reconnecting"),
        (Status(state="refused", ready=False), "refused"),
        (Status(ready=False), "connected, but calls are not written"),
        (Status(server="other"), "unknown"),
    ],
)
async def test_not_ready_while_a_server_is_not(site: Site, status: Status, state: str) -> None:
    _listen(site, status)
    answer = await site.client().get("//readyz")
    assert (answer.status, answer.json["ready"]) == (503, False)
    assert answer.json["ami"]["servers"]["lab"]["state"] == state


async def test_a_server_switched_off_is_no_fault(site: Site) -> None:
    _listen(site, Status(state="disabled", ready=False))
    assert (await site.client().get("//readyz")).status == 200


async def test_not_ready_when_nobody_listens_to_a_server(site: Site) -> None:
    answer = await site.client().get("//readyz")
    assert (answer.status, answer.json["ami"]["servers"]["lab"]["state"]) == (503, "unknown")


async def test_not_ready_while_the_schema_is_not_current(site: Site) -> None:
    _listen(site, Status())
    async with site.engine.begin() as conn:
        await conn.execute(text("DELETE FROM alembic_version"))
    answer = await site.client().get("//readyz")
    assert (answer.status, answer.json["database"]["state"]) == (503, "needs `cxcall db upgrade`")


def _speak(site: Site, **values: Any) -> None:
    model = EngineStatus(language="fa", engine="vosk", model="fa", path="models/fa", health="ready")
    status = SpeechStatus(
        problem=None, language="fa", engine="vosk", engines=(model,), level="all", calls=2, streams=4, later=0,
        workers=1, busy=1, backlog=1.5, factor=0.2, delay_p50=None, delay_p95=None, memory=1 << 28, spooled=0,
        jobs={"waiting": 3}, waiting=0, lost=0, dropped=0.0,
    )  # fmt: skip

    async def tell(_: Any) -> SpeechStatus:
        return dataclasses.replace(status, **values)

    site.commands.serve("speech:status", tell)


@pytest.mark.parametrize(
    ("values", "ready", "state"),
    [
        ({}, True, "ready"),
        ({"level": "later"}, True, "behind: some calls are read after their end"),
        ({"problem": "no_models"}, True, "no model"),
        ({"problem": "failed"}, False, "its models can't be used"),
    ],
)
async def test_speech_is_in_trouble_only_when_a_model_it_has_cant_be_used(
    site: Site, values: dict[str, Any], ready: bool, state: str
) -> None:
    _listen(site, Status())
    _speak(site, **values)
    answer = await site.client().get("//readyz")
    assert (answer.status, answer.json["speech"]) == (200 if ready else 503, {"ready": ready, "state": state})


async def test_metrics_tell_how_speech_is_doing(site: Site) -> None:
    _speak(site)
    figures = _figures(await site.client().get("//metrics"))
    assert figures["cxcall_speech_streams", ()] == 4
    assert figures["cxcall_speech_real_time_factor", ()] == 0.2
    assert figures["cxcall_speech_level", (("level", "all"),)] == 1
    assert figures["cxcall_speech_jobs", (("state", "waiting"),)] == 3
    assert figures["cxcall_speech_model_ready", (("language", "fa"), ("model", "fa"))] == 1
    assert ("cxcall_speech_delay_p50_seconds", ()) not in figures, "what nobody knows is left out"


async def test_no_secrets_and_addresses_in_the_answer(site: Site) -> None:
    _listen(site, Status(ready=False, state="refused"))
    body = (await site.client().get("//readyz")).body.decode()
    assert "192.0.2.7" not in body
    assert "secret" not in body


class TestWithoutServers:
    @pytest.fixture
    def settings(self, tmp_path) -> Settings:
        return Settings(data=Data(dir=str(tmp_path)))

    async def test_a_site_without_asterisk_is_ready(self, site: Site) -> None:
        answer = await site.client().get("//readyz")
        assert (answer.status, answer.json["ami"]["state"]) == (200, "not set up")


class TestSeveralServers:
    @pytest.fixture
    def settings(self, tmp_path) -> Settings:
        return Settings(ami=(Ami(name="east"), Ami(name="west")), data=Data(dir=str(tmp_path)))

    async def test_each_is_told_and_all_must_be_ready(self, site: Site) -> None:
        _listen(site, Status(server="east"), Status(server="west", state="connecting", ready=False))
        answer = await site.client().get("//readyz")
        assert (answer.status, answer.json["ami"]["state"]) == (503, "1 of 2 ready")
        assert answer.json["ami"]["servers"]["east"]["ready"] is True


async def test_metrics_count_requests_by_pattern_not_by_path(site: Site, admin: Client) -> None:
    for n in range(3):
        await admin.get(f"/calls/none-{n}")
    await admin.get("//no/such/path")
    await admin.ask("PURGE", "/calls")
    figures = _figures(await site.client().get("//metrics"))
    found = {name: value for name, value in figures.items() if name[0] == "cxcall_http_requests_total"}
    calls = (("method", "GET"), ("route", "/api/v1/calls/{id}"), ("status", "404"))
    assert found["cxcall_http_requests_total", calls] == 3
    assert found["cxcall_http_requests_total", (("method", "GET"), ("route", "unknown"), ("status", "404"))] == 1
    assert not any("none-1" in str(name) or "PURGE" in str(name) for name in figures)
    assert figures["cxcall_http_request_duration_seconds_count", (("route", "/api/v1/calls/{id}"),)] == 3


async def test_metrics_tell_of_servers_calls_sockets_and_the_process(site: Site) -> None:
    _listen(site, Status(), Status(server="west", state="refused", lag=None))
    await site.store(make.ringing(make.queue_call(1)), make.queue_call(2))
    figures = _figures(await site.client().get("//metrics"))
    lab, west = (("server", "lab"),), (("server", "west"),)
    assert figures["cxcall_ami_events_total", lab] == 1200
    assert figures["cxcall_ami_overflows_total", lab] == 3
    assert figures["cxcall_ami_lag_seconds", lab] == 0.012
    assert ("cxcall_ami_lag_seconds", west) not in figures
    assert figures["cxcall_ami_state", (*west, ("state", "refused"))] == 1
    assert figures["cxcall_ami_state", (*lab, ("state", "refused"))] == 0
    assert figures["cxcall_calls_open", ()] == 1
    assert figures["cxcall_live_sockets", ()] == 0
    assert figures["process_resident_memory_bytes", ()] > 0


async def test_metrics_tell_how_fastagi_connections_ended(site: Site) -> None:
    edge = AgiEdge(settings=Agi(port=0), commands=site.commands, scripts={})
    async with edge.serving() as address:
        _, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(b"GET / HTTP/1.1")
        async with asyncio.timeout(20):
            while not edge.status().ends["garbage"]:
                await asyncio.sleep(0.01)
        writer.close()
        figures = _figures(await site.client().get("//metrics"))
    assert figures["cxcall_agi_connections_total", (("end", "garbage"),)] == 1
    assert figures["cxcall_agi_connections_total", (("end", "slow"),)] == 0
    assert figures["cxcall_agi_conversations", ()] == 0


async def test_metrics_tell_how_surveys_are_doing(site: Site) -> None:
    status = SurveyStatus(running=2, asked=40, broken=1, undecided=0, waiting=3, lost=0)

    async def tell(_: object) -> SurveyStatus:
        return status

    withdraw = site.commands.serve("survey:status", tell)
    figures = _figures(await site.client().get("//metrics"))
    withdraw()
    assert figures["cxcall_surveys_running", ()] == 2
    assert figures["cxcall_surveys_asked_total", ()] == 40
    assert figures["cxcall_surveys_waiting", ()] == 3


async def test_metrics_without_a_listener_leave_its_figures_out(site: Site) -> None:
    figures = _figures(await site.client().get("//metrics"))
    assert not any(name.startswith("cxcall_ami_events") for name, _ in figures)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_a_proxy_on_this_machine_does_not_open_metrics_to_the_world(site: Site, header: str) -> None:
    answer = await site.client().get("//metrics", headers={header: "198.51.100.7"})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_metrics_are_for_administrators_and_tokens_with_the_scope(site: Site) -> None:
    owner = await site.user("admin", "admin")
    agent = await site.user("sara", "agent")
    away = {"X-Forwarded-For": "198.51.100.7"}
    allowed = [await site.by_token(owner, "metrics:read"), await site.by_session(owner)]
    refused = [await site.by_token(owner, "calls:read"), await site.by_session(agent)]
    assert [(await client.get("//metrics", headers=away)).status for client in allowed] == [200, 200]
    assert [(await client.get("//metrics", headers=away)).status for client in refused] == [403, 403]


def test_the_figures_of_a_server_are_those_its_listener_tells() -> None:
    told = {field.name for field in dataclasses.fields(ServerStatus)}
    assert {attribute for attribute, *_ in metrics.PER_SERVER} <= told
    assert set(metrics.STATES) == set(get_args(State))
