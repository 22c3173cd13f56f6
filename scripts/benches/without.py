"""An emergency at the moment in which Redis dies, while it is frozen, and while every worker is: how soon the carrier has the
first text. Everything else of `scripts/start` runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from scripts.benches import dispatch, whole
from scripts.benches.report import Row, row
from scripts.benches.whole import Whole
from scripts.lib.http_client import call, wait_ready

ROUNDS = 3
BAR = "< 3000 ms"
_BACK_WITHIN_S = 30.0


def run() -> Iterator[Row]:
    """In a process and a folder of its own."""
    command = [sys.executable, "-m", "scripts.benches.without", str(ROUNDS)]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=300)
    for one in json.loads(answer.stdout.splitlines()[-1])["rows"]:
        yield Row(**one)


def _measure(running: Whole, rounds: int) -> tuple[list[Row], list[str]]:
    """The rows, and which parts /health/ready missed while Redis was frozen."""
    stage = dispatch.Stage(running.ready, running.key)
    stage.make_ready(whole=True)
    killed, frozen, idle = [], [], []
    for _ in range(rounds):
        os.kill(running.boss.pids()["redis"], signal.SIGKILL)
        killed.append(_first_text(stage))
        _until_whole(running)
        with _frozen(running, ["redis"]):
            frozen.append(_first_text(stage))
            missing = [str(part) for part in call("GET", f"{running.ready.url}/health/ready").get("parts", [])]
        _until_whole(running)
        with _frozen(running, [name for name in running.boss.pids() if name.startswith("worker")]):
            idle.append(_first_text(stage))
    rows = [
        row("dispatch", "first text, Redis killed", killed, BAR),
        row("dispatch", "first text, Redis frozen", frozen, BAR),
        row("dispatch", "first text, every worker frozen", idle, BAR),
    ]
    return rows, missing


def _first_text(stage: dispatch.Stage) -> float:
    """Seconds from the API call to the carrier's acceptance of the first of the emergency's texts."""
    seconds, incident_id = stage.first_text()
    stage.close(incident_id)
    return seconds


@contextmanager
def _frozen(running: Whole, names: Sequence[str]) -> Iterator[None]:
    pids = running.boss.pids()
    for name in names:
        os.kill(pids[name], signal.SIGSTOP)
    try:
        yield
    finally:
        for name in names:
            with suppress(ProcessLookupError):  # frozen for so long that the supervisor has started another
                os.kill(pids[name], signal.SIGCONT)


def _until_whole(running: Whole) -> None:
    until = time.monotonic() + _BACK_WITHIN_S
    while "redis" not in running.boss.pids():
        if time.monotonic() > until:
            raise TimeoutError("Redis did not come back")
        time.sleep(0.05)
    wait_ready(running.ready.url, _BACK_WITHIN_S, whole=True)


def main() -> None:
    """Measure, and print what `scripts/bench` reads."""
    rows, missing = whole.on_an_installation(lambda running: _measure(running, int(sys.argv[1])), dispatch.fill)
    print("\n" + json.dumps({"rows": [one.as_dict() for one in rows], "missing": missing}))


if __name__ == "__main__":
    main()
