"""The carrier's memory: its log of messages and the phones, with bounds."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from core import clock
from sms.simulated.model import Text

NEWEST_TEXTS = 20_000
"""How many messages the log keeps; the oldest are forgotten first."""
_TEXTS_PER_PHONE = 500
_ERRORS = 500


@dataclass
class Phone:
    """A phone. `by_person`: somebody has played it, so the autopilot keeps its hands off."""

    number: str
    label: str | None = None
    texts: deque[Text] = field(default_factory=lambda: deque(maxlen=_TEXTS_PER_PHONE))
    unread: int = 0
    by_person: bool = False

    def conversation(self) -> list[Text]:
        """What the phone shows, oldest first."""
        return [text for text in self.texts if text.seen]


@dataclass(frozen=True)
class HookError:
    """A webhook that did not go well, as Twilio's debugger would list it."""

    code: int
    why: str
    sid: str
    at: str | None


class Book:
    """All messages by SID and all phones by number. `version` grows with every change that a phone could show."""

    def __init__(self, limit: int = NEWEST_TEXTS) -> None:
        self.version = 0
        self.errors: deque[HookError] = deque(maxlen=_ERRORS)
        self._limit = limit
        self._texts: OrderedDict[str, Text] = OrderedDict()
        self._phones: dict[str, Phone] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: Text) -> None:
        """Keep `text`, on the account's log and with its phone."""
        self._texts[text.sid] = text
        self.phone(text.phone).texts.append(text)
        self.version += 1
        while len(self._texts) > self._limit:
            _, oldest = self._texts.popitem(last=False)
            self._forget(oldest)

    def get(self, sid: str) -> Text | None:
        """The message of that SID."""
        return self._texts.get(sid)

    def remove(self, sid: str) -> None:
        """Take a message off the account's log; the phone keeps its copy."""
        self._texts.pop(sid, None)

    def newest_first(self) -> Iterator[Text]:
        """Every message of the log."""
        return reversed(self._texts.values())

    def phone(self, number: str) -> Phone:
        """The phone of that number, made known if it was not."""
        if number not in self._phones:
            self._phones[number] = Phone(number)
            self.version += 1
        return self._phones[number]

    def known(self, number: str) -> Phone | None:
        """The phone of that number, if there is one."""
        return self._phones.get(number)

    def phones(self) -> list[Phone]:
        """Every phone."""
        return list(self._phones.values())

    def failed(self, code: int, why: str, text: Text) -> None:
        """Note that a webhook about `text` went wrong."""
        self.errors.append(HookError(code, why, text.sid, clock.rfc3339(clock.now())))

    def _forget(self, text: Text) -> None:
        phone = self._phones.get(text.phone)
        if phone is None:
            return
        with suppress(ValueError):
            phone.texts.remove(text)
        if not phone.texts and phone.label is None:
            del self._phones[phone.number]
