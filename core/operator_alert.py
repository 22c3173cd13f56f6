"""OPERATOR_ALERT: the people who are told when something is wrong, as numbers, mail addresses and webhooks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

_NUMBER = re.compile(r"\+[1-9][0-9 ()/.-]{4,22}")
_MAIL = re.compile(r"[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+")
_SERVICE = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
ALLOWED = "a number with its country, beginning with +, a mail address, a webhook https://…, or an address that apprise knows"


@dataclass(frozen=True)
class Addresses:
    """Where alerts go: texts to `numbers` (E.164), the rest to `services`, as apprise writes them."""

    numbers: tuple[str, ...]
    services: tuple[str, ...]


def check_entries(entries: Sequence[str]) -> None:
    """Raise ValueError with a plain text for the first entry that nothing can be sent to."""
    for number, entry in enumerate(entries, 1):
        if not any(form.fullmatch(entry) for form in (_NUMBER, _MAIL, _SERVICE)):
            # Not quoted: an entry can hold a password.
            raise ValueError(f"entry {number} of {len(entries)} cannot be used; allowed is {ALLOWED}")


def read_entries(entries: Sequence[str], mail_server: str) -> Addresses:
    """The entries, sorted by how they are reached. Plain mail addresses go through `mail_server` (mailto://…, mailtos://…)."""
    numbers = tuple("+" + re.sub(r"\D", "", entry) for entry in entries if _NUMBER.fullmatch(entry))
    others = (entry for entry in entries if not _NUMBER.fullmatch(entry))
    return Addresses(numbers, tuple(_service(entry, mail_server) for entry in others))


def _service(entry: str, mail_server: str) -> str:
    if _MAIL.fullmatch(entry):
        return f"{mail_server}{'&' if '?' in mail_server else '?'}to={quote(entry, safe='@')}"
    parts = urlsplit(entry)
    if parts.scheme not in ("http", "https"):
        return entry
    # A webhook gets a JSON document; what its address asks for (a key) is handed on, which apprise marks with a dash.
    query = "&".join(f"-{quote(name)}={quote(value)}" for name, value in parse_qsl(parts.query, keep_blank_values=True))
    scheme = {"http": "json", "https": "jsons"}[parts.scheme]
    return f"{scheme}://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
