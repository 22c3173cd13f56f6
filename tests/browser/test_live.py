"""The line between a page and the server: one for all tabs, and replaced by asking while the stream is down."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import open_desk, report, until
from tests.browser.site import Site

pytestmark = pytest.mark.browser
LONG_MS = 12_000


def light(page: Page, mode: str) -> None:
    """The page says this of itself."""
    expect(page.locator("#live")).to_have_attribute("data-mode", mode, timeout=LONG_MS)


def test_the_stream_dies_the_page_asks_and_the_stream_comes_back(site: Site) -> None:
    site.forgive("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING")
    page = open_desk(site)
    light(page, "live")
    site.stage.live.stop()
    try:
        light(page, "polling")
        incident = report(site)
        expect(page.locator(f'#board [data-id="{incident}"]')).to_be_visible(timeout=LONG_MS)
    finally:
        site.stage.live.start()
    light(page, "live")
    other = report(site, "Torikatu 9")
    expect(page.locator(f'#board [data-id="{other}"]')).to_be_visible(timeout=1500)


def test_all_tabs_share_one_stream_and_the_last_one_closes_it(site: Site) -> None:
    first = open_desk(site)
    light(first, "live")
    before = report(site)
    tabs = [first]
    for _ in range(3):
        tab = first.context.new_page()
        tab.goto("/desk")
        tabs.append(tab)
    incident = report(site, "Torikatu 9")
    for tab in tabs:
        light(tab, "live")
        for one in (before, incident):
            expect(tab.locator(f'#board [data-id="{one}"]')).to_be_attached()
    assert site.stage.live.count() == 1
    for tab in tabs:
        tab.close()
    until(lambda: site.stage.live.count() == 0)


def test_where_workers_cannot_be_shared_the_page_has_a_line_of_its_own(site: Site) -> None:
    page = site.page()
    page.add_init_script("delete window.SharedWorker")
    page.goto("/desk")
    light(page, "live")
    incident = report(site)
    expect(page.locator(f'#board [data-id="{incident}"]')).to_be_visible()
    page.goto("/account")
    until(lambda: site.stage.live.count() == 0)


def test_a_session_that_is_ended_is_told_to_sign_in_again(site: Site) -> None:
    """The stream ends, asking is refused, and the page says that it is not up to date."""
    site.forgive("401")
    page = open_desk(site)
    light(page, "live")
    page.context.clear_cookies()
    site.stage.live.stop()
    site.stage.live.start()
    light(page, "stale")
