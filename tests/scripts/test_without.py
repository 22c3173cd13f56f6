"""Emergencies without Redis and without workers, on an installation of real processes."""

from __future__ import annotations

import json
import subprocess
import sys

from scripts.lib.bootstrap import ROOT

BAR_MS = 3000.0


def test_the_first_text_needs_neither_redis_nor_a_worker() -> None:
    """Redis killed, Redis frozen (it takes connections and never answers), every worker frozen."""
    command = [sys.executable, "-m", "scripts.benches.without", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    times = {row["what"]: row["p99_ms"] for row in told["rows"]}
    assert len(times) == 3
    assert {what: ms for what, ms in times.items() if ms >= BAR_MS} == {}
    assert "redis" in told["missing"], "a console whose Redis is frozen says so"
