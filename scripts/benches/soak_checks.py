"""Compares what we think happened with what the carrier knows: its own record of what it took and of what phones said."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from core.services import Services
from core.settings import SIMULATED_SENDER
from scripts.benches import soak_ledger
from scripts.benches.soak_ledger import Ledger, Told
from scripts.benches.soak_rules import possible
from sms.simulated.model import Text

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
    handling_s: list[float] = field(default_factory=list)


def compare(record: Sequence[Text], ledger: Ledger, external_ids: Iterable[str]) -> Findings:
    """Everything that the two disagree about."""
    found = Findings()
    outgoing = [text for text in record if text.outgoing]
    incoming = _answers(record)
    copies = Counter(our_id(text) for text in outgoing)
    found.texts, found.answers = len(outgoing), len(incoming)
    _look_for_silent_incidents(found, ledger, copies, external_ids)
    _look_at_answers(found, ledger, incoming)
    found.doubled = [message_id for message_id, times in copies.items() if times > 1]
    found.untraced = [message_id for message_id in found.doubled if message_id not in ledger.once_unknown]
    _play_again(found, ledger, record)
    return found


def missing(record: Sequence[Text], services: Services) -> set[str]:
    """The answers of the carrier's record that we have not handled (yet)."""
    return {text.sid for text in _answers(record)} - soak_ledger.handled(services)


def _answers(record: Sequence[Text]) -> list[Text]:
    """What phones said; a canary comes from one of our own numbers, and is nobody's answer."""
    return [text for text in record if not text.outgoing and text.sender != SIMULATED_SENDER]


def our_id(text: Text) -> str:
    """Our own id of an outgoing text, which went with it in the address of its callback."""
    return parse_qs(urlsplit(text.status_callback or "").query).get("m", [""])[0]


def _look_for_silent_incidents(found: Findings, ledger: Ledger, copies: Counter[str], external_ids: Iterable[str]) -> None:
    texted = {callout for message_id, callout in ledger.first_texts.items() if copies[message_id]}
    reached = {ledger.callouts[callout].external_id for callout in texted | ledger.taken_back}
    found.without_texts = [external_id for external_id in external_ids if external_id not in reached]
    found.callouts_without_texts = sorted(set(ledger.first_texts.values()) - texted)


def _look_at_answers(found: Findings, ledger: Ledger, incoming: Sequence[Text]) -> None:
    for text in incoming:
        handled_at = ledger.handled_at.get(text.sid)
        if handled_at is None:
            kept = "not handled" if text.sid in ledger.handled_at else "not stored"
            found.lost.append(f"{text.sid} {text.created_at:%H:%M:%S} {kept}")
            continue
        found.handling_s.append((handled_at - text.created_at).total_seconds())
        if ledger.times_heard[text.sid] != 1:
            found.heard_twice.append(f"{text.sid} heard {ledger.times_heard[text.sid]} times")


def _play_again(found: Findings, ledger: Ledger, record: Sequence[Text]) -> None:
    """Each callout's life once more from what its phone said, in the order in which we heard it."""
    said: dict[str, list[str]] = defaultdict(list)
    for text in sorted(record, key=lambda text: ledger.handled_at.get(text.sid) or text.created_at):
        callout = ledger.about.get(text.sid)
        if callout is None:
            continue
        said[callout].append(text.body)
        if not _may_be_about(text, ledger.callouts[callout]):
            found.wrong_states.append(f"{text.sid} {text.phone} [{text.body}] was heard about {callout}")
    first_texts = Counter(ledger.first_texts.values())
    for callout, told in ledger.callouts.items():
        if told.state not in possible(said[callout], asked_again=first_texts[callout] > 1):
            words = " ".join(said[callout])
            found.wrong_states.append(f"{callout} {told.external_id} {told.phone} {told.state} after [{words}]")


def _may_be_about(text: Text, told: Told) -> bool:
    """Whether an answer can be meant for that callout: the same phone, and the same letter where it names one."""
    named = _WITH_LETTER.match(text.body)
    return text.phone == told.phone and (named is None or named[1] == told.letter)
