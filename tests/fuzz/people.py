"""One volunteer at the door, so that what is fuzzed has somebody to reach."""

from __future__ import annotations

from core.services import Services
from dispatch import intake
from dispatch.reports import NewIncident
from geo.geocoding import open_geocoder
from responder import people
from responder.fields import Context
from responder.input import ResponderInput

PHONE = "+447700900001"


def settle_somebody(services: Services) -> str:
    """Settle a certified volunteer, V1, near the centre; returns the phone."""
    person = {
        "external_id": "V1",
        "name": "Anna",
        "phone": PHONE,
        "language": "en",
        "places": [{"kind": "home", "lat": 60.171, "lon": 24.94}],
        "certifications": [{"type": "cpr"}],
        "consent_at": "2026-01-01",
        "night_alerts": True,
    }
    checked = ResponderInput.read(person, Context.of(services.settings))
    people.upsert(services, open_geocoder(services), checked, people.Manner("operator"))
    return PHONE


def raise_one(services: Services) -> str:
    """An emergency at the centre; returns its id."""
    report = NewIncident.model_validate({"type": "cardiac_arrest", "location": {"lat": 60.17, "lon": 24.94}})
    return intake.open_incident(services, open_geocoder(services), report, "key:cad").incident_id
