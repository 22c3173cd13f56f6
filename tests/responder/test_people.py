"""Writing people down: what is stored, what stays, who is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from responder import availability, erasure, people
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Responder
from sms import contacts
from sms.models import Contact
from sms.wire import Wire
from tests.responder.helpers import KnownAddresses, complaints, index_rows, plain, plan_of, put, rebuilt_index_rows, statements

HOME = {"kind": "home", "lat": 60.1699, "lon": 24.9384}
WORK = {"kind": "work", "lat": 60.1713, "lon": 24.9415, "hours": "Mo-Fr 08:00-16:00; PH off"}


def found(session: Session, external_id: str = "v1") -> Responder:
    responder = people.find(session, external_id)
    assert responder is not None
    return responder


def test_a_new_person_is_stored_whole(services: Services, clock: HandClock) -> None:
    assert put(services, places=[HOME, WORK], night_alerts=True, calls=True, transport="bike").kind == "added"
    with services.read() as session:
        person = found(session)
        assert (person.name, person.contact.phone, person.contact.language) == ("Aino Ahonlampi", "+358401234567", "fi")
        assert (person.night_alerts, person.calls, person.transport) == (True, True, "bike")
        assert person.consent_at == datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
        proof = person.certifications[0]
        assert (proof.type, proof.number) == ("cpr", "C1")
        assert proof.expires_at == datetime(2027, 6, 30, 20, 59, 59, tzinfo=UTC)  # the last second of that day in Helsinki
        assert (proof.verified_at, proof.verified_by) == (clock.now(), "key:cad")
        assert [event.kind for event in session.scalars(select(Event))] == ["responder_added"]
        assert len(index_rows(session)) == 2


def test_what_is_left_out_has_plain_defaults(services: Services) -> None:
    person = plain()
    del person["language"], person["certifications"]
    people.upsert(
        services, KnownAddresses(), ResponderInput.read(person, Context.of(services.settings)), people.Manner("key:cad")
    )
    with services.read() as session:
        stored = found(session)
        assert (stored.contact.language, stored.transport, stored.night_alerts, stored.calls) == ("en", "foot", False, False)
        assert stored.certifications == []


def test_the_same_again_changes_nothing(services: Services, clock: HandClock) -> None:
    put(services, places=[HOME, WORK])
    clock.turn(3600)
    with services.read() as session:
        before = index_rows(session)
    assert put(services, places=[HOME, WORK]).kind == "unchanged"
    with services.read() as session:
        assert index_rows(session) == before
        assert len(session.scalars(select(Event)).all()) == 1


def test_what_is_left_out_stays_and_lists_are_replaced_whole(services: Services) -> None:
    put(services, places=[HOME, WORK], night_alerts=True, transport="car", available=False)
    changed = put(
        services,
        name="Aino Uusi",
        places=[WORK],
        certifications=[{"type": "first_aid"}],
    )
    assert changed.kind == "changed"
    with services.read() as session:
        person = found(session)
        assert (person.name, person.night_alerts, person.transport) == ("Aino Uusi", True, "car")
        assert not availability.is_available(person, person.created_at)
        assert [place.kind for place in person.places] == ["work"]
        assert [proof.type for proof in person.certifications] == ["first_aid"]
        event = session.scalars(select(Event).where(Event.kind == "responder_changed")).one()
        assert sorted(event.data["fields"]) == ["certifications", "name", "places"]
        assert "Uusi" not in repr(event.data)
        assert index_rows(session) == rebuilt_index_rows(session)


def test_a_renewed_certificate_is_verified_anew_and_an_old_one_keeps_its_verifier(services: Services, clock: HandClock) -> None:
    put(services)
    clock.turn(60)
    put(
        services,
        actor="key:other",
        certifications=[{"type": "cpr", "number": "C1", "expires": "2027-06-30"}, {"type": "medical"}],
    )
    with services.read() as session:
        by_type = {proof.type: proof.verified_by for proof in found(session).certifications}
    assert by_type == {"cpr": "key:cad", "medical": "key:other"}


def test_consent_can_be_withdrawn(services: Services) -> None:
    put(services)
    assert put(services, consent_at=None).kind == "changed"
    with services.read() as session:
        assert found(session).consent_at is None
        assert index_rows(session) == rebuilt_index_rows(session)


def test_a_phone_belongs_to_one_person(services: Services) -> None:
    put(services)
    with pytest.raises(Problem) as refusal:
        put(services, external_id="v2", name="Eero Isokallio")
    assert complaints(refusal.value) == {"/phone": "a number of their own: this one belongs to the responder v1"}
    with services.read() as session:
        assert people.find(session, "v2") is None
        assert len(session.scalars(select(Contact)).all()) == 1


def test_a_new_phone_takes_over_what_was_written_from_it(services: Services) -> None:
    put(services)
    with services.write() as session:
        contacts.ensure(session, "+358407654321", "en")
    assert put(services, phone="+358 40 7654321").kind == "changed"
    with services.read() as session:
        assert [contact.phone for contact in session.scalars(select(Contact))] == ["+358407654321"]


def test_whoever_is_being_erased_is_not_changed(services: Services) -> None:
    put(services)
    with services.write() as session:
        erasure.request(session, "v1", "key:cad")
    with pytest.raises(Problem) as refusal:
        put(services, name="Aino Uusi")
    assert refusal.value.status == 409


def test_off_and_on(services: Services, clock: HandClock) -> None:
    put(services)
    until = datetime(2026, 11, 24, tzinfo=UTC)
    with services.write() as session:
        availability.set_off(session, found(session), until)
    with services.read() as session:
        person = found(session)
        assert person.off_until == until
        assert not availability.is_available(person, clock.now())
        assert availability.is_available(person, until)
        assert index_rows(session) == rebuilt_index_rows(session)
    with services.write() as session:
        availability.set_on(session, found(session))
    with services.read() as session:
        assert availability.is_available(found(session), clock.now())
        kinds = [(event.kind, event.actor) for event in session.scalars(select(Event).order_by(Event.number))][1:]
        assert kinds == [("responder_off", "responder:1"), ("responder_on", "responder:1")]


def test_opting_out_reaches_the_index(services: Services) -> None:
    put(services)
    wire = Wire(services, opt_handlers=[availability.on_opt])
    for opted_out in (True, False):
        with services.write() as session:
            move = contacts.opt_out if opted_out else contacts.opt_in
            move(wire, session, found(session).contact)
        with services.read() as session:
            rows = [row._mapping["opted_out"] for row in session.execute(select(people.index.ReachablePlace.__table__))]
            assert rows == [opted_out]


def test_an_address_is_looked_up_and_kept(services: Services) -> None:
    put(services, places=[{"kind": "home", "address": "Kaivokatu 1"}])
    with services.read() as session:
        place = found(session).places[0]
        assert (place.address, place.lat, place.lon) == ("Kaivokatu 1", 60.1713, 24.9415)


@pytest.mark.parametrize(
    ("address", "says", "offers"),
    [("Nowhere 1", "no such address", 0), ("Kirkkokatu", "several addresses fit", 2)],
)
def test_an_address_is_never_guessed(services: Services, address: str, says: str, offers: int) -> None:
    place = {"kind": "work", "address": address, "hours": "24/7"}
    with pytest.raises(Problem) as refusal:
        put(services, places=[HOME, place])
    assert says in complaints(refusal.value)["/places/1/address"]
    assert len(refusal.value.extra["matches"]) == offers


def test_somebody_is_found_without_looking_at_everybody(services: Services) -> None:
    """For the sake of an order SQLite went through the whole agency, for each person that was written."""
    if not services.database.is_sqlite:
        pytest.skip("PostgreSQL plans by how many there are: here too few")
    with statements(services) as said, services.read() as session:
        people.find_all(session, ["V1", "V2"], lock=True)
    plan = plan_of(services, next(one for one in said if "FROM responders" in one[0]))
    assert not [step for step in plan if "ix_responders" in step or step.startswith("SCAN")], plan
    assert any("agency_id=? AND external_id=?" in step for step in plan), plan
