"""The narrow table: what it holds, and that after any sequence of changes it equals one made from nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core import clock as core_clock
from core.services import Services
from geo import cells
from responder import availability, erasure, hours, index, people
from responder.models import Certification, ReachablePlace
from sms import contacts
from sms.wire import Wire
from tests.responder.helpers import index_rows, put, rebuilt_index_rows

HOME = {"kind": "home", "lat": 60.1699, "lon": 24.9384}
WORK = {"kind": "work", "lat": 60.1713, "lon": 24.9415, "hours": "Mo-Fr 08:00-16:00; PH off"}


def test_a_row_holds_what_the_choice_compares(services: Services) -> None:
    proofs = [
        {"type": "cpr", "number": "1", "expires": "2026-12-31"},
        {"type": "cpr", "number": "2", "expires": "2027-12-31"},
        {"type": "medical"},
    ]
    outcome = put(services, places=[HOME, WORK], certifications=proofs, night_alerts=True, transport="car")
    with services.write() as session:
        session.add(Certification(responder_id=outcome.responder_id, type="identity"))  # nobody has verified it
        index.refresh(session, [outcome.responder_id, 999])
    with services.read() as session:
        home, work = session.scalars(select(ReachablePlace).order_by(ReachablePlace.kind)).all()
    assert home.certified == work.certified == "cpr:1830290399 medical:9999999999"
    assert (home.cell10, home.cell8) == (cells.cell(60.1699, 24.9384, 10), cells.cell(60.1699, 24.9384, 8))
    assert (home.night_alerts, home.transport, home.consented, home.opted_out, home.off_until) == (True, "car", True, False, 0)
    assert work.hours == hours.parse(WORK["hours"], "FI").packed
    assert home.hours == hours.parse(WORK["hours"], "FI").complement().packed


def test_a_home_without_work_holds_always_and_stated_hours_win(services: Services) -> None:
    put(services)
    put(services, external_id="v2", phone="0401111111", places=[HOME | {"hours": "Sa-Su"}, WORK])
    with services.read() as session:
        rows = session.scalars(
            select(ReachablePlace).where(ReachablePlace.kind == "home").order_by(ReachablePlace.responder_id)
        )
        assert [row.hours for row in rows] == [None, hours.parse("Sa-Su", "FI").packed]


def test_a_refresh_of_many_is_cut_into_statements_that_fit(services: Services) -> None:
    with services.write() as session:
        index.refresh(session, range(3 * index.CHUNK))


PEOPLE = st.integers(1, 3)
CHANGES = st.one_of(
    st.tuples(st.just("put"), PEOPLE, st.sampled_from(([HOME], [WORK], [HOME, WORK], [HOME | {"hours": "Mo-Su 10:00-02:00"}]))),
    st.tuples(
        st.just("certify"), PEOPLE, st.sampled_from(([], [{"type": "cpr"}], [{"type": "medical", "expires": "2020-01-01"}]))
    ),
    st.tuples(st.just("consent"), PEOPLE, st.sampled_from((None, "2026-01-01"))),
    st.tuples(st.just("off"), PEOPLE, st.sampled_from((None, timedelta(hours=8)))),
    st.tuples(st.just("on"), PEOPLE, st.none()),
    st.tuples(st.just("opt"), PEOPLE, st.booleans()),
    st.tuples(st.just("erase"), PEOPLE, st.none()),
)


@given(changes=st.lists(CHANGES, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_changes_it_equals_one_made_from_nothing(services: Services, changes: list[tuple[str, int, Any]]) -> None:
    for kind, number, value in changes:
        _change(services, kind, number, value)
    with services.read() as session:
        assert index_rows(session) == rebuilt_index_rows(session)


def _change(services: Services, kind: str, number: int, value: Any) -> None:
    about = {"external_id": f"v{number}", "phone": f"+35840111111{number}"}
    if kind in ("put", "certify", "consent"):
        name = {"put": "places", "certify": "certifications", "consent": "consent_at"}[kind]
        put(services, **about | {name: value})
        return
    with services.write() as session:
        responder = people.find(session, about["external_id"])
        if responder is None:
            return
        if kind == "off":
            availability.set_off(session, responder, value and core_clock.now() + value)
        elif kind == "on":
            availability.set_on(session, responder)
        elif kind == "opt":
            move = contacts.opt_out if value else contacts.opt_in
            move(Wire(services, opt_handlers=[availability.on_opt]), session, responder.contact)
        else:
            erasure.erase(session, about["external_id"], "key:cad")
