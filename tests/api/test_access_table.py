"""Who may call what: every route x method x caller, from the marks, and from a list by hand that says what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from console.accounts import csrf, sessions, users
from core.access import (
    CARRIER,
    FORM,
    METRICS,
    OWN_ACCOUNT,
    PUBLIC,
    ROLES,
    SCOPES,
    SIMULATING,
    accepts_body,
    declared,
    largest_body,
    requires,
)
from core.database import Database
from core.services import Services

NOBODY = "nobody"
KEYS = tuple(f"key:{scope}" for scope in SCOPES)
CALLERS = (NOBODY, *ROLES, *KEYS)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = ("GET", "HEAD")
ALL, NONE = set(CALLERS), set[str]()
D, A, U = ROLES
STAFF = set(ROLES)

BY_HAND: dict[str, tuple[set[str], set[str]]] = {
    # address: (who may read there, who may change something there); the longest address that fits holds
    "/": (ALL, NONE),
    "/static": (ALL, NONE),
    "/health": (ALL, NONE),
    "/metrics": (ALL, NONE),  # from this machine, which a test is
    "/api/v1/openapi.json": (ALL, NONE),
    "/api/v1/incidents": ({"key:incidents", "key:read"}, {"key:incidents"}),
    "/api/v1/practitioners": ({"key:people"}, NONE),
    "/api/v1/responders": ({"key:people", "key:read"}, {"key:people"}),
    "/sms": (NONE, ALL),  # whoever has the carrier's signature, which the view looks at
    "/voice": (NONE, ALL),
    "/phones": (ALL, ALL),
    "/sign-in": (ALL, ALL),
    "/set-up": (ALL, ALL),  # whoever has the link
    "/join": (ALL, ALL),
    "/card.vcf": (ALL, NONE),
    "/m": (ALL, ALL),  # whoever has a link
    "/me": (ALL, ALL),  # whoever has opened one: the view looks at the cookie of the visit
    "/sign-out": (NONE, STAFF),
    "/account": (STAFF, STAFF),
    "/runbook": (STAFF, NONE),
    "/privacy": ({A, U}, NONE),
    "/privacy/requests": ({A}, {A}),
    "/users": ({A, U}, {A}),
    "/people": ({A, U}, {A}),
    "/people/calls": ({A}, {A}),  # how people are is for admins alone
    "/people/evidence": ({A}, NONE),
    "/people/new": ({A}, {A}),
    "/people/import": ({A}, {A}),
    "/people/import/x": ({A, U}, {A}),
    "/people/1/edit": ({A}, {A}),
    "/people/1/everything.json": ({A}, NONE),
    "/admin": (STAFF, {A}),  # the go-live list, which the head of every page leads to
    "/admin/": ({A, U}, {A}),
    "/admin/api/go-live": (STAFF, NONE),
    "/coverage": ({A, U}, {A}),
    "/area": ({A, U}, {A}),
    "/desk": ({D, U}, {D}),
    "/tiles": (STAFF, NONE),
}
"""A route that opens to somebody else, or one at a new address, is meant or is a mistake: a person says which, here."""


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """The rules of the house are the same over every database."""
    return empty_sqlite


@dataclass
class Doors:
    """The application with nothing behind its doors, and whoever knocks."""

    app: Flask
    services: Services
    cookies: dict[str, str]
    secrets: dict[str, str]

    def knock(self, caller: str, method: str, path: str, **more: str) -> TestResponse:
        """One request as `caller`; `more` are headers, which win over the ones a good caller sends."""
        client = self.app.test_client()
        cookie = self.cookies.get(caller)
        name = sessions.COOKIE if cookie else csrf.COOKIE
        client.set_cookie(name, cookie or "anybody")
        headers = {csrf.HEADER: csrf.token(self.services.settings.secret, cookie or "anybody")}
        if caller in KEYS:
            headers["Authorization"] = f"Bearer {self.secrets[caller.removeprefix('key:')]}"
        return client.open(path, method=method, headers={**headers, **more})


@pytest.fixture
def doors(app: Flask, services: Services, secrets: dict[str, str]) -> Doors:
    """Every view replaced by one that only says that it was reached, under the same mark."""
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = _reached(declared(view) or "", largest_body(view))
    cookies = {}
    with services.write() as session:
        for role in ROLES:
            user = users.add(session, role, role, "irrelevant here", "test", given=False)
            cookies[role] = sessions.begin(session, user, "127.0.0.1", "test")
    return Doors(app, services, cookies, secrets)


def _reached(mark: str, largest: int | None) -> object:
    def view(**_: object) -> str:
        return "reached"

    marked = requires(mark)(view)
    return marked if largest is None else accepts_body(largest)(marked)


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every route with a path that fits it and its mark."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "x", re.sub(r"<int[:(][^>]*>", "1", rule.rule))
        yield rule, path, declared(app.view_functions[rule.endpoint]) or ""


def by_mark(mark: str, method: str) -> set[str]:
    """Who a mark lets in."""
    if mark.startswith("key:"):
        return {f"key:{scope}" for scope in mark.removeprefix("key:").split("|")}
    if mark.startswith("role:"):
        held = set(mark.removeprefix("role:").split("|"))
        return held if method in READING else held - {"auditor"}
    return {PUBLIC: ALL, FORM: ALL, CARRIER: ALL, METRICS: ALL, SIMULATING: ALL, OWN_ACCOUNT: STAFF}[mark]


def meant(path: str, method: str) -> set[str]:
    """Who the list by hand lets in."""
    fitting = [prefix for prefix in BY_HAND if path == prefix or (path.startswith(prefix.rstrip("/") + "/") and prefix != "/")]
    assert fitting, f"nobody has said who may call {method} {path}: write it into BY_HAND"
    read, change = BY_HAND[max(fitting, key=len)]
    return read if method in READING else change


def own_methods(rule: Rule) -> list[str]:
    return [method for method in METHODS if method in (rule.methods or ()) and method not in ("HEAD", "OPTIONS")]


def test_every_mark_lets_in_exactly_whom_the_list_by_hand_means(app: Flask) -> None:
    wrong = {
        f"{method} {rule.rule}": (sorted(by_mark(mark, method)), "but meant", sorted(meant(path, method)))
        for rule, path, mark in routes(app)
        for method in own_methods(rule)
        if by_mark(mark, method) != meant(path, method)
    }
    assert wrong == {}


def test_every_address_of_the_list_by_hand_is_there(app: Flask) -> None:
    used = {max((p for p in BY_HAND if path.startswith(p)), key=len) for _, path, _ in routes(app)}
    assert set(BY_HAND) == used


def test_every_route_lets_in_exactly_whom_its_mark_names(doors: Doors) -> None:
    wrong = []
    for rule, path, mark in routes(doors.app):
        for method in sorted({"HEAD"} & (rule.methods or set())) + own_methods(rule):
            for caller in CALLERS:
                answer = doors.knock(caller, method, path)
                allowed = caller in by_mark(mark, method)
                if not (answer.status_code == 200 if allowed else is_refused(answer, caller, mark, method)):
                    wrong.append((method, path, caller, answer.status_code))
                assert_protected(answer)
    assert wrong == []


def is_refused(answer: TestResponse, caller: str, mark: str, method: str) -> bool:
    """Whether it is refused in the way that fits: who is unknown is told to sign in, who is known that it is not for them."""
    if mark.startswith("key:"):
        return answer.status_code == (403 if caller in KEYS else 401) and "WWW-Authenticate" in answer.headers
    if caller in ROLES:
        return answer.status_code == 403
    sent_on = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    return answer.status_code == 401 or (sent_on and method in ("GET", "HEAD"))


def assert_protected(answer: TestResponse) -> None:
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe-" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"]


def test_every_other_method_is_405_and_protected_too(doors: Doors) -> None:
    taken: dict[str, set[str]] = {}
    for rule, path, _ in routes(doors.app):
        taken.setdefault(path, set()).update(rule.methods or ())
    for path, methods in taken.items():
        for method in set(METHODS) - methods | {"OPTIONS"}:
            answer = doors.knock("admin", method, path)
            expected = (200, 401, 403) if method == "OPTIONS" else (404, 405)
            assert answer.status_code in expected, (method, path, answer.status_code)
            assert_protected(answer)


def test_every_change_by_somebody_signed_in_needs_the_token_of_their_own_session(doors: Doors) -> None:
    changing = [
        (method, path, mark)
        for rule, path, mark in routes(doors.app)
        for method in own_methods(rule)
        if method not in READING and (mark.startswith("role:") or mark in (OWN_ACCOUNT, FORM))
    ]
    assert len(changing) > 10
    others = csrf.token(doors.services.settings.secret, "somebody else's cookie")
    for method, path, mark in changing:
        caller = sorted(by_mark(mark, method) & STAFF)[0]
        for token in ("", "x", others):
            assert doors.knock(caller, method, path, **{csrf.HEADER: token}).status_code == 403, (method, path)
        for foreign in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            assert doors.knock(caller, method, path, **foreign).status_code == 403, (method, path, foreign)
        assert doors.knock(caller, method, path, Origin="http://localhost").status_code == 200, (method, path)


def test_what_scripts_ask_is_answered_with_a_problem_and_pages_lead_to_the_form(doors: Doors) -> None:
    script = doors.knock(NOBODY, "GET", "/desk/api/board")
    assert (script.status_code, script.content_type) == (401, "application/problem+json")
    assert doors.knock(NOBODY, "GET", "/desk?x=1&y=2").headers["Location"] == "/sign-in?next=/desk%3Fx%3D1%26y%3D2"
    assert doors.knock(NOBODY, "GET", "/users", **{"Sec-Fetch-Dest": "empty"}).status_code == 401
    assert doors.knock(NOBODY, "POST", "/users").status_code == 401


@pytest.mark.parametrize("given", ["", "Bearer doorstep_unknown", "Basic eDp4"])
def test_every_call_of_the_api_is_401_without_a_known_key(app: Flask, client: FlaskClient, given: str) -> None:
    headers = {"Authorization": given} if given else {}
    for rule, path, mark in routes(app):
        if mark.startswith("key:"):
            answer = client.open(path, method=own_methods(rule)[0], headers=headers)
            assert answer.status_code == 401, path
            assert answer.content_type == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_carriers_routes_refuse_what_is_not_signed_without_a_word(client: FlaskClient) -> None:
    for path in ("/sms/inbound", "/sms/status?m=x", "/voice/answer?m=x", "/voice/gather?m=x"):
        answer = client.post(path, data={"From": "+447700900001", "Body": "1"})
        assert (answer.status_code, answer.data) == (403, b"")


def test_the_phones_are_there_while_simulating_and_the_start_page_leads_to_them(client: FlaskClient) -> None:
    assert 'href="/phones"' in client.get("/").text
    assert "SIMULATED" in client.get("/").text
    assert "SIMULATED" in client.get("/phones").text
