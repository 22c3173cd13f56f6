"""What waits and what is kept, as the databases see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

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


def test_how_long_a_proof_is_kept_is_what_is_set_now(
    admin: Visitor, services: Services, person: Callable[..., int], proof: Callable[..., int], clock: HandClock
) -> None:
    """All are judged while 90 days are set. Who sets fewer has them gone sooner; who sets more keeps what is still there."""
    row = person()
    judged = proof(row)
    with services.write() as session:
        verifying.verify(session, services.settings, judged, Read(None), "user:admin")
    goes_on = (clock.now() + timedelta(days=90)).date()
    assert f"deleted on {goes_on}" in words(admin.get(f"/people/{row}"))
    shorter, longer = (
        replace(services, settings=services.settings.model_copy(update={"evidence_days": days})) for days in (30, 200)
    )
    clock.turn(31 * DAY_S)
    with services.read() as session:
        assert [evidence.count_due(session, one.settings, 9) for one in (shorter, services, longer)] == [1, 0, 0]
    clock.turn(60 * DAY_S)
    assert evidence.delete_due(longer) == 0
    assert evidence.delete_due(shorter) == 1
    assert kept(services) == []


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


LISTED = {"external_id": "p-00", "phone": "+447700900000"}


@pytest.mark.parametrize("ends", [date(2031, 6, 1), date(2030, 1, 1), None])
def test_a_register_neither_drops_nor_doubles_what_a_verdict_has_accepted(
    services: Services, person: Callable[..., int], kinds: Callable[[int], list[str]], ends: date | None
) -> None:
    """The date that somebody read off the certificate stands, whatever the list goes on to say."""
    row = person(verified=False, **LISTED)
    with services.write() as session:
        only, before = load(session, row).certifications[0].id, load(session, row).revision
        verifying.verify(session, services.settings, only, Read(ends), "user:admin")
    with services.read() as session:
        assert load(session, row).revision == before + 1, "a form that was opened before it is not saved over it"
    told = kinds(row)
    for _ in range(2):
        person(**LISTED)
        person(verified=False, **LISTED)
    person(**LISTED, certifications=[])
    assert kinds(row) == told
    with services.read() as session:
        assert [one.id for one in load(session, row).certifications] == [only]


def test_what_a_register_vouched_for_goes_with_it_and_leaves_an_event(
    services: Services, person: Callable[..., int], kinds: Callable[[int], list[str]]
) -> None:
    row = person(**LISTED)
    person(**LISTED, certifications=[{"type": "cpr", "number": "C-1", "expires": "2031-12-31"}])
    assert kinds(row)[-2:] == ["responder_changed", "certification_dropped"]


def test_no_list_verifies_its_senders_own_or_takes_a_rejection_back(services: Services, person: Callable[..., int]) -> None:
    own, other = person("Admin", by="user:admin"), person("Other", verified=False)
    with services.write() as session:
        (waits,) = load(session, own).certifications
        assert waits.verified_at is None
        verifying.reject(session, load(session, other).certifications[0].id, "ended", "user:admin")
    person("Other", external_id="p-01", phone="+447700900001", by="user:admin")
    with services.read() as session:
        (rejected,) = load(session, other).certifications
        assert rejected.rejected_because == "ended"
        assert rejected.verified_at is None


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
