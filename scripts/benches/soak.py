"""Many emergencies at once, a faulty carrier, and every other second a process is killed outright, the carrier's and Redis too.
Nothing may be lost: checked against the carrier's own record. On SQLite, on PostgreSQL, or on a database that is named."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scripts.benches import postgresql, soak_checks, soak_ledger, soak_town
from scripts.benches.report import Fact, Row, read, row
from scripts.benches.soak_checks import LOOK_EVERY_S, Findings
from scripts.benches.soak_ledger import Ledger
from scripts.benches.soak_record import Record
from scripts.benches.soak_storm import Storm
from scripts.benches.whole import Whole, on_an_installation
from scripts.lib.bench_options import BenchOptions
from scripts.lib.http_client import wait_ready
from sms.simulated.client import CarrierControl, CarrierDown

INCIDENTS, SECONDS = 200, 120.0
SETTLED_WITHIN_S = 20.0
HANDLED_WITHIN_S = 75.0
DOUBLED_AT_MOST = 0.01
DATABASE = "database"
"""The victim that is no part of the installation: it is restarted, which breaks off every connection and transaction."""
MOST_SHOWN = 5
FAULTS = {
    "every_request": True,
    "too_many": 0.025,
    "server_error": 0.025,
    "server_error_after": 0.025,
    "hang": 0.025,
    "callbacks_lost": 0.025,
    "callbacks_late": 0.025,
    "callbacks_doubled": 0.025,
    "callbacks_reordered": 0.025,
    "inbound_doubled": 0.1,
}
"""One request in ten meets a fault, and so does one callback in ten."""


@dataclass(frozen=True)
class Outcome:
    """How the storm went, and what was found after it. `settled_s`: from the last kill until every text of
    before was settled. `never_settled`: of the texts that were waiting when all was over (somebody is always asked next),
    those that had not been settled as long afterwards as any text may take."""

    storm: Storm
    settled_s: float
    never_settled: Sequence[str]
    ledger: Ledger
    found: Findings


def run(options: BenchOptions) -> Iterator[Row | Fact]:
    """The storm in a process and a folder of its own."""
    url = ["--database-url", options.database_url] if options.database_url else []
    command = [sys.executable, "-m", "scripts.benches.soak", *url, *(["--postgresql"] if options.postgresql else [])]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=900)
    for one in json.loads(answer.stdout.splitlines()[-1]):
        yield read(one)


def soak(wanted: argparse.Namespace, server: postgresql.Server | None) -> Outcome:
    """Let the storm rage over a whole installation, wait until it is over, and compare."""
    fill = soak_town.filler(Storm.sites_for(wanted.incidents))
    others = {DATABASE: server.restart} if server else {}
    victims = wanted.victims.split(",") if wanted.victims else None

    def measure(running: Whole) -> Outcome:
        return _measure(Storm(running, wanted.incidents, wanted.seconds, victims, others), wanted.patience)

    return on_an_installation(measure, fill, database_url=server.url if server else wanted.database_url)


def _measure(storm: Storm, patience_s: float) -> Outcome:
    services, settings = storm.running.ready.services, storm.running.ready.settings
    control = CarrierControl(settings)
    wait_ready(storm.running.ready.url, 60.0, whole=True)
    _set_up(control, soak_town.landlines(Storm.sites_for(storm.incidents)))
    storm.rage()
    last_kill = datetime.fromtimestamp(storm.last_kill_at, UTC)
    settled_s = _until(lambda: not soak_ledger.unsettled(services, last_kill), storm.last_kill_at, 3 * SETTLED_WITHIN_S)
    _until(lambda: _silent(control), storm.last_kill_at + SETTLED_WITHIN_S, SETTLED_WITHIN_S)
    _until(lambda: not soak_ledger.unsettled(services), time.time(), 2 * SETTLED_WITHIN_S)
    folder = settings.data_dir / "carrier"
    record, ledger = soak_checks.at_one_moment(lambda: Record.read(folder), services, patience_s)
    _until(lambda: not soak_ledger.still_unsettled(services, ledger.unsettled), time.time(), SETTLED_WITHIN_S)
    never_settled = soak_ledger.still_unsettled(services, ledger.unsettled)
    # What waited in the ledger has left by now, or never will; what phones have said since is not in the ledger.
    record = replace(record, outgoing=Record.read(folder).outgoing)
    found = soak_checks.compare(record, ledger, storm.external_ids)
    return Outcome(storm, settled_s, never_settled, ledger, found)


def _set_up(control: CarrierControl, landlines: dict[str, int]) -> None:
    """Dial the faults and start the phones. The carrier is no part of what says that it is ready: it may begin later."""
    until = time.time() + SETTLED_WITHIN_S
    while True:
        try:
            control.set_faults(**FAULTS, fail=landlines)
            return control.set_autopilot("headless")
        except CarrierDown:
            if time.time() > until:
                raise
            time.sleep(LOOK_EVERY_S)


def _silent(control: CarrierControl) -> bool:
    """Whether the phones say nothing more of their own accord."""
    try:
        control.set_autopilot("off")
    except CarrierDown:
        return False
    return True


def _until(done: Callable[[], bool], since: float, within_s: float) -> float:
    """Wait for it; the seconds since then, also when it did not come to that within `within_s`."""
    while not done() and time.time() < since + within_s:
        time.sleep(LOOK_EVERY_S)
    return time.time() - since


def report(name: str, outcome: Outcome) -> list[Row | Fact]:
    """What the table shows."""
    found, storm = outcome.found, outcome.storm
    doubled = len(found.doubled) / max(1, found.texts)
    slowest_s = max(found.handling_s, default=0.0)
    return [
        row(name, "emergency, from the first try to its acknowledgement", storm.acknowledged_s),
        row(name, "answer, from the phone to handled", found.handling_s or [0.0]),
        Fact(name, "processes killed", sum(storm.killed.values())),
        Fact(name, "texts taken by the carrier", found.texts),
        Fact(name, "answers from phones", found.answers),
        Fact(name, "of these pressed in calls", found.keys),
        _none(name, "incidents without texts", found.without_texts),
        _none(name, "callouts without texts", found.callouts_without_texts),
        _none(name, "answers lost", found.lost),
        _none(name, "answers not heard exactly once", found.heard_twice),
        _none(name, "callouts in a wrong final state", found.wrong_states),
        _none(name, "requests refused", storm.refused),
        Fact(name, "doubled texts", doubled * 100, "%", "< 1", doubled < DOUBLED_AT_MOST),
        _none(name, "doubled texts without an unknown", found.untraced),
        _none(name, "texts never settled", outcome.never_settled),
        Fact(name, "settled after the last kill", outcome.settled_s, "s", "< 20", outcome.settled_s < SETTLED_WITHIN_S),
        Fact(name, "slowest answer handled", slowest_s, "s", "< 75", slowest_s < HANDLED_WITHIN_S),
    ]


def _none(name: str, what: str, wrong: Sequence[str]) -> Fact:
    for one in wrong[:MOST_SHOWN]:
        print(f"  {what}: {one}", file=sys.stderr)
    return Fact(name, what, len(wrong), "", "0", not wrong)


def main(arguments: list[str] | None = None) -> None:
    """Soak as told, and print what `scripts/bench` reads."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benches.soak", description=__doc__)
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--patience", type=float, default=HANDLED_WITHIN_S, help="seconds to wait for answers that are missing")
    parser.add_argument("--database-url")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--victims", help="comma-separated parts to kill, and `database` for the PostgreSQL; default: all")
    wanted = parser.parse_args(arguments)
    name = "soak pg" if wanted.postgresql or wanted.database_url else "soak"
    with postgresql.running() if wanted.postgresql else nullcontext() as server:
        rows = report(name, soak(wanted, server))
    print("\n" + json.dumps([one.as_dict() for one in rows]))


if __name__ == "__main__":
    main()
