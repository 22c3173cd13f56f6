"""The carrier's own record: the texts that it took, and everything that phones have said, in texts and by keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from core.settings import SIMULATED_SENDER
from sms.received import key_id
from sms.simulated.keeping import record_of
from sms.simulated.keeping_calls import calls_of
from sms.simulated.model import Text


class Said(NamedTuple):
    """One answer of a phone, by the id under which we must have stored it. `acknowledged`: a text stays the carrier's to
    deliver until we have it; a key whose webhook failed ended its call, and whoever pressed it knows."""

    carrier_id: str
    phone: str
    body: str
    at: datetime
    acknowledged: bool


@dataclass(frozen=True)
class Record:
    """What the carrier knows, oldest first."""

    outgoing: Sequence[Text]
    said: Sequence[Said]
    keys: int
    """How many of `said` were pressed in calls."""

    @classmethod
    def read(cls, folder: Path) -> Record:
        """The record of the carrier whose journal is in `folder`."""
        texts = record_of(folder)
        # What comes from one of our own numbers is a canary, and nobody's answer.
        said = [
            Said(one.sid, one.phone, one.body, one.created_at, True)
            for one in texts
            if not one.outgoing and one.sender != SIMULATED_SENDER
        ]
        keys = {
            key_id(call.sid, key.digit): Said(key_id(call.sid, key.digit), call.to, key.digit, key.at, key.told)
            for call in calls_of(folder)
            for key in call.keys
        }
        return cls([one for one in texts if one.outgoing], sorted([*said, *keys.values()], key=lambda one: one.at), len(keys))
