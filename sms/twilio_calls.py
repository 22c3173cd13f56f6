"""Twilio's Calls resource: what a call is asked for with, and how one of unknown fate is found again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sms.gateway import Sent

RING_S = 30
"""How long a phone rings: most mailboxes take over after 20 to 30 s, and by then the next person has been asked. (Twilio's own
default is 60.)"""
_EVENTS = ["initiated", "ringing", "answered", "completed"]
_CLOCKS_MAY_DIFFER = timedelta(seconds=60)
"""Between the carrier and us. A call that is found too early is one of ours that no message holds: it rang that person too."""


def fields(sender: str, to: str, answer_url: str, callback_url: str) -> dict[str, Any]:
    """The parameters of POST Calls. No machine detection: whoever is asked has to press a key, which no mailbox does, and
    detecting would keep people waiting while it decides (sms-facts 6)."""
    return {
        "to": to,
        "from_": sender,
        "url": answer_url,
        "method": "POST",
        "status_callback": callback_url,
        "status_callback_method": "POST",
        "status_callback_event": _EVENTS,
        "timeout": RING_S,
    }


def begun_since(listed: Sequence[Any], since: datetime) -> list[Sent]:
    """Of calls as Twilio lists them, newest first, those made at about `since` or later."""
    return [Sent(str(one.sid), str(one.status)) for one in created_since(listed, since)]


def created_since(listed: Sequence[Any], since: datetime) -> list[Any]:
    """Of whatever Twilio lists, what was made there at about `since` or later."""
    earliest = since - _CLOCKS_MAY_DIFFER
    return [one for one in listed if one.date_created and one.date_created >= earliest]
