"""The page of cover in a real browser: its map by day and by night, what a table says without one, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dispatch import plans
from responder.coverage import keeping
from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser
READY_MS = 30_000


def test_the_page_of_cover_by_day_and_by_night(site: Site) -> None:
    keeping.make(site.services, plans.needs_now)
    page = site.page("admin")
    page.goto("/coverage")
    page.locator("#map[data-ready]").wait_for(timeout=READY_MS)
    expect(page.get_by_role("heading", name="Where to recruit")).to_be_visible()
    expect(page.get_by_role("table").last).to_contain_text("Keskusta")
    page.locator("#by_day").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("By night, 02:00")).to_be_checked()
    reads_well(site, page, "coverage")
    page.get_by_label("Kind of emergency").select_option(label="Severe bleeding")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(page.get_by_text("Asked for in it: one of First aid, Medical profession.")).to_be_visible()
    page.get_by_role("button", name="Count again").focus()
    page.keyboard.press("Enter")
    page.locator("#map[data-ready]").wait_for(timeout=READY_MS)
    expect(page.get_by_label("Kind of emergency")).to_have_value("bleeding")


def test_without_a_map_the_table_says_the_same(site: Site) -> None:
    keeping.make(site.services, plans.needs_now)
    page = site.page("auditor", webgl=False)
    page.goto("/coverage")
    expect(page.locator("#no-map")).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()
    expect(page.get_by_role("button", name="Count again")).to_have_count(0)
