"""What is still missing before a real emergency. It never stops one: it says on every page what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from console.accounts import users
from console.setup import proof
from console.setup.carrier import mark
from core import clock, milestones
from core.milestones import Milestone
from core.services import Services
from core.settings import Settings
from core.words import _
from dispatch.models import CLOSED, Callout, Incident
from geo.models import Street, Zone
from responder.models import ACTIVE, Certification, Responder
from sms.models import Contact

_LOOK_EVERY_S = 5.0


@dataclass(frozen=True)
class Item:
    """One line of the list. `short` is its name in the strip; `values` go into `words`."""

    key: str
    title: str
    short: str
    done: bool
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)


def items(session: Session, settings: Settings) -> list[Item]:
    """The whole list, in the order in which it is best worked through."""
    reached = milestones.reached(session)
    demo = bool(session.scalar(select(exists().where(Contact.demo.is_(True)))))
    listed = [
        _area(session, settings),
        _volunteers(session),
        _https(settings),
        _carrier(settings, reached.get(milestones.CARRIER)),
        _webhook(settings, reached.get(milestones.WEBHOOK), waiting=proof.waiting(session) is not None),
        _admins(session),
        _backup(reached.get(milestones.BACKUP)),
        _drill(session),
    ]
    return [_demo(), *listed] if demo else listed


class GoLive:
    """The list as the strip on every page needs it: worked out at most every `_LOOK_EVERY_S` seconds in a process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._look_at_s = float("-inf")
        self._missing: tuple[Item, ...] = ()

    def missing(self) -> Sequence[Item]:
        """What is not done yet. While the database cannot be read, what was known last."""
        if clock.monotonic_s() >= self._look_at_s:
            self._look_at_s = clock.monotonic_s() + _LOOK_EVERY_S
            try:
                with self._services.read() as session:
                    listed = items(session, self._services.settings)
                self._missing = tuple(item for item in listed if not item.done)
            except (SQLAlchemyError, TimeoutError):
                pass
        return self._missing

    def look_again(self) -> None:
        """Look at the next call, because something was just done."""
        self._look_at_s = float("-inf")


def _demo() -> Item:
    words = _(
        "The people of the demo town are in this data folder; no real carrier takes their texts. A real service begins in a"
        " folder of its own: scripts/start --no-demo --data FOLDER"
    )
    return Item("demo", _("Demo data"), _("demo data"), False, words)


def _area(session: Session, settings: Settings) -> Item:
    known = bool(session.scalar(select(exists().where(Street.id.is_not(None))))) or settings.geocoder_url is not None
    bordered = bool(session.scalar(select(exists().where(Zone.id.is_not(None)))))
    if not known:
        words = _(
            "Bring in the streets, addresses and map of your area: an .osm.pbf file of it, here or with"
            " scripts/manage import-area."
        )
    elif not bordered:
        words = _("Addresses are known. No border is drawn: emergencies anywhere are taken.")
    else:
        words = _("Addresses are known, and the border of your area is drawn.")
    return Item("area", _("Your area"), _("area"), known, words)


def _volunteers(session: Session) -> Item:
    now = clock.now()
    certified = exists().where(
        Certification.responder_id == Responder.id,
        Certification.verified_at.is_not(None),
        or_(Certification.expires_at.is_(None), Certification.expires_at > now),
    )
    willing = (
        Responder.membership == ACTIVE,
        Responder.erased_at.is_(None),
        Responder.consent_at.is_not(None),
        Contact.demo.is_(False),
    )
    people = select(func.count()).select_from(Responder).join(Contact, Contact.id == Responder.contact_id)
    count = session.scalar(people.where(*willing, certified)) or 0
    words = (
        _("%(count)s volunteers who agreed to be asked and hold a valid certificate.")
        if count
        else _(
            "No volunteers of your own can be asked yet: bring them in with their certificates, on the People page or from a"
            " CSV file."
        )
    )
    return Item("volunteers", _("Volunteers"), _("volunteers"), count > 0, words, {"count": count})


def _https(settings: Settings) -> Item:
    done = settings.public_url.startswith("https://")
    words = (
        _("%(url)s is reached encrypted.")
        if done
        else _(
            "%(url)s carries addresses and passwords readable by others. Put a proxy with a certificate before it and set"
            " PUBLIC_URL: docs/install.md."
        )
    )
    return Item("https", _("Encrypted address"), _("https"), done, words, {"url": settings.public_url})


def _carrier(settings: Settings, reached: Milestone | None) -> Item:
    if settings.simulating:
        words = _("The carrier is simulated: no text leaves this machine. Set TWILIO_* and start again: docs/install.md.")
        return Item("carrier", _("Carrier"), _("carrier"), False, words)
    done = reached is not None and reached.data.get("carrier") == mark(settings) and bool(reached.data.get("reached"))
    words = (
        _("It takes our credentials.") if done else _("It has not answered yet. Look again; scripts/manage check says more.")
    )
    return Item("carrier", _("Carrier"), _("carrier"), done, words)


def _webhook(settings: Settings, proven: Milestone | None, *, waiting: bool) -> Item:
    same = {"public_url": settings.public_url, "carrier": mark(settings)}
    done = proven is not None and {name: proven.data.get(name) for name in same} == same
    if waiting:
        words = _("The text is on its way. Answer it from that phone with any word; this line turns green by itself.")
    elif done:
        words = _("An answer from a phone has arrived here.")
    else:
        words = _("Prove that answers arrive: send a text to your own phone and answer it.")
    return Item("webhook", _("Answers arrive"), _("proof that answers arrive"), done, words)


def _admins(session: Session) -> Item:
    count = users.admins(session)
    words = (
        _("%(count)s admins.")
        if count > 1
        else _("One admin is one lost password away from none: add a second on the Users page.")
    )
    return Item("admins", _("Two admins"), _("second admin"), count > 1, words, {"count": count})


def _backup(made: Milestone | None) -> Item:
    done = made is not None and clock.now() - made.at <= milestones.BACKUP_GOOD_FOR
    if made is None:
        words = _("There is none. Make one now; let a timer do it every night: docs/install.md.")
    elif not done:
        words = _("The newest is older than seven days. Let a timer make one every night: docs/install.md.")
    else:
        words = _("The newest verified one is %(hours)s hours old. Keep a copy on another machine.")
    hours = round((clock.now() - made.at).total_seconds() / 3600) if made else 0
    return Item("backup", _("Backup"), _("backup"), done, words, {"hours": hours})


def _drill(session: Session) -> Item:
    answered = exists().where(Callout.incident_id == Incident.id, Callout.answered_at.is_not(None))
    done = bool(session.scalar(select(exists().where(Incident.drill.is_(True), Incident.state == CLOSED, answered))))
    words = (
        _("A drill was opened, answered and closed.")
        if done
        else _(
            "Play a whole emergency once: a dispatcher (add one on the Users page) raises one with Drill ticked, somebody"
            " answers, it is closed. Every text begins with DRILL."
        )
    )
    return Item("drill", _("A first drill"), _("drill"), done, words)
