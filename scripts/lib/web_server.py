"""gunicorn, told what it needs to know from here rather than from a command line."""

from __future__ import annotations

import os
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no type hints

from scripts.lib.orphans import die_with

WORKERS = 1
THREADS = 16
"""One process, for the supervisor runs this server twice on one socket: whichever of the two hangs or is killed, with its
master or without, the other one goes on taking emergencies. 16 threads each, for a request is short."""
NICENESS = 3
"""What came in is dealt with before more is let in. With every processor busy these many threads left so little to the one
that handles answers that they waited for 14 s; so they wait for less than one, and the carrier no longer than before
(`scripts/bench webhooks --postgresql`)."""


class Web(BaseApplication):  # type: ignore[misc]  # as above
    """The application on one address."""

    def __init__(self, bind: str) -> None:
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        """What differs from gunicorn's defaults."""
        wanted: dict[str, Any] = {
            "bind": [self._bind],
            "worker_class": "gthread",
            "workers": WORKERS,
            "threads": THREADS,
            "timeout": 30,
            "graceful_timeout": 8,
            "keepalive": 5,
            "loglevel": "warning",
            # Its default path is one for the whole account, which two installations would fight over.
            "control_socket_disable": True,
            "post_fork": _tie_to_master,
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application, made in each worker: connections and threads do not survive a fork."""
        import wsgi

        return wsgi.app


def _tie_to_master(_server: object, _worker: object) -> None:
    die_with(os.getppid())


def serve(bind: str) -> None:
    """Serve HTTP on `bind` (fd://N, or HOST:PORT) until SIGTERM."""
    # Read before the fork: a worker that is replaced starts at once, and shares the code's memory.
    import console.app

    assert console.app
    os.nice(NICENESS)
    Web(bind).run()
