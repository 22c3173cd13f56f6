"""What every page of a volunteer stands on: who visits, in which language, and the cookie of the visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Request, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from core.problems import Problem
from core.services import Services
from core.settings import Settings
from core.translations import speaker
from geo.geocoding import Geocoder
from responder.api import IsBound
from responder.care.ledger import LedgerOf
from responder.links import visits
from responder.models import Responder
from responder.pages.room import load
from sms.carriers.routes import routes_of

HOME = "/me"


@dataclass(frozen=True)
class Alert:
    """One time that somebody was asked to come: when, what for (as the room above calls it), what became of it."""

    at: datetime
    type: str
    drill: bool
    state: str


AlertsOf = Callable[[Session, int], Sequence[Alert]]
"""The newest alerts of one person, newest first."""


TextTo = Callable[[Session, Responder], None]
"""Writes one text, of which the room above has the words, to one person."""


Recount = Callable[[Session, int], None]
"""Counts the alerts of one person anew, after they have changed how many they wish."""


@dataclass(frozen=True)
class Above:
    """What is asked of the room above, which alone knows emergencies and has the words of texts."""

    is_bound: IsBound
    helping: Callable[[Session], tuple[str, ...]]
    """The kinds of certificate one of which lets somebody be asked; () means any."""
    alerts_of: AlertsOf
    ledger_of: LedgerOf
    recount: Recount
    send_link: TextTo
    ask_consent: TextTo
    tell_shared: TextTo
    send_code: Callable[[Session, str, str, str], None]
    """Texts a code: to which number, in which language if the number is new here, and the code."""
    network_of: Callable[[Request], str]
    """Where a request comes from, as far as it can be told apart from others."""


@dataclass(frozen=True)
class Room:
    """The tools of the views."""

    services: Services
    geocoder: Geocoder
    above: Above


class NoVisit(Exception):
    """Nobody visits with this cookie, or not any more."""


def visitor(session: Session) -> Responder:
    """Whose page this request is for. Raises NoVisit. `session` may write."""
    cookie = request.cookies.get(visits.COOKIE, "")
    responder_id = visits.visitor(session, cookie) if cookie else None
    if responder_id is None:
        raise NoVisit
    try:
        return load(session, responder_id)
    except Problem:
        raise NoVisit from None


def who(room: Room) -> int:
    """The row of whoever visits, for views that only look: what they read needs no turn to write. Raises NoVisit."""
    with room.services.write() as session:
        return visitor(session).id


def shown(room: Room, name: str, language: str, status: int = 200, **values: Any) -> Response:
    """A page of ours in the reader's language."""
    settings = room.services.settings
    spoken = language if language in settings.languages else settings.default_language
    say = speaker(spoken)
    around = {"language": spoken, "gettext": say, "contact_phone": settings.contact_phone, "zone": settings.zone_info}
    return make_response(render_template(name, **around, **values), status)


def reader(room: Room) -> str:
    """The language of somebody we do not know: what they chose, else what their browser asks for, else the service's own."""
    settings = room.services.settings
    chosen = request.args.get("lang", "")
    if chosen in settings.languages:
        return chosen
    return request.accept_languages.best_match(settings.languages) or settings.default_language


def ended(room: Room, language: str | None = None) -> Response:
    """What stands where a link or a visit has ended, whoever asks: how to get a new one, and whom to ring."""
    settings = room.services.settings
    number = number_to_text(settings)
    return forget_cookie(room, shown(room, "me/ended.html", language or reader(room), 410, number=number))


def set_cookie(room: Room, response: Response, value: str) -> Response:
    """A cookie of the visit alone: no script reads it, no other path and no other site's form sends it."""
    response.set_cookie(
        visits.COOKIE, value, path=HOME, httponly=True, secure=_is_https(room.services.settings), samesite="Lax"
    )
    return response


def forget_cookie(room: Room, response: Response) -> Response:
    """Take the cookie of the visit away."""
    response.delete_cookie(visits.COOKIE, path=HOME, httponly=True, secure=_is_https(room.services.settings), samesite="Lax")
    return response


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def number_to_text(settings: Settings) -> str | None:
    """The number that LINK is texted to, where it is known without knowing who asks."""
    return next((route.sender for route in routes_of(settings) if route.sender[:1] in "+0123456789" and route.sender), None)
