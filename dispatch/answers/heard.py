"""One text, understood: what every deed works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from core import clock
from core.services import Services
from dispatch import writing
from dispatch.answers.grammar import Answer
from dispatch.models import Callout
from responder.models import Responder
from sms import purposes
from sms.models import Contact


@dataclass
class Heard:
    """A text of `person` with its meaning and the callout it is about, if any; all incidents of `recent` are locked.

    `touched` collects the incidents to bring up to date once the deed is done.
    """

    services: Services
    session: Session
    contact: Contact
    person: Responder
    answer: Answer
    recent: Sequence[Callout]
    about: Callout | None
    touched: set[str] = field(default_factory=set)
    now: datetime = field(default_factory=clock.now)

    @property
    def actor(self) -> str:
        """Who did it, as events name them."""
        return f"responder:{self.person.id}"

    @property
    def callout(self) -> Callout:
        """The callout it is about, for deeds that are only done about one."""
        assert self.about is not None, "this deed is only done about a callout"
        return self.about

    def reply(self, key: str, purpose: str = purposes.FOLLOW_UP) -> None:
        """Answer with text `key`, about the callout."""
        writing.send(self.session, self.services.settings, key, purpose, self.callout)

    def reply_once(self, key: str) -> None:
        """Say what to send, at most once per callout."""
        if self.callout.asked_what_to_send_at is None:
            self.callout.asked_what_to_send_at = self.now
            self.reply(key)
