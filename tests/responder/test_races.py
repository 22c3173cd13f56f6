"""Several callers at the same moment: one person stays one person, one phone stays one person's, the index stays true."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, select

from core.problems import Problem
from core.services import Services
from responder import availability, editing, erasure, people
from responder.certificates import verifying
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Certification
from sms import contacts
from sms.wire import Wire
from tests.responder.helpers import KnownAddresses, index_rows, plain, put, rebuilt_index_rows

CALLERS = 6


def at_once(work: Callable[[int], str]) -> Counter[str]:
    """What `work` says to each of six callers that begin at the same moment."""
    barrier = Barrier(CALLERS)

    def one(number: int) -> str:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(one, range(CALLERS)))


def test_one_person_put_by_many_is_added_once(services: Services) -> None:
    assert at_once(lambda _: put(services).kind) == {"added": 1, "unchanged": CALLERS - 1}


def test_one_phone_claimed_by_many_goes_to_one(services: Services) -> None:
    def claim(number: int) -> str:
        try:
            return put(services, external_id=f"v{number}").kind
        except Problem as problem:
            return problem.errors[0].pointer

    assert at_once(claim) == {"added": 1, "/phone": CALLERS - 1}


def test_changes_of_one_person_at_once_leave_a_true_index(services: Services) -> None:
    put(services)
    wire = Wire(services, opt_handlers=[availability.on_opt])

    def change(number: int) -> str:
        if number % 2:
            return put(services, transport=("foot", "bike", "car")[number // 2]).kind
        with services.write() as session:
            person = people.find(session, "v1")
            assert person is not None
            contacts.opt_out(wire, session, person.contact) if number else availability.set_off(session, person, None)
        return "told"

    assert at_once(change)["told"] == 3
    with services.read() as session:
        assert index_rows(session) == rebuilt_index_rows(session)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_number_then_person_then_certificate_is_the_order_of_every_lock(services: Services) -> None:
    row = put(services).responder_id
    with services.read() as session:
        certificate = session.scalars(select(Certification.id)).one()
    taken: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found = re.search(r"^UPDATE (\w+)|FROM (\w+)[^;]* FOR (?:NO KEY )?UPDATE", statement)
        if found is not None:
            taken.append(found[1] or found[2])

    event.listen(services.database.engine, "before_cursor_execute", note)
    wanted = ResponderInput.read(plain(language="sv"), Context.of(services.settings))
    editing.change(services, KnownAddresses(), row, 1, wanted, "user:admin")
    assert taken[:2] == ["contacts", "responders"]
    taken.clear()
    with services.write() as session:
        verifying.take_back(session, certificate, "user:admin")
    assert taken[:2] == ["responders", "certifications"]
    for erase in (
        lambda session: erasure.request(session, "v1", "user:admin"),
        lambda session: erasure.erase_if_requested(session, row),
    ):
        taken.clear()
        with services.write() as session:
            erase(session)
        assert taken[:2] == ["contacts", "responders"]
