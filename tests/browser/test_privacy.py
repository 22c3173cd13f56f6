"""What is kept how long, and a caller's request from the search to the file and the erasure, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dispatch import lifecycle
from dispatch.models import Incident
from tests.browser.desk import report
from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser
CALLER = "+447700900555"


def test_a_request_from_search_to_erasure(site: Site) -> None:
    incident_id = report(site, caller_phone=CALLER, access_notes="key under the mat")
    lifecycle.close_incident(site.services, incident_id, "helped", "user:dispatcher")
    with site.services.read() as session:
        code = session.scalar(select(Incident.code).where(Incident.id == incident_id)) or ""
    page = site.page("admin")
    page.goto("/privacy")
    expect(page.get_by_role("main")).to_contain_text("90 days (CALLER_DAYS)")
    reads_well(site, page, "privacy")
    page.get_by_role("link", name="Somebody asks what we know of them").click()
    page.get_by_label("The caller's number").fill(CALLER)
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text("1 thing is known")
    page.get_by_text("Erase what it tells of them").click()
    reads_well(site, page, "privacy-requests")
    with page.expect_download() as download:
        page.get_by_role("button", name=f"As a file for them {code}").click()
    told = json.loads(Path(download.value.path()).read_text())
    assert told["emergencies"][0]["caller_phone"] == CALLER
    page.get_by_label(f"Type {code} to erase it").fill(code)
    page.get_by_role("button", name=f"Erase {code}").click()
    expect(page.get_by_role("status")).to_have_text("Erased.")
