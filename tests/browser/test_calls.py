"""The people to ring, in a real browser: no barriers by day and by night, and one call noted by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from responder.care import call_backs
from responder.care.models import CallBack
from responder.models import Responder
from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser


def test_a_late_call_stands_red_and_is_noted_by_keyboard(site: Site) -> None:
    with site.services.write() as session:
        for person in session.scalars(select(Responder).order_by(Responder.id).limit(2)):
            call_backs.ask_for(session, person, call_backs.RING_ME, site.services.settings.zone_info)
        first = session.scalars(select(CallBack).order_by(CallBack.id)).first()
        assert first is not None
        first.due_at = first.at
        name = session.get_one(Responder, first.responder_id).name
    page = site.page("admin")
    page.goto("/admin")
    page.get_by_role("link", name="1 person should have been rung by now").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People to ring")
    expect(page.locator(".badge.act-now")).to_have_count(1)
    reads_well(site, page, "people-calls")
    page.get_by_label(f"What is to be kept of the call {name}").focus()
    page.keyboard.type("Sleeps again.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Noted.")
    expect(page.get_by_role("listitem").filter(has_text="Sleeps again.")).to_contain_text(name)
    expect(page.locator(".badge.act-now")).to_have_count(0)
