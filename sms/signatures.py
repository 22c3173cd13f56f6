"""Is this request really from the carrier? Answered from the raw request, before anything else reads it.

sms-facts 2.1: the signature covers the address as the carrier wrote it (not as a proxy or a framework rewrote it) and every
field of the form, empty ones too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from core.settings import Settings

LONGEST_BODY = 64 * 1024
"""Bytes that are read of a request; a text has at most 1600 characters."""
_ALGORITHMS = ("HMAC_SHA1", "HMAC_SHA256")


class Rejected(Exception):
    """A request that is not read any further; `status` is the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"rejected with {status}")
        self.status = status


def signed_form(request: Request, settings: Settings) -> MultiDict[str, str]:
    """The form of a POST that the carrier signed. Raises Rejected: 413 too large, 403 not signed by the carrier."""
    raw = raw_body(request)
    signature = request.headers.get(SIGNATURE_HEADER, "")
    algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
    if not signature or algorithm.upper() not in _ALGORITHMS:
        raise Rejected(403)
    form = MultiDict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    for url in addresses(settings.public_url, request.environ):
        for token in settings.carrier.auth_tokens:
            if RequestValidator(token).validate(url, form, signature, algorithm):
                return form
    raise Rejected(403)


def addresses(public_url: str, environ: Mapping[str, Any]) -> list[str]:
    """The addresses that the carrier can have called and so signed: PUBLIC_URL and the request's own path and query.

    Never the Host header, which anyone can write, and never a decoded path. Two when PUBLIC_URL has a path that the proxy
    before us may have left on.
    """
    raw = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or "")
    if not raw.startswith("/"):
        parts = urlsplit(raw)
        raw = parts.path + ("?" + parts.query if parts.query else "")
    found = [public_url + raw]
    prefix = urlsplit(public_url).path
    if prefix and raw.startswith(prefix + "/"):
        found.append(public_url.removesuffix(prefix) + raw)
    return found


def raw_body(request: Request) -> bytes:
    """The body as it came, unparsed. Raises Rejected 413 when it is too large."""
    if (request.content_length or 0) > LONGEST_BODY:
        raise Rejected(413)
    raw = request.stream.read(LONGEST_BODY + 1)
    if len(raw) > LONGEST_BODY:
        raise Rejected(413)
    return raw
