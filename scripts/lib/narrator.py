"""Tells an emergency as it happens: every text, and what it changed."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.events import Event, after
from core.log import masked
from core.services import Services
from dispatch.models import Callout
from responder.models import Responder
from scripts.lib.terminal import BLUE, BOLD, DIM, GREEN, YELLOW, colour, say
from sms.models import CALL, OUT, TAKEN, Contact, Message

_INDENT = 9
_PLAIN = {
    "incident_covered": "COVERED: every role is filled; nobody else is asked.",
    "incident_uncovered": "Not every role is filled any more.",
    "asking_resumed": "Asking again.",
    "nobody_asked": "NOBODY COULD BE ASKED.",
    "stood_down": "Stand-down: whoever was asked or is coming is told.",
    "incident_closed": "Closed.",
}
_OF_A_PERSON = {
    "callout_accepted": "{name} is coming, {role}, about {minutes} min away.",
    "callout_declined": "{name} cannot; the next one is asked.",
    "callout_on_scene": "{name} is at the patient.",
    "callout_finished": "{name} has left the scene.",
    "callout_failed": "{name} cannot be reached.",
}
_PURPOSES = {"first": "asked", "address": "address", "stand_down": "told", "follow_up": "asked back", "safety": "warned"}
"""What a text is for, in a word: most people of the town read Finnish or Swedish."""
_ROLES = {"direct": "straight to the patient", "aed": "fetching the AED", "guide": "to guide the ambulance in"}


class Narrator:
    """Reads messages and events of one incident, and prints what is new."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._incident_id = ""
        self._raised_at = clock.now()
        self._last_event = 0
        self._told: set[str] = set()
        self._names: dict[int, str] = {}

    def begin(self, incident: dict[str, Any], raised_at: datetime) -> None:
        """Begin with the incident as the API answered it, called in at `raised_at`."""
        self._incident_id = incident["id"]
        self._raised_at = raised_at
        place = incident["location"]
        where = place["address"] or f"{place['lat']:.5f}, {place['lon']:.5f}"
        self.say(f"Incident {incident['code']}: cardiac arrest, {where}.")

    def say(self, line: str) -> None:
        """A line of the narrator's own, at the present moment."""
        self._print(self._since(clock.now()), colour(line, BOLD), "")

    def look(self) -> None:
        """Print what has happened since the last look."""
        with self._services.read() as session:
            texts = [(_moment(one), partial(self._tell_text, session, one)) for one in self._new_messages(session)]
            events = [(one.at, partial(self._tell_event, session, one)) for one in self._new_events(session)]
            for _, tell in sorted(texts + events, key=lambda one: one[0]):
                tell()

    def _new_messages(self, session: Session) -> list[Message]:
        """Texts in, and texts out once the carrier has taken them."""
        mine = select(Message).where(Message.about_kind == "callout", Message.about_id.in_(self._callouts(session)))
        heard = select(Message).where(Message.direction != OUT)
        rows = [row for query in (mine, heard) for row in session.scalars(query) if row.id not in self._told]
        ready = {row.id: row for row in rows if row.direction != OUT or row.state == TAKEN}
        self._told.update(ready)
        return list(ready.values())

    def _callouts(self, session: Session) -> Sequence[str]:
        return session.scalars(select(Callout.id).where(Callout.incident_id == self._incident_id)).all()

    def _new_events(self, session: Session) -> list[Event]:
        rows = after(session, self._last_event)
        self._last_event = rows[-1].number if rows else self._last_event
        return [row for row in rows if row.incident_id == self._incident_id]

    def _tell_text(self, session: Session, message: Message) -> None:
        who = f"{self._name_at(session, message.phone)} {masked(message.phone)}"
        at_s = self._since(_moment(message))
        if message.direction == OUT:
            arrow = "☎ →" if message.channel == CALL else "→"
            self._print(at_s, colour(f"{arrow} {who} [{_PURPOSES.get(message.purpose, message.purpose)}]", BLUE), message.body)
        else:
            self._print(at_s, colour(f"← {who}", YELLOW), colour(message.body, BOLD))

    def _tell_event(self, session: Session, event: Event) -> None:
        line = _PLAIN.get(event.kind)
        if event.kind in _OF_A_PERSON and event.responder_id is not None:
            data = event.data
            line = _OF_A_PERSON[event.kind].format(
                name=self._name(session, event.responder_id),
                role=_ROLES.get(data.get("role") or "", "coming"),
                minutes=max(1, round((data.get("eta_s") or 0) / 60)),
            )
        if line:
            self._print(self._since(event.at), colour(f"= {line}", GREEN), "")

    def _since(self, moment: datetime) -> float:
        """Seconds since the incident was called in."""
        return max(0.0, (moment - self._raised_at).total_seconds())

    def _name_at(self, session: Session, phone: str) -> str:
        found = session.scalar(select(Responder.id).join(Contact).where(Contact.phone == phone))
        return self._name(session, found) if found is not None else "somebody"

    def _name(self, session: Session, responder_id: int) -> str:
        if responder_id not in self._names:
            self._names[responder_id] = session.get_one(Responder, responder_id).name.split()[0]
        return self._names[responder_id]

    def _print(self, at_s: float, head: str, body: str) -> None:
        stamp = colour(f"{at_s:6.1f} s ", DIM)
        text = f"{head}  {body}" if body else head
        if sys.stdout.isatty():
            width = max(60, shutil.get_terminal_size().columns - _INDENT)
            text = ("\n" + " " * (_INDENT + 4)).join(textwrap.wrap(text, width))
        say(stamp + text)


def _moment(message: Message) -> datetime:
    return message.taken_at or message.created_at
