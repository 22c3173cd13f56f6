"""`python -m tests.browser.pictures`: takes the pictures in docs/pictures anew, from a demo town that runs only for this."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from console.accounts.demo import PASSWORD
from scripts.lib import browsers, ports
from scripts.lib.bootstrap import ROOT
from scripts.lib.http_client import wait_ready

FOLDER = ROOT / "docs" / "pictures"
ADDRESS = "Mannerheimintie 5"
WIDE, PHONE = {"width": 1600, "height": 900}, {"width": 390, "height": 760}
_STARTS_WITHIN_S = 120.0


def main() -> None:
    """Start, take every picture, stop."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _installation() as url, sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=browsers.find(), args=["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        )
        _desk(browser, url)
        _phone(browser, url)
        _admin(browser, url)
        browser.close()


@contextmanager
def _installation() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="doorstep-pictures-", ignore_cleanup_errors=True) as folder:
        port = ports.free(2)
        running = subprocess.Popen([ROOT / "scripts" / "start", "--port", str(port), "--data", folder])
        try:
            url = f"http://127.0.0.1:{port}"
            wait_ready(url, _STARTS_WITHIN_S, whole=True)
            yield url
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


def _desk(browser: Browser, url: str) -> None:
    for scheme in ("light", "dark"):
        page = _signed_in(browser, url, "dispatcher", WIDE, scheme)
        if scheme == "light":
            _raise(page)
        page.locator("button[data-id]").first.click()
        page.locator('.person[data-kind="going"]').first.wait_for(timeout=60_000)  # volunteers answer at human pace
        page.wait_for_timeout(5_000)  # the map's last tiles
        _take(page, "desk" if scheme == "light" else "desk-night")
        page.context.close()


def _raise(page: Page) -> None:
    page.locator("#map[data-ready]").wait_for(timeout=30_000)
    page.keyboard.press("n")
    page.keyboard.type(ADDRESS, delay=30)
    page.locator(".combo [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#raise .preview .text").wait_for()
    page.wait_for_timeout(2_500)  # the map's last tiles
    _take(page, "raise")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(2_000)


def _phone(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{url}/phones")
    page.wait_for_timeout(2_000)
    page.get_by_text("GO TO").first.click()
    page.wait_for_timeout(1_500)
    _take(page, "phone")
    page.context.close()


def _admin(browser: Browser, url: str) -> None:
    page = _signed_in(browser, url, "admin", WIDE, "light")
    for path, name in (("/admin", "go-live"), ("/people", "people"), ("/area", "area"), ("/users", "users")):
        page.goto(url + path)
        page.wait_for_timeout(3_000)
        _take(page, name)
    page.context.close()


def _signed_in(browser: Browser, url: str, name: str, size: dict[str, int], scheme: str) -> Page:
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()  # type: ignore[arg-type]  # literals, told apart above
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_timeout(2_500)
    return page


def _take(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    sys.stderr.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
