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
from core.carrier_settings import CarrierAccount
from core.settings import Settings
from core.words import fill

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
    account, phone = settings.carrier, settings.android_gateway
    found = Look(True)
    if account.account_sid:
        found = _look(account.base_url, _newest(account), fill("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key)"))
    if phone is not None and found.reached:
        request = _request(f"{phone.base_url}/messages?limit=1", phone.user, phone.password)
        found = _look(phone.base_url, request, fill("ANDROID_GATEWAY_USER and ANDROID_GATEWAY_PASSWORD"))
    return found


def _look(where: str, request: urllib.request.Request, names: str) -> Look:
    try:
        their_clock = _ask(request)
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            return Look(
                False, fill("{where} answers {code}: it does not take {names}", where=where, code=error.code, names=names)
            )
        return Look(False, fill("{where} answers {code}: it is in trouble", where=where, code=error.code))
    except (OSError, ValueError) as error:
        return Look(False, fill("{where} cannot be reached ({error})", where=where, error=str(error)))
    apart_s = abs((their_clock - clock.now()).total_seconds()) if their_clock else None
    if apart_s is not None and apart_s > CLOCK_MAY_DIFFER_S:
        said = fill("this machine's clock is {seconds} s off the carrier's: run an NTP client", seconds=round(apart_s))
        return Look(False, said, apart_s)
    return Look(True, apart_s=apart_s)


def mark(settings: Settings) -> str:
    """Stands for the account that is in use, without telling it: what was proven with one says nothing of another."""
    phone = settings.android_gateway
    account = settings.carrier.account_sid or (phone.base_url if phone else "")
    return hashlib.sha256(account.encode()).hexdigest()[:12]


def _newest(account: CarrierAccount) -> urllib.request.Request:
    """A look at the newest message: what needs the same credentials as sending does."""
    user, secret = account.api_key or (account.account_sid, next(iter(account.auth_tokens), ""))
    url = f"{account.base_url}/2010-04-01/Accounts/{account.account_sid}/Messages.json?PageSize=1"
    return _request(url, user, secret)


def _request(url: str, user: str, secret: str) -> urllib.request.Request:
    token = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return urllib.request.Request(url, headers={"Authorization": f"Basic {token}"})  # noqa: S310  # http(s), checked


def _ask(request: urllib.request.Request) -> datetime | None:
    """The carrier's time."""
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # by the settings
        json.load(answer)
        date = answer.headers.get("Date")
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
