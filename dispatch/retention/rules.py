"""What is kept how long, as one table: the clock goes through it, the page shows it, the metrics count it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from core.services import Services
from core.settings import Settings
from dispatch.retention import incidents, rest, to_redact
from responder.bulk import actions
from responder.certificates import evidence
from responder.links import making


@dataclass(frozen=True)
class Rule:
    """One thing that is not kept for ever. `due` counts what is past its time, to a given most; `step` does a small part of it,
    in one transaction, and returns how much (None: there is nothing left); without one another thread does it. A round stops at
    `most_a_round`. `setting` names what says how long; nothing where that is fixed."""

    key: str
    setting: str
    kept: Callable[[Settings], timedelta]
    due: Callable[[Session, Settings, int], int]
    step: Callable[[Services], int | None] | None
    most_a_round: int = 20_000


_EMERGENCIES_A_ROUND = 50
"""Each is an event of its own, and a hundred emergencies with news at once have every desk load its board anew."""

RULES = (
    Rule(
        "incidents", "CALLER_DAYS", lambda of: of.caller_kept, incidents.count_due, incidents.forget_next, _EMERGENCIES_A_ROUND
    ),
    Rule("alarms", "CALLER_DAYS", lambda of: of.caller_kept, rest.count_alarms, rest.delete_alarms),
    Rule("texts", "TEXT_DAYS", lambda of: of.texts_kept, rest.count_texts, rest.forget_texts),
    Rule("strangers", "TEXT_DAYS", lambda of: of.texts_kept, rest.count_strangers, rest.forget_strangers),
    Rule("care", "CARE_DAYS", lambda of: of.care_kept, rest.count_care, rest.forget_care),
    Rule("set_aside", "TEXT_DAYS", lambda of: of.texts_kept, rest.count_set_aside, rest.delete_set_aside),
    Rule("carrier", "CARRIER_TEXT_HOURS", lambda of: of.carrier_texts_kept, to_redact.count, None),
    Rule("evidence", "EVIDENCE_DAYS", lambda of: of.evidence_kept, evidence.count_due, rest.delete_proofs),
    Rule("bulk", "", lambda _settings: actions.KEPT, rest.count_bulk, rest.delete_bulk),
    Rule(
        "links",
        "",
        lambda _settings: making.KEPT,
        lambda session, _settings, most: len(making.old(session, most)),
        rest.delete_links,
    ),
)
