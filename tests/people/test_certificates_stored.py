"""What waits and what is kept, as the databases see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from responder import erasure
from responder.certificates import evidence, queue, submitting, verifying
from responder.certificates.verifying import Read
from responder.models import Responder
from responder.pages.room import load
from tests.people.conftest import Visitor, words
from tests.people.proofs import DAY_S, kept, proof

__all__ = ["proof"]


def test_whose_certificate_lapses_first_comes_first_and_what_is_put_off_last(
    admin: Visitor, services: Services, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    nothing = proof(person("Nothing Yet", certifications=[]))
    late = proof(person("Late", certifications=[{"type": "cpr", "expires": "2027-06-01"}]))
    soon = proof(person("Soon", certifications=[{"type": "cpr", "expires": "2026-12-01"}]))
    skipped: list[int] = []
    for expected in (soon, late, nothing):
        with services.read() as session:
            assert queue.first(session, skipped).proof.id == expected
        skipped.append(expected)
    page = admin.get("/people/certificates", skip=str(soon))
    assert "Late : CPR" in words(page).replace("Late:", "Late :")
    after = admin.post(f"/people/certificates/{late}/verify", {"expires": "1.1.2028", "skip": str(soon)})
    assert f"skip={soon}" in after.headers["Location"]


def test_proofs_go_90_days_after_the_verdict_and_with_the_person(
    services: Services, person: Callable[..., int], proof: Callable[..., int], clock: HandClock
) -> None:
    first, second = person("One"), person("Two")
    decided = proof(first)
    proof(second)
    with services.write() as session:
        verifying.verify(session, services.settings, decided, Read(None), "user:admin")
    clock.turn(90 * DAY_S - 1)
    assert evidence.delete_due(services) == 0
    clock.turn(1)
    assert evidence.delete_due(services) == 1
    assert [one.certification_id for one in kept(services)] != [decided]
    with services.write() as session:
        session.get_one(Responder, second).account = "anna"
        erasure.erase(session, "p-01", "user:admin")
    assert kept(services) == []
    with services.read() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "evidence_deleted")) == 1
        assert session.get_one(Responder, second).account is None


def test_a_register_neither_drops_nor_verifies_what_waits(
    services: Services, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    row = person(external_id="p-00")
    waiting = proof(row)
    person(external_id="p-00", phone="+447700900000", certifications=[{"type": "cpr"}])
    with services.read() as session:
        mine = {one.id: one for one in load(session, row).certifications}
    assert mine[waiting].verified_at is None
    assert len(mine) == 2


def test_no_more_than_ten_wait_for_one_person(
    services: Services, person: Callable[..., int], proof: Callable[..., int]
) -> None:
    row = person()
    for _ in range(submitting.MOST_WAITING):
        proof(row)
    with pytest.raises(Problem, match="As many"):
        proof(row)


def test_nobody_being_erased_sends_a_proof(services: Services, person: Callable[..., int], proof: Callable[..., int]) -> None:
    row = person()
    with services.write() as session:
        erasure.request(session, "p-00", "user:admin")
    with pytest.raises(Problem, match="being erased"):
        proof(row)
