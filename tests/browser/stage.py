"""What all browser tests of a process share: the served application, the carrier, the stream, who is signed in."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select
from werkzeug.serving import WSGIRequestHandler, make_server

from console.accounts import sessions, users
from console.app import create_app
from console.tables import METADATA
from core.database import Database
from core.services import Services
from core.settings import Settings
from sms.simulated.thread import CarrierThread
from tests.browser import stream, town
from tests.browser.engine import Bell, Engine

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROLES = ("dispatcher", "admin", "auditor")
PASSWORD = "a password for tests only"
NOT_RESTORED = ("events", "heartbeats")
"""The numbers of events only ever rise; and who is alive is so in the next test too."""

Rows = dict[str, list[dict[str, Any]]]


class Quiet(WSGIRequestHandler):
    """Says nothing on the terminal, and keeps connections open as the real server does."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@dataclass
class Stage:
    """What lives as long as the test process: the served application, the carrier, the engine, who is signed in."""

    services: Services
    url: str
    carrier: CarrierThread
    engine: Engine
    cookies: dict[str, str]
    town: Rows
    live: stream.Stream

    def restore(self) -> None:
        """The town as it was built."""
        with self.services.write() as session:
            kept = [table for table in METADATA.sorted_tables if table.name not in NOT_RESTORED]
            for table in reversed(kept):
                session.execute(delete(table))
            for table in kept:
                if self.town[table.name]:
                    session.execute(insert(table), self.town[table.name])
        self.services.settings_changed()
        assert self.services.settings


@contextmanager
def open_stage(settings: Settings, database: Database) -> Iterator[Stage]:
    """The application over an empty SQLite database with every table, served, with the carrier beside it."""
    bell = Bell()
    services = Services(settings, database, bell)
    with ExitStack() as stack:
        carrier = stack.enter_context(CarrierThread(services.settings))
        server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=Quiet)
        url = f"http://127.0.0.1:{server.server_port}"
        port = stream.free_port()
        live_url = f"http://127.0.0.1:{port}"
        own = _with_settings(services, public_url=url, live_url=live_url, simulated_carrier_url=carrier.base_url)
        town.build(own)
        cookies = _sign_in(own)
        server.app = _closing_what_it_opened(create_app(own))
        carrier.use_inbound_url(f"{url}/sms/inbound")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="site", daemon=True)
        thread.start()
        stack.callback(thread.join, 5)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        live = stack.enter_context(stream.serve(own, port))
        engine = Engine(own, bell)
        engine.start()
        stack.callback(engine.stop)
        yield Stage(own, url, carrier, engine, cookies, _rows(own), live)


def _closing_what_it_opened(app: WSGIApplication) -> WSGIApplication:
    """Werkzeug's server, which serves tests alone, looks at the connection once more before it closes what it has sent, and
    never does where a browser has gone away meanwhile."""

    def closed_at_last(body: Iterable[bytes]) -> Iterator[bytes]:
        with ExitStack() as stack:
            stack.callback(getattr(body, "close", lambda: None))
            yield from body

    return lambda environ, start_response: closed_at_last(app(environ, start_response))


def _with_settings(services: Services, **changes: Any) -> Services:
    settings = services.settings.model_copy(update=changes)
    settings.__dict__.pop("carrier", None)
    return replace(services, settings=settings)


def _sign_in(services: Services) -> dict[str, str]:
    """A user of each role, named as the role, each signed in once for the whole stage."""
    cookies = {}
    for role in ROLES:
        with services.write() as session:
            user = users.add(session, role, role, PASSWORD, "operator", given=False)
            cookies[role] = sessions.begin(session, user, "127.0.0.1", "tests")
    return cookies


def _rows(services: Services) -> Rows:
    with services.read() as session:
        return {
            table.name: [dict(row) for row in session.execute(select(table)).mappings()] for table in METADATA.sorted_tables
        }


def _not_yet(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Not yet", [])
    return []
