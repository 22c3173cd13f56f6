"""What the parts of one simulated carrier share."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from random import Random

import aiohttp

from sms.simulated.book import Book
from sms.simulated.calls import Call
from sms.simulated.faults import Faults, seeded
from sms.simulated.idle import Gate, Idle
from sms.simulated.journal import Journal
from sms.simulated.model import Account, Timing
from sms.simulated.optout import OptOuts


@dataclass
class State:
    """Memory, dials and tools of one carrier. Touched only in its event loop, `faults` excepted."""

    account: Account
    timing: Timing
    seed: int
    journal: Journal = field(default_factory=Journal)
    book: Book = field(default_factory=Book)
    faults: Faults = field(default_factory=Faults)
    opt_outs: OptOuts = field(default_factory=OptOuts)
    calls: OrderedDict[str, Call] = field(default_factory=OrderedDict)
    idle: Idle = field(default_factory=Idle)
    queue_gate: Gate = field(init=False)
    callback_gate: Gate = field(init=False)
    dice: Random = field(init=False)
    session: aiohttp.ClientSession = field(init=False)
    """For calling webhooks; opened with the carrier."""

    def __post_init__(self) -> None:
        self.queue_gate, self.callback_gate = Gate(self.idle), Gate(self.idle)
        self.dice = seeded(self.seed)
