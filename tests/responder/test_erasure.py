"""Erasing a person: nothing that tells who they were is left in any table, and what counts them stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock as core_clock
from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from responder import erasure, people
from responder.models import ReachablePlace, Responder
from sms.models import CANCELLED, CLAIMED, DUE, IN, OUT, TAKEN, UNKNOWN, Message
from tests.responder.helpers import everything_stored, plain, put

PHONE = "+358401234567"
SECRETS = ("Aino", "Ahonlampi", PHONE, "1234567", "Kaivokatu", "C-4711", "Red Cross", "v1", "60.1713", "private words")


def full(services: Services) -> int:
    """A person with everything that a person can have, and texts in every state; the row's number."""
    outcome = put(
        services,
        places=[
            {"kind": "home", "address": "Kaivokatu 1"},
            {"kind": "work", "address": "Kaivokatu 1", "hours": "Mo-Fr 08:00-16:00"},
        ],
        certifications=[{"type": "medical", "number": "C-4711", "issuer": "Red Cross", "issued": "2025-01-01"}],
    )
    with services.write() as session:
        contact_id = session.scalars(select(Responder.contact_id)).one()
        for number, state in enumerate((DUE, CLAIMED, UNKNOWN, TAKEN, None, None)):
            session.add(
                Message(
                    id=f"m{number}",
                    direction=OUT if state else IN,
                    contact_id=contact_id if number < 5 else None,  # the last came before the number was known
                    phone=PHONE,
                    body="private words of Aino",
                    purpose="first",
                    state=state,
                    created_at=core_clock.now(),
                )
            )
    return outcome.responder_id


def state_of(session: Session, message_id: str) -> str | None:
    return session.scalars(select(Message.state).where(Message.id == message_id)).one()


def test_no_trace_is_left_in_any_table(services: Services) -> None:
    number = full(services)
    with services.read() as session:
        before = everything_stored(session)
    assert all(secret in before for secret in SECRETS)
    with services.write() as session:
        erasure.erase(session, "v1", "key:cad")
    with services.read() as session:
        after = everything_stored(session)
        assert [secret for secret in SECRETS if secret in after.replace(f"'erased-{number}'", "")] == []
        assert people.find(session, "v1") is None
        assert session.scalars(select(ReachablePlace)).all() == []
        event = session.scalars(select(Event).order_by(Event.number.desc())).first()
        assert event is not None
        assert (event.kind, event.actor, event.responder_id, event.data) == ("responder_erased", "key:cad", number, {})


def test_what_counts_stays_and_nothing_more_is_sent(services: Services) -> None:
    number = full(services)
    with services.write() as session:
        erasure.erase(session, "v1", "key:cad")
    with services.read() as session:
        ghost = session.get(Responder, number)
        assert ghost is not None
        assert ghost.contact.opted_out_at is not None
        assert [state_of(session, f"m{n}") for n in range(4)] == [CANCELLED, CANCELLED, CANCELLED, TAKEN]
        assert len(session.scalars(select(Message)).all()) == 6


def test_the_same_person_can_come_back_as_somebody_new(services: Services) -> None:
    number = full(services)
    with services.write() as session:
        erasure.erase(session, "v1", "key:cad")
    again = put(services)
    assert again.kind == "added"
    assert again.responder_id != number
    with services.write() as session:
        erasure.erase(session, "v1", "key:cad")
    with services.read() as session:
        assert PHONE not in everything_stored(session)


def test_nobody_is_erased_twice(services: Services) -> None:
    full(services)
    for external_id in ("v2", ""):
        with services.write() as session, pytest.raises(Problem) as refusal:
            erasure.erase(session, external_id, "key:cad")
        assert refusal.value.status == 404
    with services.write() as session:
        erasure.erase(session, "v1", "key:cad")
    with services.write() as session, pytest.raises(Problem):
        erasure.request(session, "v1", "key:cad")


def test_during_a_callout_it_waits_for_its_end(services: Services, clock: HandClock) -> None:
    number = full(services)
    with services.write() as session:
        assert not erasure.erase_if_requested(session, number)
        erasure.request(session, "v1", "key:cad")
    with services.read() as session:
        person = people.find(session, "v1")
        assert person is not None
        assert person.erase_requested_at == clock.now()
        assert person.name == plain()["name"]
    with services.write() as session:
        assert erasure.erase_if_requested(session, number)
    with services.write() as session:
        assert not erasure.erase_if_requested(session, number)
        assert not erasure.erase_if_requested(session, 999)
    with services.read() as session:
        assert "Ahonlampi" not in everything_stored(session)


def test_erasing_reads_what_is_in_the_database_now(services: Services) -> None:
    """The person's object may have been loaded before another transaction changed the row."""
    number = full(services)
    with services.write() as session:
        erasure.request(session, "v1", "key:cad")
    with services.write() as session:
        session.get(Responder, number)
        session.execute(
            update(Responder)
            .where(Responder.id == number)
            .values(erase_requested_at=None)
            .execution_options(synchronize_session=False)
        )
        assert not erasure.erase_if_requested(session, number)
