"""Raising an emergency: by keyboard alone and fast, with what would happen shown before it does."""

from __future__ import annotations

import re
import sys
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import town
from tests.browser.desk import choose, open_desk, report, until
from tests.browser.site import Site, axe, reads_well

pytestmark = pytest.mark.browser
FIVE_A_SECOND_MS = 200
MOST_S = 15.0


def test_by_keyboard_alone_texts_leave_within_fifteen_seconds(site: Site) -> None:
    page = open_desk(site, webgl=True)
    began = time.monotonic()
    page.keyboard.press("n", delay=FIVE_A_SECOND_MS)
    page.keyboard.type("Torikatu 5", delay=FIVE_A_SECOND_MS)
    page.keyboard.press("Enter", delay=FIVE_A_SECOND_MS)
    page.keyboard.press("Tab", delay=FIVE_A_SECOND_MS)
    page.keyboard.press("Tab", delay=FIVE_A_SECOND_MS)
    page.keyboard.press("Control+Enter", delay=FIVE_A_SECOND_MS)
    until(lambda: any("CARDIAC ARREST" in text for text in site.texts_to(town.phone_of(4))))
    took = time.monotonic() - began
    sys.stderr.write(f"\nfrom the desk to texts leaving, by keyboard: {took:.1f} s\n")
    assert took < MOST_S
    expect(page.locator("#incident .place")).to_contain_text("Torikatu 5")
    expect(page.locator("#notice")).to_contain_text("are being asked")


def test_a_command_types_the_address(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("/")
    page.keyboard.type("new Kirkkokatu 3")
    page.keyboard.press("Enter")
    expect(page.locator(".combo [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".found")).to_contain_text("Kirkkokatu 3")


def test_several_places_are_offered_and_none_is_guessed(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("Tori")
    expect(page.locator(".combo [role=option]").nth(1)).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#raise .wrong")).to_be_visible()
    assert page.locator("#board [data-id]").count() == 0
    page.locator("#raise input[name=address]").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator('.combo [role=option][aria-selected="true"]')).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".found.settled")).to_be_visible()
    page.locator("#raise input[name=address]").fill("Torikatu 99")
    expect(page.locator(".combo [role=option]").first).to_contain_text("Torikatu 99 (not on the map, shown at Torikatu")
    page.keyboard.press("Enter")
    expect(page.locator(".found.settled")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".found.settled")).to_contain_text("The map lacks this number")
    expect(page.locator("#raise input[name=address]")).to_have_value("Torikatu 99")


def test_the_ask_is_previewed_and_a_danger_is_said_loudly(site: Site) -> None:
    page = open_desk(site)
    page.get_by_role("button", name="New emergency").click()
    page.keyboard.type("Torikatu 5")
    page.locator(".combo [role=option]").first.click()
    expect(page.locator(".preview .who")).to_contain_text("will be asked")
    expect(page.locator(".preview .text")).to_contain_text("CARDIAC ARREST near you")
    page.get_by_label("Drill").check()
    expect(page.locator(".preview .text")).to_contain_text("DRILL")
    page.locator('[name=hazard][value="violence"]').check()
    expect(page.locator(".preview .loud")).to_contain_text("NOBODY WILL BE ASKED")
    axe(page)
    site.shot(page, "desk-raise-held-day-1600")
    page.get_by_role("button", name="Raise, nobody is asked yet").click()
    expect(page.locator(".held")).to_be_visible()
    assert all(site.texts_to(town.phone_of(n)) == [] for n in range(12))


def test_coordinates_count_as_a_place_and_faults_stand_where_they_belong(site: Site) -> None:
    site.forgive("422")
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("60.1710, 24.9400")
    page.locator("#raise-phone").fill("12")
    page.locator("#raise-eta").fill("soon")
    page.keyboard.press("Control+Enter")
    expect(page.locator('#raise-eta[aria-invalid="true"]')).to_be_focused()
    page.locator("#raise-eta").fill("8")
    page.keyboard.press("Control+Enter")
    expect(page.locator('#raise-phone[aria-invalid="true"]')).to_be_focused()
    page.locator("#raise-phone").fill("+44 7700 900999")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#incident")).to_be_visible()
    expect(page.locator('[data-fact="ambulance"] dd')).to_contain_text("in 7:")


def test_the_same_one_is_shown_and_blocks_nothing(site: Site) -> None:
    report(site, "Torikatu 5", drill=True)
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("Torikatu 6")
    page.locator(".combo [role=option]").first.click()
    expect(page.locator(".same")).to_contain_text("The same one?")
    expect(page.locator(".same li")).to_contain_text("DRILL")
    expect(page.locator(".same li")).to_contain_text("Cardiac arrest")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#board [data-id]")).to_have_count(2)


