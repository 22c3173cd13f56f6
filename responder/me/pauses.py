"""/me/off and /me/on: a pause, for some hours, until a moment, or until one is back."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from core import clock
from core.access import FORM, requires
from core.words import _
from responder import availability
from responder.fields import LAST_YEAR
from responder.me.page import page
from responder.me.room import HOME, NoVisit, Room, ended, visitor

LENGTHS = {"8h": timedelta(hours=8), "7d": timedelta(days=7), "open": None}
"""The same as by text: OFF 8h, OFF 7d, OFF."""


_WRONG = _("A day and a time that are still to come.")


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.post(f"{HOME}/off")
    @requires(FORM)
    def off() -> ResponseReturnValue:
        length, typed = request.form.get("length", ""), request.form.get("until", "").strip()
        try:
            with room.services.write() as session:
                person = visitor(session)
                until = _until(length, typed, room)
                if until is None and length != "open":
                    return page(room, session, person, 422, errors={"until": _WRONG}, typed={"until": typed})
                availability.set_off(session, person, until)
        except NoVisit:
            return ended(room)
        return redirect(f"{HOME}?said=off", 303)

    @routes.post(f"{HOME}/on")
    @requires(FORM)
    def on() -> ResponseReturnValue:
        try:
            with room.services.write() as session:
                availability.set_on(session, visitor(session))
        except NoVisit:
            return ended(room)
        return redirect(f"{HOME}?said=on", 303)


def _until(length: str, typed: str, room: Room) -> datetime | None:
    """When the pause ends; None for one without an end, and for what is no moment to come."""
    now = clock.now()
    if length in LENGTHS:
        lasts = LENGTHS[length]
        return now + lasts if lasts else None
    try:
        until = datetime.fromisoformat(typed)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=room.services.settings.zone_info)
    return until if until > now and until.year <= LAST_YEAR else None
