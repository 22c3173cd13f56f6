"""Bad input, field by field: refused by name, with what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from core.problems import Problem
from core.services import Services
from responder.fields import Context
from responder.input import ResponderInput, locate
from tests.responder.helpers import KnownAddresses, complaints, plain

HOME = {"kind": "home", "lat": 60.1699, "lon": 24.9384}
WORK = {"kind": "work", "lat": 60.1713, "lon": 24.9415, "hours": "Mo-Fr 08:00-16:00; PH off"}


def bad(pointer: str, says: str, **changes: Any) -> Any:
    name = next(iter(changes), "")
    return pytest.param(changes, pointer, says, id=f"{pointer} {changes.get(name)!r}"[:70])


def home(**changes: Any) -> list[dict[str, Any]]:
    return [HOME | changes]


def proof(**changes: Any) -> list[dict[str, Any]]:
    return [{"type": "cpr"} | changes]


BAD = [
    bad("/external_id", "may not be empty", external_id=" "),
    bad("/external_id", "at most 80", external_id="x" * 81),
    bad("/external_id", "does not begin with erased-", external_id="erased-4"),
    bad("/external_id", "U+000A", external_id="a\nb"),
    bad("/name", "may not be empty", name=""),
    bad("/name", "at most 200", name="x" * 201),
    bad("/name", "U+0000", name="a\0b"),
    bad("/name", "a text", name="\ud800"),
    bad("/name", "a text", name=7),
    bad("/name", "a text", name=None),
    bad("/phone", "not a phone number", phone="hello"),
    bad("/phone", "this many digits", phone="12"),
    bad("/phone", "letters", phone="0800 HELP"),
    bad("/phone", "may not be empty", phone=""),
    bad("/phone", "a text", phone=358401234567),
    bad("/language", "'en', 'sv' or 'fi'", language="de"),
    bad("/places", "may not be empty", places=[]),
    bad("/places", "at most 2", places=[HOME, WORK, HOME]),
    bad("/places", "home is given twice", places=[HOME, HOME]),
    bad("/places", "a list", places="home"),
    bad("/places/0/kind", "'home' or 'work'", places=home(kind="cabin")),
    bad("/places/0/lat", "at most 90", places=home(lat=90.1)),
    bad("/places/0/lat", "at least -90", places=home(lat=-91)),
    bad("/places/0/lat", "not infinite", places=home(lat=float("nan"))),
    bad("/places/0/lat", "a number", places=home(lat="60.1")),
    bad("/places/0/lat", "a number", places=home(lat=True)),
    bad("/places/0/lon", "at most 180", places=home(lon=181)),
    bad("/places/0/lon", "not infinite", places=home(lon=float("inf"))),
    bad("/places/0/lon", "0,0 lies in the sea", places=home(lat=0, lon=0)),
    bad("/places/0/lon", "go together", places=home(lon=None)),
    bad("/places/0/lon", "go together", places=[{"kind": "home", "lat": 60.1, "address": "Kaivokatu 1"}]),
    bad("/places/0/address", "an address, or lat and lon", places=[{"kind": "home"}]),
    bad("/places/0/address", "at most 200", places=home(address="x" * 201)),
    bad("/places/0/hours", "cannot be read from '9-17' on", places=home(hours="Mo-Fr 9-17")),
    bad("/places/0/hours", "repeat every week", places=home(hours="Jan 10:00-12:00")),
    bad("/places/0/hours", "may not be empty", places=home(hours=" ")),
    bad("/places/0/hours", "a work place needs its hours", places=[WORK | {"hours": None}]),
    bad("/places/0/hours", "a work place needs its hours", places=[{"kind": "work", "lat": 60.1, "lon": 24.9}]),
    bad("/places/0/floor", "no such field", places=home(floor=3)),
    bad("/certifications/0/type", "'criminal_record'", certifications=proof(type="juggling")),
    bad("/certifications/0/type", "it is needed", certifications=[{"number": "1"}]),
    bad("/certifications/0/number", "at most 80", certifications=proof(number="x" * 81)),
    bad("/certifications/0/issuer", "at most 120", certifications=proof(issuer="x" * 121)),
    bad("/certifications/0/issued", "not in the future", certifications=proof(issued="2026-11-24")),
    bad("/certifications/0/expires", "written like 2026-12-31", certifications=proof(expires="31.12.2026")),
    bad("/certifications/0/expires", "written like 2026-12-31", certifications=proof(expires=20261231)),
    bad("/certifications/0/expires", "day is out of range", certifications=proof(expires="2026-02-30")),
    bad("/certifications/0/expires", "a year from 1950 to 2200", certifications=proof(expires="9999-12-31")),
    bad("/certifications/0/expires", "not before issued", certifications=proof(issued="2026-05-01", expires="2026-04-30")),
    bad("/certifications", "given twice", certifications=[*proof(), *proof()]),
    bad("/certifications", "at most 50", certifications=[*(proof(number=str(n))[0] for n in range(51))]),
    bad("/consent_at", "not in the future", consent_at="2026-11-23T12:00:01Z"),
    bad("/consent_at", "not in the future", consent_at="2026-11-24"),
    bad("/consent_at", "written like", consent_at="yes"),
    bad("/consent_at", "written like", consent_at="2026-11-01T10:00:00"),
    bad("/consent_at", "written like", consent_at=1700000000),
    bad("/consent_at", "a year from 1950", consent_at="0001-01-01T00:00:00+14:00"),
    bad("/consent_at", "month must be in", consent_at="2026-13-01"),
    bad("/night_alerts", "true or false", night_alerts="yes"),
    bad("/calls", "true or false", calls=1),
    bad("/available", "true or false", available="no"),
    bad("/transport", "'foot', 'bike' or 'car'", transport="boat"),
    bad("/colour", "no such field", colour="red"),
]


@pytest.mark.parametrize(("changes", "pointer", "says"), BAD)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bad_input_is_refused_by_name(services: Services, changes: dict[str, Any], pointer: str, says: str) -> None:
    with pytest.raises(Problem) as refusal:
        locate(ResponderInput.read(plain(**changes), Context.of(services.settings)), KnownAddresses())
    assert refusal.value.status == 422
    assert says in complaints(refusal.value)[pointer]


@pytest.mark.parametrize("name", ["external_id", "name", "phone", "places", "consent_at"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_needed_is_needed(services: Services, name: str) -> None:
    data = plain()
    del data[name]
    with pytest.raises(Problem) as refusal:
        ResponderInput.read(data, Context.of(services.settings))
    assert complaints(refusal.value) == {f"/{name}": "it is needed"}
