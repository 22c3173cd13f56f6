"""The CSV import: what goes in, what is refused with line, column and reason, and that twice changes nothing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import HandClock
from core.events import Event
from core.services import Services
from responder import people
from responder.models import Certification, Place, ReachablePlace, Responder
from sms.models import Contact
from tests.responder.csv_files import refusals, row, run, write
from tests.responder.helpers import everything_stored, index_rows, put, rebuilt_index_rows


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_people_go_in_whole(services: Services, tmp_path: Path) -> None:
    work = {"work_address": "Kaivokatu 1", "work_hours": "Mo-Fr 08:00-16:00; PH off"}
    path = write(
        tmp_path,
        row(language="SV", night_alerts="Yes", calls="no", transport="Bike", **work),
        row(certification_type="first_aid", certification_number="", certification_expires=""),
        row(external_id="v2", name="Eero, Isokallio", phone="+358 40 7654321", certification_type=""
            , certification_number="", certification_expires=""),
    )  # fmt: skip
    report = run(services, path)
    assert report.refusals == []
    assert dict(report.people) == {"added": 2}
    with services.read() as session:
        person = people.find(session, "v1")
        assert person is not None
        assert (person.contact.phone, person.contact.language) == ("+358401234567", "sv")
        assert (person.night_alerts, person.calls, person.transport) == (True, False, "bike")
        assert sorted(place.kind for place in person.places) == ["home", "work"]
        assert {proof.type: proof.verified_by for proof in person.certifications} == {
            "cpr": "operator",
            "first_aid": "operator",
        }
        other = people.find(session, "v2")
        assert other is not None
        assert (other.name, other.certifications) == ("Eero, Isokallio", [])
        events = [(event.kind, event.data) for event in session.scalars(select(Event).order_by(Event.number))]
        assert events[-1] == ("responders_imported", {"added": 2, "changed": 0, "unchanged": 0, "refused_rows": 0})
        assert index_rows(session) == rebuilt_index_rows(session)


def test_the_same_file_twice_changes_nothing(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, row(work_address="Kaivokatu 1", work_hours="24/7"), row(external_id="v2", phone="0401111111"))
    run(services, path)
    with services.read() as session:
        before = everything_stored(session)
    report = run(services, path, actor="user:somebody else")
    assert dict(report.people) == {"unchanged": 2}
    with services.read() as session:
        after = everything_stored(session)
    assert [line for line in after.splitlines() if "responders_imported" not in line] == [
        line for line in before.splitlines() if "responders_imported" not in line
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, row(), row(external_id="v2"), row(external_id="v3", phone="0401111111"))
    with services.read() as session:
        before = everything_stored(session)
    dry = run(services, path, dry_run=True)
    with services.read() as session:
        assert everything_stored(session) == before
    real = run(services, path)
    assert (dry.people, dry.refusals, dry.not_at_night) == (real.people, real.refusals, real.not_at_night)
    assert list(dry.lines())[-2] == "Nothing was written. It would be: 2 added, 0 changed, 0 unchanged, 1 row refused"


def test_unverified_certificates_wait_and_a_verified_one_stays(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, row())
    run(services, path, unverified=True)
    with services.read() as session:
        assert session.scalars(select(Certification.verified_at)).all() == [None]
        assert session.scalars(select(ReachablePlace.certified)).all() == [""]
    assert dict(run(services, path).people) == {"changed": 1}
    assert dict(run(services, path, unverified=True).people) == {"unchanged": 1}
    with services.read() as session:
        assert session.scalars(select(Certification.verified_by)).all() == ["operator"]


def test_good_rows_of_a_person_are_not_lost_to_a_bad_one(services: Services, tmp_path: Path) -> None:
    run(services, write(tmp_path, row(), row(certification_type="medical")))
    report = run(
        services,
        write(tmp_path, row(name="Aino Uusi"), row(name="", certification_type="medical", certification_expires="soon")),
    )
    assert refusals(report) == [(3, "certification_expires")]
    assert dict(report.people) == {"changed": 1}
    with services.read() as session:
        assert session.scalars(select(Responder.name)).all() == ["Aino Uusi"]
        assert set(session.scalars(select(Certification.type))) == {"cpr", "medical"}, (
            "a slip of the pen takes no certificate away"
        )


def test_rows_that_contradict_each_other_are_all_refused(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, row(), row(external_id="v2", phone="0401111111"), row(name="Eero", certification_type="medical"))
    report = run(services, path)
    assert refusals(report) == [(2, ""), (4, "name")]
    assert "differs from line 2" in str(report.refusals[-1])
    assert dict(report.people) == {"added": 1}


def test_dates_with_the_day_first_are_read(services: Services, tmp_path: Path) -> None:
    run(services, write(tmp_path, row(certification_expires="30.6.2027", consent_at="5.1.2026")))
    assert dict(run(services, write(tmp_path, row(certification_expires="2027-06-30", consent_at="2026-01-05"))).people) == {
        "unchanged": 1
    }


def test_a_file_takes_away_no_place_that_it_has_no_columns_for(services: Services, tmp_path: Path) -> None:
    run(services, write(tmp_path, row(work_address="Kaivokatu 1", work_hours="24/7")))
    narrow = write(
        tmp_path, "v1,Aino,040 123 4567,Kaivokatu 1,2026-01-15", header="external_id,name,phone,home_address,consent_at"
    )
    assert dict(run(services, narrow).people) == {"changed": 1}
    with services.read() as session:
        assert sorted(session.scalars(select(Place.kind))) == ["home", "work"]
        assert session.scalars(select(Certification.type)).all() == ["cpr"]
        assert index_rows(session) == rebuilt_index_rows(session)
    run(services, write(tmp_path, row()))
    with services.read() as session:
        assert session.scalars(select(Place.kind)).all() == ["home"], "the columns are there, and empty"


def test_an_old_list_brings_no_consent_back_that_was_taken_back(services: Services, tmp_path: Path, clock: HandClock) -> None:
    run(services, write(tmp_path, row()))
    put(services, external_id="v1", consent_at=None)
    report = run(services, write(tmp_path, row()))
    assert refusals(report) == [(2, "consent_at")]
    assert "a consent since they took theirs back" in report.refusals[0].reason
    with services.read() as session:
        assert session.scalars(select(Responder.consent_at)).all() == [None]
        assert session.scalars(select(ReachablePlace.consented)).all() == [False]
    clock.turn(3600)
    again = write(tmp_path, row(consent_at=str(clock.now())))
    assert dict(run(services, again).people) == {"changed": 1}


def test_a_phone_that_two_people_in_the_file_claim(services: Services, tmp_path: Path) -> None:
    report = run(services, write(tmp_path, row(), row(external_id="v2", phone="+358 40 1234567")))
    assert [str(one) for one in report.refusals] == ["line 3, phone: a number of their own: in this file it belongs to v1"]


def test_a_phone_that_somebody_has_already(services: Services, tmp_path: Path) -> None:
    run(services, write(tmp_path, row()))
    report = run(services, write(tmp_path, row(external_id="v2")))
    assert refusals(report) == [(2, "phone")]
    with services.read() as session:
        assert count(session, Contact) == 1


def test_a_certificate_that_would_count_for_ever_is_told(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, row(), row(external_id="v2", phone="0401111111", certification_expires=""))
    told = "1 with a certificate that counts for ever (no last day); line 3"
    assert told in list(run(services, path, dry_run=True).lines())
    assert told in list(run(services, path).lines())
    assert told not in list(run(services, path, unverified=True).lines()), "whoever verifies it reads the day off it"


def test_a_number_that_nobody_is_known_to_have_is_taken_and_told(services: Services, tmp_path: Path) -> None:
    report = run(services, write(tmp_path, row(), row(external_id="v2", phone="040123")))
    assert dict(report.people) == {"added": 2}
    assert "1 taken with a number that nobody is known to have; look at line 3" in list(report.lines())
