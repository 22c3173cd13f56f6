"""`python -m scripts.lib.run SUPERVISOR_PID PLACE PART [ARGUMENT …]`: what a part's process does. Started by the supervisor."""

from __future__ import annotations

import gc
import importlib
import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable, Iterable

import structlog

from scripts.lib import reading
from scripts.lib.orphans import die_with

Part = Callable[[str, list[str]], None]
"""What a part does: its place, which its successors take over, and its arguments."""


def web(_place: str, arguments: list[str]) -> None:
    """The console, the API and the webhooks, half of them, in gunicorn, on the socket that is handed down: fd://N."""
    from core import log
    from scripts.lib.web_server import serve

    log.setup("web")
    serve(arguments[0])


def worker(topic: str, place: str) -> None:
    """The worker of one topic."""
    from core import log, settings
    from core.services import open_services
    from dispatch.wiring import build_wire
    from sms import worker as worker_module
    from sms.carriers.doors import open_gateways

    log.setup(f"worker-{topic}")
    services = open_services(settings.load())
    worker_module.run(topic, build_wire(services), open_gateways(services.settings), place)


def conductor(place: str, _arguments: list[str]) -> None:
    """The process that acts every second, until SIGTERM."""
    from core import log, settings
    from core.services import open_services
    from dispatch import conductor as conductor_module
    from dispatch.wiring import build_wire
    from sms.carriers.doors import open_gateways
    from sms.sender import Sender

    log.setup("conductor")
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    wire = build_wire(open_services(settings.load()))
    gateways = open_gateways(wire.services.settings)
    stand_in = Sender(wire, gateways, overdue_s=conductor_module.OVERDUE_S, place=place)
    conductor_module.run(wire, stand_in, gateways.log, stopping, gateways)


def live(_place: str, arguments: list[str]) -> None:
    """The stream of changes to open pages; HOST and PORT."""
    from console.live.process import main
    from core import log

    log.setup("live")
    main(arguments[0], int(arguments[1]))


def carrier(_place: str, arguments: list[str]) -> None:
    """The simulated carrier."""
    sys.argv = ["sms.simulated", *arguments]
    runpy.run_module("sms.simulated", run_name="__main__")


def program(_place: str, arguments: list[str]) -> None:
    """A program that is not ours, such as Redis: this process becomes it, and still dies with the supervisor."""
    os.execv(arguments[0], arguments)


PARTS: dict[str, Part] = {
    "web-1": web,
    "web-2": web,
    "worker-outbox": lambda place, _: worker("outbox", place),
    "worker-inbox": lambda place, _: worker("inbox", place),
    "conductor": conductor,
    "live": live,
    "carrier": carrier,
    "program": program,
}

_WEB = ("console.app", "scripts.lib.web_server")
_WORKER = ("dispatch.wiring", "sms.worker", "sms.carriers.doors")
CODE = {
    "web-1": _WEB,
    "web-2": _WEB,
    "worker-outbox": _WORKER,
    "worker-inbox": _WORKER,
    "conductor": ("dispatch.conductor", *_WORKER),
    "live": ("console.live.process",),
    "carrier": ("sms.simulated.carrier",),
}
"""What each part reads before it can begin."""
SELDOM = (10_000, 20, 50)
"""How often the garbage collector looks (gc.set_threshold). With Python's own numbers it looked through everything an answer
had read before the next one was handled: a tenth of the time."""


def preload(names: Iterable[str]) -> None:
    """Read the code of these parts, in their process or in one that is about to be copied into them."""
    with reading.undisturbed():
        for name in {*names} & {*CODE}:
            for module in CODE[name]:
                importlib.import_module(module)
    gc.set_threshold(*SELDOM)


def main() -> None:
    """Run the part that the command line names."""
    supervisor, place, name, *arguments = sys.argv[1:]
    run(int(supervisor), place, name, arguments)


def run(supervisor: int, place: str, name: str, arguments: list[str]) -> None:
    """Run a part for as long as the supervisor lives."""
    # Ctrl-C is for the supervisor; a part ends by SIGTERM. (Not SIG_IGN, which redis-server would inherit over its exec.)
    signal.signal(signal.SIGINT, lambda *_: None)
    die_with(supervisor)
    structlog.reset_defaults()  # a copy begins with what its supervisor set
    preload([name])
    PARTS[name](place, arguments)


if __name__ == "__main__":
    main()
