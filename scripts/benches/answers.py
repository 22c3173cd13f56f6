"""The answers in the webhooks' benchmark: a storm of emergencies, each at a site of its own, where ten people are asked and all
answer. Three say 1, arrive and leave; the third of these covers, and those who have not answered are told; seven say 2. Each
answer moves a callout, and each 1 brings an address."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, update

from core import clock
from core.services import Services
from dispatch import callouts, intake, states
from dispatch.models import Callout
from dispatch.reports import NewIncident
from geo.geocoding import open_geocoder
from scripts.benches import soak_town
from sms.models import DUE, TAKEN, Message

OF_ONE = (
    *((0, "1"), (1, "2"), (2, "2"), (3, "1"), (4, "2"), (5, "1"), (6, "2"), (7, "2"), (8, "2"), (9, "2")),
    *((nth, word) for word in "34" for nth in (0, 3, 5)),
)
"""Who of the ten of a site says what, in order."""
ROLES = ("direct", "direct", "guide")
SIDE_BY_SIDE = 120
"""Emergencies that are answered at the same time. At two hundred texts a second one is over after ten: nobody is silent for so
long that they would be rung, nor on their way for so long that their address, which nobody sends here, would be missed."""


def ask_everybody(services: Services, sites: int) -> None:
    """Open an emergency at each site and let the carrier have taken the first texts."""
    soak_town.filler(sites, ROLES)(services)
    geocoder = open_geocoder(services)
    for site in range(sites):
        lat, lon = soak_town.place(site)
        report = NewIncident.model_validate({"type": "cardiac_arrest", "location": {"lat": lat, "lon": lon}})
        opened = intake.open_incident(services, geocoder, report, "bench")
        with services.write() as session:
            for callout in callouts.of_incident(session, opened.incident_id):
                callouts.move(session, callout, "taken", "carrier", alerted_at=clock.now())
    with services.write() as session:
        session.execute(update(Message).where(Message.state == DUE).values(state=TAKEN))


def of_all(sites: int) -> Iterator[tuple[str, str]]:
    """Everybody's answers, phone and words."""
    for first in range(0, sites, SIDE_BY_SIDE):
        for nth, word in OF_ONE:
            for site in range(first, min(sites, first + SIDE_BY_SIDE)):
                yield soak_town.phone(site * soak_town.PEOPLE_PER_SITE + nth), word


def astray(services: Services, sites: int) -> int:
    """How many callouts are not where the last answer of their person has put them."""
    go = sum(word == "1" for _, word in OF_ONE) * sites
    wanted = {states.FINISHED: go, states.DECLINED: sites * soak_town.PEOPLE_PER_SITE - go}
    with services.read() as session:
        found = dict(session.execute(select(Callout.state, func.count()).group_by(Callout.state)).all())
    return sum(abs(wanted.get(state, 0) - found.get(state, 0)) for state in wanted.keys() | found.keys())
