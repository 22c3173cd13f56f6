"""What the wire counts and times, for Prometheus: in every process that sends or hears, read together by whoever is scraped."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram

from core import clock
from sms.models import Message

REGISTRY = CollectorRegistry()
"""Everything in it has labels: without any a metric opens its file when it is made, and processes begin as copies of one that
has made them, in which what was open there is closed."""
_BUCKETS_S = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_SEND = Histogram(
    "doorstep_send_seconds",
    "From the moment a text was due until the carrier had it.",
    ["purpose"],
    buckets=_BUCKETS_S,
    registry=REGISTRY,
)
_OUTCOMES = Counter(
    "doorstep_texts", "Texts by what became of them, with the reason's code.", ["end", "code"], registry=REGISTRY
)
_ANSWER = Histogram(
    "doorstep_answer_seconds",
    "From the moment a text came in until it had its effect.",
    ["purpose"],
    buckets=_BUCKETS_S,
    registry=REGISTRY,
)
_CLAIMS = Counter("doorstep_claims_run_out", "Texts whose sender was gone.", ["purpose"], registry=REGISTRY)
_REFUSED = Counter("doorstep_webhooks_refused", "Webhooks turned away, by the answer.", ["status"], registry=REGISTRY)


def taken(message: Message, since: datetime) -> None:
    """The carrier has a text that was due `since`."""
    _SEND.labels(message.purpose).observe(max(0.0, (clock.now() - since).total_seconds()))
    ended("taken", None)


def ended(end: str, code: str | None) -> None:
    """A text came to an end, or to the next station: taken, refused, expired, cancelled, undelivered, failed, delivered."""
    _OUTCOMES.labels(end, code or "").inc()


def answered(message: Message) -> None:
    """A text that came in has had its effect."""
    _ANSWER.labels(message.purpose).observe(max(0.0, (clock.now() - message.created_at).total_seconds()))


def claim_ran_out(message: Message) -> None:
    """Whoever had this text is gone."""
    _CLAIMS.labels(message.purpose).inc()


def webhook_refused(status: int) -> None:
    """A webhook was answered with `status` (403, 413)."""
    _REFUSED.labels(status).inc()
