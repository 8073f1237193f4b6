"""Figures for Prometheus at `/metrics`: requests, live sockets, calls, Asterisk servers, this process.

Labels are bounded: the route's pattern, never the path; methods outside HTTP's own are `other`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import Level
from cxcall.store import calls
from cxcall.store.calls import CallFilter
from cxcall.web import keys
from cxcall.web.access import Role, maybe_user_of, public
from cxcall.web.health import DEADLINE, server_states
from cxcall.web.problems import Problem

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Bounds in seconds; pages aim at well under 0.25."""


class Figures:
    """Counters of this process, in a registry of its own (two apps in one process stay apart)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "cxcall_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.durations = Histogram(
            "cxcall_http_request_duration_seconds",
            "Time to answer a request; sockets and streams are left out.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.others = Others()
        self.registry.register(self.others)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def count(self, request: web.Request, status: int, seconds: float) -> None:
        """Note one answered request."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        method = request.method if request.method in METHODS else "other"
        self.requests.labels(method, route, str(status)).inc()
        if status != 101:
            self.durations.labels(route).observe(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What others know at the moment of a scrape: the listener's figures of each of `servers`, FastAGI's in `agi`,
    those of surveys in `surveys`, of speech in `speech`, of promised calls in `call_backs`, of routing in `routing`,
    of callers who say why they call in `reasons`."""

    servers: Sequence[Any] = ()
    agi: Any = None
    surveys: Any = None
    speech: Any = None
    call_backs: Any = None
    reasons: Any = None
    routing: Any = None
    calls_open: int | None = None
    sockets: int | None = None


class Others(Collector):
    """Figures that are asked for at each scrape, not counted here."""

    def __init__(self) -> None:
        self.reading = Reading()

    def collect(self) -> Iterator[Metric]:
        """Called by the registry; a figure nobody knows is left out, not zero."""
        for name, text, value in (
            ("cxcall_calls_open", "Calls in progress, as stored.", self.reading.calls_open),
            ("cxcall_live_sockets", "Browser tabs with an open WebSocket.", self.reading.sockets),
        ):
            if value is not None:
                yield GaugeMetricFamily(name, text, value=value)
        yield _states(self.reading.servers)
        if self.reading.agi is not None:
            yield from _agi(self.reading.agi)
        told = self.reading
        for status, figures in (
            (told.surveys, OF_SURVEYS), (told.speech, OF_SPEECH), (told.routing, OF_ROUTING)
        ):  # fmt: skip
            for attribute, name, text, family in figures:
                value = getattr(status, attribute, None)
                if value is not None:
                    yield family(name, text, value=float(value))
        if self.reading.speech is not None:
            yield from _speech(self.reading.speech)
        if self.reading.call_backs is not None:
            yield from _call_backs(self.reading.call_backs)
        if self.reading.reasons is not None:
            yield from _reasons(self.reading.reasons)
        for attribute, name, text, family in PER_SERVER:
            metric = family(name, text, labels=["server"])
            for status in self.reading.servers:
                value = getattr(status, attribute, None)
                if value is not None:
                    metric.add_metric([status.server], float(value))
            yield metric


PER_SERVER = (
    ("events", "cxcall_ami_events", "Events read.", CounterMetricFamily),
    ("bytes", "cxcall_ami_bytes", "Bytes read.", CounterMetricFamily),
    ("events_per_second", "cxcall_ami_events_per_second", "Events a second over the last ten.", GaugeMetricFamily),
    ("lag", "cxcall_ami_lag_seconds", "Lateness of the newest event.", GaugeMetricFamily),
    ("lag_max", "cxcall_ami_lag_max_seconds", "Largest lateness of the last minute.", GaugeMetricFamily),
    ("unreadable", "cxcall_ami_unreadable", "Events that could not be read and were dropped.", CounterMetricFamily),
    ("torn", "cxcall_ami_torn", "Events cut off by a broken connection.", CounterMetricFamily),
    ("overflows", "cxcall_ami_overflows", "Times the inbox was full and events were dropped.", CounterMetricFamily),
    ("stalls", "cxcall_ami_stalls", "Times a silent peer was given up.", CounterMetricFamily),
    ("reconnects", "cxcall_ami_reconnects", "Connections made after the first.", CounterMetricFamily),
    ("gaps", "cxcall_ami_gaps", "Times no one listened.", CounterMetricFamily),
    ("inbox_fill", "cxcall_ami_inbox_fill", "How full the inbox is, 0 to 1.", GaugeMetricFamily),
    ("open_calls", "cxcall_ami_open_calls", "Calls the tracker follows now.", GaugeMetricFamily),
    ("calls_waiting", "cxcall_store_calls_waiting", "Calls not yet written to the database.", GaugeMetricFamily),
    ("journal_bytes", "cxcall_journal_bytes", "Size of the journal on disk.", GaugeMetricFamily),
)
"""Attribute of the listener's status, name and text of the metric, kind. Counters count since the process started."""

OF_SURVEYS = (
    ("running", "cxcall_surveys_running", "Callers who are asked now.", GaugeMetricFamily),
    ("asked", "cxcall_surveys_asked", "Surveys begun.", CounterMetricFamily),
    ("broken", "cxcall_surveys_broken", "Surveys broken off on our side.", CounterMetricFamily),
    ("undecided", "cxcall_surveys_undecided", "Calls of which nobody could say whether to ask.", CounterMetricFamily),
    ("waiting", "cxcall_surveys_waiting", "Answers and decisions not yet written.", GaugeMetricFamily),
    ("lost", "cxcall_surveys_lost", "Answers and decisions that could not be written.", CounterMetricFamily),
)

OF_ROUTING = (
    ("version", "cxcall_routing_rules_version", "Version of the routing rules that hold, 0 none.", GaugeMetricFamily),
    ("decided", "cxcall_routing_decisions", "Calls that were told where to go.", CounterMetricFamily),
    ("failed", "cxcall_routing_failed", "Calls nobody could decide on in time: they took their default.",
     CounterMetricFamily),
    ("left_out", "cxcall_routing_left_out", "Decisions of which the dialplan can't take a part.", CounterMetricFamily),
    ("waiting", "cxcall_routing_waiting", "Decisions not yet written.", GaugeMetricFamily),
    ("lost", "cxcall_routing_lost", "Decisions that could not be written.", CounterMetricFamily),
    ("lifted", "cxcall_routing_lifted", "Waiting callers whose priority was raised.", CounterMetricFamily),
)  # fmt: skip

OF_SPEECH = (
    ("calls", "cxcall_speech_calls", "Calls that are heard now.", GaugeMetricFamily),
    ("streams", "cxcall_speech_streams", "Streams of sound that are open.", GaugeMetricFamily),
    ("later", "cxcall_speech_calls_later", "Calls of now that are read after their end.", GaugeMetricFamily),
    ("busy", "cxcall_speech_workers_busy", "Workers that decode now.", GaugeMetricFamily),
    ("workers", "cxcall_speech_workers", "Workers there are.", GaugeMetricFamily),
    ("backlog", "cxcall_speech_backlog_seconds", "Sound of live calls that waits to be decoded.", GaugeMetricFamily),
    ("factor", "cxcall_speech_real_time_factor", "Seconds of work a second of sound takes.", GaugeMetricFamily),
    ("delay_p50", "cxcall_speech_delay_p50_seconds", "From what was said to its text, median.", GaugeMetricFamily),
    ("delay_p95", "cxcall_speech_delay_p95_seconds", "The same of 95 of 100 texts at most.", GaugeMetricFamily),
    ("memory", "cxcall_speech_process_bytes", "Memory of the process that decodes.", GaugeMetricFamily),
    ("spooled", "cxcall_speech_spooled_bytes", "Sound kept until its call is read.", GaugeMetricFamily),
    ("waiting", "cxcall_speech_writes_waiting", "Turns and the like not yet written.", GaugeMetricFamily),
    ("lost", "cxcall_speech_writes_lost", "Turns and the like that could not be written.", CounterMetricFamily),
    ("dropped", "cxcall_speech_dropped_seconds", "Sound there was no room for.", CounterMetricFamily),
)

STATES = ("disabled", "waiting", "connecting", "connected", "reconnecting", "refused")


def _states(servers: Sequence[Any]) -> Metric:
    metric = GaugeMetricFamily("cxcall_ami_state", "1 for the state the connection is in.", labels=["server", "state"])
    for status in servers:
        for state in STATES:
            metric.add_metric([status.server, state], float(status.state == state))
    return metric


def _speech(status: Any) -> Iterator[Metric]:
    level = GaugeMetricFamily("cxcall_speech_level", "1 for how much is decoded now.", labels=["level"])
    for name in get_args(Level):
        level.add_metric([name], float(status.level == name))
    yield level
    jobs = GaugeMetricFamily("cxcall_speech_jobs", "After-call work, by state.", labels=["state"])
    for state, count in status.jobs.items():
        jobs.add_metric([state], count)
    yield jobs
    health = GaugeMetricFamily(
        "cxcall_speech_model_ready", "1 for a model that can be used.", labels=["language", "model"]
    )
    for engine in status.engines:
        health.add_metric([engine.language, engine.model], float(engine.health != "failed"))
    yield health


def _call_backs(status: Any) -> Iterator[Metric]:
    yield GaugeMetricFamily("cxcall_call_backs_open", "Callers who were promised a call.", value=status.open)
    yield CounterMetricFamily(
        "cxcall_call_backs_refused", "Callers who could not be promised one.", value=status.failed
    )
    ended = CounterMetricFamily("cxcall_call_backs", "Promised calls, by how they ended.", labels=["end"])
    for end in ("done", "task", "cancelled"):
        ended.add_metric([end], status.ended.get(end, 0))
    yield ended


def _reasons(status: Any) -> Iterator[Metric]:
    yield CounterMetricFamily("cxcall_reasons_asked", "Callers who were asked why they call.", value=status.asked)
    yield CounterMetricFamily("cxcall_reasons_lost", "What they said that could not be written.", value=status.lost)
    found = CounterMetricFamily("cxcall_reasons", "What came of asking callers why they call.", labels=["how"])
    for how in ("sure", "confirmed", "keyed", "refused", "none"):
        found.add_metric([how], status.by_how.get(how, 0))
    yield found


def _agi(status: Any) -> Iterator[Metric]:
    yield GaugeMetricFamily("cxcall_agi_conversations", "Calls in our hands over FastAGI now.", value=status.open)
    ended = CounterMetricFamily("cxcall_agi_connections", "FastAGI connections, by how they ended.", labels=["end"])
    for end, count in status.ends.items():
        ended.add_metric([end], count)
    yield ended


FIGURES = web.AppKey("figures", Figures)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost of all: what it sees is what goes out."""
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    except asyncio.CancelledError:
        status = 499  # the client went away
        raise
    else:
        return response
    finally:
        request.app[FIGURES].count(request, status, time.perf_counter() - began)


def setup(app: web.Application) -> None:
    """Give `app` its figures. `middleware` must be its first one."""
    app[FIGURES] = Figures()


def routes() -> list[web.RouteDef]:
    return [web.get("/metrics", metrics)]


@public
async def metrics(request: web.Request) -> web.Response:
    """Open to programs on this machine, to administrators and to tokens with the scope `metrics:read`."""
    if not _may_read(request):
        refusal = Problem(401 if maybe_user_of(request) is None else 403, "Only from this machine, or with a token.")
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="cxcall"'
        raise refusal
    figures = request.app[FIGURES]
    figures.others.reading = await _read(request.app)
    return web.Response(body=generate_latest(figures.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _may_read(request: web.Request) -> bool:
    user = maybe_user_of(request)
    if user is None:
        return _is_local(request)
    return "metrics:read" in user.scopes if user.scopes is not None else user.role is Role.ADMIN


def _is_local(request: web.Request) -> bool:
    """Whether the peer itself is this machine, and not a proxy on it that speaks for someone else."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


async def _read(app: web.Application) -> Reading:
    commands = app[keys.COMMANDS]
    servers, agi, surveys, speech, call_backs, routing, reasons, calls_open = await asyncio.gather(
        server_states(commands),
        *(_status(commands, part) for part in ("agi", "survey", "speech", "call_back", "route", "reason")),
        _calls_open(app),
    )
    return Reading(
        servers=list(servers.values()), agi=agi, surveys=surveys, speech=speech, call_backs=call_backs,
        routing=routing, reasons=reasons, calls_open=calls_open, sockets=len(app[keys.LIVE]),
    )  # fmt: skip


async def _status(commands: Commands, part: str) -> Any:
    """What a part says of itself; None when it is not in this process."""
    try:
        return await commands.ask(f"{part}:status", None, timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        return None


async def _calls_open(app: web.Application) -> int | None:
    try:
        async with asyncio.timeout(DEADLINE), app[keys.ENGINE].connect() as conn:
            return await calls.count(conn, CallFilter(outcome="in_progress"))
    except (TimeoutError, SQLAlchemyError, OSError):
        return None  # /readyz says so; the other figures still count
