"""What happens outside shows on the desk by itself: answers, words, alarms with their sound."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from core import clock
from dispatch import alarms, correcting, lifecycle
from dispatch.models import Callout
from dispatch.reports import Correction
from geo.geocoding import open_geocoder
from tests.browser import town
from tests.browser.desk import answer, choose, open_desk, report, row_of, until
from tests.browser.site import Site, axe, reads_well

pytestmark = pytest.mark.browser


def test_an_answer_appears_by_itself(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site)
    choose(page, incident_id)
    expect(row_of(page, "Aino Virtanen")).to_contain_text("asked")
    answer(site, 0, "1")
    row = page.locator('.person[data-kind="going"]')
    expect(row).to_contain_text("Aino Virtanen")
    expect(row.locator("a.phone")).to_have_attribute("href", "tel:+447700900001")
    expect(page.locator("#board .sum")).to_contain_text("1 going")
    expect(page.locator(".timeline")).to_contain_text("Aino Virtanen")
    answer(site, 0, "3")
    expect(page.locator('.person[data-kind="there"]')).to_contain_text("at the door")
    _correct(site, incident_id, "Torikatu 9")
    row = row_of(page, "Aino Virtanen")
    expect(row.locator(".state")).to_have_text("at the OLD address")
    expect(row.locator(".name")).to_contain_text("said 3 before the correction")
    expect(page.locator("#board .sum")).to_contain_text("1 going")
    reads_well(site, page, "desk-at-old-address", [1600])
    answer(site, 0, "3")
    expect(row.locator(".state")).to_have_text("at the door")


def _correct(site: Site, incident_id: str, address: str) -> None:
    """Another dispatcher corrects where it is, and the text with it is known to have arrived."""
    geocoder = open_geocoder(site.services)
    correcting.correct_incident(site.services, geocoder, incident_id, Correction(address=address), "user:other")
    until(lambda: not _awaits_address(site, incident_id))


def _awaits_address(site: Site, incident_id: str) -> bool:
    with site.services.read() as session:
        waits = select(Callout.id).where(Callout.incident_id == incident_id, Callout.address_due_at.is_not(None))
        return session.scalar(waits) is not None


def test_a_new_emergency_appears_and_the_focus_stays(site: Site) -> None:
    page = open_desk(site)
    page.keyboard.press("n")
    page.keyboard.type("Kirk")
    report(site, "Torikatu 9")
    expect(page.locator("#board [data-id]")).to_have_count(1)
    page.keyboard.type("kokatu")
    expect(page.locator("#raise input[name=address]")).to_be_focused()
    expect(page.locator("#raise input[name=address]")).to_have_value("Kirkkokatu")


def test_whoever_goes_without_the_address_reads_so_in_red(site: Site) -> None:
    incident_id = report(site, address=None, location={"lat": town.CENTRE[0], "lon": town.CENTRE[1]})
    site.carrier.hold_callbacks()  # of the text with the address nobody hears whether it has arrived
    answer(site, 0, "1")
    until(lambda: _awaits_address(site, incident_id))
    with site.services.write() as session:
        session.execute(update(Callout).where(Callout.address_due_at.is_not(None)).values(address_rung_at=clock.now()))
    page = open_desk(site)
    expect(page.locator("#board")).to_contain_text("Place on the map")
    choose(page, incident_id)
    expect(page.locator(".person.act-now .name")).to_contain_text("THE ADDRESS HAS NOT REACHED THEM")
    reads_well(site, page, "desk-no-address")


def test_words_of_strangers_are_shown_as_text(site: Site) -> None:
    incident_id = report(site, access_notes="<img src=x onerror=alert(1)>")
    page = open_desk(site)
    choose(page, incident_id)
    evil = "<script>alert('x')</script> & <b>who</b> {n}"
    answer(site, 0, evil)
    expect(page.locator(".person .words q")).to_have_text(evil)
    expect(page.locator('[data-fact="notes"] dd')).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator(".desk img, .person q b, .person script").count() == 0


def test_chips_count_and_choose(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site)
    choose(page, incident_id)
    answer(site, 0, "1")
    answer(site, 1, "2")
    chip = page.get_by_role("button", name="Cannot")
    expect(chip).to_contain_text("1")
    chip.click()
    expect(page.locator(".person")).to_have_count(1)
    expect(chip).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="All").click()
    expect(page.locator(".person").nth(3)).to_be_visible()


_NOTES_THE_ORDER = """() => {
    window.noted = [];
    const moves = new MutationObserver(() => window.noted.push("moved"));
    moves.observe(document.querySelector("#alarms"), { attributeFilter: ["hidden"] });
    document.addEventListener("pointerup", () => window.noted.push("released"));
}"""


def test_an_alarm_stands_and_sounds_until_somebody_sees_to_it(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site)
    page.locator("#board-title").click()
    expect(page.locator('#sound[data-sound="on"]')).to_be_visible()
    answer(site, 0, "1")
    expect(page.locator("#board .sum")).to_contain_text("1 going")
    answer(site, 0, "0")
    alarm = page.locator("#alarms li", has_text="RING Aino Virtanen NOW")
    expect(alarm).to_be_visible()
    expect(page.locator("#loud")).to_contain_text("RING Aino Virtanen NOW")
    expect(page.locator('#sound[data-sound="sounding"]')).to_be_visible()
    expect(page).to_have_title(re.compile("1 ALARM"))
    axe(page)
    site.shot(page, "desk-alarm-day-1600")
    alarm.get_by_role("button", name="Mute").click()
    expect(page.locator('#sound[data-sound="on"]')).to_be_visible()
    with site.services.write() as session:
        alarms.raise_alarm(session, alarms.NOBODY_ASKED, incident_id=incident_id)
    expect(page.locator('#sound[data-sound="sounding"]')).to_be_visible()
    page.keyboard.press("x")
    page.locator("#alarms li", has_text="NOBODY ASKED").get_by_role("button", name="I see to it").click()
    alarm.get_by_role("button", name="I see to it").click()
    expect(page.locator("#alarms")).to_be_hidden()
    expect(page.locator('#sound[data-sound="on"]')).to_be_visible()


def test_what_comes_in_moves_no_button_under_a_press(site: Site) -> None:
    page, other = open_desk(site), open_desk(site)
    page.evaluate(_NOTES_THE_ORDER)
    page.get_by_role("button", name="New emergency").hover()
    page.mouse.down()
    with site.services.write() as session:
        alarms.raise_alarm(session, alarms.NOBODY_ASKED)
    expect(other.locator("#alarms li")).to_be_visible()
    page.mouse.up()
    expect(page.locator("#raise")).to_be_visible()
    expect(page.locator("#alarms li")).to_be_visible()
    assert page.evaluate("window.noted") == ["released", "moved"]


def test_a_press_without_an_end_holds_up_nothing_for_long(site: Site) -> None:
    page = open_desk(site)
    page.locator("#board-title").hover()
    page.mouse.down()
    report(site)
    expect(page.locator("#board .sum")).to_be_visible()


def test_a_busy_desk_is_readable(site: Site) -> None:
    incident_id = report(site, hazards=["traffic"], ambulance_eta_s=480, access_notes="door code 1234")
    report(site, "Kirkkokatu 12", drill=True)
    answer(site, 0, "1")
    answer(site, 1, "2")
    answer(site, 2, "can I bring my dog?")
    page = open_desk(site, webgl=True)
    expect(page.locator("#map[data-ready]")).to_be_attached(timeout=30_000)
    choose(page, incident_id)
    expect(page.locator('.person[data-kind="going"]')).to_have_count(1)
    expect(page.locator(".person .words q")).to_have_count(1)
    expect(page.locator(".timeline li").nth(3)).to_be_visible()
    reads_well(site, page, "desk-busy")


def test_without_webgl_the_list_says_everything(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site)
    expect(page.locator(".no-map")).to_contain_text("The list and the emergency say everything")
    choose(page, incident_id)
    expect(row_of(page, "Aino Virtanen")).to_contain_text("away")
    axe(page)


def test_an_auditor_sees_all_and_changes_nothing(site: Site) -> None:
    incident_id = report(site)
    page = open_desk(site, role="auditor")
    choose(page, incident_id)
    expect(row_of(page, "Aino Virtanen")).to_be_visible()
    expect(page.locator("#new, #command, .actions button, .person .off")).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("c")
    expect(page.locator("#raise")).to_have_count(0)
    axe(page)


def test_an_old_page_says_so_across_its_whole_width(site: Site) -> None:
    site.forgive("Failed to load resource|ERR_FAILED")
    page = site.page(webgl=False)
    page.clock.install()
    page.goto("/desk")
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator('#live[data-mode="live"]')).to_contain_text("ago")
    page.clock.run_for(17_000)
    expect(page.locator("#stale")).to_contain_text("NOT UP TO DATE")
    expect(page.locator('#live[data-mode="stale"]')).to_be_visible()


def test_an_empty_desk_says_what_it_is_for_and_how_to_start_a_drill(site: Site) -> None:
    page = open_desk(site)
    expect(page.locator("#board")).to_contain_text("Nothing is open")
    axe(page)
    site.shot(page, "desk-empty-day-1600")
    page.get_by_role("button", name="Start a drill").click()
    expect(page.get_by_label("Drill")).to_be_checked()
    expect(page.locator("#raise input[name=address]")).to_be_focused()


def test_what_is_closed_stays_a_while_and_older_ones_can_be_read(site: Site) -> None:
    incident_id = report(site)
    lifecycle.close_incident(site.services, incident_id, "helped", "user:somebody")
    page = open_desk(site)
    expect(page.locator(".closed")).to_contain_text("Volunteers helped")
    page.get_by_role("button", name="Show older closed ones").click()
    choose(page, incident_id)
    expect(page.locator(".timeline li").first).to_be_visible()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
