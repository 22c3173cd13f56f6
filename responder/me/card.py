"""/card.vcf: all our numbers as one contact, so that a phone can let them through at night."""

from __future__ import annotations

from flask import Blueprint, Response

from core.access import PUBLIC, requires
from core.settings import Settings
from responder.me.room import Room
from sms.carriers.routes import routes_of


def add(routes: Blueprint, room: Room) -> None:
    """Register the view."""

    @routes.get("/card.vcf")
    @requires(PUBLIC)
    def card() -> Response:
        named = {"Content-Disposition": 'attachment; filename="contact.vcf"'}
        return Response(written(room.services.settings), content_type="text/vcard; charset=utf-8", headers=named)


def written(settings: Settings) -> str:
    """The contact as vCard 3.0 (RFC 2426), which every phone reads: the numbers that texts and calls come from, and ours."""
    senders = [route.sender for route in routes_of(settings)]
    numbers = [*senders, settings.carrier.voice_from or "", settings.contact_phone]
    ours = dict.fromkeys(number for number in numbers if number[:1] in "+0123456789" and number)
    name = settings.organisation.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", f"N:{name};;;;", f"ORG:{name}"]
    lines += [f"TEL;TYPE=CELL:{number}" for number in ours]
    return "\r\n".join([*lines, "END:VCARD", ""])
