"""The metrics that docs/ name are those that are told, and the rules to load speak of these alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from console.app import create_app
from console.gauges import Tables
from core import fault_kinds, heartbeats
from core.clock import HandClock
from core.services import Services
from dispatch import conductor
from sms import measures
from sms.models import Canary

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAME = re.compile(r"doorstep_[a-z_]+")


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "doorstep.sqlite3")
    return f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"


def told(services: Services, clock: HandClock) -> set[str]:
    with services.write() as session:
        heartbeats.beat(session, conductor.NAME)
        session.add(Canary(token="1", sent_at=clock.now(), came_back_at=clock.now()))
    tables = CollectorRegistry()
    tables.register(Tables(services))
    caller = create_app(services).test_client()
    families = [*tables.collect(), *measures.REGISTRY.collect()]
    of_requests = set(re.findall(r"# TYPE (doorstep_http\w+) ", caller.get("/metrics").text))
    counted = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    return counted | {name for name in of_requests if not name.endswith("_created")}


def test_the_table_names_every_metric_and_no_other(services: Services, clock: HandClock) -> None:
    table = (DOCS / "operating.md").read_text(encoding="utf-8").split("## Metrics")[1].split("## Logs")[0]
    assert set(NAME.findall(table)) == told(services, clock)


def test_the_rules_can_be_loaded_and_speak_of_metrics_that_there_are(services: Services, clock: HandClock) -> None:
    (group,) = yaml.safe_load((DOCS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    there = told(services, clock)
    for rule in group["rules"]:
        assert rule["annotations"]["summary"]
        for name in NAME.findall(rule["expr"]):
            assert name.removesuffix("_bucket") in there, rule["alert"]


def test_the_rules_know_which_faults_can_wait() -> None:
    words = (DOCS / "alerts.yml").read_text(encoding="utf-8")
    for listed in re.findall(r'kind[!=]~"([a-z_|]+)"', words):
        soon = {kind for kind, one in fault_kinds.KINDS.items() if one.severity == fault_kinds.SOON}
        assert set(listed.split("|")) == soon
