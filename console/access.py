"""Who may call what: the marks that views carry (`core.access`), enforced before every request. Nothing is open by default."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, g, redirect, request

from console import bodies, errors, keys
from console.accounts import sessions, signed_in
from console.models import ApiKey
from core import access, log
from core.problems import FieldProblem, Problem
from core.services import Services
from core.words import fill
from responder.links import visits

_KEY, _ROLE = "key:", "role:"
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")
_SAFE = ("GET", "HEAD", "OPTIONS")
_log = log.get("access")


class UnmarkedRoute(Exception):
    """A route whose view does not say who may call it; the console does not start with one."""


def check_marks(app: Flask) -> None:
    """Raise UnmarkedRoute unless every view declares an access that is enforced here."""
    for rule in app.url_map.iter_rules():
        mark = access.declared(app.view_functions[rule.endpoint])
        if mark is None or not _is_known(mark):
            raise UnmarkedRoute(f"{rule.rule} ({rule.endpoint}) declares {mark!r}; see core.access for what is allowed")


def install(app: Flask, services: Services) -> None:
    """Enforce the marks on every request of `app`."""

    @app.before_request
    def _guard() -> None:
        _refuse_nul()
        if request.url_rule is None:
            return
        view = app.view_functions[request.url_rule.endpoint]
        _enforce(services, access.declared(view) or "", access.largest_body(view))

    @app.after_request
    def _note_session(response: Response) -> Response:
        found: signed_in.SignedIn | None = g.get("signed_in")
        if found is not None and sessions.is_seen_stale(found.session):
            response.call_on_close(lambda: _note_seen(services, found.session.id))
        return response

    @app.after_request
    def _note_key(response: Response) -> Response:
        key: ApiKey | None = g.get("key")
        if key is not None and keys.is_use_stale(key):
            response.call_on_close(lambda: _note_use(services, key.id))
        return response


def _enforce(services: Services, mark: str, largest_body: int | None) -> None:
    if mark.startswith(_KEY):
        _require_key(services, mark.removeprefix(_KEY).split("|"))
        _require_json()
        return
    if mark.startswith(_ROLE):
        _require_role(services, mark.removeprefix(_ROLE).split("|"), largest_body)
        return
    other: dict[str, Callable[[Services], None]] = {
        access.PUBLIC: _same_site_writes,
        access.FORM: lambda services: _require_form(services, largest_body),
        access.OWN_ACCOUNT: lambda services: _require_role(services, access.ROLES, largest_body, own=True),
        access.CARRIER: lambda _: None,  # verifies its signature itself, before it reads anything else
        access.METRICS: _require_metrics_token,
        access.SIMULATING: _require_simulation,
    }
    other[mark](services)


_NAMED = (access.PUBLIC, access.FORM, access.OWN_ACCOUNT, access.CARRIER, access.METRICS, access.SIMULATING)


def _is_known(mark: str) -> bool:
    if mark.startswith(_KEY):
        return set(mark.removeprefix(_KEY).split("|")) <= set(access.SCOPES)
    if mark.startswith(_ROLE):
        return set(mark.removeprefix(_ROLE).split("|")) <= set(access.ROLES)
    return mark in _NAMED


def _require_role(services: Services, roles: Sequence[str], largest_body: int | None, *, own: bool = False) -> None:
    found = signed_in.current(services)
    if found is None:
        _send_to_sign_in()
        return
    user = found.user
    g.user, g.actor = user, f"user:{user.name}"
    changes = request.method not in _SAFE
    if user.role not in roles or (changes and user.role == access.AUDITOR and not own):
        raise Problem(403, "Your role does not include this")
    if changes:
        request.max_content_length = largest_body or request.max_content_length
        _require_own_form(services)
        if request.mimetype == "application/json":
            _require_json()


def _send_to_sign_in() -> None:
    """A page that somebody wants to look at leads to the form and back; everything else is told that nobody is signed in."""
    wanted = request.headers.get("Sec-Fetch-Dest", "document")
    if request.method in ("GET", "HEAD") and wanted == "document" and not errors.is_for_programs(request.path):
        abort(redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'))}", 303))
    raise Problem(401, "You are not signed in, or no longer. Sign in and try again")


def _require_form(services: Services, largest_body: int | None) -> None:
    # The token stands in the body, so the body is read before the view sees it: a large one only of somebody who visits.
    if largest_body is not None and request.method not in _SAFE and _is_visiting(services):
        request.max_content_length = largest_body
    _require_own_form(services)


def _is_visiting(services: Services) -> bool:
    cookie = request.cookies.get(visits.COOKIE)
    if not cookie:
        return False
    with services.read() as session:
        return visits.is_visit(session, cookie)


def _require_own_form(services: Services) -> None:
    if request.method in _SAFE:
        return
    _same_site_writes(services)
    if not signed_in.is_token_right(services):
        raise Problem(403, "This page has grown old. Load it again and send it once more")


def _refuse_nul() -> None:
    if "\0" in request.path or any("\0" in name + value for name, value in request.args.items(multi=True)):
        raise Problem(400, "An address may not contain a NUL character")


def _require_key(services: Services, scopes: list[str]) -> None:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Problem(401, "Send an API key: Authorization: Bearer KEY", www_authenticate='Bearer realm="Doorstep"')
    with services.read() as session:
        key = keys.verify(session, given.token)
    if key is None:
        raise Problem(
            401, "This API key is not known or was revoked", www_authenticate='Bearer realm="Doorstep", error="invalid_token"'
        )
    if not set(scopes) & set(key.scopes):
        needed = " or ".join(scopes)
        challenge = f'Bearer realm="Doorstep", error="insufficient_scope", scope="{" ".join(scopes)}"'
        said = fill("This API key may not do that: it needs the scope {needed}", needed=needed)
        raise Problem(403, said, www_authenticate=challenge)
    g.key, g.actor = key, f"key:{key.name}"


def _require_json() -> None:
    if request.method in ("POST", "PUT", "PATCH"):
        raw = request.get_data(cache=True)
        if len(raw) > bodies.API_LIMIT_BYTES:
            raise Problem(413, fill("The body is larger than {most} KB", most=bodies.API_LIMIT_BYTES // 1024))
        if raw:
            bodies.check_type(request.mimetype, request.headers.get("Content-Encoding"))
            bodies.check_json(raw)


def _require_metrics_token(services: Services) -> None:
    if _is_direct_loopback():
        return
    given, token = request.authorization, services.settings.metrics_token
    offered = given.token if given is not None and given.type == "bearer" else None
    if not token or not offered or not hmac.compare_digest(offered.encode(), token.encode()):
        raise Problem(401, "Send METRICS_TOKEN: Authorization: Bearer TOKEN", www_authenticate='Bearer realm="metrics"')


def _is_direct_loopback() -> bool:
    """A proxy on this machine connects from loopback too; it gives itself away by a forwarding header."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _require_simulation(services: Services) -> None:
    if not services.settings.simulating:
        raise Problem(404, "There is nothing here")
    _same_site_writes(services)


def _same_site_writes(services: Services) -> None:
    """A page elsewhere must not press our buttons in somebody's browser; programs send no Origin and pass."""
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    if origin is None and request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return
    if origin is None or urlsplit(origin).netloc not in (request.host, urlsplit(services.settings.public_url).netloc):
        whence = FieldProblem("", fill("it came from {origin}", origin=origin))
        raise Problem(403, "This form was not sent from Doorstep's own pages", [whence])


def _note_seen(services: Services, session_id: int) -> None:
    try:
        with services.write() as session:
            sessions.note_seen(session, session_id)
    except Exception as error:
        _log.warning("could not note that a session is in use", error=type(error).__name__)


def _note_use(services: Services, key_id: int) -> None:
    # After the answer has left: noting that a key is used must not delay or fail what it was used for.
    try:
        with services.write() as session:
            keys.note_use(session, key_id)
    except Exception as error:
        _log.warning("could not note the use of a key", error=type(error).__name__)
