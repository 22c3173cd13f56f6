"""Signing in and the pages of accounts in a real browser: by keyboard, narrow and wide, day and night."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.site import PASSWORD, Site, axe, reads_well

pytestmark = pytest.mark.browser


def test_every_page_of_accounts_reads_well(site: Site) -> None:
    site.forgive("404")
    page = site.page(None)
    page.goto("/sign-in")
    reads_well(site, page, "sign-in")
    page = site.page("admin")
    for address, name in (("/account", "account"), ("/users", "users"), ("/users/1", "user"), ("/nothing", "error")):
        page.goto(address)
        reads_well(site, page, name)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/users")
    expect(page.get_by_role("row", name="auditor")).to_contain_text("Last signed in")
    parts = "[...document.querySelectorAll('main section, main section > *')]"
    assert page.evaluate(f"{parts}.every((one) => one.scrollWidth <= one.clientWidth + 1)"), "nothing scrolls within itself"


def test_signing_in_and_out_by_keyboard(site: Site) -> None:
    site.forgive("401")
    page = site.page(None)
    page.goto("/users?x=1")
    expect(page).to_have_url(f"{site.url}/sign-in?next=/users%3Fx%3D1")
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type("not the right one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)
    site.shot(page, "sign-in-wrong")
    page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/users?x=1")
    page.get_by_role("button", name="Sign out").first.press("Enter")
    expect(page).to_have_url(f"{site.url}/sign-in")
    page.goto("/users")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_day_or_night_is_kept_on_the_account(site: Site) -> None:
    page = site.page("auditor", dark=False)
    page.goto("/account")
    with page.expect_response("**/account/theme"):
        page.get_by_label("Day or night").select_option("night")
    assert page.locator("html").get_attribute("data-theme") == "night"
    again = site.page("auditor", dark=False)
    again.goto("/account")
    assert again.locator("html").get_attribute("data-theme") == "night"
    axe(again)


def test_a_new_user_signs_in_with_the_password_shown_once_and_chooses_their_own(site: Site) -> None:
    page = site.page("admin")
    page.goto("/users")
    page.get_by_label("Name").fill("Vera.Virtanen")
    page.get_by_role("radio", name="auditor").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="vera.virtanen")).to_be_visible()
    password = page.locator(".secret code").inner_text()
    axe(page)
    site.shot(page, "user-added")
    page.goto("/users")
    expect(page.get_by_text(password)).to_have_count(0)
    own = site.page(None)
    own.goto("/sign-in")
    own.get_by_label("Name").fill("vera.virtanen")
    own.get_by_label("Password").fill(password)
    own.get_by_role("button", name="Sign in").click()
    own.get_by_role("link", name="choose your own password").click()
    expect(own.get_by_text("made for you")).to_be_visible()
    own.get_by_label("Current password").fill(password)
    own.get_by_label("New password", exact=True).fill("short")
    own.get_by_label("New password once more").fill("short")
    site.forgive("422")
    own.get_by_role("button", name="Change the password").click()
    expect(own.get_by_role("alert")).to_be_focused()
    expect(own.get_by_role("alert")).to_contain_text("at least 12 characters; this one has 5")
    axe(own)
    site.shot(own, "password-too-short")
    own.get_by_label("Current password").fill(password)
    own.get_by_label("New password", exact=True).fill("four words of my own")
    own.get_by_label("New password once more").fill("four words of my own")
    own.get_by_role("button", name="Change the password").click()
    expect(own.get_by_text("Your password is changed")).to_be_visible()


def test_nobody_is_left_without_an_admin(site: Site) -> None:
    page = site.page("admin")
    page.goto("/users")
    page.get_by_role("link", name="admin").last.click()
    site.forgive("409")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("heading", name="last admin")).to_be_visible()
