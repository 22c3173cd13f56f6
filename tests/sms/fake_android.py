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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from core import clock
from core.settings import Settings

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
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

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
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of the tests."""


def _handler(phone: FakeAndroid) -> type[BaseHTTPRequestHandler]:
    right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_HEAD(self) -> None:
            self._reply(200, {})

        def do_GET(self) -> None:
            found = [one for one in phone.taken if self.path == f"/messages/{one['id']}"]
            self._reply(200 if found else 404, {"id": found[0]["id"], "state": found[0]["state"]} if found else {})

        def do_POST(self) -> None:
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers["Authorization"] != right:
                return self._reply(401, {"message": "Unauthorized"})
            status, body = phone.take(text)
            if status is None:
                self.close_connection = True
                return None
            return self._reply(status, body)

        def _reply(self, status: int, body: dict[str, Any]) -> None:
            raw = b"" if self.command == "HEAD" else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
