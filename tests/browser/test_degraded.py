"""Whatever is wrong with the system shows by itself on the desk, and goes by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core import fault_kinds, faults
from tests.browser.desk import open_desk
from tests.browser.site import Site, axe, fits, reads_well

pytestmark = pytest.mark.browser
WORDS = fault_kinds.KINDS[fault_kinds.WORKER_SILENT]


def stand(site: Site) -> None:
    with site.services.write() as session:
        faults.stand(session, fault_kinds.WORKER_SILENT, "outbox")


def test_the_desk_says_degraded_while_it_is_and_keeps_updating(site: Site) -> None:
    page = open_desk(site)
    line = page.locator("#degraded")
    expect(line).to_be_hidden()
    stand(site)
    expect(line).to_contain_text(f"Degraded: {WORDS.title}: outbox. {WORDS.words}")
    with site.services.write() as session:
        faults.end(session, fault_kinds.WORKER_SILENT, "outbox")
    expect(line).to_be_hidden()


def test_the_list_is_readable_for_all_day_and_night(site: Site) -> None:
    stand(site)
    page = site.page("admin")
    page.goto("/admin")
    expect(page.locator("#faults")).to_contain_text(WORDS.do)
    reads_well(site, page, "faults")
    page.get_by_role("button", name="I see to it").click()
    expect(page.locator("#faults")).to_contain_text("admin sees to it")


def test_the_runbook_fits_a_phone(site: Site) -> None:
    page = site.page("admin", width=360)
    page.goto("/runbook#worker-silent")
    fits(page)
    axe(page)
