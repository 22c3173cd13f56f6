"""/privacy: what is kept how long, and what was done about it."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import HandClock
from core.services import Services
from dispatch.models import Incident, PlanRow
from dispatch.retention import rounds
from tests.people.conftest import Visitor, words

CALLER, ADDRESS = "+447700900555", "Torikatu 3"


def emergency(services: Services, clock: HandClock, name: str = "a", **other: object) -> str:
    """An emergency that is over, written down as it is once it has ended."""
    with services.write() as session:
        plan = session.query(PlanRow).filter_by(type="cardiac_arrest").one()
        known = {"address": ADDRESS, "caller_phone": CALLER, "access_notes": "code 1234", "external_id": f"cad-{name}"}
        said = {"state": "closed", "asking": "ended", "closed_at": clock.now(), "outcome": "helped"}
        incident = Incident(
            id=name * 26,
            code=name.upper() * 5,
            type="cardiac_arrest",
            plan=plan,
            lat=60.17123,
            lon=24.94123,
            placed_at=clock.now(),
            hazards=[],
            door_code="1234",
            opened_at=clock.now(),
            opened_by="key:cad",
            **(known | said | other),
        )
        session.add(incident)
    return name * 26


def test_an_admin_hands_out_everything_about_a_person_and_that_is_an_event(
    admin: Visitor, person: Callable[..., int], kinds: Callable[[int], list[str]]
) -> None:
    aino = person()
    assert "as a file for them" in words(admin.get(f"/people/{aino}"))
    told = admin.get(f"/people/{aino}/everything.json").get_json()
    assert told["person"]["name"] == "Aino Virtanen"
    assert told["records"]["certifications"][0]["number"] == "C-1"
    assert kinds(aino)[-1] == "everything_handed_out"
    assert "password" not in repr(told)


def test_the_page_says_what_is_kept_how_long_and_what_is_due(
    visitor: Callable[[str], Visitor], services: Services, clock: HandClock
) -> None:
    emergency(services, clock)
    clock.turn(91 * 86_400)
    auditor = visitor("auditor")
    told = words(auditor.get("/privacy"))
    assert "90 days (CALLER_DAYS) not yet 0 1" in told
    assert "24 hours (CARRIER_TEXT_HOURS)" in told
    assert "nobody's phone is followed" in told
    rounds.run(services)
    told = words(auditor.get("/privacy"))
    assert "90 days (CALLER_DAYS) 2027-02-22 14:00 1 0" in told
