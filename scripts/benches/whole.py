"""A whole installation as `scripts/start` runs it, in a folder of its own, for as long as something is measured on it."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog

from console import keys
from core.services import Services
from scripts.lib import first_things, installation, ports, start_options, supervisor
from scripts.lib import run as parts
from scripts.lib.recording import recorder

T = TypeVar("T")


@dataclass(frozen=True)
class Whole:
    """An installation that runs, a key to its API, and the supervisor that looks after it."""

    ready: installation.Installation
    key: str
    boss: supervisor.Supervisor


def on_an_installation(
    measure: Callable[[Whole], T],
    fill: Callable[[Services], None],
    *,
    runs: Callable[[str], bool] = lambda _: True,
    database_url: str | None = None,
) -> T:
    """Start every part whose name `runs` wants, with what `fill` puts into the empty database, measure, and stop it all."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    measured: Future[T] = Future()
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        os.environ.pop("DATABASE_URL", None)
        if database_url:
            os.environ["DATABASE_URL"] = database_url
        port = ports.free(2)
        options = start_options.parse(["--no-demo", "--simulate", "--data", folder, "--port", str(port)])
        first_things.enter_root(options.data)
        ready = installation.prepare(options, stack)
        fill(ready.services)
        with ready.services.write() as session:
            key = keys.create(session, "bench", ["incidents"])
        chosen = [part for part in ready.parts if runs(part.name)]
        boss = supervisor.Supervisor(chosen, Path(folder) / "log", recorder(ready.services))
        parts.preload({part.name for part in chosen})
        ready.services.database.close()
        boss.run(lambda: _and_stop(boss, measured, lambda: measure(Whole(ready, key, boss))))
    return measured.result(timeout=0)


def _and_stop(boss: supervisor.Supervisor, measured: Future[T], work: Callable[[], T]) -> None:
    try:
        measured.set_result(work())
    except Exception as error:
        measured.set_exception(error)
    finally:
        boss.stop()
