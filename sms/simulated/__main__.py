"""`python -m sms.simulated --port N`: the simulated carrier as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

from core import log
from core.settings import Settings, WrongSetting, load
from sms.simulated.carrier import Carrier
from sms.simulated.model import Account, Mode


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; 2 when the settings name a real carrier or cannot be used."""
    wanted = _parser().parse_args(arguments)
    log.setup("carrier")
    try:
        settings = load()
    except WrongSetting as error:
        return _refuse(str(error))
    if not settings.simulating:
        return _refuse("TWILIO_ACCOUNT_SID is set: a real carrier is in use. SIMULATE=true plays all the same.")
    port = wanted.port if wanted.port is not None else urlsplit(settings.simulated_carrier_url).port
    if port is None:
        return _refuse("SIMULATED_CARRIER_URL: with a port, or give --port")
    try:
        asyncio.run(_serve(settings, wanted, port))
    except OSError as error:
        return _refuse(f"--port {port}: {error.strerror or error}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sms.simulated", description="The simulated carrier of Doorstep.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, help="default: the port of SIMULATED_CARRIER_URL")
    parser.add_argument("--seed", type=int, default=1, help="of all dice (default: %(default)s)")
    modes = [mode.value for mode in Mode]
    parser.add_argument("--autopilot", choices=modes, default=Mode.HUMAN.value, help="(default: %(default)s)")
    parser.add_argument("--journal", type=Path, metavar="DIR", help="keep everything there, and go on from it after a stop")
    return parser


async def _serve(settings: Settings, wanted: argparse.Namespace, port: int) -> None:
    mode = Mode(wanted.autopilot)
    carrier = Carrier(Account.of(settings), seed=wanted.seed, mode=mode, journal=wanted.journal)
    stopping = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, stopping.set)
    try:
        await carrier.start(wanted.host, port)
        await stopping.wait()
    finally:
        await carrier.stop()


def _refuse(why: str) -> int:
    sys.stderr.write(why + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
