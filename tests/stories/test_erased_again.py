"""What was erased because somebody asked for it is erased again when an old backup comes back with it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from core import clock as clocks
from core.problems import Problem
from dispatch.models import Alarm, Incident
from dispatch.retention import asked, forgotten_list, incidents, strangers
from dispatch.retention.models import ErasedOnRequest
from sms.models import Contact, Message, MessageStatus
from tests.stories.kept import CALLER, NOTES, STRANGER, stored, story, stranger
from tests.stories.town import Town


def test_what_was_erased_on_request_is_erased_again_after_a_restore(town: Town) -> None:
    """As if the day before were back: the row holds again what it held, the list beside the database knows better."""
    story(town)
    incident_id = town.incidents[-1]
    with town.services.write() as session:
        incidents.forget(session, incident_id, "user:admin")
    assert NOTES not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0
    with town.services.write() as session:
        back = session.get_one(Incident, incident_id)
        back.forgotten_at, back.access_notes, back.caller_phone = None, NOTES, CALLER
    assert forgotten_list.keep(town.services) == 1
    assert NOTES not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0


def erase_texts_of(town: Town, wanted: asked.Asked) -> int:
    with town.services.write() as session:
        return strangers.erase_texts(session, asked.texts_of(session, town.services.settings, wanted))


def test_a_stranger_who_wished_to_join_is_found_and_erased_and_stays_so_after_a_restore(town: Town) -> None:
    """Their JOIN has made a contact of the number, and our answer is a text to it."""
    wanted = stranger(town, "JOIN", "private words")
    town.clock.turn(3600)
    with town.services.read() as session:
        before = session.execute(select(Message.__table__)).mappings().all()
        contact = session.execute(select(Contact.__table__)).mappings().one()
    assert sorted(one["direction"] for one in before) == ["in", "in", "out"]
    assert erase_texts_of(town, wanted) == 3
    for secret in (STRANGER, "private words"):
        assert secret not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0
    with town.services.write() as session:  # as if the day before were back
        for table in (ErasedOnRequest, MessageStatus, Message):
            session.execute(delete(table))
        session.execute(insert(Contact.__table__), [dict(contact)])
        session.execute(insert(Message.__table__), [dict(one) for one in before[1:]])
    assert forgotten_list.keep(town.services) == 2
    assert STRANGER not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0
    with town.services.read() as session:
        assert len(session.scalars(select(ErasedOnRequest.key)).all()) == 3, "of the third there is nothing to do"


def test_a_report_that_was_erased_is_erased_again_and_none_that_came_to_have_its_number(town: Town) -> None:
    with pytest.raises(Problem):
        town.emergency(address="Nowhere Street 1", caller_phone=CALLER)
    with town.services.write() as session:
        session.execute(update(Alarm).values(acknowledged_at=clocks.now(), settled_as="dismissed"))
        row = dict(session.execute(select(Alarm.__table__)).mappings().one())
        assert strangers.erase_report(session, row["id"])
        assert not strangers.erase_report(session, row["id"])
    forgotten_list.keep(town.services)
    for came, stays in ((row, False), (row | {"raised_at": row["raised_at"] - timedelta(seconds=1)}, True)):
        with town.services.write() as session:
            session.execute(delete(ErasedOnRequest))
            session.execute(insert(Alarm.__table__), [came])
        assert forgotten_list.keep(town.services) == (0 if stays else 1)
        assert ("Nowhere Street" in stored(town.services)) is stays


def test_what_stands_red_or_is_open_in_the_backup_waits(town: Town) -> None:
    with pytest.raises(Problem):
        town.emergency(address="Nowhere Street 1", caller_phone=CALLER)
    with town.services.write() as session:
        alarm = session.scalars(select(Alarm)).one()
        report = {"what": strangers.REPORT, "key": str(alarm.id), "made_at": alarm.raised_at.isoformat()}
    path = town.services.settings.data_dir / forgotten_list.FILE
    path.write_text(json.dumps(report) + "\nbroken\n{}\n")
    assert forgotten_list.keep(town.services) == 0
    assert CALLER in stored(town.services)
    with town.services.write() as session:
        session.execute(update(Alarm).values(acknowledged_at=clocks.now()))
    assert forgotten_list.keep(town.services) == 1
    assert CALLER not in stored(town.services)
