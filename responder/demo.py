"""The people of the demo town: 300 volunteers who do not exist, at real addresses, the same ones every time.

They differ as people do: at work by day, asleep at night or willing then, lapsed, off, opted out, not yet verified. Enough of
them may be asked at any hour of any day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.problems import Problem
from core.services import Services
from geo.models import HouseNumber, Street
from responder import availability
from responder.certificates.days import months_after
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import BIKE, CAR, FOOT, HOME, WORK
from responder.people import Manner, store
from sms import contacts
from sms.models import Contact
from sms.wire import Wire

COUNT = 300
FIRST_PHONE = 447_700_900_000
"""The first of the numbers +44 7700 900000 to 900999, which Ofcom keeps for fiction: they ring nobody."""
CENTRE = (60.1699, 24.9384)
"""In degrees; a block from the main railway station of Helsinki."""

_SEED = 20261123
_BATCH = 50


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST_NAMES = {
    "fi": _words("Aino Eero Helmi Juho Kaisa Lauri Minna Niilo Onni Päivi Risto Saara Tapio Ulla Väinö Marjatta Pekka Sanna"),
    "sv": _words("Astrid Björn Ebba Gustav Ingrid Linnea Nils Rasmus Signe Åsa Örjan Viveca"),
    "en": _words("Amara Daniel Fatima Grace Ibrahim Kofi Mei Oliver Priya Samuel Tereza Yusuf"),
}
_LAST_NAMES = {
    "fi": _words("Ahonlampi Harjunpelto Isokallio Järvikoski Kivilehto Lammasniemi Metsäkorpi Niittyranta Ojasuo Saarikangas"),
    "sv": _words("Björkholm Ekviken Granudd Hagström Lindskär Norrgrann Strandbacka Ängsvik"),
    "en": _words("Adeyomi Brookfield Chandry Haddadi Hillcrest Mensahn Novaková Okoroh Tanakawa"),
}
_WORK_HOURS = (
    "Mo-Fr 08:00-16:00; PH off",
    "Mo-Fr 09:00-17:00; PH off",
    "Mo-Sa 10:00-18:00; PH off",
    "Mo-Fr 06:00-14:00; PH off",
    "Mo-Su 14:00-22:00",
    "Mo-Th 21:30-06:30",
    "Fr-Sa 20:00-04:00",
)
_LAPSED, _OFF, _OPTED_OUT, _NO_CONSENT, _UNVERIFIED = "lapsed", "off", "opted_out", "no_consent", "unverified"
_STANDINGS = {_LAPSED: 20, _OFF: 18, _OPTED_OUT: 9, _NO_CONSENT: 9, _UNVERIFIED: 9}
"""How many of the 300 cannot be asked, and why; the others can."""


class NoTown(Exception):
    """The demo town's streets have not been imported yet."""


@dataclass(frozen=True)
class _Spot:
    address: str
    lat: float
    lon: float


@dataclass(frozen=True)
class _Invented:
    standing: str | None
    person: ResponderInput


def load(services: Services, actor: str = "operator") -> int:
    """Write the demo people down, marked as such; again changes nothing. How many there are. Raises NoTown without a town."""
    with services.read() as session:
        spots = _spots(session)
    if not spots:
        raise NoTown("The demo town has no addresses yet: import its area first")
    people = list(_invent(spots, Context.of(services.settings)))
    wire = Wire(services, opt_handlers=[availability.on_opt])
    for first in range(0, len(people), _BATCH):
        with services.write() as session:
            _write(session, services, wire, people[first : first + _BATCH], actor)
    return len(people)


def _write(session: Session, services: Services, wire: Wire, people: Sequence[_Invented], actor: str) -> None:
    wanted = [(one.person, Manner(actor, verified=one.standing != _UNVERIFIED, demo=True)) for one in people]
    for outcome in store(session, services.settings, wanted):
        if isinstance(outcome, Problem):
            raise outcome
    phones = [one.person.phone for one in people if one.standing == _OPTED_OUT]
    for contact in session.scalars(select(Contact).where(Contact.phone.in_(phones))):
        contacts.opt_out(wire, session, contact)


def _spots(session: Session) -> list[_Spot]:
    """Every address once, in an order that does not depend on how they were imported."""
    wanted = select(Street.name, HouseNumber.number, HouseNumber.lat, HouseNumber.lon).join(
        HouseNumber, HouseNumber.street_id == Street.id
    )
    found = sorted((f"{name} {number}", lat, lon) for name, number, lat, lon in session.execute(wanted))
    by_address = {address: _Spot(address, lat, lon) for address, lat, lon in found}
    return list(by_address.values())


def _invent(spots: Sequence[_Spot], context: Context) -> Iterator[_Invented]:
    dice = Random(_SEED)  # noqa: S311  # a fixed seed is the point: the same people every time
    standings = [standing for standing, count in _STANDINGS.items() for _ in range(count)]
    everybody = [*standings, *[None] * (COUNT - len(standings))]
    dice.shuffle(everybody)
    for number, standing in enumerate(everybody):
        yield _Invented(standing, ResponderInput.read(_person(dice, number, standing, spots, context.now.date()), context))


def _person(dice: Random, number: int, standing: str | None, spots: Sequence[_Spot], today: date) -> dict[str, Any]:
    language = dice.choices(("fi", "sv", "en"), (20, 15, 65))[0]
    places = [_place(HOME, dice.choice(spots), None)]
    if dice.random() < 0.45:
        places.append(_place(WORK, dice.choice(spots), dice.choice(_WORK_HOURS)))
    return {
        "external_id": f"demo-{number:03d}",
        "name": f"{dice.choice(_FIRST_NAMES[language])} {dice.choice(_LAST_NAMES[language])}",
        "phone": f"+{FIRST_PHONE + number}",
        "language": language,
        "places": places,
        "certifications": _certifications(dice, number, standing, today),
        "consent_at": None if standing == _NO_CONSENT else f"{today.year - 1}-{dice.randint(1, 12):02d}-15",
        "night_alerts": dice.random() < 0.45,
        "calls": dice.random() < 0.5,
        "transport": dice.choices((FOOT, BIKE, CAR), (55, 30, 15))[0],
        "available": standing != _OFF,
    }


def _place(kind: str, spot: _Spot, hours: str | None) -> dict[str, Any]:
    return {"kind": kind, "lat": spot.lat, "lon": spot.lon, "address": spot.address, "hours": hours}


def _certifications(dice: Random, number: int, standing: str | None, today: date) -> list[dict[str, Any]]:
    """CPR or first aid for everybody, some with both, a few with a profession; all in the past for whoever lapsed. Every sixth
    ends with the third month from now, which the forecast of cover sees coming and no reminder is due for yet."""
    types = dice.choice((("cpr",), ("cpr", "first_aid"), ("cpr", "first_aid"), ("first_aid",), ("medical",)))
    ends = date(today.year - 1, 6, 30) if standing == _LAPSED else date(today.year + dice.randint(1, 3), 12, 31)
    if standing != _LAPSED and number % 6 == 0:
        ends = months_after(today.replace(day=1), 4) - timedelta(days=1)
    return [{"type": kind, "number": f"DEMO-{number:03d}", "expires": ends.isoformat()} for kind in types]
