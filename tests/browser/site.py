"""The whole console in a real browser: served over loopback, texts really flowing, nobody else's host ever asked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, ViewportSize, expect

from console.accounts import sessions
from core.services import Services
from sms.simulated.thread import CarrierThread
from tests import barriers
from tests.browser.stage import PASSWORD, ROLES, Stage
from tests.chromium import Browsers

__all__ = ["PASSWORD", "ROLES", "Site", "axe", "fits", "looks", "reads_well", "wait_for"]

PATIENCE_MS = 20_000
SCREENSHOTS = "DOORSTEP_SCREENSHOTS"
WIDTHS = (1600, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass
class Site:
    """One test's view of the stage."""

    stage: Stage
    browsers: Browsers
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _forgiven: list[str] = field(default_factory=list)
    _texts_before: int = 0

    @property
    def services(self) -> Services:
        """The tools of the served application."""
        return self.stage.services

    @property
    def url(self) -> str:
        """Where the console is served, without a slash at the end."""
        return self.stage.url

    @property
    def carrier(self) -> CarrierThread:
        """The simulated carrier."""
        return self.stage.carrier

    def page(
        self, role: str | None = "dispatcher", width: int = 1600, dark: bool = False, webgl: bool = True, **more: Any
    ) -> Page:
        """A page of a browser of its own, signed in as `role` (None: nobody); `page.goto("/desk")` does the rest. `more` goes
        to Playwright's new_context."""
        context = self.browsers.get(webgl).new_context(
            base_url=self.url,
            viewport=_viewport(width),
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            timezone_id="Europe/Helsinki",
            reduced_motion="reduce",
            **more,
        )
        if role is not None:
            context.add_cookies([{"name": sessions.COOKIE, "value": self.stage.cookies[role], "url": self.url}])
        context.set_default_timeout(PATIENCE_MS)
        self._listen(context)
        self._contexts.append(context)
        return context.new_page()

    def _listen(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self._complain(message.type == "error", f"console: {message.text}"))
        context.on("weberror", lambda error: self._complain(True, f"error: {error.error}"))
        context.on("request", self._look_at)

    def _look_at(self, request: Request) -> None:
        asked = urlsplit(request.url)
        self._complain(asked.scheme in ("http", "https", "ws", "wss") and asked.hostname != "127.0.0.1", request.url)

    def _complain(self, when: bool, text: str) -> None:
        if when:
            self.complaints.append(text)

    def forgive(self, pattern: str) -> None:
        """This test expects complaints that this regular expression finds, such as the console's line about a 422."""
        self._forgiven.append(pattern)

    def check(self) -> None:
        """Nothing went wrong that the test does not know of."""
        left = [one for one in self.complaints if not any(re.search(pattern, one) for pattern in self._forgiven)]
        assert not left, f"the browser complained: {left}"
        assert not self.stage.engine.faults, f"the engine stumbled: {self.stage.engine.faults}"

    def shot(self, page: Page, name: str, **more: Any) -> None:
        """Keep a picture of `page` in the folder $DOORSTEP_SCREENSHOTS, where somebody wants them."""
        if folder := os.environ.get(SCREENSHOTS):
            page.screenshot(path=str(Path(folder) / f"{name}.png"), **more)

    def texts_to(self, phone: str) -> list[str]:
        """Every text that this test has sent to that phone, oldest first."""
        mine = self.carrier.messages()[self._texts_before :]
        return [one.body for one in mine if one.outgoing and one.to == phone]

    def begin(self) -> None:
        """The town as new, the engine at work."""
        self.stage.restore()
        self._texts_before = len(self.carrier.messages())
        self.stage.engine.faults.clear()
        self.stage.engine.go()

    def end(self) -> None:
        """Everything of this test closed, the engine at rest."""
        for context in self._contexts:
            context.close()
        self.carrier.release_callbacks()
        self.stage.engine.rest()
        self.carrier.wait_idle()


def reads_well(site: Site, page: Page, name: str, widths: Sequence[int] = WIDTHS) -> None:
    """The page that stands there has no barriers and fits, at every width, by day and by night, which differ in colours."""
    for width, scheme in looks(page, widths):
        axe(page, colours_alone=scheme != SCHEMES[0])
        fits(page)
        site.shot(page, f"{name}-{'night' if scheme == 'dark' else 'day'}-{width}", full_page=True)


def looks(page: Page, widths: Sequence[int] = WIDTHS) -> Iterator[tuple[int, str]]:
    """Every look of a page that stands there, without loading it anew; afterwards it is as wide and as light as it was."""
    before, dark = page.viewport_size, page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert before is not None, "every page has a size"
    for width in widths:
        page.set_viewport_size(_viewport(width))
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            yield width, scheme
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="dark" if dark else "light")


def _viewport(width: int) -> ViewportSize:
    return {"width": width, "height": 740 if width < 700 else 900}


def axe(page: Page, *, colours_alone: bool = False) -> None:
    """No barrier that axe can see."""
    found = barriers.found(page, colours_alone=colours_alone)
    assert found.violations_count == 0, found.generate_report()


_TOO_WIDE = """[...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((one) => one.outerHTML.slice(0, 80)).slice(0, 5)"""


def fits(page: Page) -> None:
    """The page needs no sideways scrolling."""
    for _ in range(20):  # a page that is still being drawn has not found its width yet
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide <= 0:
            return
        page.wait_for_timeout(200)
    assert wide <= 0, f"the page is {wide} px too wide: {page.evaluate(_TOO_WIDE)}"


def wait_for(page: Page, selector: str) -> None:
    """Return when something that `selector` finds is visible (the CSP forbids page.wait_for_function)."""
    expect(page.locator(selector).first).to_be_visible(timeout=PATIENCE_MS)
