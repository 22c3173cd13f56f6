"""One volunteer whom a dispatcher has in mind: an id that says nothing, and whether they may be asked now."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import Settings
from dispatch import candidates, near, one_role, sparing, states
from dispatch.candidates import Candidate, Question
from dispatch.models import Callout
from dispatch.plans import LesserRole
from dispatch.refusals import GOING_ELSEWHERE, HAD_ENOUGH, IN_WORDS, NO_PLACE, ROLE_TAKEN
from geo.distance import Origin
from responder import rules
from responder.models import ReachablePlace

_BYTES = 6


def token_of(settings: Settings, incident_id: str, responder_id: int) -> str:
    """An id of a person for this incident alone: nobody learns from it who that is, or that two of them are one person."""
    hidden = bytes(
        one ^ two for one, two in zip(responder_id.to_bytes(_BYTES), _digest(settings, incident_id, b"hide"), strict=True)
    )
    return (hidden + _digest(settings, incident_id, b"sign" + hidden)).hex()


def of_token(settings: Settings, incident_id: str, token: str) -> int | None:
    """The person whom `token_of` named so for this incident; None for anything else."""
    try:
        given = bytes.fromhex(token)
    except ValueError:
        return None
    hidden, sign = given[:_BYTES], given[_BYTES:]
    if len(hidden) < _BYTES or not hmac.compare_digest(sign, _digest(settings, incident_id, b"sign" + hidden)):
        return None
    return int.from_bytes(one ^ two for one, two in zip(hidden, _digest(settings, incident_id, b"hide"), strict=True))


def _digest(settings: Settings, incident_id: str, about: bytes) -> bytes:
    return hmac.digest(settings.secret, b"askable " + incident_id.encode() + b" " + about, "sha256")[:_BYTES]


def look_at(
    session: Session, question: Question, responder_id: int, free: Sequence[LesserRole]
) -> tuple[Candidate, LesserRole | None] | str:
    """How soon this person could be there, with the role if it can only be one, of those that are still `free`; or in plain
    words why they may not be asked."""
    found = _look_at(session, question, responder_id)
    if isinstance(found, Candidate):
        return found, None
    for role in question.plan.for_role if question.plan.any_of else ():
        alone = _look_at(session, one_role.alone(question, role), responder_id)
        if isinstance(alone, Candidate):
            if role in free:
                return alone, role
            found = IN_WORDS[ROLE_TAKEN]
        elif alone not in _NO_CERTIFICATE:
            found = alone
    return found


def _look_at(session: Session, question: Question, responder_id: int) -> Candidate | str:
    """How soon this person could be there, or in plain words why they may not be asked. The plan's reach does not count: a
    dispatcher sees how far it is."""
    places = session.scalars(select(ReachablePlace).where(ReachablePlace.responder_id == responder_id)).all()
    elsewhere = _elsewhere(session, question.incident_id, responder_id)
    if elsewhere == near.BOUND_ELSEWHERE:
        return IN_WORDS[GOING_ELSEWHERE]
    travel, area = candidates.surroundings(session, question.agency_id)
    origin = Origin(question.lat, question.lon)
    fit: list[Candidate] = []
    against = NO_PLACE
    for place in places:
        reason = rules.reason_against(place, question.plan.all_of, question.plan.any_of, question.moment)
        if reason is None and not area.inside([place.lat], [place.lon])[0]:
            reason = rules.Reason.OUTSIDE_ZONE
        if reason is not None:
            against = str(reason)
            continue
        distance_m = origin.distance_m(place.lat, place.lon)
        eta_s = travel.estimate_s(distance_m, place.transport)
        asked, spared = elsewhere == near.ASKED_ELSEWHERE, place.spared_until > question.moment.now_s
        fit.append(Candidate(asked, spared, eta_s, round(distance_m), responder_id, place.kind, place.transport))
    if fit and sparing.have_had_enough(session, [responder_id]):
        return IN_WORDS[HAD_ENOUGH]
    return min(fit) if fit else IN_WORDS[against]


_NO_CERTIFICATE = (IN_WORDS[rules.Reason.NOT_CERTIFIED], IN_WORDS[rules.Reason.CERTIFICATION_LAPSED])
"""What says nothing about somebody whom another certificate lets do more."""


def _elsewhere(session: Session, incident_id: str, responder_id: int) -> int:
    live = select(Callout.state).where(
        Callout.responder_id == responder_id, Callout.state.in_(states.LIVE), Callout.incident_id != incident_id
    )
    found = set(session.scalars(live))
    if found & set(states.BOUND):
        return near.BOUND_ELSEWHERE
    return near.ASKED_ELSEWHERE if found else near.FREE
