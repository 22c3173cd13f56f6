"""What an admin does to one person without the long form: verify a certificate, OFF and ON, erase."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core import clock
from core.access import requires
from core.problems import not_found
from core.services import Services
from core.words import _, fill
from responder import availability, erasure
from responder.certificates import verifying
from responder.fields import LAST_YEAR
from responder.pages.person import page
from responder.pages.room import PERSON, WRITES, Room, load

_NOT_CONFIRMED = _("the person's name, exactly as it stands above; nothing was erased")
_LATER, _DONE = "later", "done"


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.post(f"{PERSON}/certifications/<int(max=2147483647):certification_id>/verify")
    @requires(WRITES)
    def verify(responder_id: int, certification_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            _own_certificate(session, responder_id, certification_id)
            verifying.accept(session, certification_id, g.actor)
        return _back(responder_id, "verified")

    @routes.post(f"{PERSON}/certifications/<int(max=2147483647):certification_id>/take-back")
    @requires(WRITES)
    def take_back(responder_id: int, certification_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            _own_certificate(session, responder_id, certification_id)
            verifying.take_back(session, certification_id, g.actor)
        return _back(responder_id, "taken_back")

    @routes.post(f"{PERSON}/on")
    @requires(WRITES)
    def on(responder_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            availability.set_on(session, load(session, responder_id), g.actor)
        return _back(responder_id, "on")

    @routes.post(f"{PERSON}/off")
    @requires(WRITES)
    def off(responder_id: int) -> ResponseReturnValue:
        until, error = read_until(room.services, request.form.get("until", ""))
        if error:
            return page(room, responder_id, errors={"until": error}, typed=request.form), 422
        with room.services.write() as session:
            availability.set_off(session, load(session, responder_id), until, g.actor)
        return _back(responder_id, "off")

    @routes.post(f"{PERSON}/erase")
    @requires(WRITES)
    def erase(responder_id: int) -> ResponseReturnValue:
        kind = _erase(room, responder_id, request.form.get("name", ""))
        if kind == _NOT_CONFIRMED:
            return page(room, responder_id, errors={"name": kind}, typed=request.form), 422
        return _back(responder_id, None) if kind == _LATER else redirect(url_for("people.people", said="erased"), 303)


def _own_certificate(session: Session, responder_id: int, certification_id: int) -> None:
    if certification_id not in {one.id for one in load(session, responder_id).certifications}:
        raise not_found("certificate of this person")


def _erase(room: Room, responder_id: int, typed: str) -> str:
    """Erase, now or when the callout ends, if the name was typed. Which of the three it was."""
    with room.services.write() as session:
        person = load(session, responder_id)
        if _plain(typed) != _plain(person.name):
            return _NOT_CONFIRMED
        # Locked before it is looked whether they are on a callout, so that nobody asks them in between.
        erasure.lock(session, person.external_id)
        if room.above.is_bound(session, responder_id):
            erasure.request(session, person.external_id, g.actor)
            return _LATER
        erasure.erase(session, person.external_id, g.actor)
        return _DONE


def _back(responder_id: int, said: str | None) -> ResponseReturnValue:
    return redirect(url_for("people.person", responder_id=responder_id, said=said), 303)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def read_until(services: Services, text: str) -> tuple[datetime | None, str]:
    """The end of an OFF by the agency's clock, None for none, and what is wrong with it."""
    if not text.strip():
        return None, ""
    try:
        until = datetime.fromisoformat(text.strip())
    except ValueError:
        return None, _("a date and time such as 2026-12-31 14:00, or nothing: then until they say ON")
    if until.tzinfo is None:
        until = until.replace(tzinfo=services.settings.zone_info)
    if until.year > LAST_YEAR or until <= clock.now():
        return None, fill("a moment that is still to come, before the year {year}", year=LAST_YEAR)
    return until, ""
