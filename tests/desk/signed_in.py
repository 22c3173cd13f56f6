"""A page of the desk without a browser: signed in, sending what the page's modules send."""

from __future__ import annotations

from typing import Any

from flask import Flask

from console.accounts import csrf, sessions
from console.models import User
from core import clock
from core.services import Services

Answer = tuple[int, Any]


class Desk:
    """Somebody of a role, at /desk/api."""

    def __init__(self, app: Flask, services: Services, role: str = "dispatcher", name: str | None = None) -> None:
        with services.write() as session:
            user = User(name=name or role, role=role, password_hash="none", password_given=False, demo=False)
            user.theme, user.created_at = "auto", clock.now()
            session.add(user)
            session.flush()
            cookie = sessions.begin(session, user, "127.0.0.1", "a test")
        self._client = app.test_client()
        self._client.set_cookie(sessions.COOKIE, cookie)
        self._headers = {csrf.HEADER: csrf.token(services.settings.secret, cookie)}

    def get(self, path: str, **query: Any) -> Answer:
        """Read."""
        answer = self._client.get(f"/desk/api{path}", query_string=query)
        return answer.status_code, answer.get_json()

    def post(self, path: str, body: object = None, method: str = "POST") -> Answer:
        """Do."""
        sent = {} if body is None else {"json": body}
        answer = self._client.open(f"/desk/api{path}", method=method, headers=self._headers, **sent)
        return answer.status_code, answer.get_json()

    def board(self) -> Any:
        """The whole board."""
        status, shown = self.get("/board")
        assert status == 200, shown
        return shown

    def incident(self, incident_id: str) -> Any:
        """One incident of the board."""
        return next(one for one in self.board()["incidents"] if one["id"] == incident_id)

    def person(self, incident_id: str, responder: str) -> Any:
        """One callout of it, by the person's external id."""
        return next(one for one in self.incident(incident_id)["callouts"] if one["responder_id"] == responder)

    def red(self, kind: str | None = None) -> list[Any]:
        """The alarms that stand, of one kind."""
        return [one for one in self.board()["alarms"] if kind in (None, one["kind"])]

    def does(self, path: str, body: object = None, method: str = "POST") -> Any:
        """Do what must succeed; returns the answer."""
        status, shown = self.post(path, body, method)
        assert status in (200, 201), shown
        return shown
