"""Run by test_supervisor.py in a process of its own: a supervisor over small programs, telling what it does as JSON."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from scripts.lib.children import Part
from scripts.lib.supervisor import Supervisor
from scripts.lib.terminal import say

COPIED, AFRESH = "copied", "afresh"
"""How its parts begin. A second thread before all forbids to copy."""


def main() -> None:
    folder, how, stop_within_s, frozen_for_s, *programs = sys.argv[1:]
    parts = [Part(f"part{number}", tuple(json.loads(one)), foreign=True) for number, one in enumerate(programs)]
    supervisor = Supervisor(parts, Path(folder), _died, float(stop_within_s), float(frozen_for_s))
    report = threading.Thread(target=_report, args=(supervisor, len(parts)), daemon=True)
    if how == AFRESH:
        report.start()
    supervisor.run(None if how == AFRESH else report.start)
    say(json.dumps({"ended": True}))


def _died(name: str, status: int, restarts: int, wait_s: float) -> None:
    say(json.dumps({"died": name, "status": status, "restarts": restarts, "wait_s": wait_s}))


def _report(supervisor: Supervisor, parts: int) -> None:
    shown: dict[str, int] = {}
    pause = threading.Event()
    while not pause.wait(0.02):
        now = supervisor.pids()
        if now != shown and len(now) == parts:
            say(json.dumps({"pids": now}))
            shown = now


if __name__ == "__main__":
    main()
