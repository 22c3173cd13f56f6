"""How long an admin waits for each page of the people, at 10,000 and at 100,000 of them, beside a page that shows nobody.

Each page is asked for by itself, signed in, of the whole application in this process; what the network adds is not in it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from console.accounts import csrf, sessions
from console.app import create_app
from console.models import User
from console.tables import METADATA
from core import clock, settings
from core.services import Services, open_services
from responder.bulk import deeds
from responder.filters import Alerts, Availability, Certificate, Heard
from responder.listing import End, Sort
from responder.models import Responder
from responder.standing import Standing
from scripts.benches import pages_town, postgresql
from scripts.benches.report import Fact, Row, row
from scripts.lib.bench_options import BenchOptions

SIZES = ((10_000, 300), (100_000, 600))
"""How many people, and the milliseconds within which 95 of 100 pages are there."""
RUNS = 20


def run(options: BenchOptions) -> Iterator[Row | Fact]:
    """Both sizes, each in a folder of its own."""
    for people, bar_ms in SIZES:
        yield from of_size(options, people, bar_ms)


def of_size(options: BenchOptions, people: int, bar_ms: float) -> Iterator[Row | Fact]:
    """Every page with so many people; the slowest of them last, beside its bar."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-bench-", ignore_cleanup_errors=True)))
        url = stack.enter_context(postgresql.running()).url if options.postgresql else options.database_url
        os.environ["DATA_DIR"] = str(folder)
        os.environ["DATABASE_URL"] = url or f"sqlite:///{folder}/pages.sqlite3"
        services = open_services(settings.load())
        stack.callback(services.database.close)
        METADATA.create_all(services.database.engine)
        pages_town.fill(services, people)
        visit = _signed_in(create_app(services), services)
        timed = [_timed(f"{people:,} people: {name}", visit, path_of) for name, path_of in _pages(services, people, visit)]
        yield from (one for one, _ in timed)
        slowest_ms = max(one.p95_ms for one, _ in timed)
        yield Fact("pages", f"{people:,} people: slowest p95", slowest_ms, "ms", f"< {bar_ms}", slowest_ms < bar_ms)
        # What a machine that is busy with other work does not add to.
        yield Fact("pages", f"{people:,} people: slowest p95 of the processor's own time", max(own for _, own in timed), "ms")


def _signed_in(app: Flask, services: Services) -> FlaskClient:
    with services.write() as session:
        user = User(name="bench", role="admin", password_hash="-", password_given=False, theme="auto", created_at=clock.now())
        session.add(user)
        session.flush()
        cookie = sessions.begin(session, user, "127.0.0.1", "bench")
    client = app.test_client()
    client.set_cookie(sessions.COOKIE, cookie)
    client.environ_base["HTTP_" + csrf.HEADER.upper().replace("-", "_")] = csrf.token(services.settings.secret, cookie)
    return client


PathOf = Callable[[int], str]
"""The address of the nth look at a page."""


def _always(path: str) -> PathOf:
    return lambda _: path


def _among(people: int, path: str) -> PathOf:
    """`path` with the row of somebody, each time somebody else's."""
    return lambda n: path.format(_row(people, n))


def _row(people: int, n: int) -> int:
    return people * (n + 1) // (RUNS + 2)


def _far_behind(services: Services, people: int, sort: Sort) -> PathOf:
    """The page of the list after somebody, each time somebody else."""

    def path(n: int) -> str:
        with services.read() as session:
            end = End.at(session.get_one(Responder, _row(people, n)), sort)
        return f"/people?sort={sort}&after={quote(str(end))}"

    return path


def _pages(services: Services, people: int, visit: FlaskClient) -> Iterator[tuple[str, PathOf]]:
    yield "a page that shows nobody", _always("/runbook")
    yield from _lists(services, people)
    yield "one person", _among(people, "/people/{}")
    yield "form of one person", _among(people, "/people/{}/edit")
    for path in ("certificates", "waiting", "certificate-kinds", "new", "import"):
        yield path, _always(f"/people/{path}")
    for deed in (deeds.SUSPEND, deeds.ASK_PROOF):
        wanted = {"deed": deed, "because": "bench", "scope": "found", "standing": "ready"}
        yield f"preview of many, {deed}", _always(visit.post("/people/bulk", data=wanted).location)


def _lists(services: Services, people: int) -> Iterator[tuple[str, PathOf]]:
    yield "list", _always("/people")
    for sort in Sort:
        yield f"list by {sort}, far behind", _far_behind(services, people, sort)
    narrow = {"standing": Standing, "certificate": Certificate, "availability": Availability, "heard": Heard, "alerts": Alerts}
    for name, kind in narrow.items():
        for value in kind:
            yield f"list, {name} {value}", _always(f"/people?{name}={value}")
    searches = {"one letter": "a", "two words": "aino virt", "phone": "040 000", "nobody": "zzz", "certificate": "C-4711"}
    for name, text in searches.items():
        yield f"search, {name}", _always(f"/people?q={text}")
    yield "list, part of town", lambda n: f"/people?area=District {n % 5}"
    together = "q=aino&standing=ready&alerts=none&heard=30&availability=on&area=District 3"
    yield "list, many at once", _always(f"/people?{together}")


def _timed(what: str, visit: FlaskClient, path_of: PathOf) -> tuple[Row, float]:
    """How long it takes, and the p95 of the time that this process worked for it, in milliseconds."""
    waited_s, worked_s = [], []
    for number in range(-1, RUNS):  # the first look, which fills what is kept, is not counted
        path, started, worked = path_of(max(0, number)), time.perf_counter(), time.process_time()
        answer = visit.get(path)
        if number >= 0:
            waited_s.append(time.perf_counter() - started)
            worked_s.append(time.process_time() - worked)
        assert answer.status_code == 200, f"{what}: {answer.status_code}"
    return row("pages", what, waited_s), row("pages", what, worked_s).p95_ms
