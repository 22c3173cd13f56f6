"""/me/delete: to be forgotten, at once or the minute a callout ends."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.access import FORM, requires
from core.words import _
from responder import erasure
from responder.me.page import page
from responder.me.room import HOME, NoVisit, Room, ended, forget_cookie, shown, visitor

_NOT_TICKED = _("Tick the box if you mean it. Nothing was deleted.")


def add(routes: Blueprint, room: Room) -> None:
    """Register the view."""

    @routes.post(f"{HOME}/delete")
    @requires(FORM)
    def delete() -> ResponseReturnValue:
        try:
            with room.services.write() as session:
                person = visitor(session)
                if request.form.get("sure") != "yes":
                    return page(room, session, person, 422, errors={"sure": _NOT_TICKED})
                language, actor = person.contact.language, f"responder:{person.id}"
                # Locked before it is looked whether they are on a callout, so that nobody asks them in between.
                erasure.lock(session, person.external_id)
                later = room.above.is_bound(session, person.id)
                (erasure.request if later else erasure.erase)(session, person.external_id, actor)
        except NoVisit:
            return ended(room)
        return forget_cookie(room, shown(room, "me/deleted.html", language, later=later))
