"""What waits in the spool, for Prometheus: read from the folder, so that it is told while the database is away."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sms.spool import Spool


class SpoolGauges(Collector):
    """The spool of one data folder at the moment of the scrape."""

    def __init__(self, data_dir: Path) -> None:
        self._spool = Spool(data_dir)

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not read the folder."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The gauges as they stand now."""
        state = self._spool.state()
        return [
            GaugeMetricFamily("doorstep_spool_waiting", "Requests of the carrier that wait for the database.", state.waiting),
            GaugeMetricFamily("doorstep_spool_oldest_seconds", "How long the oldest of them has waited.", state.oldest_s),
            GaugeMetricFamily("doorstep_spool_set_aside", "Requests of the carrier that could not be stored.", state.set_aside),
            GaugeMetricFamily("doorstep_spool_writable", "Whether the spool could take a request now.", float(state.writable)),
        ]
