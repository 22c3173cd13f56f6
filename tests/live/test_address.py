"""Where the stream is, and who may read it, from what the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.live.address import console_origin, stream_origin, stream_url
from core.settings import Settings, WrongSetting, load
from scripts.lib.installation import _live_url

CONSOLE = "https://doorstep.example"


def _settings(live_url: str | None) -> Settings:
    return load(_env_file=None, data_dir=Path("unused"), public_url=CONSOLE, live_url=live_url)


@pytest.mark.parametrize(
    ("given", "url", "origin"),
    [
        (None, None, None),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001/live", "http://127.0.0.1:8001"),
        ("https://live.example/", "https://live.example/live", "https://live.example"),
        ("https://doorstep.example/live", "https://doorstep.example/live", None),
        ("https://DOORSTEP.example/live/", "https://DOORSTEP.example/live", None),
        ("https://doorstep.example/town/live", "https://doorstep.example/town/live", None),
        ("/live", "/live", None),
    ],
)
def test_live_url_names_the_stream_or_its_server(given: str | None, url: str | None, origin: str | None) -> None:
    settings = _settings(given)
    assert stream_url(settings) == url
    assert stream_origin(settings) == origin
    assert console_origin(settings) == CONSOLE


@pytest.mark.parametrize("given", ["live", "//elsewhere.example/live", "ftp://x", "wss://x"])
def test_anything_else_is_refused_by_name(given: str) -> None:
    with pytest.raises(WrongSetting, match="LIVE_URL"):
        _settings(given)


@pytest.mark.parametrize(
    ("public_url", "live_url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8001"),
        ("http://[::1]:8000", "http://[::1]:8001"),
        ("https://doorstep.example", "https://doorstep.example/live"),
    ],
)
def test_a_start_works_it_out_from_the_consoles_address(public_url: str, live_url: str) -> None:
    assert _live_url(public_url, 8001) == live_url
