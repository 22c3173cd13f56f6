"""Whether a request that got no answer can have reached the carrier."""

from __future__ import annotations

import ssl

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from sms.gateway import UNREACHABLE, Refused, Unknown


def without_answer(error: requests.RequestException) -> Refused | Unknown:
    """Refused, and safe to send again, when it surely never got there; Unknown otherwise."""
    unreached = Refused(UNREACHABLE, 0, retry=True)
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return unreached
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, NewConnectionError):
        return unreached
    # Other TLS errors can also come after the request has left.
    if isinstance(reason, SSLError) and isinstance(reason.args[0], ssl.SSLCertVerificationError):
        return unreached
    return Unknown(type(error).__name__)
