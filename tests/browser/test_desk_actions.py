"""Everything a dispatcher can do with an open emergency, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import town
from tests.browser.desk import answer, choose, open_desk, report, row_of, until
from tests.browser.site import Site, axe

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(site: Site) -> tuple[Site, Page]:
    """A desk with one emergency open, its first volunteer going."""
    incident_id = report(site)
    answer(site, 0, "1")
    page = open_desk(site)
    choose(page, incident_id)
    expect(page.locator('.person[data-kind="going"]')).to_have_count(1)
    return site, page


def test_asking_more(opened: tuple[Site, Page]) -> None:
    _, page = opened
    before = page.locator(".person").count()
    page.keyboard.press("a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Asked 2 more")
    expect(page.locator(".person")).to_have_count(before + 2)


def test_asking_this_person(opened: tuple[Site, Page]) -> None:
    _, page = opened
    before = page.locator(".person").count()
    page.get_by_role("button", name="Ask one person").click()
    page.locator(".askable button").first.click()
    expect(page.locator("#notice")).to_contain_text("Asked")
    expect(page.locator(".person")).to_have_count(before + 1)


def test_taking_somebody_off_asks_first(opened: tuple[Site, Page]) -> None:
    site, page = opened
    row_of(page, "Aino Virtanen").get_by_role("button", name="Take off").click()
    expect(page.locator(".panel")).to_contain_text("Take Aino Virtanen off?")
    axe(page)
    page.locator(".panel").get_by_role("button", name="Take off").click()
    expect(page.locator('.person[data-kind="going"]')).to_have_count(0)
    until(lambda: any("need not go" in text for text in site.texts_to(town.phone_of(0))))
    expect(row_of(page, "A volunteer").first.locator(".state")).to_have_text("taken off")
    page.locator("#notice").get_by_role("button", name="Ask again").click()
    expect(row_of(page, "Aino Virtanen").locator(".state")).to_have_text("asked")


def test_not_safe_is_what_the_page_says_and_not_that_nobody_is_needed(opened: tuple[Site, Page]) -> None:
    _, page = opened
    page.keyboard.press("s")
    page.locator(".panel").get_by_label("NOT SAFE").check()
    page.keyboard.press("Enter")
    expect(page.locator("#incident .sum")).to_contain_text("NOT SAFE: everybody is told to keep away")
    expect(row_of(page, "Aino Virtanen").locator(".state")).to_have_text("told: NOT SAFE")


def test_correcting(opened: tuple[Site, Page]) -> None:
    site, page = opened
    page.keyboard.press("e")
    page.keyboard.type("Torikatu 3")
    page.locator(".combo [role=option]").first.click()
    page.locator(".panel").get_by_label("How to get in").fill("blue door")
    page.locator(".panel").get_by_label("Ambulance in (minutes)").fill("9")
    marked = page.locator(".panel .dangers label:has(small:not([hidden])) span")
    assert marked.all_inner_texts() == ["Violence", "Weapon", "Fire or gas"], "as where it was raised: these stop the asking"
    page.locator(".panel").get_by_label("Traffic").check()
    axe(page)
    site.shot(page, "desk-correct-1600")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#incident .place")).to_contain_text("Torikatu 3")
    expect(page.locator('[data-fact="notes"] dd')).to_have_text("blue door")
    expect(page.locator('[data-fact="hazards"] dd')).to_contain_text("Traffic")
    expect(page.locator('[data-fact="ambulance"] dd')).to_contain_text("in 8:")
    until(lambda: any("ADDRESS WAS WRONG" in text for text in site.texts_to(town.phone_of(0))))


def test_standing_down_says_what_it_does_before_it_does_it(opened: tuple[Site, Page]) -> None:
    site, page = opened
    page.keyboard.press("s")
    page.locator('.panel [value="ambulance_on_scene"]').check()
    expect(page.locator(".panel")).to_contain_text("told")
    page.get_by_role("button", name="Tell them").click()
    expect(page.locator("#notice")).to_contain_text("being told")
    until(lambda: any("the ambulance has arrived" in text for text in site.texts_to(town.phone_of(0))))


def test_closing_over_peoples_heads_asks_first_and_can_be_undone(opened: tuple[Site, Page]) -> None:
    _, page = opened
    page.set_viewport_size({"width": 1600, "height": 420})
    page.get_by_role("button", name="Close …").click()
    page.locator('.panel [value="helped"]').check()
    page.get_by_role("button", name="Close it").click()
    expect(page.locator(".panel .warn")).to_contain_text("still going or at the door")
    page.locator("#work").evaluate("one => one.scrollTo(0, 60)")
    page.get_by_role("button", name="Yes, close it").click()
    expect(page.locator("#notice")).to_contain_text("is closed")
    expect(page.locator("#incident .marks")).to_contain_text("Closed")
    for one in ("#incident-title", "#notice button"):
        expect(page.locator(one)).to_be_in_viewport()
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator("#notice")).to_contain_text("open again")


def test_a_note_lands_in_the_timeline(opened: tuple[Site, Page]) -> None:
    _, page = opened
    page.keyboard.press("t")
    page.keyboard.type("Caller says <b>third floor</b>")
    page.keyboard.press("Enter")
    expect(page.locator(".timeline")).to_contain_text("Caller says <b>third floor</b>")


def test_commands_do_the_same(opened: tuple[Site, Page]) -> None:
    _, page = opened
    page.keyboard.press("/")
    page.keyboard.type("note the dog is locked away")
    page.keyboard.press("Enter")
    expect(page.locator(".timeline")).to_contain_text("the dog is locked away")
    page.keyboard.type("frobnicate")
    page.keyboard.press("Enter")
    expect(page.locator("#command-says")).to_contain_text("Not understood, nothing done")
    page.locator("#command-text").fill("sd covered")
    page.keyboard.press("Enter")
    expect(page.locator("#command-says")).to_contain_text("Enter = yes")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("being told")
    page.locator("#command-text").fill("close ambulance")
    page.keyboard.press("Enter")
    expect(page.locator("#command-says")).to_contain_text("Enter = yes")
    page.keyboard.press("Escape")
    page.locator("#command-text").fill("eta 12")
    page.keyboard.press("Enter")
    expect(page.locator('[data-fact="ambulance"] dd')).to_contain_text("in 11:")


def test_going_in_spite_of_a_danger_needs_a_reason(site: Site) -> None:
    incident_id = report(site, hazards=["violence"])
    page = open_desk(site)
    choose(page, incident_id)
    expect(page.locator("#incident .sum")).to_contain_text("NOBODY IS ASKED")
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    expect(page.locator(".panel .wrong")).to_be_visible()
    page.keyboard.type("police are there")
    page.keyboard.press("Enter")
    expect(page.locator(".held")).to_be_hidden()
    expect(page.locator(".person").nth(3)).to_be_visible()


def test_a_refused_emergency_is_placed_from_its_alarm(site: Site) -> None:
    with pytest.raises(Exception, match="placed"):
        report(site, "Nowhere Street 99")
    page = open_desk(site)
    alarm = page.locator("#alarms li", has_text="EMERGENCY NOT PLACED")
    alarm.get_by_role("button", name="Place it").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Torikatu 8")
    page.locator(".combo [role=option]").first.click()
    alarm.locator("form").get_by_role("button", name="Place it").click()
    expect(page.locator("#alarms")).to_be_hidden()
    expect(page.locator("#incident .place")).to_contain_text("Torikatu 8")


def test_keys_can_be_switched_off_and_help_shows_them(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    axe(page)
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#raise")).to_be_hidden()


def test_the_list_is_walked_with_arrow_keys(site: Site) -> None:
    report(site)
    second = report(site, "Kirkkokatu 12")
    page = open_desk(site)
    page.keyboard.press("b")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f'#board [data-id="{second}"]')).to_have_attribute("aria-current", "true")
    expect(page.locator("#incident-title")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.press("/")
    expect(page.locator("#command-text")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel input:focus")).to_have_count(1)
