"""What the soak compares: the carrier's record and our ledger of one moment, and nothing that is missing goes unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core import clock
from core.database import Database
from core.services import Services
from scripts.benches import soak_checks
from scripts.benches.soak_record import Record, Said
from sms import received
from sms.models import Message
from sms.received import Told

PHONE = "+447700900001"


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """The comparison is the same whatever the database."""
    return empty_sqlite


def store(services: Services, carrier_id: str) -> None:
    form = {"MessageSid": carrier_id, "From": PHONE, "To": "+15005550006", "Body": "1"}
    with services.write() as session:
        received.put(session, Told("inbound", form, clock.now()))


def handle(services: Services, carrier_id: str) -> None:
    with services.write() as session:
        session.execute(update(Message).where(Message.carrier_id == carrier_id).values(handled_at=clock.now()))


def record_of(*carrier_ids: str) -> Record:
    return Record([], [Said(one, PHONE, "1", clock.now(), True) for one in carrier_ids], keys=0)


def test_what_is_said_while_the_two_are_read_is_no_answer_lost(services: Services) -> None:
    """A key is pressed after the record was read, and is stored but not handled yet in the ledger."""
    store(services, "SM1")
    handle(services, "SM1")
    store(services, "SM2")
    reads = 0

    def read_record() -> Record:
        nonlocal reads
        reads += 1
        if reads == 1:
            return record_of("SM1")
        handle(services, "SM2")
        return record_of("SM1", "SM2")

    record, ledger = soak_checks.at_one_moment(read_record, services, 30.0)
    assert [one.carrier_id for one in record.said] == ["SM1", "SM2"]
    assert soak_checks.compare(record, ledger, []).lost == []


@pytest.mark.parametrize(("is_stored", "kept"), [(True, "not handled"), (False, "not stored")])
def test_what_stays_missing_is_lost(services: Services, is_stored: bool, kept: str) -> None:
    if is_stored:
        store(services, "SM1")
    record, ledger = soak_checks.at_one_moment(lambda: record_of("SM1"), services, 0.0)
    (lost,) = soak_checks.compare(record, ledger, []).lost
    assert lost.startswith("SM1 ")
    assert lost.endswith(kept)
