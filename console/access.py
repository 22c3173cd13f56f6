"""Who may call what: the marks that views carry (`core.access`), enforced before every request. Nothing is open by default."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from console import bodies, keys
from console.models import ApiKey
from core import access, log
from core.problems import FieldProblem, Problem
from core.services import Services

_KEY = "key:"
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
        mark = access.declared(app.view_functions[request.url_rule.endpoint])
        _enforce(services, mark or "")

    @app.after_request
    def _note_key(response: Response) -> Response:
        key: ApiKey | None = g.get("key")
        if key is not None and keys.is_use_stale(key):
            response.call_on_close(lambda: _note_use(services, key.id))
        return response


def _enforce(services: Services, mark: str) -> None:
    if mark.startswith(_KEY):
        _require_key(services, mark.removeprefix(_KEY).split("|"))
        _require_json()
        return
    other: dict[str, Callable[[Services], None]] = {
        access.PUBLIC: _same_site_writes,
        access.CARRIER: lambda _: None,  # verifies its signature itself, before it reads anything else
        access.METRICS: _require_metrics_token,
        access.SIMULATING: _require_simulation,
    }
    other[mark](services)


def _is_known(mark: str) -> bool:
    if mark.startswith(_KEY):
        return set(mark.removeprefix(_KEY).split("|")) <= set(access.SCOPES)
    return mark in (access.PUBLIC, access.CARRIER, access.METRICS, access.SIMULATING)


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
        raise Problem(403, f"This API key may not do that: it needs the scope {needed}", www_authenticate=challenge)
    g.key, g.actor = key, f"key:{key.name}"


def _require_json() -> None:
    if request.method in ("POST", "PUT", "PATCH"):
        raw = request.get_data(cache=True)
        if len(raw) > bodies.API_LIMIT_BYTES:
            raise Problem(413, f"The body is larger than {bodies.API_LIMIT_BYTES // 1024} KB")
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
    origin = request.headers.get("Origin")
    if request.method in _SAFE or origin is None:
        return
    if urlsplit(origin).netloc not in (request.host, urlsplit(services.settings.public_url).netloc):
        raise Problem(403, "This form was not sent from Doorstep's own pages", [FieldProblem("", f"it came from {origin}")])


def _note_use(services: Services, key_id: int) -> None:
    # After the answer has left: noting that a key is used must not delay or fail what it was used for.
    try:
        with services.write() as session:
            keys.note_use(session, key_id)
    except Exception as error:
        _log.warning("could not note the use of a key", error=type(error).__name__)
