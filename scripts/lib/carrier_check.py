"""Whether the carrier knows us."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core import clock
from core.settings import CarrierAccount, Settings

TIMEOUT_S = 5.0
CLOCK_MAY_DIFFER_S = 30.0
Found = tuple[str, str, str]


def carrier(settings: Settings, running_at: str | None) -> Found:
    """Level, subject and words of one finding about the carrier."""
    if settings.simulating and running_at is None:
        return "ok", "carrier", "SIMULATED: no text leaves this machine (set TWILIO_* for a real one)"
    try:
        their_clock = _ask(settings.carrier)
    except urllib.error.HTTPError as error:
        refused = error.code in (401, 403)
        what = "it does not take TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key)" if refused else "it is in trouble"
        return "FAULT", "carrier", f"{settings.carrier.base_url} answers {error.code}: {what}"
    except (OSError, ValueError) as error:
        return "FAULT", "carrier", f"{settings.carrier.base_url} cannot be reached ({error})"
    if settings.simulating:
        return "ok", "carrier", "SIMULATED, and it answers: no text leaves this machine"
    apart_s = abs((their_clock - clock.now()).total_seconds()) if their_clock else 0.0
    if apart_s > CLOCK_MAY_DIFFER_S:
        return "FAULT", "carrier", f"this machine's clock is {apart_s:.0f} s off the carrier's: run an NTP client"
    return "ok", "carrier", "takes our credentials; voice: not yet"


def _ask(account: CarrierAccount) -> datetime | None:
    """The carrier's time, from a look at the newest message: what needs the same credentials as sending does."""
    user, secret = account.api_key or (account.account_sid, account.auth_tokens[0])
    token = base64.b64encode(f"{user}:{secret}".encode()).decode()
    newest = f"{account.base_url}/2010-04-01/Accounts/{account.account_sid}/Messages.json?PageSize=1"
    request = urllib.request.Request(newest, headers={"Authorization": f"Basic {token}"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        json.load(answer)
        date = answer.headers.get("Date")
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
