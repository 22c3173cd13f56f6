"""How the application talks to the carrier process: the control API over HTTP, with time-outs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from core.settings import Settings

_TIMEOUT_S = (0.5, 3.0)


class CarrierDown(Exception):
    """The carrier process does not answer, or not sensibly."""


class CarrierRefused(Exception):
    """The carrier says what is wrong with the request; `status` is its HTTP status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class CarrierControl:
    """The control API of the simulated carrier that `settings` name. Every call may raise CarrierDown."""

    def __init__(self, settings: Settings) -> None:
        account = settings.carrier
        self._base = f"{settings.simulated_carrier_url}/control"
        self._auth = (account.account_sid, account.auth_tokens[0])

    def phones(self, known: str | None = None) -> dict[str, Any]:
        """`{version, autopilot, phones}`; phones is None when nothing has changed since version `known`."""
        return self._ask("GET", "/phones", params={"known": known} if known else None)

    def announce(self, phones: Mapping[str, str]) -> None:
        """Make phones known (number -> label) before they get a text."""
        self._ask("POST", "/phones", json={"phones": dict(phones)})

    def conversation(self, number: str) -> dict[str, Any] | None:
        """One phone with its texts, which then count as read; None when the carrier does not know it."""
        try:
            return self._ask("GET", f"/phones/{quote(number)}", params={"read": "1"})
        except CarrierRefused as refusal:
            if refusal.status == 404:
                return None
            raise

    def send(self, number: str, body: str) -> dict[str, Any]:
        """That phone texts `body`, as a person: the autopilot leaves it alone from now on."""
        return self._ask("POST", f"/phones/{quote(number)}/texts", json={"body": body})

    def on_phone(self, number: str, do: str, key: str = "") -> None:
        """What whoever plays that phone does with its call: `answer`, `decline`, `hang_up` or `press` a `key`."""
        self._ask("POST", f"/phones/{quote(number)}/call", json={"do": do, "key": key})

    def set_autopilot(self, mode: str) -> None:
        """Switch the simulated volunteers to `off`, `human` or `headless`."""
        self._ask("PUT", "/autopilot", json={"mode": mode})

    def set_faults(self, **faults: Any) -> None:
        """Dial faults; see `sms.simulated.faults.Faults`."""
        self._ask("PATCH", "/faults", json=faults)

    def is_idle(self) -> bool:
        """Whether nothing is on its way within the next second or so: no request, no status, no callback."""
        try:
            self._ask("GET", "/idle", params={"timeout_s": "1"})
        except CarrierDown:
            return False
        return True

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            with requests.Session() as session:
                # A proxy of the surroundings is for the world outside; this carrier is on our own machine.
                session.trust_env = False
                answer = session.request(method, self._base + path, auth=self._auth, timeout=_TIMEOUT_S, **more)
            body = answer.json()
        except requests.JSONDecodeError as error:
            raise CarrierDown(f"answered {answer.status_code}, and no JSON") from error
        except requests.RequestException as error:
            raise CarrierDown(type(error).__name__) from error
        if not isinstance(body, dict) or answer.status_code >= 500:
            raise CarrierDown(f"answered {answer.status_code}")
        if answer.status_code >= 400:
            raise CarrierRefused(answer.status_code, str(body.get("error", "")))
        return body
