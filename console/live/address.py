"""Where the stream is, and from which pages it may be read."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.settings import Settings

PATH = "/live"


def stream_url(settings: Settings) -> str | None:
    """The address that a browser opens: LIVE_URL, with /live where it names a server alone; a path alone is one on the
    console's own origin. None when there is no stream."""
    if settings.live_url is None:
        return None
    return settings.live_url if urlsplit(settings.live_url).path else settings.live_url + PATH


def stream_origin(settings: Settings) -> str | None:
    """The stream's origin where it differs from the console's, else None."""
    address = stream_url(settings)
    if address is None or address.startswith("/"):
        return None
    return _origin(address) if _origin(address) != console_origin(settings) else None


def console_origin(settings: Settings) -> str:
    """The one origin whose pages may read the stream."""
    return _origin(settings.public_url)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
