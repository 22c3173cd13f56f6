"""What Prometheus scrapes: requests as they are answered, and the state of the emergency tables at the moment of the scrape."""

from __future__ import annotations

import os

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from console.gauges import Tables
from console.spool_gauges import SpoolGauges
from core import clock
from core.access import METRICS, requires
from core.services import Services
from sms import measures

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)


def install(app: Flask, services: Services) -> Blueprint:
    """Count and time every request of `app`; return the blueprint with /metrics."""
    registry = CollectorRegistry()
    requests = Counter("doorstep_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
    seconds = Histogram(
        "doorstep_http_request_seconds", "Time to answer.", ["method", "route"], buckets=_LATENCY_BUCKETS_S, registry=registry
    )

    @app.before_request
    def _start() -> None:
        g.started_s = clock.monotonic_s()

    @app.after_request
    def _count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        requests.labels(method, route, response.status_code).inc()
        seconds.labels(method, route).observe(clock.monotonic_s() - g.started_s)
        return response

    return _blueprint(services, registry)


def _blueprint(services: Services, registry: CollectorRegistry) -> Blueprint:
    metrics = Blueprint("metrics", __name__)
    tables, folder = CollectorRegistry(), CollectorRegistry()
    tables.register(Tables(services))
    folder.register(SpoolGauges(services.settings.data_dir))

    @metrics.get("/metrics")
    @requires(METRICS)
    def scrape() -> Response:
        parts = (*_counted(registry), folder, tables)
        return Response(b"".join(map(generate_latest, parts)), content_type=CONTENT_TYPE_LATEST)

    return metrics


def _counted(requests: CollectorRegistry) -> tuple[CollectorRegistry, ...]:
    """What every process of this machine has counted, where they share a folder for that (`scripts/start` gives them one); else
    what this one has."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return requests, measures.REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # the library leaves this constructor untyped
    return (shared,)
