"""What `scripts/start` may be told. Standard library only: it is read before anything is installed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.terminal import Parser

DEFAULT_PORT = 8000
PARTS = ("web", "live", "worker", "conductor")


@dataclass(frozen=True)
class StartOptions:
    """The flags as given; None where a flag was left out."""

    port: int | None
    data: Path | None
    host: str
    no_demo: bool
    simulate: bool
    headless_demo: bool
    only: str | None


def parse(arguments: Sequence[str]) -> StartOptions:
    """Read the command line; a wrong one ends the process with status 2 and one line on stderr."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.headless_demo and given.no_demo:
        parser.error("--headless-demo plays in the demo town, so --no-demo cannot go with it")
    if given.headless_demo and given.only:
        parser.error("--headless-demo runs everything, so --only cannot go with it")
    return StartOptions(
        port=given.port,
        data=given.data.absolute() if given.data else None,
        host=given.host,
        no_demo=given.no_demo,
        simulate=given.simulate,
        headless_demo=given.headless_demo,
        only=given.only,
    )


def _parser() -> Parser:
    parser = Parser(
        prog="scripts/start",
        description="Run Doorstep in the foreground: install and migrate what is needed, then run every process until Ctrl-C.",
        epilog="Without TWILIO_* settings the carrier is simulated and a demo town is loaded. Settings come from the"
        " environment or from .env; see README.md.",
    )
    parser.add_argument("--port", type=_port, metavar="N", help="port of console and API (8000); the live stream takes N + 1")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (var/; same as DATA_DIR)")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    parser.add_argument("--no-demo", action="store_true", help="do not load the demo town and its people")
    parser.add_argument("--simulate", action="store_true", help="use the simulated carrier whatever TWILIO_* says")
    parser.add_argument(
        "--headless-demo",
        action="store_true",
        help="play one emergency in the demo town, print it, stop; exit 0 when it was covered",
    )
    parser.add_argument(
        "--only",
        choices=PARTS,
        metavar="PART",
        help="run one part: web, live, worker or conductor; the machines share DATABASE_URL and REDIS_URL",
    )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65534:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; allowed are 1 to 65534 (the live stream takes the next one)")
    return int(text)
