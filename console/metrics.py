"""What Prometheus scrapes: requests as they are answered, and the state of the emergency tables at the moment of the scrape."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.spool_gauges import SpoolGauges
from core import clock, milestones
from core.access import METRICS, requires
from core.services import Services
from dispatch.models import OPEN, Alarm, Callout, Incident
from sms.models import CLAIMED, DUE, IN, UNKNOWN, Message
from sms.reconciler import READ

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_COUNTS = Incident.drill.is_(False)
_LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)


class Tables(Collector):
    """Gauges read from the database. Every query touches only what is open or waiting, however old the installation is."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not read the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The gauges as they stand now."""
        with self._services.read() as session:
            return [
                _incidents(session),
                _callouts(session),
                *_outgoing(session),
                *_incoming(session),
                _log_read(session),
                _alarms(session),
            ]


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
        parts = (_requests(registry), folder, tables)
        return Response(b"".join(map(generate_latest, parts)), content_type=CONTENT_TYPE_LATEST)

    return metrics


def _requests(own: CollectorRegistry) -> CollectorRegistry:
    """The request numbers of all web processes where they share a folder for that, else of this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return own
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # the library leaves this constructor untyped
    return shared


def _incidents(session: Session) -> Metric:
    family = GaugeMetricFamily("doorstep_incidents_open", "Open incidents; drills are not counted.", labels=["covered"])
    wanted = select(Incident.covered, func.count()).where(Incident.state == OPEN, _COUNTS).group_by(Incident.covered)
    counted = dict(session.execute(wanted).all())
    for covered in (False, True):
        family.add_metric([str(covered).lower()], counted.get(covered, 0))
    return family


def _callouts(session: Session) -> Metric:
    family = GaugeMetricFamily("doorstep_callouts", "Callouts of open incidents; drills are not counted.", labels=["state"])
    of_open = select(Callout.state, func.count()).join(Incident).where(Incident.state == OPEN, _COUNTS)
    wanted = of_open.group_by(Callout.state)
    for state, count in session.execute(wanted):
        family.add_metric([state], count)
    return family


def _outgoing(session: Session) -> list[Metric]:
    waiting = GaugeMetricFamily("doorstep_messages_waiting", "Texts that have not reached the carrier.", labels=["state"])
    age = GaugeMetricFamily("doorstep_oldest_due_seconds", "How long the oldest text that is due has waited.")
    wanted = (
        select(Message.state, func.count(), func.min(Message.send_at))
        .where(Message.state.in_((DUE, CLAIMED, UNKNOWN)))
        .group_by(Message.state)
    )
    rows = {state: (count, oldest) for state, count, oldest in session.execute(wanted)}
    for state in (DUE, CLAIMED, UNKNOWN):
        waiting.add_metric([state], rows.get(state, (0, None))[0])
    age.add_metric([], _age_s(rows.get(DUE, (0, None))[1]))
    return [waiting, age]


def _incoming(session: Session) -> list[Metric]:
    waiting = GaugeMetricFamily("doorstep_answers_waiting", "Incoming texts that nobody has handled.")
    age = GaugeMetricFamily("doorstep_oldest_answer_seconds", "How long the oldest unhandled incoming text has waited.")
    unhandled = (Message.direction == IN, Message.handled_at.is_(None))
    count, oldest = session.execute(select(func.count(), func.min(Message.created_at)).where(*unhandled)).one()
    waiting.add_metric([], count)
    age.add_metric([], _age_s(oldest))
    return [waiting, age]


def _log_read(session: Session) -> Metric:
    """Not told before the first time: nothing is late then."""
    family = GaugeMetricFamily("doorstep_carrier_log_read_seconds", "How long ago the carrier's log was compared with ours.")
    last = milestones.reached(session).get(READ)
    if last is not None:
        family.add_metric([], _age_s(last.at))
    return family


def _alarms(session: Session) -> Metric:
    family = GaugeMetricFamily("doorstep_alarms", "Alarms that nobody has acknowledged.", labels=["kind"])
    # What happens in a drill rings on the board, where people practise, and wakes no operator.
    in_drill = select(Incident.id).where(Incident.drill, Incident.id == Alarm.incident_id).exists()
    of_drill = Alarm.data["report"]["drill"].as_boolean().is_(True)  # a refused report, which is no incident yet
    standing = select(Alarm.kind, func.count()).where(Alarm.acknowledged_at.is_(None), ~in_drill, of_drill.is_not(True))
    wanted = standing.group_by(Alarm.kind)
    for kind, count in session.execute(wanted):
        family.add_metric([kind], count)
    return family


def _age_s(since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (clock.now() - since).total_seconds())
