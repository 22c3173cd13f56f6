"""Writing people down: what is stored, what stays, who is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from responder import availability, erasure, people
from responder.fields import Context
from responder.input import ResponderInput, locate
from responder.models import Responder
from sms import contacts
from sms.models import Contact
from sms.wire import Wire
from tests.responder.helpers import KnownAddresses, complaints, index_rows, plain, put, rebuilt_index_rows

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


def bad(pointer: str, says: str, **changes: Any) -> Any:
    name = next(iter(changes), "")
    return pytest.param(changes, pointer, says, id=f"{pointer} {changes.get(name)!r}"[:70])


def home(**changes: Any) -> list[dict[str, Any]]:
    return [HOME | changes]


def proof(**changes: Any) -> list[dict[str, Any]]:
    return [{"type": "cpr"} | changes]


BAD = [
    bad("/external_id", "at least 1", external_id=" "),
    bad("/external_id", "at most 80", external_id="x" * 81),
    bad("/external_id", "does not begin with erased-", external_id="erased-4"),
    bad("/external_id", "U+000A", external_id="a\nb"),
    bad("/name", "at least 1", name=""),
    bad("/name", "at most 200", name="x" * 201),
    bad("/name", "U+0000", name="a\0b"),
    bad("/name", "string", name="\ud800"),
    bad("/name", "string", name=7),
    bad("/name", "string", name=None),
    bad("/phone", "not a phone number", phone="hello"),
    bad("/phone", "this many digits", phone="12"),
    bad("/phone", "letters", phone="0800 HELP"),
    bad("/phone", "at least 1", phone=""),
    bad("/phone", "string", phone=358401234567),
    bad("/language", "'en', 'sv' or 'fi'", language="de"),
    bad("/places", "at least 1", places=[]),
    bad("/places", "at most 2", places=[HOME, WORK, HOME]),
    bad("/places", "home is given twice", places=[HOME, HOME]),
    bad("/places", "list", places="home"),
    bad("/places/0/kind", "'home' or 'work'", places=home(kind="cabin")),
    bad("/places/0/lat", "less than or equal to 90", places=home(lat=90.1)),
    bad("/places/0/lat", "greater than or equal to -90", places=home(lat=-91)),
    bad("/places/0/lat", "finite", places=home(lat=float("nan"))),
    bad("/places/0/lat", "number", places=home(lat="60.1")),
    bad("/places/0/lat", "number", places=home(lat=True)),
    bad("/places/0/lon", "less than or equal to 180", places=home(lon=181)),
    bad("/places/0/lon", "finite", places=home(lon=float("inf"))),
    bad("/places/0/lon", "0,0 lies in the sea", places=home(lat=0, lon=0)),
    bad("/places/0/lon", "go together", places=home(lon=None)),
    bad("/places/0/lon", "go together", places=[{"kind": "home", "lat": 60.1, "address": "Kaivokatu 1"}]),
    bad("/places/0/address", "an address, or lat and lon", places=[{"kind": "home"}]),
    bad("/places/0/address", "at most 200", places=home(address="x" * 201)),
    bad("/places/0/hours", "cannot be read from '9-17' on", places=home(hours="Mo-Fr 9-17")),
    bad("/places/0/hours", "repeat every week", places=home(hours="Jan 10:00-12:00")),
    bad("/places/0/hours", "at least 1", places=home(hours=" ")),
    bad("/places/0/hours", "a work place needs its hours", places=[WORK | {"hours": None}]),
    bad("/places/0/hours", "a work place needs its hours", places=[{"kind": "work", "lat": 60.1, "lon": 24.9}]),
    bad("/places/0/floor", "not permitted", places=home(floor=3)),
    bad("/certifications/0/type", "'criminal_record'", certifications=proof(type="juggling")),
    bad("/certifications/0/type", "required", certifications=[{"number": "1"}]),
    bad("/certifications/0/number", "at most 80", certifications=proof(number="x" * 81)),
    bad("/certifications/0/issuer", "at most 120", certifications=proof(issuer="x" * 121)),
    bad("/certifications/0/issued", "not in the future", certifications=proof(issued="2026-11-24")),
    bad("/certifications/0/expires", "written like 2026-12-31", certifications=proof(expires="31.12.2026")),
    bad("/certifications/0/expires", "written like 2026-12-31", certifications=proof(expires=20261231)),
    bad("/certifications/0/expires", "day is out of range", certifications=proof(expires="2026-02-30")),
    bad("/certifications/0/expires", "a year from 1950 to 2200", certifications=proof(expires="9999-12-31")),
    bad("/certifications/0/expires", "not before issued", certifications=proof(issued="2026-05-01", expires="2026-04-30")),
    bad("/certifications", "given twice", certifications=[*proof(), *proof()]),
    bad("/certifications", "at most 50", certifications=[*(proof(number=str(n))[0] for n in range(51))]),
    bad("/consent_at", "not in the future", consent_at="2026-11-23T12:00:01Z"),
    bad("/consent_at", "not in the future", consent_at="2026-11-24"),
    bad("/consent_at", "written like", consent_at="yes"),
    bad("/consent_at", "written like", consent_at="2026-11-01T10:00:00"),
    bad("/consent_at", "written like", consent_at=1700000000),
    bad("/consent_at", "a year from 1950", consent_at="0001-01-01T00:00:00+14:00"),
    bad("/consent_at", "month must be in", consent_at="2026-13-01"),
    bad("/night_alerts", "boolean", night_alerts="yes"),
    bad("/calls", "boolean", calls=1),
    bad("/available", "boolean", available="no"),
    bad("/transport", "'foot', 'bike' or 'car'", transport="boat"),
    bad("/colour", "not permitted", colour="red"),
]


@pytest.mark.parametrize(("changes", "pointer", "says"), BAD)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_bad_input_is_refused_by_name(services: Services, changes: dict[str, Any], pointer: str, says: str) -> None:
    with pytest.raises(Problem) as refusal:
        locate(ResponderInput.read(plain(**changes), Context.of(services.settings)), KnownAddresses())
    assert refusal.value.status == 422
    assert says in complaints(refusal.value)[pointer]


@pytest.mark.parametrize("name", ["external_id", "name", "phone", "places", "consent_at"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_needed_is_needed(services: Services, name: str) -> None:
    data = plain()
    del data[name]
    with pytest.raises(Problem) as refusal:
        ResponderInput.read(data, Context.of(services.settings))
    assert complaints(refusal.value) == {f"/{name}": "Field required"}
