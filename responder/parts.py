"""The two lists of a responder, replaced whole while what did not change keeps its row: places and certifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core import clock
from responder.certificates.verifying import is_own
from responder.fields import day_begins, day_ends
from responder.input import CertificationInput, PlaceInput
from responder.models import Certification, Place, Responder


def replace_places(responder: Responder, wanted: Sequence[PlaceInput], kept: Sequence[str] = ()) -> bool:
    """Make the places of `responder` those that are `wanted` (all with coordinates), and leave those of the kinds that are
    `kept` where they are; whether anything changed."""
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
    unwanted = [one for one in before.values() if one.kind not in kept]
    for one in unwanted:
        responder.places.remove(one)
    return changed or bool(unwanted)


@dataclass(frozen=True)
class Manner:
    """How people are written down: by whom, whether the certifications that come along count as verified by them (their own
    never do), whether certifications that are not mentioned stay, of which kinds places do, whether it is a list, which may be
    older than what people have said since, or one person changed by hand, who may then drop what somebody has accepted, and
    whether these are people of the demo town."""

    actor: str
    verified: bool = True
    keep_certifications: bool = False
    keep_places: tuple[str, ...] = ()
    is_a_list: bool = False
    by_hand: bool = False
    demo: bool = False


@dataclass(frozen=True)
class Replaced:
    """What became of somebody's certifications: whether anything changed, and of the verified ones that went what their event
    says."""

    changed: bool
    verified_gone: list[dict[str, Any]] = field(default_factory=list)


def replace_certifications(
    responder: Responder, wanted: Sequence[CertificationInput] | None, zone: ZoneInfo, manner: Manner
) -> Replaced:
    """Make the certifications of `responder` those that are `wanted`; None says nothing of them.

    The same type, number and end are the same proof, which stays verified by whoever verified it. Any other is new, and
    verified now or waiting for somebody to verify it, as the manner is. Those that are not wanted go, unless the manner keeps
    them. What waits for a verdict is no list's to drop, or to verify unseen by naming it; what a verdict has accepted goes by
    hand alone, and a list that names the same type and no later end says nothing new about it.
    """
    if wanted is None:
        return Replaced(changed=False)
    verified_by = manner.actor if manner.verified and not is_own(responder, manner.actor) else None
    listed = [one for one in responder.certifications if not one.is_of_the_queue]
    before = {_identity(one): one for one in listed}
    judged = [] if manner.by_hand else [one for one in listed if one.is_judged]
    changed = False
    for proof in wanted:
        values = _values(proof, zone)
        existing = before.pop((proof.type, proof.number, values["expires_at"]), None)
        if existing is None and any(_says_nothing_new(proof, values["expires_at"], one) for one in judged):
            continue
        if existing is None:
            existing = Certification(type=proof.type, number=proof.number, expires_at=values["expires_at"])
            existing.submitted_at = clock.now() if verified_by is None else None
            responder.certifications.append(existing)
            changed = True
        changed |= _complete(existing, proof, values["issued_at"], verified_by)
    gone = [] if manner.keep_certifications else [one for one in before.values() if one not in judged]
    for one in gone:
        responder.certifications.remove(one)
    facts = [{"type": one.type, "certification_id": one.id} for one in gone if one.verified_at is not None]
    return Replaced(changed or bool(gone), facts)


def _says_nothing_new(proof: CertificationInput, expires_at: datetime | None, judged: Certification) -> bool:
    """Whether what a list says of a certificate is no more than somebody has read off it."""
    if proof.type != judged.type:
        return False
    is_same = proof.number is not None and proof.number == judged.number
    return is_same or judged.expires_at is None or (expires_at is not None and expires_at <= judged.expires_at)


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
    # A rejection is somebody's verdict, which no list takes back.
    if verified_by is not None and row.verified_at is None and row.rejected_at is None:
        row.verified_at, row.verified_by, row.submitted_at = clock.now(), verified_by, None
        changed = True
    return changed


def _identity(row: Certification) -> tuple[str, str | None, datetime | None]:
    return row.type, row.number, row.expires_at


def _values(proof: CertificationInput, zone: ZoneInfo) -> dict[str, datetime | None]:
    return {
        "issued_at": day_begins(proof.issued, zone) if proof.issued else None,
        "expires_at": day_ends(proof.expires, zone) if proof.expires else None,
    }
