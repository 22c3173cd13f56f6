"""Reading a request for a new message: what Twilio would refuse is refused with Twilio's code."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import phonenumbers

from sms.simulated.errors import CarrierError
from sms.simulated.faults import Faults
from sms.simulated.model import ACCEPTED, LONGEST_VALIDITY_S, OUTBOUND_API, QUEUED, Account, Text
from sms.simulated.optout import OptOuts

LONGEST_BODY = 1600


def new_message(form: Mapping[str, str], account: Account, opt_outs: OptOuts, faults: Faults) -> Text:
    """The text that `form` asks for, not yet accepted. Raises CarrierError."""
    to = _to(form)
    sender, service = _sender(form, account)
    body = form.get("Body", "")
    if not body:
        raise CarrierError(21602)
    if len(body) > LONGEST_BODY:
        raise CarrierError(21617)
    if to == sender:
        raise CarrierError(21266, to)
    if to in faults.refuse:
        raise CarrierError(faults.refuse[to], to)
    if opt_outs.blocks(to, sender):
        raise CarrierError(21610)
    return Text(
        OUTBOUND_API,
        sender,
        to,
        body,
        ACCEPTED if service else QUEUED,
        status_callback=_callback(form),
        validity_s=_validity_s(form),
        messaging_service_sid=service,
    )


def _to(form: Mapping[str, str]) -> str:
    to = form.get("To", "")
    if not to:
        raise CarrierError(21604)
    try:
        # "Possible", not "valid": the range that is kept for fiction, where the demo people live, is never valid.
        possible = to.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(to))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise CarrierError(21211, to)
    return to


def _sender(form: Mapping[str, str], account: Account) -> tuple[str, str | None]:
    """The number to send from, and the messaging service that chose it."""
    sender, service = form.get("From", ""), form.get("MessagingServiceSid", "")
    if not sender and not service:
        raise CarrierError(21603)
    if service and service != account.messaging_service_sid:
        raise CarrierError(21705, service)
    if service and not account.senders:
        raise CarrierError(21704)
    if sender and sender not in account.senders:
        raise CarrierError(21606, sender)
    return sender or account.senders[0], service or None


def _callback(form: Mapping[str, str]) -> str | None:
    address = form.get("StatusCallback", "")
    if not address:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or "_" in host:
        raise CarrierError(21609, address)
    return address


def _validity_s(form: Mapping[str, str]) -> int:
    wanted = form.get("ValidityPeriod") or str(LONGEST_VALIDITY_S)
    try:
        return int(wanted)
    except ValueError:
        raise CarrierError(20001, "ValidityPeriod") from None
