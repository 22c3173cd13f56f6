"""The two lists of a responder, replaced whole while what did not change keeps its row: places and certifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core import clock
from responder.fields import day_begins, day_ends
from responder.input import CertificationInput, PlaceInput
from responder.models import Certification, Place, Responder


def replace_places(responder: Responder, wanted: Sequence[PlaceInput]) -> bool:
    """Make the places of `responder` those that are `wanted` (all with coordinates); whether anything changed."""
    before = {place.kind: place for place in responder.places}
    changed = False
    for place in wanted:
        values = {"lat": place.lat, "lon": place.lon, "address": place.address, "hours": place.hours}
        existing = before.pop(place.kind, None)
        if existing is None:
            responder.places.append(Place(kind=place.kind, **values))
            changed = True
            continue
        for name, value in values.items():
            if getattr(existing, name) != value:
                setattr(existing, name, value)
                changed = True
    for gone in before.values():
        responder.places.remove(gone)
    return changed or bool(before)


def replace_certifications(
    responder: Responder, wanted: Sequence[CertificationInput], zone: ZoneInfo, verified_by: str | None, *, keep_others: bool
) -> bool:
    """Make the certifications of `responder` those that are `wanted`; whether anything changed.

    The same type, number and end are the same proof, which stays verified by whoever verified it. Any other is new, and
    verified now by `verified_by`, or waits for somebody to verify it when that is None. Those that are not wanted go, unless
    `keep_others`.
    """
    # What waits for a verdict is no register's to drop, or to verify unseen by naming it.
    before = {_identity(one): one for one in responder.certifications if not one.is_of_the_queue}
    changed = False
    for proof in wanted:
        values = _values(proof, zone)
        existing = before.pop((proof.type, proof.number, values["expires_at"]), None)
        if existing is None:
            existing = Certification(type=proof.type, number=proof.number, expires_at=values["expires_at"])
            existing.submitted_at = clock.now() if verified_by is None else None
            responder.certifications.append(existing)
            changed = True
        changed |= _complete(existing, proof, values["issued_at"], verified_by)
    if keep_others or not before:
        return changed
    for gone in before.values():
        responder.certifications.remove(gone)
    return True


def _complete(row: Certification, proof: CertificationInput, issued_at: datetime | None, verified_by: str | None) -> bool:
    """Add to a proof what is said about it beyond its identity; whether anything changed."""
    changed = False
    said = proof.model_fields_set
    if "issuer" in said and row.issuer != proof.issuer:
        row.issuer = proof.issuer
        changed = True
    if "issued" in said and row.issued_at != issued_at:
        row.issued_at = issued_at
        changed = True
    if verified_by is not None and row.verified_at is None:
        row.verified_at, row.verified_by = clock.now(), verified_by
        row.rejected_at = row.rejected_by = row.rejected_because = None
        changed = True
    return changed


def _identity(row: Certification) -> tuple[str, str | None, datetime | None]:
    return row.type, row.number, row.expires_at


def _values(proof: CertificationInput, zone: ZoneInfo) -> dict[str, datetime | None]:
    return {
        "issued_at": day_begins(proof.issued, zone) if proof.issued else None,
        "expires_at": day_ends(proof.expires, zone) if proof.expires else None,
    }
