"""The addresses that the carrier calls, as it must be told them."""

from __future__ import annotations

OVERRIDES = "#rc=2&rp=5xx,ct,rt&rt=5000"
"""Twilio's connection overrides, no part of what it signs (sms-facts 2): by default it tries again only where it got no
connection, so that a slow answer or a 503 would lose a text. Two more tries of 5 s each; 15 s in all is its limit."""


def inbound_url(public_url: str) -> str:
    """Where incoming texts are posted: the webhook of our number, or of the messaging service."""
    return f"{public_url}/sms/inbound{OVERRIDES}"


def answer_url(public_url: str, message_id: str) -> str:
    """Where is asked for the words of our call `message_id`, once somebody has picked up."""
    return f"{public_url}/voice/answer?m={message_id}{OVERRIDES}"


def gather_url(public_url: str, message_id: str, *, again: bool) -> str:
    """Where a key pressed in that call is posted; `again`: everything was said once more already."""
    return f"{public_url}/voice/gather?m={message_id}{'&again=1' if again else ''}{OVERRIDES}"


def status_url(public_url: str, message_id: str) -> str:
    """Where it is posted what becomes of our message `message_id`."""
    return f"{public_url}/sms/status?m={message_id}{OVERRIDES}"
