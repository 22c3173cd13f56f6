"""Having the carrier forget the words of texts, one request after the other, in a thread that holds up nothing else."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Protocol

from core import events, log
from core.services import Services
from dispatch.retention import rounds, to_redact
from dispatch.retention.to_redact import Due
from sms.gateway import Redacted, Refused, Unknown

EVERY_S = 60.0
AGAIN_AFTER = timedelta(hours=1)
"""A text that the carrier would not forget is under way there still, or the account may not: neither changes within minutes."""
MOST = 200
"""Texts a round. At ten requests a second, which is far from any account's limit, 20 s; at one a second the round takes longer
than the pause, and all goes on as well."""
_log = log.get("redaction")


class Carriers(Protocol):
    """Whoever can be asked to forget words."""

    def redact(self, carrier: str, carrier_id: str, /) -> Redacted | Refused | Unknown:
        """Have `carrier` forget the words of one text."""


class Redaction:
    """The thread. It remembers nothing: to ask twice is harmless, so a restart is too."""

    def __init__(self, services: Services, carriers: Carriers) -> None:
        self._services = services
        self._carriers = carriers

    def run(self, stopping: threading.Event) -> None:
        """A round every minute until `stopping` is set."""
        while not stopping.wait(EVERY_S):
            try:
                self.round(stopping)
            except Exception:
                _log.exception("the carrier was not asked to forget what is over")

    def round(self, stopping: threading.Event | None = None) -> int:
        """Ask for what is due now, as long as the carrier answers. Returns how many texts it has forgotten."""
        with self._services.read() as session:
            due = [
                (one, to_redact.carrier_ids(session, one)) for one in to_redact.waiting(session, self._services.settings, MOST)
            ]
        forgotten, refused = 0, set[str]()
        for one, carrier_ids in due:
            if stopping is not None and stopping.is_set():
                break
            answer = self._ask(one, carrier_ids)
            if isinstance(answer, Unknown) or (isinstance(answer, Refused) and answer.retry):
                _log.warning("the carrier forgets nothing at present", message_id=one.message_id, answer=type(answer).__name__)
                break
            self._note(one, answer)
            forgotten += isinstance(answer, Redacted)
            refused |= {answer.code} if isinstance(answer, Refused) else set()
        with self._services.write() as session:
            rounds.done(session, "carrier", forgotten)
            if refused:  # one event for all: where the account may not, it is every text there is
                events.record(session, "texts_not_redacted", "carrier", codes=sorted(refused))
        return forgotten

    def _ask(self, one: Due, carrier_ids: list[str]) -> Redacted | Refused | Unknown:
        """The first answer that is not the wished one, else that."""
        for carrier_id in carrier_ids:
            answer = self._carriers.redact(one.carrier, carrier_id)
            if not isinstance(answer, Redacted):
                return answer
        return Redacted()

    def _note(self, one: Due, answer: Redacted | Refused) -> None:
        with self._services.write() as session:
            if isinstance(answer, Redacted):
                to_redact.is_done(session, one.message_id)
                return
            to_redact.again_later(session, one.message_id, AGAIN_AFTER)
        _log.warning("the carrier would not forget a text", message_id=one.message_id, code=answer.code)
