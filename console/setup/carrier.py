"""Whether the carrier knows us: a look at it with the credentials that sending needs."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core import clock
from core.settings import CarrierAccount, Settings

TIMEOUT_S = 5.0
CLOCK_MAY_DIFFER_S = 30.0


@dataclass(frozen=True)
class Look:
    """What came of it; `words` say what is wrong, `apart_s` how far our clocks differ, where the carrier told its time."""

    reached: bool
    words: str = ""
    apart_s: float | None = None


def look(settings: Settings) -> Look:
    """Ask the carrier for something that only our account may read. At most `TIMEOUT_S` seconds."""
    where = settings.carrier.base_url
    try:
        their_clock = _ask(settings.carrier)
    except urllib.error.HTTPError as error:
        refused = error.code in (401, 403)
        what = "it does not take TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key)" if refused else "it is in trouble"
        return Look(False, f"{where} answers {error.code}: {what}")
    except (OSError, ValueError) as error:
        return Look(False, f"{where} cannot be reached ({error})")
    apart_s = abs((their_clock - clock.now()).total_seconds()) if their_clock else None
    if apart_s is not None and apart_s > CLOCK_MAY_DIFFER_S:
        return Look(False, f"this machine's clock is {apart_s:.0f} s off the carrier's: run an NTP client", apart_s)
    return Look(True, apart_s=apart_s)


def mark(settings: Settings) -> str:
    """Stands for the account that is in use, without telling it: what was proven with one says nothing of another."""
    return hashlib.sha256(settings.carrier.account_sid.encode()).hexdigest()[:12]


def _ask(account: CarrierAccount) -> datetime | None:
    """The carrier's time, from a look at the newest message: what needs the same credentials as sending does."""
    user, secret = account.api_key or (account.account_sid, account.auth_tokens[0])
    token = base64.b64encode(f"{user}:{secret}".encode()).decode()
    newest = f"{account.base_url}/2010-04-01/Accounts/{account.account_sid}/Messages.json?PageSize=1"
    request = urllib.request.Request(newest, headers={"Authorization": f"Basic {token}"})  # noqa: S310  # http(s), checked
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # by the settings
        json.load(answer)
        date = answer.headers.get("Date")
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
