"""Certificates that end, new ones that wait: who is asked follows from dates, whatever else runs or does not."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from core import clock as clocks
from dispatch import certificate_texts
from responder import standing
from responder.certificates import verifying
from responder.certificates.files import Proof
from responder.certificates.submitting import submit
from responder.certificates.verifying import Read
from responder.models import Certification, Responder
from tests.people.proofs import paper, picture
from tests.stories.own_page import Phone, link_in
from tests.stories.test_gates import chosen
from tests.stories.town import Town, Volunteer

TWO_TO_MIDNIGHT = datetime(2026, 11, 23, 21, 58, tzinfo=UTC)
"""In Helsinki, where the certificates are from."""
DAY_S = 86_400
ENDS_TODAY = [{"type": "cpr", "expires": "2026-11-23"}]
A_PDF = Proof("application/pdf", paper())


def sends_a_proof(town: Town, volunteer: Volunteer) -> int:
    with town.services.write() as session:
        return submit(session, _person(session, volunteer), "cpr", A_PDF).id


def _person(session: Session, volunteer: Volunteer) -> Responder:
    return session.scalars(select(Responder).where(Responder.name == volunteer.name)).one()


def is_asked(town: Town, volunteer: Volunteer) -> bool:
    """Whether they are asked when something happens now; it is over at once."""
    town.emergency()
    asked = volunteer.name in town.asked()
    if asked:
        volunteer.gets("CARDIAC")
    town.close("mistaken")
    if asked:
        volunteer.gets("over")
    return asked


def test_who_accepts_at_23_59_with_a_certificate_of_that_day_is_helped_to_the_end(town: Town) -> None:
    town.clock.set(TWO_TO_MIDNIGHT)
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    town.emergency(access_notes="Code 12")
    anna.gets("CARDIAC")
    town.clock.turn(60)
    anna.texts("1")
    anna.gets("GO TO", "Code 12")
    town.clock.turn(61)
    anna.texts("WHERE")
    anna.gets("GO TO", "Code 12")
    anna.texts("3")
    assert anna.state == "on_scene"
    town.stand_down("ambulance_on_scene")
    anna.gets("hand over")
    anna.texts("4")
    town.close()
    assert not is_asked(town, anna), "a minute into the next day nobody asks them any more"


def test_who_was_asked_before_midnight_may_accept_after_it(town: Town) -> None:
    town.clock.set(TWO_TO_MIDNIGHT)
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    town.emergency()
    anna.gets("CARDIAC")
    town.clock.turn(121)
    anna.texts("1")
    anna.gets("GO TO")


def test_a_new_proof_sent_in_time_keeps_whoever_was_verified_for_14_days(town: Town) -> None:
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    sends_a_proof(town, anna)
    town.clock.turn(14 * DAY_S)
    assert is_asked(town, anna)
    town.clock.turn(DAY_S)
    assert not is_asked(town, anna)


def test_a_new_proof_sent_too_late_waits_without_them(town: Town) -> None:
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    town.clock.turn(DAY_S)
    waiting = sends_a_proof(town, anna)
    assert not is_asked(town, anna)
    with town.services.write() as session:
        verifying.verify(session, town.services.settings, waiting, Read(None), "user:admin")
    assert is_asked(town, anna)


def test_a_rejection_ends_the_waiting_at_once_and_is_told(town: Town) -> None:
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    waiting = sends_a_proof(town, anna)
    town.clock.turn(DAY_S)
    assert is_asked(town, anna)
    with town.services.write() as session:
        verifying.reject(session, waiting, "unreadable", "user:admin")
        certificate_texts.tell_rejected(town.services, session, waiting)
    assert not is_asked(town, anna)
    anna.gets_nothing()
    town.turn(121)
    anna.gets("We could not accept your certificate: it cannot be read.", "ring 0400 123456")


def test_the_text_about_it_brings_the_page_on_which_a_new_one_is_sent(town: Town) -> None:
    town.clock.set(TWO_TO_MIDNIGHT)
    anna, phone = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-30"}]), Phone(town)
    waiting = sends_a_proof(town, anna)
    with town.services.write() as session:
        verifying.reject(session, waiting, "unreadable", "user:admin")
        certificate_texts.tell_rejected(town.services, session, waiting)
    town.clock.turn(9 * 3600)
    town.turn(120)
    link = link_in(anna.gets("New picture: http", "or ring 0400 123456"))
    town.clock.turn(23 * 3600)
    phone.opens(link, "CPR – was not accepted: it cannot be read", "CPR – counts until the end of 30 Nov 2026")
    a_text, a_pdf = ((io.BytesIO(raw), "anna.pdf") for raw in (b"CPR, really", A_PDF.content))
    page, action = "/me", "/me/certificates"
    phone.presses(page, action, "This is none, or it cannot be read", type="cpr", evidence=a_text, status=422)
    phone.presses(page, action, "This is none, or it cannot be read", type="cpr", status=422)
    phone.presses(page, action, "Choose what it proves.", type="flying", evidence=(io.BytesIO(A_PDF.content), "a"), status=422)
    phone.presses(page, action, "Somebody looks at it soon.", "CPR – waits for somebody", type="cpr", evidence=a_pdf)
    with town.services.read() as session:
        last = session.scalars(select(Certification).order_by(Certification.id.desc()).limit(1)).one()
        assert last.sent_by == f"responder:{last.responder_id}"
    kept = json.loads(phone.client.get("/me/everything.json").text)["certificates"]
    assert [one["stands"] for one in kept] == ["expiring", "rejected", "submitted"]


def test_a_photo_as_large_as_phones_take_them_arrives_from_a_visitor_alone(town: Town) -> None:
    anna, phone, stranger = town.volunteer("Anna"), Phone(town), Phone(town)
    anna.texts("LINK")
    phone.opens(link_in(anna.gets("Your own page: http")))
    for client, page, status in ((stranger, "/join", 413), (phone, "/me", 303)):
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.client.get(page).text)
        assert token is not None
        large = FileStorage(io.BytesIO(picture().read() + bytes(5_000_000)), "photo.jpg")
        boundary, body = encode_multipart({"csrf_token": token[1], "type": "cpr", "evidence": large})
        content_type = f"multipart/form-data; boundary={boundary}"
        assert client.client.post("/me/certificates", data=body, content_type=content_type).status_code == status


def test_a_proof_from_nobodys_browser_is_not_kept(town: Town) -> None:
    stranger = Phone(town)
    given = {"type": "cpr", "evidence": (io.BytesIO(A_PDF.content), "a.pdf")}
    stranger.presses("/join", "/me/certificates", "This link has ended", status=410, **given)
    with town.services.read() as session:
        assert session.scalars(select(Certification)).all() == []


def test_what_nobody_ever_verified_asks_nobody(town: Town) -> None:
    anna = town.volunteer("Anna", 50, certifications=[])
    sends_a_proof(town, anna)
    assert not is_asked(town, anna)


@pytest.mark.parametrize("days", [0, 5])
def test_days_of_grace_are_a_setting_and_move_every_lapse(town: Town, days: int) -> None:
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    town.services.settings.certificate_grace_days = days
    town.clock.turn(5 * DAY_S)
    assert is_asked(town, anna) == (days == 5)
    town.clock.turn(DAY_S)
    assert not is_asked(town, anna)


@pytest.mark.both_databases
def test_a_proof_sent_in_the_days_of_grace_keeps_them_for_14_days_after_those(town: Town) -> None:
    anna = town.volunteer("Anna", 50, certifications=ENDS_TODAY)
    town.services.settings.certificate_grace_days = 5
    town.clock.turn(3 * DAY_S)
    sends_a_proof(town, anna)
    assert stands(town, anna) == "ready"
    town.clock.turn(16 * DAY_S)
    assert is_asked(town, anna)
    assert stands(town, anna) == "ready"
    town.clock.turn(DAY_S)
    assert not is_asked(town, anna)
    assert stands(town, anna) == "unverified"


def stands(town: Town, volunteer: Volunteer) -> str:
    """How they stand by the row at hand and by the database, which agree."""
    with town.services.read() as session:
        person, at = _person(session, volunteer), standing.At.of(town.services.settings, clocks.now())
        said = standing.of(person, at)
        found = select(Responder.id).join(Responder.contact).where(standing.condition(said, at), Responder.id == person.id)
        assert session.scalar(found) == person.id
        return said


def test_a_verdict_taken_back_between_choosing_and_sending_holds_the_text_back(town: Town) -> None:
    anna = town.volunteer("Anna", 50)
    with town.services.read() as session:
        row = session.scalars(select(Certification.id)).one()
    chosen(town)
    with town.services.write() as session:
        verifying.take_back(session, row, "user:admin")
    town.settle()
    anna.gets_nothing()
    assert anna.state == "failed"
