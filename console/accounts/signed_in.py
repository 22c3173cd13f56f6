"""Who sends this request: the user behind its cookie, where it comes from, and the cookies we set."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from flask import Request, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from console.accounts import csrf, demo, sessions
from console.models import User, UserSession
from core.services import Services


@dataclass(frozen=True)
class SignedIn:
    """A user and the session they use."""

    user: User
    session: UserSession


def current(services: Services) -> SignedIn | None:
    """Who is signed in on the browser that sends this request; looked up once a request."""
    if "signed_in" not in g:
        g.signed_in = _look_up(services)
    found: SignedIn | None = g.signed_in
    return found


def current_or_none(services: Services) -> SignedIn | None:
    """The same for pages that must also be shown while the database cannot be used."""
    try:
        return current(services)
    except (SQLAlchemyError, TimeoutError):
        return None


def _look_up(services: Services) -> SignedIn | None:
    cookie = request.cookies.get(sessions.COOKIE)
    if not cookie:
        return None
    with services.read() as session:
        found = sessions.find(session, cookie, demo=demo.opens(services.settings))
    return SignedIn(found[1], found[0]) if found else None


def form_token(services: Services) -> str:
    """A token for a form on the page that answers this request; a browser without a session gets a cookie to go with it."""
    if current_or_none(services) is not None:
        cookie = request.cookies[sessions.COOKIE]
    else:
        cookie = request.cookies.get(csrf.COOKIE) or g.setdefault("form_cookie", csrf.new_cookie())
    return csrf.token(services.settings.secret, cookie)


def is_token_right(services: Services) -> bool:
    """Whether this request carries a token that goes with its cookie."""
    cookie = request.cookies.get(sessions.COOKIE if current(services) is not None else csrf.COOKIE)
    return csrf.is_right(services.settings.secret, cookie, csrf.given_in(request))


def set_cookie(services: Services, response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """A cookie that no script reads and no other site's form sends."""
    secure = services.settings.public_url.startswith("https://")
    response.set_cookie(name, value, max_age=max_age_s, path="/", httponly=True, secure=secure, samesite="Lax")


def address(asked: Request) -> str:
    """The address of the browser. A proxy on this machine says it; anybody else could say anything."""
    peer = _address(asked.remote_addr)
    if peer is None or not peer.is_loopback:
        return str(peer or "")
    told = _address(asked.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip())
    return str(told or peer)


def network(of: str) -> str:
    """What counts as one place: an address, of IPv6 the /64 that one household or server is given."""
    found = _address(of)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return of


def _address(written: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(written or "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
