"""Compares what we think happened with what the carrier knows: its own record of what it took and of what phones said."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from core.services import Services
from scripts.benches import soak_ledger
from scripts.benches.soak_ledger import Ledger, Told
from scripts.benches.soak_record import Record, Said
from scripts.benches.soak_rules import possible
from sms.simulated.model import Text

LOOK_EVERY_S = 0.5
_WITH_LETTER = re.compile(r"^([A-Z])[0-4]$")


@dataclass
class Findings:
    """What is wrong, thing by thing, each with enough to look for it in the logs."""

    without_texts: list[str] = field(default_factory=list)
    callouts_without_texts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    heard_twice: list[str] = field(default_factory=list)
    wrong_states: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    untraced: list[str] = field(default_factory=list)
    texts: int = 0
    answers: int = 0
    keys: int = 0
    handling_s: list[float] = field(default_factory=list)


def compare(record: Record, ledger: Ledger, external_ids: Iterable[str]) -> Findings:
    """Everything that the two disagree about."""
    found = Findings()
    copies = Counter(our_id(text) for text in record.outgoing)
    found.texts, found.answers, found.keys = len(record.outgoing), len(record.said), record.keys
    _look_for_silent_incidents(found, ledger, copies, external_ids)
    _look_at_answers(found, ledger, record.said)
    found.doubled = [message_id for message_id, times in copies.items() if times > 1]
    found.untraced = [message_id for message_id in found.doubled if message_id not in ledger.once_unknown]
    _play_again(found, ledger, record.said)
    return found


def at_one_moment(read_record: Callable[[], Record], services: Services, within_s: float) -> tuple[Record, Ledger]:
    """The carrier's record and our ledger of a moment at which we had handled all that phones had said: looked at again while
    we have not, or while a phone says something between the two. After `within_s` whatever there is then: what is still missing
    is lost."""
    until = time.monotonic() + within_s
    while True:
        record = read_record()
        is_complete = not missing(record, services)
        ledger = soak_ledger.read(services)
        if (is_complete and read_record().said == record.said) or time.monotonic() > until:
            return record, ledger
        time.sleep(LOOK_EVERY_S)


def missing(record: Record, services: Services) -> set[str]:
    """The answers of the carrier's record that we have not handled (yet)."""
    return {one.carrier_id for one in record.said if one.acknowledged} - soak_ledger.handled(services)


def our_id(text: Text) -> str:
    """Our own id of an outgoing text, which went with it in the address of its callback."""
    return parse_qs(urlsplit(text.status_callback or "").query).get("m", [""])[0]


def _look_for_silent_incidents(found: Findings, ledger: Ledger, copies: Counter[str], external_ids: Iterable[str]) -> None:
    texted = {callout for message_id, callout in ledger.first_texts.items() if copies[message_id]}
    reached = {ledger.callouts[callout].external_id for callout in texted | ledger.taken_back}
    found.without_texts = [external_id for external_id in external_ids if external_id not in reached]
    found.callouts_without_texts = [
        f"{callout}: {message_id} {ledger.fates[message_id]}"
        for message_id, callout in sorted(ledger.first_texts.items())
        if callout not in texted
    ]


def _look_at_answers(found: Findings, ledger: Ledger, said: Sequence[Said]) -> None:
    for one in said:
        handled_at = ledger.handled_at.get(one.carrier_id)
        if handled_at is None:
            if one.acknowledged:
                kept = "not handled" if one.carrier_id in ledger.handled_at else "not stored"
                found.lost.append(f"{one.carrier_id} {one.at:%H:%M:%S} {kept}")
            continue
        found.handling_s.append((handled_at - one.at).total_seconds())
        if ledger.times_heard[one.carrier_id] != 1:
            found.heard_twice.append(f"{one.carrier_id} heard {ledger.times_heard[one.carrier_id]} times")


def _play_again(found: Findings, ledger: Ledger, said: Sequence[Said]) -> None:
    """Each callout's life once more from what its phone said, in the order in which we heard it."""
    heard: dict[str, list[str]] = defaultdict(list)
    for one in sorted(said, key=lambda one: ledger.handled_at.get(one.carrier_id) or one.at):
        callout = ledger.about.get(one.carrier_id)
        if callout is None:
            continue
        heard[callout].append(one.body)
        if not _may_be_about(one, ledger.callouts[callout]):
            found.wrong_states.append(f"{one.carrier_id} {one.phone} [{one.body}] was heard about {callout}")
    first_texts = Counter(ledger.first_texts.values())
    doubted = {callout for message_id, callout in ledger.first_texts.items() if message_id in ledger.once_unknown}
    for callout, told in ledger.callouts.items():
        if told.state not in possible(heard[callout], asked_again=first_texts[callout] > 1, doubted=callout in doubted):
            words = " ".join(heard[callout])
            found.wrong_states.append(f"{callout} {told.external_id} {told.phone} {told.state} after [{words}]")


def _may_be_about(one: Said, told: Told) -> bool:
    """Whether an answer can be meant for that callout: the same phone, and the same letter where it names one."""
    named = _WITH_LETTER.match(one.body)
    return one.phone == told.phone and (named is None or named[1] == told.letter)