def test_a_double_press_raises_once_and_a_form_put_aside_is_kept(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("Torikatu 7")
    page.locator(".combo [role=option]").first.click()
    page.keyboard.press("Escape")
    expect(page.locator("#raise")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.locator("#raise input[name=address]")).to_have_value(
        page.locator(".found").inner_text().removeprefix("Place: ")
    )
    page.locator("#raise .go").dblclick()
    expect(page.locator("#incident")).to_be_visible()
    expect(page.locator("#board [data-id]")).to_have_count(1)


def test_the_dangers_are_one_row_of_ticks(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("n")
    page.locator('[name=hazard][value="violence"]').check()
    boxes = [one.bounding_box() for one in page.locator("#raise .dangers .choice").all()]
    assert len(boxes) == 8
    assert len({box["y"] for box in boxes if box}) == 1
    site.shot(page, "desk-raise-dangers-1600")


def test_another_emergency_does_not_grow_onto_the_one_put_aside(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("Torikatu 7")
    page.locator(".combo [role=option]").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#raise .kept")).to_be_visible()
    page.keyboard.type("Nowhere Street 5")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#raise input[name=address]")).to_have_value("Nowhere Street 5")
    expect(page.locator("#raise .wrong")).to_contain_text("No such address")
    page.get_by_role("button", name="Clear the form").click()
    expect(page.locator("#raise .kept")).to_be_hidden()


_AS_LONG_AS_SOUND_TAKES = """async () => {
    await new AudioContext().resume();
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
}"""


def test_the_form_fits_a_phone(site: Site) -> None:
    page = open_desk(site, width=360)
    reads_well(site, page, "desk-empty")
    page.get_by_role("button", name="New emergency").click()
    expect(page.locator("#raise [data-field=address] input").first).to_be_focused()
    page.keyboard.type("Torikatu 5")
    page.locator(".combo [role=option]").first.click()
    expect(page.locator(".preview .who")).to_contain_text("will be asked")
    reads_well(site, page, "desk-raise")


def test_the_first_press_of_all_finds_its_button_where_it_was(site: Site) -> None:
    page = open_desk(site, width=360)
    expect(page.locator("#sound[data-sound=off]")).to_be_visible()
    page.get_by_role("button", name="New emergency").hover()
    page.mouse.down()
    page.evaluate(_AS_LONG_AS_SOUND_TAKES)
    page.mouse.up()
    expect(page.locator("#raise")).to_be_visible()
    expect(page.locator("#sound[data-sound=on]")).to_be_visible()


def test_a_press_on_the_map_is_a_place(site: Site) -> None:
    page = open_desk(site, webgl=True)
    expect(page.locator("#map[data-ready]")).to_be_attached(timeout=20_000)
    page.locator("#map canvas").click(position={"x": 120, "y": 120})
    expect(page.locator("#raise .found.settled")).to_be_visible()
    expect(page.locator(".preview")).to_be_visible()


def test_the_map_follows_the_place_of_the_open_emergency(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site, webgl=True)
    expect(page.locator("#map[data-ready]")).to_be_attached(timeout=20_000)
    choose(page, incident_id)
    before = _middle_of_the_map(page)
    page.get_by_role("button", name="Clear the form").click()
    page.keyboard.press("Escape")
    choose(page, incident_id)
    page.keyboard.press("e")
    page.locator("#map canvas").click(position={"x": 120, "y": 120})
    expect(page.locator(".panel .found.settled")).to_contain_text("60.")  # the place is that of the question, no new emergency
    expect(page.locator("#raise")).to_be_hidden()
    page.locator(".panel input[name=address]").fill("Torikuja 20")
    page.locator(".panel .combo [role=option]").first.click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#incident .place")).to_contain_text("Torikuja 20")
    north, east = (after - then for after, then in zip(_middle_of_the_map(page), before, strict=True))
    assert (north > 0.001, east > 0.001) == (True, True)


def _middle_of_the_map(page: Page) -> tuple[float, float]:
    """Where somebody points who presses the middle of the map."""
    page.locator("#map canvas").click()
    place = page.locator("#raise .found.settled")
    expect(place).to_be_visible()
    lat, lon = re.findall(r"\d+\.\d+", place.inner_text())
    return float(lat), float(lon)


def test_a_report_whose_answer_was_lost_is_sent_again_without_a_second_emergency(site: Site) -> None:
    site.forgive("Failed to load resource")
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("Torikatu 5")
    page.locator(".combo [role=option]").first.click()
    lost = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/desk/api/incidents", lose)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#raise .wrong")).to_contain_text("cannot be reached")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#incident .place")).to_contain_text("Torikatu 5")
    assert lost == [201]
    expect(page.locator("#board [data-id]")).to_have_count(1)
    expect(page.locator("#alarms")).to_be_hidden()
