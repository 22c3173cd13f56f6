"""The demo town: the same 300 people every time, different enough, and somebody to ask at any hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import HandClock
from core.services import Services
from geo.distance import distance_m
from geo.osm import import_area
from responder import demo, rules
from responder.models import Certification, ReachablePlace, Responder
from sms.models import Contact
from tests.responder.helpers import index_rows, rebuilt_index_rows, statements

EXTRACT = Path(__file__).parents[2] / "demo" / "helsinki.osm.pbf"
ANY_OF = ("cpr", "first_aid", "medical")
NEAR_M = 700
MIDDLE_OF_THE_EXTRACT = (60.17165, 24.9443)


@pytest.fixture
def town(services: Services) -> Services:
    with services.write() as session:
        import_area(session, EXTRACT)
    demo.load(services)
    return services


def people_by_reason(rows: Sequence[ReachablePlace], now: datetime) -> tuple[set[int], Counter[str]]:
    """Who may be asked at `now`, and how many places each reason leaves out."""
    at = rules.moment(now, ZoneInfo("Europe/Helsinki"), "FI")
    verdicts = [(row.responder_id, rules.reason_against(row, (), ANY_OF, at)) for row in rows]
    return {person for person, reason in verdicts if reason is None}, Counter(reason for _, reason in verdicts if reason)


def near(session: Session, centre: tuple[float, float]) -> list[ReachablePlace]:
    return [row for row in session.scalars(select(ReachablePlace)) if distance_m(*centre, row.lat, row.lon) <= NEAR_M]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_central_emergency_is_covered_at_any_hour_of_any_day(town: Services) -> None:
    with town.read() as session:
        worlds = [near(session, centre) for centre in (demo.CENTRE, MIDDLE_OF_THE_EXTRACT)]
    week = [datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour) for hour in range(7 * 24)]
    holidays = [datetime(2026, 12, 24, tzinfo=UTC) + timedelta(hours=hour) for hour in range(4 * 24)]
    fewest = min(len(people_by_reason(rows, now)[0]) for rows in worlds for now in week + holidays)
    assert fewest >= 25


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_they_differ_as_people_do(town: Services) -> None:
    with town.read() as session:
        rows = session.scalars(select(ReachablePlace)).all()
        _, by_day = people_by_reason(rows, datetime(2026, 11, 23, 12, tzinfo=UTC))
        _, by_night = people_by_reason(rows, datetime(2026, 11, 22, 1, tzinfo=UTC))
        transports = Counter(session.scalars(select(Responder.transport)))
        languages = Counter(session.scalars(select(Contact.language)))
        unverified = session.scalars(select(Certification).where(Certification.verified_at.is_(None))).all()
    assert set(by_day) == {"not_certified", "certification_lapsed", "no_consent", "opted_out", "off", "outside_hours"}
    assert by_night["night"] > 50
    assert min(transports[kind] for kind in ("foot", "bike", "car")) >= 20
    assert min(languages[language] for language in ("en", "sv", "fi")) >= 20
    assert unverified


def test_300_marked_people_with_numbers_kept_for_fiction_the_same_on_another_day(town: Services, clock: HandClock) -> None:
    with town.read() as session:
        contacts = session.scalars(select(Contact)).all()
        assert len(contacts) == demo.COUNT
        assert all(contact.demo for contact in contacts)
        assert {contact.phone for contact in contacts} == {f"+447700900{number:03d}" for number in range(300)}
        before = index_rows(session), session.scalars(select(Responder.name).order_by(Responder.id)).all()
    clock.turn(24 * 3600)
    demo.load(town)
    with town.read() as session:
        assert (index_rows(session), session.scalars(select(Responder.name).order_by(Responder.id)).all()) == before
        assert before[0] == rebuilt_index_rows(session)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_many_are_written_down_together(services: Services) -> None:
    with services.write() as session:
        import_area(session, EXTRACT)
    with statements(services) as said:
        demo.load(services)
    reads = [statement for statement, _ in said if statement.startswith("SELECT")]
    assert len(reads) < demo.COUNT / 2, "nobody is looked up alone"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_town_it_says_so(services: Services) -> None:
    with pytest.raises(demo.NoTown, match="import its area first"):
        demo.load(services)
