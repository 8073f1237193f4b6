"""Figures for Prometheus at `/metrics`: requests, live sockets, calls, Asterisk servers, this process.

Labels are bounded: the route's pattern, never the path; methods outside HTTP's own are `other`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

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
        self.seen = Seen()
        self.registry.register(self.seen)
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


class Seen:
    """What others know, read anew at each scrape: name → value, and per Asterisk server its listener's figures."""

    def __init__(self) -> None:
        self.gauges: dict[str, float] = {}
        self.servers: Mapping[str, Any] = {}
