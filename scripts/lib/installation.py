"""What a start works out before anything runs: settings, addresses, the data folder, the database."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

from console.live import address
from core.services import Services, open_services
from core.settings import Settings
from dispatch import plans
from scripts.lib import guards, ports, redis_server, town
from scripts.lib.bootstrap import ROOT
from scripts.lib.children import Part
from scripts.lib.first_things import migrate, read_settings
from scripts.lib.start_options import DEFAULT_PORT, StartOptions
from scripts.lib.terminal import say

OUTSIDE = (
    "DATABASE_URL",
    "REDIS_URL",
    "PUBLIC_URL",
    "LIVE_URL",
    "SECRET_KEY",
    "GEOCODER_URL",
    "OPERATOR_ALERT",
    "SIMULATED_CARRIER_URL",
)
"""Settings that reach out of the folder that a demonstration has for itself."""


@dataclass(frozen=True)
class Installation:
    """Everything the supervisor needs to know."""

    services: Services
    parts: tuple[Part, ...]
    url: str
    has_town: bool

    @property
    def settings(self) -> Settings:
        """The settings that the children read as well."""
        return self.services.settings


def prepare(options: StartOptions, stack: ExitStack) -> Installation:
    """Settle everything and bring the database up to date. `stack` holds what must be given back at the end.

    Raises Refusal with the one line to print. The environment of this process, which the children inherit, then holds the
    settings that were worked out.
    """
    read_settings()
    if options.headless_demo and options.data is None:
        _move_into_own_folder(stack)
    host, port = options.host, options.port or (ports.free(2) if options.headless_demo else DEFAULT_PORT)
    settings = _settle(options, host, port)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    stack.enter_context(guards.lock_folder(settings.data_dir, options.only or "all"))
    if options.only in (None, "web"):
        ports.claim(host, port)
    if options.only in (None, "live"):
        ports.claim(host, port + 1)
    guards.check_carrier(settings)
    parts = _parts(options, settings, host, port)
    services = open_services(read_settings())
    stack.callback(services.database.close)
    has_town = _bring_up_to_date(services, options)
    return Installation(services, parts, _local_url(host, port), has_town)


def _move_into_own_folder(stack: ExitStack) -> None:
    """A folder of the demonstration's own: no .env, and no setting that reaches anything of a real installation."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-demo-", ignore_cleanup_errors=True))
    for name in [name for name in os.environ if name in OUTSIDE or name.startswith("TWILIO_")]:
        del os.environ[name]
    os.environ["DATA_DIR"] = folder
    stack.callback(os.chdir, ROOT)
    os.chdir(folder)


def _settle(options: StartOptions, host: str, port: int) -> Settings:
    if options.simulate or options.headless_demo:
        os.environ["SIMULATE"] = "true"
    settings = read_settings()
    os.environ["DATA_DIR"] = str(settings.data_dir.absolute())
    if "public_url" not in settings.model_fields_set:
        os.environ["PUBLIC_URL"] = _local_url(host, port)
    if "live_url" not in settings.model_fields_set:
        os.environ["LIVE_URL"] = _live_url(read_settings().public_url, port + 1)
    if settings.simulating and "simulated_carrier_url" not in settings.model_fields_set:
        # With --only, the parts on their own must agree without asking each other.
        carrier_port = port + 2 if options.only else ports.free()
        os.environ["SIMULATED_CARRIER_URL"] = f"http://127.0.0.1:{carrier_port}"
    return read_settings()


def _local_url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _live_url(public_url: str, port: int) -> str:
    """The stream's own port on the console's host. Whoever gave the console https has a proxy before it, handing on /live."""
    parts = urlsplit(public_url)
    if parts.scheme == "https":
        return f"{public_url}{address.PATH}"
    host = parts.hostname or ""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _parts(options: StartOptions, settings: Settings, host: str, port: int) -> tuple[Part, ...]:
    parts = {
        "web": [Part(f"web-{number}", address=(host, port)) for number in (1, 2)],
        "worker": [Part("worker-outbox"), Part("worker-inbox")],
        "conductor": [Part("conductor")],
        "live": [Part("live", (host, str(port + 1)))],
    }
    wanted = parts[options.only] if options.only else [part for group in parts.values() for part in group]
    if settings.simulating and options.only in (None, "web"):
        wanted.append(_carrier(options, settings))
    if settings.redis_url is None and (redis := _redis(options, settings)):
        wanted.append(redis)
    return tuple(sorted(wanted, key=lambda part: part.layer))


def _carrier(options: StartOptions, settings: Settings) -> Part:
    port = settings.simulated_carrier_url.rpartition(":")[2]
    mode = ("--autopilot", "headless") if options.headless_demo else ()
    return Part("carrier", ("--port", port, "--journal", str(settings.data_dir / "carrier"), *mode), layer=0, writes=False)


def _redis(options: StartOptions, settings: Settings) -> Part | None:
    if options.only:
        say(f"REDIS_URL is not set, so --only {options.only} wakes nobody: the conductor does the work up to a second later.")
        return None
    server = redis_server.obtain()
    if server is None:
        say("No redis-server >= 6.2 here: the conductor wakes nobody and does the work up to a second later. Install Redis.")
        return None
    folder = redis_server.socket_folder(settings.data_dir)
    os.environ["REDIS_URL"] = redis_server.url(folder)
    return Part("redis", tuple(redis_server.command(server, folder)), layer=0, quiet=True, foreign=True, writes=False)


def _bring_up_to_date(services: Services, options: StartOptions) -> bool:
    migrate(services)
    with services.write() as session:
        if options.headless_demo:
            guards.check_no_real_people(session, services.settings)
        plans.ensure_shipped(session)
    if services.settings.simulating and not options.no_demo:
        return town.ensure(services, with_map=not options.headless_demo)
    return False
