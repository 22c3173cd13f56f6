"""The state of the emergency tables at the moment of the scrape, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, faults, heartbeats, milestones
from core.services import Services
from core.settings import Settings
from dispatch import conductor
from dispatch.models import OPEN, Alarm, Callout, Incident
from dispatch.operators.waiting_alarms import of_real_life
from dispatch.retention import rounds
from dispatch.states import WAITING
from sms import canary, waiting
from sms.models import DUE
from sms.reconciler import READ

_COUNTS = Incident.drill.is_(False)


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
            of_emergencies = [_incidents(session), *_callouts(session), _alarms(session)]
            of_the_system = _of_the_system(session, self._services.settings)
            return [*of_emergencies, *_outgoing(session), *_incoming(session), *of_the_system]


def _incidents(session: Session) -> Metric:
    family = GaugeMetricFamily("doorstep_incidents_open", "Open incidents; drills are not counted.", labels=["covered"])
    wanted = select(Incident.covered, func.count()).where(Incident.state == OPEN, _COUNTS).group_by(Incident.covered)
    counted = dict(session.execute(wanted).all())
    for covered in (False, True):
        family.add_metric([str(covered).lower()], counted.get(covered, 0))
    return family


def _callouts(session: Session) -> list[Metric]:
    family = GaugeMetricFamily("doorstep_callouts", "Callouts of open incidents; drills are not counted.", labels=["state"])
    of_open = select(Callout.state, func.count()).join(Incident).where(Incident.state == OPEN, _COUNTS)
    wanted = of_open.group_by(Callout.state)
    for state, count in session.execute(wanted):
        family.add_metric([state], count)
    since = select(func.min(Callout.queued_at)).join(Incident).where(Incident.state == OPEN, _COUNTS)
    oldest = session.scalar(since.where(Callout.state.in_(WAITING)))
    age_s = max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
    words = "How long the oldest callout that is still open to an answer has had none."
    return [family, _gauge("doorstep_oldest_unanswered_seconds", words, age_s)]


def _outgoing(session: Session) -> list[Metric]:
    queued = waiting.texts(session)
    states = GaugeMetricFamily("doorstep_messages_waiting", "Texts that have not reached the carrier.", labels=["state"])
    for state, one in queued.items():
        states.add_metric([state], one.count)
    return [
        states,
        _gauge("doorstep_oldest_due_seconds", "How long the oldest text that is due has waited.", max(0.0, queued[DUE].age_s)),
        _gauge("doorstep_messages_in_trouble", "Texts that the carrier makes trouble with.", waiting.in_trouble(session)),
    ]


def _incoming(session: Session) -> list[Metric]:
    answers = waiting.answers(session)
    age_s = max(0.0, answers.age_s)
    return [
        _gauge("doorstep_answers_waiting", "Incoming texts that nobody has handled.", answers.count),
        _gauge("doorstep_oldest_answer_seconds", "How long the oldest unhandled incoming text has waited.", age_s),
    ]


def _alarms(session: Session) -> Metric:
    family = GaugeMetricFamily("doorstep_alarms", "Alarms that nobody has acknowledged.", labels=["kind"])
    standing = select(Alarm.kind, func.count()).where(Alarm.acknowledged_at.is_(None), of_real_life())
    wanted = standing.group_by(Alarm.kind)
    for kind, count in session.execute(wanted):
        family.add_metric([kind], count)
    return family


def _kept_too_long(session: Session, settings: Settings) -> Metric:
    words = f"Things that are past their time and still here, counted to {rounds.MOST_COUNTED}."
    family = GaugeMetricFamily("doorstep_kept_too_long", words, labels=["what"])
    for rule, count in rounds.due(session, settings).items():
        family.add_metric([rule], count)
    return family


def _of_the_system(session: Session, settings: Settings) -> list[Metric]:
    kinds = GaugeMetricFamily("doorstep_faults", "Faults of the system that stand now.", labels=["kind"])
    standing = [fault.kind for fault in faults.standing(session)]
    for kind in sorted(set(standing)):
        kinds.add_metric([kind], standing.count(kind))
    found: list[Metric] = [kinds, _kept_too_long(session, settings)]
    seen, took_s = heartbeats.last_seen(session, conductor.NAME), canary.latency_s(session)
    if seen is not None:
        lag_s = max(0.0, (clock.now() - seen).total_seconds())
        found.append(_gauge("doorstep_conductor_lag_seconds", "Since the conductor's last sign of life.", lag_s))
    read = milestones.reached(session).get(READ)
    if read is not None:
        words = "How long ago the carrier's log was compared with ours."
        found.append(_gauge("doorstep_carrier_log_read_seconds", words, max(0.0, (clock.now() - read.at).total_seconds())))
    if took_s is not None:
        found.append(_gauge("doorstep_canary_seconds", "How long the newest canary was under way.", took_s))
    return found


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
