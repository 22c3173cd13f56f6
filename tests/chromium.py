"""Chromium for the tests of pages: one with WebGL by software, one without, each launched once in a test process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright, sync_playwright

from scripts.lib import browsers

WEBGL = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-gpu-compositing")
"""Only the map is drawn through WebGL: to compose every page as a graphics card would doubled the work of drawing."""
NO_WEBGL = ("--no-sandbox", "--disable-gpu", "--disable-software-rasterizer")
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Chromium itself finds no host but this machine, workers and streams included."""


class Browsers:
    """Chromium with WebGL by software, and one without; each is launched when it is first wanted."""

    def __init__(self, player: Playwright) -> None:
        self._player = player
        self._loop = asyncio.get_running_loop()
        self._running: dict[bool, Browser] = {}

    def get(self, webgl: bool) -> Browser:
        """The one or the other."""
        if webgl not in self._running:
            found = browsers.find()
            assert found, f"no chromium: scripts/test installs it, or apt install {browsers.PACKAGE}"
            wanted = [*(WEBGL if webgl else NO_WEBGL), NO_NAMES]
            self._running[webgl] = self._player.chromium.launch(executable_path=found, args=wanted)
        return self._running[webgl]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """For one test. Playwright runs an event loop in this thread, even between two calls; other tests, which have loops of
        their own, must not meet it."""
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(None)

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """For all the time around such tests."""
        asyncio._set_running_loop(None)
        try:
            yield
        finally:
            asyncio._set_running_loop(self._loop)

    def close(self) -> None:
        """End them."""
        for browser in self._running.values():
            browser.close()


@contextmanager
def open_browsers() -> Iterator[Browsers]:
    """Browsers, of which none is launched yet and none is left afterwards."""
    with sync_playwright() as player:
        opened = Browsers(player)
        with opened.left_alone():
            yield opened
        opened.close()
