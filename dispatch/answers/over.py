"""What somebody writes about an emergency that is over, and cannot know it yet perhaps: it ended while they typed."""

from __future__ import annotations

from datetime import timedelta

from dispatch import coverage, standing_down, states
from dispatch.answers import what_to_send
from dispatch.answers.heard import Heard
from dispatch.models import CLOSED, Incident

MAY_NOT_KNOW_FOR = timedelta(hours=1)
"""As long after the close as the text that tells of it may be on its way (`writing.END_OF_LIFE`); later words are about
something else."""


def is_over(incident: Incident) -> bool:
    """Whether nobody is wanted there any more."""
    return incident.state == CLOSED or incident.asking == coverage.ENDED


def told(incident: Incident) -> str:
    """The text that says so."""
    return "T5" if incident.stood_down_as == standing_down.UNSAFE else "T2b"


def tell(heard: Heard) -> None:
    """Whoever was asked or let go hears once that it is over, unless they wrote no more than a thank you. Long after the close
    they hear what to send, as if there had been no emergency."""
    callout = heard.callout
    closed_at = callout.incident.closed_at
    if closed_at is not None and closed_at <= heard.now - MAY_NOT_KNOW_FOR:
        what_to_send.tell(heard)
    elif callout.state in (*states.ASKED, states.FAILED, states.STOOD_DOWN) and not heard.answer.only_courtesy:
        heard.reply_once(told(callout.incident))
