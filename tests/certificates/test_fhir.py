"""A volunteer in FHIR, held to an independent reading of the standard."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fhir.resources.R4B import practitioner as standard

from responder.certificates import fhir, kinds
from responder.models import Certification, Responder

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = {kind.key: kind for kind in kinds.SHIPPED}


def shown(*certifications: Certification, **other: Any) -> dict[str, Any]:
    person = Responder(external_id="V 1/å", name="Aino Virtanen", consent_at=NOW, certifications=list(certifications))
    for name, value in other.items():
        setattr(person, name, value)
    return fhir.practitioner(person, KINDS, ZONE, "https://doorstep.example", "sv")


def test_a_verified_certificate_with_everything_known_of_it() -> None:
    full = Certification(id=1, type="cpr", number="C-1", issuer="SPR", verified_at=NOW)
    full.issued_at, full.expires_at = datetime(2026, 1, 9, 22, tzinfo=UTC), datetime(2028, 1, 10, 21, 59, 59, tzinfo=UTC)
    found = shown(full)
    assert found["qualification"] == [
        {
            "identifier": [{"value": "C-1"}],
            "code": {
                "coding": [{"system": "https://doorstep.example/certificate-kinds", "code": "cpr", "display": "HLR"}],
                "text": "HLR",
            },
            "period": {"start": "2026-01-10", "end": "2028-01-10"},
            "issuer": {"display": "SPR"},
        }
    ]
    read = standard.Practitioner.model_validate(found)
    assert read.identifier[0].value == "V 1/å"
    assert read.qualification[0].period.end.isoformat() == "2028-01-10"


def test_what_is_not_known_is_left_out_and_what_is_not_verified_is_not_there() -> None:
    bare = Certification(id=2, type="water_rescue", verified_at=NOW)
    waiting = Certification(id=3, type="cpr", submitted_at=NOW, sent_by="responder:1")
    found = shown(bare, waiting)
    assert [one["code"]["text"] for one in found["qualification"]] == ["water_rescue"]
    assert set(found["qualification"][0]) == {"code"}
    nothing = shown(consent_at=None)
    assert set(nothing) == {"resourceType", "identifier", "active", "name"}
    assert nothing["active"] is False
    for one in (found, nothing):
        assert standard.Practitioner.model_validate(one).name[0].text == "Aino Virtanen"
