"""A service with very many people, as its admin's pages find it: written past every rule, so that a minute is enough."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core import clock, ids
from core.services import Services
from dispatch import plans
from dispatch.models import Callout, Incident, PlanRow
from geo import cells
from geo.models import District
from geo.names import key, plain
from responder.care.models import CallBack
from responder.models import ACTIVE, SUSPENDED, Certification, PersonWord, Place, ReachablePlace, Responder
from scripts.benches.choose import CENTRE, SIDE_LAT, SIDE_LON
from sms.models import IN, OUT, TAKEN, Contact, Message

FIRST = (
    "Aino",
    "Eero",
    "Helmi",
    "Ilmari",
    "Kerttu",
    "Lauri",
    "Maija",
    "Oskar",
    "Päivi",
    "Reino",
    "Saga",
    "Tove",
    "Urho",
    "Ylva",
)
LAST = ("Virtanen", "Korhonen", "Åström", "Nieminen", "Mäkinen", "Lindqvist", "Hämäläinen", "Öberg", "Salo", "Koskinen", "Ek")
ALERTS, ASKED = 15_000, 10
"""Of 30 days: 50 emergencies a day, so many people each."""
_PIECE = 5_000


def fill(services: Services, people: int) -> None:
    """People with contact, certificates, places and a few texts each, and what they were asked in the last month."""
    draw = random.Random(1)
    with services.write() as session:
        plans.ensure_shipped(session)
        for number in range(60):
            lat, lon = _spot(draw)
            session.add(District(name=f"District {number}", lat=lat, lon=lon))
    for first in range(1, people + 1, _PIECE):
        with services.write() as session:
            _people(session, draw, range(first, min(people + 1, first + _PIECE)))
        print(f"\rfilling {min(people, first + _PIECE - 1):,} of {people:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    with services.write() as session:
        _alerts(session, draw, people)
        if not services.database.is_sqlite:
            session.connection().exec_driver_sql("ANALYZE")  # as its autovacuum does, within a minute of so many rows


def _people(session: Session, draw: random.Random, numbers: range) -> None:
    now = clock.now()
    rows: dict[Any, list[dict[str, Any]]] = {
        model: [] for model in (Contact, Responder, Certification, Place, ReachablePlace, PersonWord, CallBack, Message)
    }
    for number in numbers:
        for model, row in _person(draw, number, now):
            rows[model].append(row)
    for model, listed in rows.items():
        if listed:
            session.execute(insert(model), listed)


def _person(draw: random.Random, number: int, now: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    name, phone = f"{draw.choice(FIRST)} {draw.choice(LAST)}", f"+35840{number:07d}"
    off, heard = draw.random() < 0.08, now - timedelta(days=draw.randrange(250))
    own = {"id": number, "external_id": f"R-{number:06d}", "name": name, "sort_name": plain(name), "contact_id": number}
    yield Contact, {"id": number, "phone": phone, "language": "fi", "demo": False, "created_at": now, "agency_id": 1}
    yield (
        Responder,
        {
            **own,
            "night_alerts": draw.random() < 0.5,
            "consent_at": now if draw.random() < 0.97 else None,
            "off_until": now + timedelta(days=5) if off else None,
            "off_since": now if off else None,
            "full_until": now + timedelta(days=3) if draw.random() < 0.01 else None,
            "said_on_at": heard,
            "membership": SUSPENDED if draw.random() < 0.002 else ACTIVE,
            "created_at": heard,
        },
    )
    if draw.random() < 0.001:
        yield CallBack, {"responder_id": number, "wish": "ring_me", "at": now, "due_at": now, "holds": True}
    yield from _proofs(draw, number, now)
    yield from _home(draw, number)
    for word in {*(key(part) for part in name.split()), f"r{number:06d}", phone[1:], f"040{number:07d}", f"40{number:07d}"}:
        yield PersonWord, {"word": word, "responder_id": number}
    for one, direction in enumerate((OUT, IN)):
        yield (
            Message,
            _TEXT
            | {
                "id": f"{number * 2 + one:026d}",
                "direction": direction,
                "contact_id": number,
                "phone": phone,
                "created_at": heard,
                "handled_at": heard,
            },
        )


def _home(draw: random.Random, number: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    lat, lon = _spot(draw)
    here = {"responder_id": number, "kind": "home", "lat": lat, "lon": lon}
    yield Place, here | {"id": number, "address": f"Torikatu {number % 90}"}
    in_cells = {"cell10": cells.cell(lat, lon, cells.FINE), "cell8": cells.cell(lat, lon, cells.COARSE)}
    yield ReachablePlace, _REACHED | here | in_cells | {"place_id": number}


_TEXT = {"body": "OFF 8h", "purpose": "follow_up", "state": TAKEN}
_REACHED = {
    "agency_id": 1,
    "transport": "foot",
    "night_alerts": True,
    "hours": None,
    "consented": True,
    "opted_out": False,
    "active": True,
    "off_until": 0,
    "certified": "cpr:9999999999",
}


def _proofs(draw: random.Random, number: int, now: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Three in four good for long, the others near their end, past it, waiting or refused."""
    until = draw.choices((400, 30, -20), (80, 8, 12))[0] + draw.randrange(20)
    waits, refused = draw.random() < 0.01, draw.random() < 0.005
    for kind in ("cpr", "first_aid")[: draw.choice((1, 1, 2))]:
        yield (
            Certification,
            {
                "responder_id": number,
                "type": kind,
                "number": f"C-{number}",
                "expires_at": now + timedelta(days=until),
                "verified_at": None if waits or refused else now,
                "verified_by": None if waits or refused else "user:bench",
                "submitted_at": now - timedelta(hours=draw.randrange(400)) if waits or refused else None,
                "sent_by": "user:bench" if waits or refused else None,
                "rejected_at": now if refused else None,
            },
        )


def _alerts(session: Session, draw: random.Random, people: int) -> None:
    now = clock.now()
    plan_id = session.scalars(select(PlanRow.id).where(PlanRow.type == "cardiac_arrest")).one()
    incidents: list[dict[str, Any]] = []
    callouts: list[dict[str, Any]] = []
    for number in range(ALERTS // ASKED):
        at = now - timedelta(days=30) * draw.random()
        own = {
            "id": f"{ids.first_at(at)}{number:014x}",
            "code": f"B{number}",
            "plan_id": plan_id,
            "placed_at": at,
            "opened_at": at,
        }
        incidents.append(_CLOSED | own)
        for rank, who in enumerate(draw.sample(range(1, people + 1), ASKED)):
            asked = {"id": f"{ids.first_at(at)}{number * ASKED + rank:014x}", "incident_id": own["id"], "responder_id": who}
            callouts.append(_DECLINED | asked | {"queued_at": at, "state_at": at, "expires_at": at})
    session.execute(insert(Incident), incidents)
    session.execute(insert(Callout), callouts)


_CLOSED = {
    "type": "cardiac_arrest",
    "state": "closed",
    "asking": "ended",
    "lat": CENTRE[0],
    "lon": CENTRE[1],
    "hazards": [],
    "door_code": "4711",
    "opened_by": "bench",
}
_DECLINED = {
    "letter": "A",
    "state": "declined",
    "wave": 1,
    "distance_m": 400,
    "eta_s": 300,
    "transport": "foot",
    "reason": "bench",
}


def _spot(draw: random.Random) -> tuple[float, float]:
    return CENTRE[0] + (draw.random() - 0.5) * SIDE_LAT, CENTRE[1] + (draw.random() - 0.5) * SIDE_LON
