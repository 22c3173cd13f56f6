"""Headers that every answer carries, so that a browser does nothing with it that we did not mean."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from core.settings import Settings

_DATA = "default-src 'none'; frame-ancestors 'none'"
_A_YEAR_S = 31_536_000


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app`; a view that has set one of them itself keeps its own."""
    pages = _pages_policy(settings)
    https = settings.public_url.startswith("https://")

    @app.after_request
    def _protect(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", pages if response.mimetype == "text/html" else _DATA)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_A_YEAR_S}")
        return response


def _pages_policy(settings: Settings) -> str:
    live = urlsplit(settings.live_url) if settings.live_url else None
    connect = "'self'" + (f" {live.scheme}://{live.netloc}" if live else "")
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; worker-src 'self'; "
        f"manifest-src 'self'; connect-src {connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
