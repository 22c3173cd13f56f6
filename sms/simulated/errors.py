"""Twilio's error codes as far as the simulated carrier knows them, with the HTTP status and the words they come with.

Source: Twilio's error dictionary (twilio.com/docs/api/errors/CODE). A real carrier has more of them and splits them without
notice, so nobody should build on these being all.
"""

from __future__ import annotations

from typing import Any

ON_REQUEST: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter {what}"),
    20003: (401, "Authenticate"),
    20009: (409, "Cannot delete this resource before it is complete"),
    20404: (404, "The requested resource {what} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required and must be valid: {what}"),
    21210: (400, "'From' phone number not verified: {what}"),
    21211: (400, "Invalid 'To' Phone Number: {what}"),
    21213: (400, "Caller phone number is required"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21266: (400, "'To' and 'From' number cannot be the same: {what}"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {what}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {what} is not a valid message-capable phone number of this account."),
    21609: (400, "The 'StatusCallback' URL {what} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number {what} has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({what}) and 'From' parameters"),
    21614: (400, "'To' number {what} is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21703: (400, "The Messaging Service does not have a phone number available to send a message"),
    21704: (400, "The Messaging Service contains no phone numbers"),
    21705: (400, "The Messaging Service Sid {what} is invalid"),
    30409: (400, "This message cannot be canceled"),
}
"""Code -> (HTTP status, message): refusals of a request."""

LATER: dict[int, tuple[str, str]] = {
    30001: ("failed", "Queue overflow"),
    30002: ("failed", "Account suspended"),
    30003: ("undelivered", "Unreachable destination handset"),
    30004: ("undelivered", "Message blocked"),
    30005: ("undelivered", "Unknown destination handset"),
    30006: ("undelivered", "Landline or unreachable carrier"),
    30007: ("undelivered", "Message filtered"),
    30008: ("undelivered", "Unknown error"),
    30017: ("undelivered", "Carrier network congestion"),
    30022: ("failed", "US A2P 10DLC - Rate Limits Exceeded"),
    30034: ("failed", "US A2P 10DLC - Message from an Unregistered Number"),
    30036: ("failed", "Validity Period Expired"),
    30045: ("failed", "Validity Period out of range"),
    30410: ("failed", "Provider Timeout Error"),
    30450: ("failed", "Message delivery blocked"),
}
"""Code -> (final status, message). `failed` never left the carrier, `undelivered` is a negative receipt from the network."""


class CarrierError(Exception):
    """A refusal, as Twilio's API words it."""

    def __init__(self, code: int, what: str = "") -> None:
        self.code = code
        self.status, words = ON_REQUEST.get(code, (400, "Error {what}"))
        super().__init__(words.format(what=what))

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def later(code: int) -> tuple[str, str]:
    """The final status and the words of a delivery error; one that is unknown here is an undelivered text."""
    return LATER.get(code, ("undelivered", "Unknown error"))
