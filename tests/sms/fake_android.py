"""The Android SMS gateway as its documents describe it, over real HTTP: POST /messages under our own id (202, then 409), GET by
id, and webhooks signed with HMAC-SHA256 over the raw body and the time behind it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

import requests

from core import clock
from core.settings import Settings
from tests.loopback import Handler, Loopback

USER, PASSWORD, KEY, NUMBER = "sms", "secret", "signing key", "+358500000000"


@dataclass
class FakeAndroid:
    """The texts it has, oldest first. `answers` are what the next POSTs are answered with instead (a status, or None: the
    connection drops after the text was kept); `fail` ends a number's texts with a reason."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    drop_after: int = 0
    fail: dict[str, str] = field(default_factory=dict)
    webhook_url: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = Loopback(_handler(self))
        self.url = self._server.url

    def settings(self, settings: Settings, **more: Any) -> Settings:
        """`settings` with this gateway in them."""
        account = {
            "android_gateway_url": self.url,
            "android_gateway_user": USER,
            "android_gateway_password": PASSWORD,
            "android_gateway_signing_key": (KEY,),
            "android_gateway_number": NUMBER,
            "android_gateway_segments_per_s": 100.0,
        }
        changed = settings.model_copy(update=account | more)
        changed.__dict__.pop("carrier", None)
        return changed

    def bodies_to(self, number: str) -> list[str]:
        """The words of the texts it has for a number."""
        return [one["textMessage"]["text"] for one in self.taken if one["phoneNumbers"] == [number]]

    def take(self, text: dict[str, Any]) -> tuple[int | None, dict[str, Any]]:
        """What a POST is answered with; None: nothing at all."""
        with self._lock:
            if self.answers:
                status, message = self.answers.pop(0)
                return status, {"message": message}
            if any(one["id"] == text["id"] for one in self.taken):
                return 409, {"message": "duplicate id"}
            self.taken.append(text | {"state": "Pending"})
            if self.drop_after:
                self.drop_after -= 1
                return None, {}
        return 202, {"id": text["id"], "state": "Pending", "recipients": []}

    def tell_all(self) -> None:
        """Tell the webhook what became of every text that it has not told of yet."""
        for text in [one for one in self.taken if one["state"] == "Pending"]:
            reason = self.fail.get(text["phoneNumbers"][0])
            steps = [("sms:failed", "Failed")] if reason else [("sms:sent", "Sent"), ("sms:delivered", "Delivered")]
            for event, state in steps:
                text["state"] = state
                payload = {"messageId": text["id"], "phoneNumber": text["phoneNumbers"][0], "simNumber": None}
                self.tell(event, payload | ({"reason": reason} if reason else {}))

    def text(self, sender: str, words: str, event_id: str | None = None, **more: str) -> requests.Response:
        """A text comes in at the phone."""
        payload = {"messageId": "made of the words", "message": words, "sender": sender, "phoneNumber": sender, "simNumber": 1}
        return self.tell("sms:received", payload, event_id, **more)

    def tell(self, event: str, payload: dict[str, Any], event_id: str | None = None, **more: str) -> requests.Response:
        """Call the webhook; `key` and `timestamp` may be false ones."""
        told = {
            "deviceId": "d",
            "event": event,
            "id": event_id or secrets.token_urlsafe(15),
            "payload": payload,
            "webhookId": "w",
        }
        body, now = json.dumps(told), str(int(clock.now().timestamp()))
        stamp = more.get("timestamp", now)
        signature = hmac.new(more.get("key", KEY).encode(), (body + stamp).encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": signature, "X-Timestamp": stamp}
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.webhook_url, data=body.encode(), headers=headers, timeout=10)

    def close(self) -> None:
        """Nobody listens any more."""
        self._server.close()


def _handler(phone: FakeAndroid) -> type[Handler]:
    right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Answers(Handler):
        def do_HEAD(self) -> None:
            self.reply(200)

        def do_GET(self) -> None:
            found = [one for one in phone.taken if self.path == f"/messages/{one['id']}"]
            self.reply_json(200 if found else 404, {"id": found[0]["id"], "state": found[0]["state"]} if found else {})

        def do_POST(self) -> None:
            text = json.loads(self.body())
            if self.headers["Authorization"] != right:
                return self.reply_json(401, {"message": "Unauthorized"})
            status, body = phone.take(text)
            if status is None:
                self.close_connection = True
                return None
            return self.reply_json(status, body)

    return Answers
