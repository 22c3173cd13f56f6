"""`scripts/start`: settles everything, starts every process, and looks after them until Ctrl-C."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack, nullcontext

import structlog

from core.problems import Problem
from scripts.lib import announcing, headless, run, running
from scripts.lib.first_things import enter_root
from scripts.lib.installation import Installation, prepare
from scripts.lib.recording import recorder
from scripts.lib.start_options import StartOptions
from scripts.lib.supervisor import Supervisor
from scripts.lib.terminal import Refusal, complain, say

INTERRUPTED = 130


def main(options: StartOptions) -> int:
    """Run until told to stop. 0 done, 1 when the demonstration's incident was not covered, 2 refused."""
    # Until the supervisor listens for signals itself, a SIGTERM unwinds like a Ctrl-C, so that nothing is left lying about.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        with ExitStack() as stack:
            enter_root(options.data)
            installation = prepare(options, stack)
            verdict = _run(options, installation)
    except (Refusal, Problem) as why:
        complain("scripts/start", why)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    if verdict:
        say(verdict.line)
        return verdict.status
    return 0


def _run(options: StartOptions, installation: Installation) -> headless.Verdict | None:
    folder = installation.settings.data_dir
    supervisor = Supervisor(installation.parts, folder / "log", recorder(installation.services))
    demonstration = headless.Demonstration(installation) if options.headless_demo else None
    companion = demonstration.run if demonstration else lambda: announcing.announce(options, installation)
    run.preload({part.name for part in installation.parts})
    installation.services.database.close()  # none may be open in what parts are copied from
    say("Starting " + ", ".join(part.name for part in installation.parts) + " …")
    with running.noted(folder, installation.url) if options.only in (None, "web") else nullcontext():
        supervisor.run(lambda: _accompany(companion, supervisor, demonstration is not None))
    if demonstration:
        return demonstration.verdict
    say("Stopped.")
    return None


def _accompany(companion: Callable[[], None], supervisor: Supervisor, stop_after: bool) -> None:
    """What happens beside the supervisor: the announcement, or the demonstration, whose end is the end of all."""
    try:
        companion()
    finally:
        if stop_after:
            supervisor.stop()
