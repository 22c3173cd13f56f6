"""Opt-out words as Twilio handles them by default on long codes: only a text that is one such word counts.

Source: Twilio's list of 2025-05-14 (REVOKE and OPTOUT added). The answers are Twilio's default ones.
"""

from __future__ import annotations

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
STOP, START, HELP = "STOP", "START", "HELP"

STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to "
    "unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


def opt_out_type(body: str) -> str | None:
    """STOP, START or HELP when `body` is one of their words and nothing else."""
    word = body.strip().upper()
    for kind, words in ((STOP, STOP_WORDS), (START, START_WORDS), (HELP, HELP_WORDS)):
        if word in words:
            return kind
    return None


class OptOuts:
    """Who has blocked which of our numbers."""

    def __init__(self) -> None:
        self._blocked: set[tuple[str, str]] = set()

    def blocks(self, phone: str, sender: str) -> bool:
        """Whether `phone` refuses texts from `sender`."""
        return (phone, sender) in self._blocked

    def remember(self, phone: str, sender: str, blocks: bool) -> None:
        """Set what is known from before."""
        (self._blocked.add if blocks else self._blocked.discard)((phone, sender))

    def pairs(self) -> set[tuple[str, str]]:
        """Every phone with a number of ours that it blocks."""
        return set(self._blocked)

    def blocked_phones(self) -> set[str]:
        """Every phone that has blocked one of our numbers."""
        return {phone for phone, _ in self._blocked}

    def apply(self, kind: str, phone: str, sender: str) -> str | None:
        """Do what the word asks; returns the text that the carrier answers with, None when it stays silent.

        A word that changes nothing gets no answer: whether Twilio answers a YES from somebody who never opted out was
        not found out, and an answer here would hide that nobody may count on one.
        """
        pair = (phone, sender)
        if kind == HELP:
            return HELPED
        if (kind == STOP) == (pair in self._blocked):
            return None
        if kind == STOP:
            self._blocked.add(pair)
            return STOPPED
        self._blocked.discard(pair)
        return STARTED
