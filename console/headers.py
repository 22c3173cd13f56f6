"""Headers that every answer carries, so that a browser does nothing with it that we did not mean."""

from __future__ import annotations

from flask import Flask, Response, request

from console.live.address import stream_origin
from core.settings import Settings

_DATA = "default-src 'none'; frame-ancestors 'none'"
_A_YEAR_S = 31_536_000
_RUNS = ("text/html", "text/javascript", "application/javascript")


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app`; a view that has set one of them itself keeps its own."""
    pages = _pages_policy(settings)
    https = settings.public_url.startswith("https://")

    @app.after_request
    def _protect(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), payment=(), usb=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # A worker (the map's, the stream's) is bound by the policy of its own script, not by its page's.
        runs = response.mimetype in _RUNS
        response.headers.setdefault("Content-Security-Policy", pages if runs else _DATA)
        kept = "no-cache" if request.path.startswith("/static/") else "no-store"
        response.headers.setdefault("Cache-Control", kept)
        if https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_A_YEAR_S}")
        return response


def _pages_policy(settings: Settings) -> str:
    live = stream_origin(settings)
    connect = "'self'" + (f" {live}" if live else "")
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"worker-src 'self'; manifest-src 'self'; connect-src {connect}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
