"""Tokens that show that a change comes from a page of ours, in the browser whose cookie it carries.

The token is a keyed digest of the cookie (the session's, or before signing in one of the form's own), under a salt that
differs on every page: a page that is compressed on its way then does not give it away bit by bit.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Request

FIELD, HEADER = "csrf_token", "X-CSRF-Token"
COOKIE = "doorstep_form"
_SALT = 16


def new_cookie() -> str:
    """What the form's own cookie holds, for somebody who is not signed in."""
    return secrets.token_urlsafe(32)


def token(secret: bytes, cookie: str) -> str:
    """A token that goes with this cookie."""
    salt = secrets.token_hex(_SALT)
    return salt + _digest(secret, salt, cookie)


def is_right(secret: bytes, cookie: str | None, given: str | None) -> bool:
    """Whether `given` goes with the cookie."""
    if not cookie or not given:
        return False
    salt, digest = given[: 2 * _SALT], given[2 * _SALT :]
    return hmac.compare_digest(_digest(secret, salt, cookie).encode(), digest.encode())


def given_in(request: Request) -> str | None:
    """The token that came with a request: a header from scripts, a field from forms."""
    return request.headers.get(HEADER) or request.form.get(FIELD)


def _digest(secret: bytes, salt: str, cookie: str) -> str:
    key = hmac.new(secret, b"forms", hashlib.sha256).digest()
    return hmac.new(key, f"{salt}:{cookie}".encode(), hashlib.sha256).hexdigest()
