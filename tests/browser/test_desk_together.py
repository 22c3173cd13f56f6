"""While a dispatcher types, others act: nothing of theirs is undone, and nothing is done to what they never saw."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from console.accounts import sessions
from console.models import User
from dispatch import alarms, correcting
from dispatch.reports import Correction
from geo.geocoding import open_geocoder
from tests.browser.desk import choose, open_desk, report
from tests.browser.site import Site

pytestmark = pytest.mark.browser


def _put_aside(page: Page) -> None:
    page.locator("#raise .leave").click()
    expect(page.locator("#raise")).to_be_hidden()


def test_nothing_of_a_drill_put_aside_gets_into_an_emergency(site: Site) -> None:
    page = open_desk(site)
    page.get_by_role("button", name="Start a drill").click()
    page.keyboard.type("Torikatu 5")
    page.get_by_label("Weapon").check()
    _put_aside(page)
    page.keyboard.press("n")
    expect(page.get_by_label("Drill")).not_to_be_checked()
    expect(page.get_by_label("Weapon")).not_to_be_checked()
    expect(page.locator("#raise input[name=address]")).to_have_value("")
    page.get_by_label("Weapon").check()
    _put_aside(page)
    page.keyboard.press("n")
    expect(page.locator("#raise .kept")).to_be_visible()
    expect(page.get_by_label("Weapon")).to_be_checked()
    _put_aside(page)
    page.keyboard.press("/")
    page.keyboard.type("new Kirkkokatu 3")
    page.keyboard.press("Enter")
    expect(page.locator("#raise input[name=address]")).to_have_value("Kirkkokatu 3")
    expect(page.get_by_label("Weapon")).not_to_be_checked()


def test_a_report_that_somebody_else_has_dropped_is_said_to_be_gone(site: Site) -> None:
    with pytest.raises(Exception, match="placed"):
        report(site, "Nowhere Street 99")
    with site.services.write() as session:
        alarms.raise_alarm(session, alarms.NOBODY_ASKED)
    page, other = open_desk(site), open_desk(site)
    site.forgive("Failed to load resource")
    row = page.locator("#alarms li", has_text="EMERGENCY NOT PLACED")
    row.get_by_role("button", name="Place it").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Torikatu 8")
    page.locator(".combo [role=option]").first.click()

    def too_late(route: Route) -> None:
        away = other.locator("#alarms li", has_text="EMERGENCY NOT PLACED")
        away.get_by_role("button", name="Not an emergency").click()
        away.get_by_role("button", name="Yes, drop it").click()
        expect(away).to_have_count(0)
        route.continue_()

    page.route("**/place", too_late)
    row.locator("form").get_by_role("button", name="Place it").click()
    expect(page.locator("#notice")).to_contain_text("has dismissed this already")
    expect(row).to_have_count(0)
    expect(page.locator("#alarms li .wrong:visible")).to_have_count(0)


def test_what_comes_while_a_command_is_typed_is_not_seen_to_by_it(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("/")
    page.keyboard.type("ac")
    with site.services.write() as session:
        alarms.raise_alarm(session, alarms.NOBODY_ASKED)
    expect(page.locator("#alarms li")).to_have_count(1)
    page.keyboard.type("k")
    page.keyboard.press("Enter")
    expect(page.locator("#command-says")).to_contain_text("stands no more")
    page.keyboard.type("ack")
    page.keyboard.press("Enter")
    expect(page.locator("#alarms")).to_be_hidden()


def test_a_danger_that_others_tell_meanwhile_stays_and_is_weighed(site: Site) -> None:
    incident_id = report(site, hazards=["violence"])
    page = open_desk(site)
    choose(page, incident_id)
    page.keyboard.press("e")
    page.locator(".panel").get_by_label("Traffic").check()
    _tell(site, incident_id, ["violence", "weapon"])
    dangers = page.locator('[data-fact="hazards"] dd')
    expect(dangers).to_contain_text("Weapon")
    page.get_by_role("button", name="Save").click()
    expect(dangers).to_contain_text("Traffic")
    expect(dangers).to_contain_text("Weapon")
    page.keyboard.press("g")
    page.keyboard.type("police are there")
    _tell(site, incident_id, ["violence", "weapon", "traffic", "fire_or_gas"])
    expect(dangers).to_contain_text("Fire or gas")
    page.keyboard.press("Enter")
    expect(page.locator(".panel .wrong")).to_contain_text("Told meanwhile: Fire or gas")
    page.keyboard.press("Enter")
    expect(page.locator(".held")).to_be_hidden()


def _tell(site: Site, incident_id: str, hazards: list[str]) -> None:
    correction = Correction.model_validate({"hazards": hazards})
    correcting.correct_incident(site.services, open_geocoder(site.services), incident_id, correction, "key:cad")


def test_whoever_signed_in_anew_elsewhere_goes_on_where_they_were(site: Site) -> None:
    site.forgive("Failed to load resource")
    incident_id = report(site)
    page = open_desk(site)
    choose(page, incident_id)
    with site.services.write() as session:
        user = session.scalars(select(User).where(User.role == "dispatcher")).first()
        assert user is not None
        cookie = sessions.begin(session, user, "127.0.0.1", "another tab")
    page.context.add_cookies([{"name": sessions.COOKIE, "value": cookie, "url": site.url}])
    page.keyboard.press("t")
    page.keyboard.type("the dog is locked away")
    page.keyboard.press("Enter")
    expect(page.locator(".timeline")).to_contain_text("the dog is locked away")


def test_a_command_that_is_slow_takes_nothing_from_the_next(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site)
    choose(page, incident_id)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/note", hold)
    page.keyboard.press("/")
    page.keyboard.type("note one")
    with page.expect_request("**/note"):
        page.keyboard.press("Enter")
    page.locator("#command-text").fill("eta 12")
    page.keyboard.press("Enter")
    expect(page.locator('[data-fact="ambulance"] dd')).to_contain_text("in 1")
    page.locator("#command-text").fill("note two")
    held.pop().continue_()
    expect(page.locator(".timeline")).to_contain_text("one")
    expect(page.locator("#command-text")).to_have_value("note two")
