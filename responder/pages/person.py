"""/people/{id}: one person, everything that is known of them, and why they would or would not be asked now."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext
from typing import Any

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session

from core import clock, events
from core.access import AUDITOR, requires
from responder import asked_now, membership, standing, texts_with
from responder.care import call_backs
from responder.certificates import evidence, states, words
from responder.hours_words import spoken
from responder.joining import consents
from responder.models import Responder
from responder.pages import wording
from responder.pages.kinds import labels
from responder.pages.room import PERSON, READS, Room, load, may_change


def add(routes: Blueprint, room: Room) -> None:
    """Register the view."""

    @routes.get(PERSON)
    @requires(READS)
    def person(responder_id: int) -> str:
        # Whoever opens a person leaves a trace, therefore a write.
        with room.services.write() as session:
            events.record(session, "responder_opened", g.actor, responder_id=load(session, responder_id).id)
        return page(room, responder_id)


def page(room: Room, responder_id: int, **more: Any) -> str:
    """The page of a person; `more` are errors of the small forms on it, by field, and what was typed."""
    with room.services.read() as session:
        return _rendered(room, session, load(session, responder_id), more)


def _rendered(room: Room, session: Session, person: Responder, more: Mapping[str, Any]) -> str:
    now, is_admin = clock.now(), may_change()
    at = room.standing_at(session, now)
    is_bound = room.above.is_bound(session, person.id)
    return render_template(
        "responder/person.html",
        person=person,
        sign=wording.signs(is_admin=is_admin)[standing.of(person, at)],
        reasons=wording.reasons(standing.off_because(person, at), is_admin=is_admin),
        standing=standing,
        places=sorted(person.places, key=lambda one: one.kind),
        states=states,
        evidence=evidence.of_certifications(session, [one.id for one in person.certifications]),
        evidence_kept=room.services.settings.evidence_kept,
        certifications=sorted(person.certifications, key=lambda one: (one.type, one.id)),
        spoken=spoken,
        asked=_asked(room, session, person) if not is_bound else [],
        is_bound=is_bound,
        texts=texts_with.with_contact(session, person.contact_id, all_bodies=g.user.role == AUDITOR, before=_before()),
        page_of_texts=texts_with.PAGE,
        is_older=_before() is not None,
        wording=wording,
        rejections=words.REJECTIONS,
        changes=membership.history(session, person.id),
        consents=consents.of_person(session, person.id),
        kinds=labels(session, room.services.settings.default_language),
        given=room.above.ledger_of(session, person.id),
        call=call_backs.of_person(session, person.id) if is_admin else None,
        now=now,
        may_change=is_admin,
        said=wording.SAID.get(request.args.get("said", "")),
        **{"errors": {}, "typed": {}} | dict(more),
    )


def _asked(room: Room, session: Session, person: Responder) -> list[tuple[str, asked_now.Verdicts]]:
    plans = room.above.plans_on(session)
    needs = [(plan.name, plan.all_of, plan.any_of) for plan in plans]
    needs += [
        (f"{plan.name}, {gettext(wording.ROLES_ALONE[role])}", plan.all_of, opened)
        for plan in plans
        for role, opened in plan.for_role.items()
    ]
    asked = [(all_of, any_of) for _name, all_of, any_of in needs]
    found = asked_now.verdicts(session, room.services.settings, person.id, asked, clock.now())
    return [(name, verdict) for (name, _all, _any), verdict in zip(needs, found, strict=True)]


def _before() -> str | None:
    return request.args.get("before", "")[:26] or None
