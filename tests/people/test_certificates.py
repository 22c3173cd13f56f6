"""Proofs on the pages: sent, opened, verified, rejected, taken back; by admins, and by nobody for themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfWriter
from sqlalchemy import select

from core import clock as clocks
from core import words as sentences
from core.services import Services
from responder.certificates import queue
from responder.certificates.pdf import MOST_PAGES
from responder.models import Certification, ReachablePlace
from sms.models import Message
from tests.conftest import empty_sqlite as database
from tests.people.conftest import Visitor, error_at, words
from tests.people.proofs import kept, picture, proof

__all__ = ["database", "proof"]


def send(admin: Visitor, row: int, content: io.BytesIO | None = None, name: str = "c.jpg", kind: str = "cpr") -> Any:
    return admin.post(f"/people/{row}/certificates", {"type": kind, "evidence": (content or picture(), name)})


def certified(services: Services, row: int) -> str:
    with services.read() as session:
        return session.scalar(select(ReachablePlace.certified).where(ReachablePlace.responder_id == row)) or ""


def test_a_proof_goes_from_the_page_to_the_queue_to_counting(
    admin: Visitor, services: Services, person: Callable[..., int], kinds: Callable[[int], list[str]]
) -> None:
    row = person(certifications=[])
    assert send(admin, row).status_code == 303
    assert certified(services, row) == "", "what nobody has verified counts for nothing"
    page = admin.get("/people/certificates")
    assert "Aino Virtanen : CPR" in words(page).replace("Virtanen:", "Virtanen :")
    (one,) = kept(services)
    file = admin.get(f"/people/evidence/{one.id}")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.content_type == "image/jpeg"
    done = admin.post(f"/people/certificates/{one.certification_id}/verify", {"expires": "31.12.2027", "number": "A 1"})
    assert done.status_code == 303
    assert certified(services, row).startswith("cpr:1830290399"), "the last second of 2027 in Helsinki"
    assert "Verified: Aino Virtanen, CPR, until 2027-12-31." in words(admin.get(done.headers["Location"]))
    told = kinds(row)
    assert "certification_submitted" in told
    assert told.index("evidence_opened") < told.index("certification_verified")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"PK\x03\x04" + b"\0" * 99, "certificate.pdf", "this is a zip"),
        (b"%PDF-1.4 half", "c.pdf", "the end of this PDF is missing"),
        (b"", "empty.jpg", "this one is empty"),
    ],
)
def test_a_bad_file_is_refused_where_it_was_chosen(
    admin: Visitor, services: Services, person: Callable[..., int], content: bytes, name: str, said: str
) -> None:
    row = person()
    page = send(admin, row, io.BytesIO(content), name)
    assert page.status_code == 422
    assert said in error_at(page, "evidence")
    assert not kept(services)


def test_what_is_wrong_with_a_proof_is_said_in_the_readers_language(
    admin: Visitor, person: Callable[..., int], proof: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    finnish = {"a PDF of 1 to {most} pages": "PDF, 1–{most} sivua", "at most {most} characters": "enintään {most} merkkiä"}
    monkeypatch.setattr(sentences, "gettext", lambda sentence: finnish.get(sentence, sentence))
    row, pages, writer = person(), io.BytesIO(), PdfWriter()
    for _page in range(MOST_PAGES + 1):
        writer.add_blank_page(width=72, height=72)
    writer.write(pages)
    pages.seek(0)
    assert error_at(send(admin, row, pages, "c.pdf"), "evidence") == f"PDF, 1–{MOST_PAGES} sivua"
    read = {"expires": "31.12.2027", "number": "1" * 81}
    assert error_at(admin.post(f"/people/certificates/{proof(row)}/verify", read), "number") == "enintään 80 merkkiä"


def test_a_kind_that_needs_a_picture_is_not_sent_without(admin: Visitor, person: Callable[..., int]) -> None:
    row = person()
    assert admin.post(f"/people/{row}/certificates", {"type": "cpr"}).status_code == 422
    assert admin.post(f"/people/{row}/certificates", {"type": "juggling"}).status_code == 422
    assert admin.post(f"/people/{row}/certificates", {"type": "identity"}).status_code == 303


@pytest.mark.parametrize("role", ["auditor", "dispatcher"])
def test_proofs_are_for_admins(
    visitor: Callable[[str], Visitor], services: Services, person: Callable[..., int], proof: Callable[..., int], role: str
) -> None:
    waiting = proof(person())
    (one,) = kept(services)
    other = visitor(role)
    assert other.get(f"/people/evidence/{one.id}").status_code == 403
    assert other.post(f"/people/certificates/{waiting}/verify", {"expires": "31.12.2027"}).status_code == 403
    assert visitor("admin").get(f"/people/evidence/{one.id[:-1]}x").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({}, "expires", "the last day that it counts"),
        ({"expires": "soon"}, "expires", "a day such as"),
        ({"expires": "22.11.2026"}, "expires", "still to come"),
        ({"expires": "31.12.2999"}, "expires", "before the year"),
        ({"issued": "31.31.2026"}, "issued", "a day such as"),
        ({"expires": "31.12.2027", "number": "1" * 81}, "number", "at most 80"),
    ],
)
def test_what_cannot_be_read_off_a_certificate_decides_nothing(
    admin: Visitor,
    services: Services,
    person: Callable[..., int],
    proof: Callable[..., int],
    typed: dict[str, str],
    field: str,
    said: str,
) -> None:
    waiting = proof(person(certifications=[]))
    page = admin.post(f"/people/certificates/{waiting}/verify", typed)
    assert page.status_code == 422
    assert said in error_at(page, field)
    with services.read() as session:
        assert queue.count(session) == 1


@pytest.mark.parametrize(
    ("typed", "certified_as"),
    [
        ({"no_end": "yes"}, "cpr:9999999999"),
        ({"issued": "23.11.2026"}, "cpr:1858629599"),
        ({"expires": "23.11.2026"}, "cpr:1795471199"),
    ],
)
def test_an_end_can_follow_from_the_issue_or_be_none(
    admin: Visitor,
    services: Services,
    person: Callable[..., int],
    proof: Callable[..., int],
    typed: dict[str, str],
    certified_as: str,
) -> None:
    row = person(certifications=[])
    assert admin.post(f"/people/certificates/{proof(row)}/verify", typed).status_code == 303
    assert certified(services, row) == certified_as


def test_the_verified_ones_come_as_a_file_for_registers(admin: Visitor, person: Callable[..., int]) -> None:
    row = person()
    file = admin.get(f"/people/{row}/practitioner.json")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.json["qualification"][0]["code"]["coding"][0]["code"] == "cpr"
    assert f"/people/{row}/practitioner.json" in admin.get(f"/people/{row}").text


def test_nobody_decides_about_their_own(
    admin: Visitor, services: Services, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    by_name, by_account = person("Admin"), person("Somebody Else")
    admin.post(f"/people/{by_account}/account", {"account": "admin"})
    for row in (by_name, by_account):
        waiting = proof(row)
        for deed, form in (("verify", {"expires": "31.12.2027"}), ("reject", {"because": "ended"})):
            assert admin.post(f"/people/certificates/{waiting}/{deed}", form).status_code == 403
        assert "This is your own certificate" in words(admin.get("/people/certificates", at=str(waiting)))
    assert admin.post(f"/people/{by_account}/account", {"account": ""}).status_code == 403, "nor unlinks themselves"


def test_a_rejection_is_told_in_two_minutes_and_a_slip_is_not(
    admin: Visitor, services: Services, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    first, second = proof(person("One", language="fi")), proof(person("Two"))
    done = admin.post(f"/people/certificates/{first}/reject", {"because": "no_date", "words": ""})
    assert "Not accepted: One, CPR: the date cannot be read." in words(admin.get(done.headers["Location"]))
    admin.post(f"/people/certificates/{second}/reject", {"because": "ended", "words": "The stamp is missing"})
    with services.read() as session:
        texts = list(session.scalars(select(Message).order_by(Message.about_id)))
    assert "päivä ei näy" in texts[0].body
    assert "0400 123456" in texts[0].body
    assert "The stamp is missing" in texts[1].body
    assert {text.send_at - clocks.now() for text in texts} == {timedelta(minutes=2)}
    assert admin.post(f"/people/certificates/{first}/undo").status_code == 303
    with services.read() as session:
        assert {text.state for text in session.scalars(select(Message).where(Message.id == texts[0].id))} == {"cancelled"}
        assert queue.first(session).proof.id == first
        assert session.get(Certification, second).rejected_because == "The stamp is missing"


def test_a_verdict_that_is_taken_back_counts_for_nothing(
    admin: Visitor, services: Services, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    row = person(certifications=[])
    waiting = proof(row)
    admin.post(f"/people/certificates/{waiting}/verify", {"expires": "31.12.2027", "number": "A 1"})
    admin.post(f"/people/certificates/{waiting}/undo")
    assert certified(services, row) == ""
    page = admin.get("/people/certificates").text
    assert 'value="31.12.2027"' in page
    assert 'value="A 1"' in page
    assert kept(services)[0].judged_at is None


def test_own_words_of_a_rejection_are_neither_gaps_nor_markup(
    admin: Visitor, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    row, own = person(), "50% cut off, <b>no name</b>"
    done = admin.post(f"/people/certificates/{proof(row)}/reject", {"words": own})
    for page in (admin.get(done.headers["Location"]), admin.get(f"/people/{row}")):
        assert page.status_code == 200
        assert "50% cut off, &lt;b&gt;no name&lt;/b&gt;" in page.text
