"""The page of phones, served by the console's own rules."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route, expect
from twilio.rest import Client
from werkzeug.serving import make_server

from console.access import check_marks
from console.shell import shell
from core.database import Database
from core.queue import WakeUps
from core.services import Services
from core.settings import Settings
from sms.simulated import catalog, phones
from sms.simulated.thread import CarrierThread
from tests import barriers
from tests.chromium import Browsers
from tests.simulated.conftest import OTHER, OURS, PHONE, Customer

NAMES = {f"+447700900{number:03d}": f"Volunteer {number:03d}" for number in range(300)} | {PHONE: "Aino Virtanen"}
T1 = "A: CARDIAC ARREST near you, ca 400 m, Kallio. Ambulance called. Can you go now? Text 1 = going, 2 = cannot. Only if safe."


@pytest.fixture
def app(own_settings: Settings, carrier: CarrierThread, tmp_path: Path) -> Iterator[Flask]:
    settings = own_settings.model_copy(update={"simulated_carrier_url": carrier.base_url})
    database = Database(f"sqlite:///{tmp_path / 'page.sqlite3'}")
    app = shell(Services(settings, database, WakeUps(None)))
    app.register_blueprint(phones.blueprint(Services(settings, database, WakeUps(None)), lambda: NAMES))
    check_marks(app)
    yield app
    database.close()


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


def text_to(client: Client, carrier: CarrierThread, number: str, body: str = T1) -> None:
    client.messages.create(to=number, from_=OURS, body=body)
    carrier.wait_idle()


def test_before_any_text_the_page_says_what_to_do(web: FlaskClient) -> None:
    page = web.get("/phones").text
    assert "No phone has had a text yet" in page
    assert "Raise an emergency at the dispatcher" in page
    assert "SIMULATED" in page
    assert "<style" not in page
    assert "onclick" not in page


def test_the_page_shows_a_conversation_without_any_script(web: FlaskClient, client: Client, carrier: CarrierThread) -> None:
    text_to(client, carrier, PHONE)
    page = web.get("/phones", query_string={"open": PHONE}).text
    assert "Aino Virtanen" in page
    assert "Text 1 = going" in page
    answer = web.post("/phones/texts", data={"number": PHONE, "body": "1"})
    assert answer.status_code == 303
    carrier.wait_idle()
    assert [text.body for text in carrier.messages_from(PHONE)] == ["1"]


def test_what_a_text_says_is_never_markup(web: FlaskClient, client: Client, carrier: CarrierThread) -> None:
    text_to(client, carrier, PHONE, "A: <script>alert(1)</script>")
    assert "<script>alert" not in web.get("/phones", query_string={"open": PHONE}).text


def test_state_has_everybody_and_is_short_while_nothing_changes(
    web: FlaskClient, client: Client, carrier: CarrierThread
) -> None:
    text_to(client, carrier, OTHER)
    state = web.get("/phones/state").json
    assert len(state["phones"]) == 300
    assert (state["phones"][0]["number"], state["phones"][0]["unread"]) == (OTHER, 1)
    again = web.get("/phones/state", query_string={"known": state["version"]}).json
    assert again["phones"] is None
    assert web.get("/phones/state", query_string={"open": "nonsense"}).json["open"] is None


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("/phones/texts", {"number": "12", "body": "1"}, "/number"),
        ("/phones/texts", {"number": PHONE, "body": "  "}, "/body"),
        ("/phones/texts", {"number": PHONE, "body": "x" * 1601}, "/body"),
        ("/phones/autopilot", {"mode": "fast"}, "/mode"),
        ("/phones/call", {"number": "12", "do": "answer"}, "/number"),
        ("/phones/call", {"number": PHONE, "do": "shout"}, "/do"),
        ("/phones/call", {"number": PHONE, "key": "12"}, "/do"),
    ],
)
def test_bad_input_is_refused(web: FlaskClient, carrier: CarrierThread, path: str, form: dict[str, str], field: str) -> None:
    answer = web.post(path, data=form)
    assert answer.status_code == 422
    assert carrier.messages() == []


@pytest.mark.usefixtures("carrier")
def test_what_is_wrong_is_said_in_the_readers_language(web: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    finnish = {"1 to {most} characters": "1–{most} merkkiä", "one of {expected}": "jokin näistä: {expected}"}
    monkeypatch.setattr("core.words.gettext", lambda sentence: finnish.get(sentence, sentence))
    assert "1–1600 merkkiä" in web.post("/phones/texts", data={"number": PHONE, "body": " "}).text
    assert "jokin näistä: " in web.post("/phones/autopilot", data={"mode": "fast"}).text


SPOKEN = '<Gather numDigits="1" timeout="8"><Say loop="2">Can you go now? Press 1 or 2.</Say></Gather>'


def ring(client: Client, carrier: CarrierThread, customer: Customer, number: str = PHONE) -> None:
    """That phone rings; whoever picks up is asked, and thanked for a key."""
    thanks = "<Say>Thank you.</Say>"
    customer.answer = lambda called: (
        200,
        "text/xml",
        f"<Response>{thanks if 'Digits' in called.form else SPOKEN}<Hangup/></Response>",
    )
    client.calls.create(to=number, from_=OURS, url=f"{customer.url}/voice/answer?m=1")
    carrier.wait_idle()


def test_a_phone_is_picked_up_without_any_script(
    web: FlaskClient, client: Client, carrier: CarrierThread, customer: Customer
) -> None:
    ring(client, carrier, customer)
    assert web.get("/phones/state").json["phones"][0]["call"]["state"] == "ringing"
    for form in ({"do": "answer"}, {"key": "1"}):
        assert web.post("/phones/call", data={"number": PHONE} | form).status_code == 303
        carrier.wait_idle()
    page = web.get("/phones", query_string={"open": PHONE}).text
    assert page.count("Can you go now?") == 2
    assert "The last call has ended" in page
    assert carrier.calls_to(PHONE)[0].heard[-2:] == ["[1]", "Thank you."]
    assert web.post("/phones/call", data={"number": PHONE, "do": "answer"}).status_code == 422, "it is over"


def test_another_site_cannot_press_the_buttons(web: FlaskClient, carrier: CarrierThread) -> None:
    answer = web.post("/phones/texts", data={"number": PHONE, "body": "1"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert carrier.messages() == []


def test_the_autopilot_is_switched_on_the_page(web: FlaskClient) -> None:
    assert web.post("/phones/autopilot", data={"mode": "human"}, headers={"X-Requested-With": "fetch"}).status_code == 204
    assert web.get("/phones/state").json["autopilot"] == "human"


def test_a_carrier_that_is_down_is_said_on_the_page(web: FlaskClient, carrier: CarrierThread) -> None:
    carrier.stop()
    assert "does not answer" in web.get("/phones").text
    assert web.get("/phones/state").json["up"] is False
    assert web.post("/phones/texts", data={"number": PHONE, "body": "1"}).status_code == 502


@pytest.mark.parametrize(("language", "heading"), [("sv", "Telefoner"), ("fi", "Puhelimet"), ("de", "Phones")])
def test_the_page_speaks_the_browsers_language(web: FlaskClient, language: str, heading: str) -> None:
    assert f">{heading}<" in web.get("/phones", headers={"Accept-Language": language}).text


def test_every_word_is_there_in_every_language() -> None:
    for language in catalog.LANGUAGES:
        assert all(catalog.words(language).values())


@dataclass
class Site:
    """The page in a real browser."""

    browser: Browser
    url: str

    def open(self, width: int = 1600, height: int = 900, scheme: str = "light", query: str = "") -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(8000)
        page.complaints = []
        page.on("console", lambda message: message.type in {"error", "warning"} and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{self.url}/phones{query}")
        page.wait_for_selector("html[data-ready]", state="attached")
        return page


@pytest.fixture
def site(app: Flask, browsers: Browsers) -> Iterator[Site]:
    browser = browsers.get(webgl=False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Site(browser, f"http://127.0.0.1:{server.server_port}")
    for context in browser.contexts:
        context.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.browser
def test_a_person_plays_somebody_whom_nobody_knows(site: Site, carrier: CarrierThread, customer: Customer) -> None:
    page = site.open()
    page.get_by_label("Search name or number").fill(PHONE.replace("+44", "0"))
    expect(page.locator(".phone")).to_have_count(1)
    expect(page.get_by_text("Text from a phone that nobody knows")).to_be_hidden()
    page.get_by_label("Search name or number").fill("040 111 2299")
    page.get_by_role("link", name="Text from a phone that nobody knows: 040 111 2299").click()
    expect(page.locator("#talk .number")).to_have_text("+358401112299")
    page.get_by_label("Text from this phone").fill("Join")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.mine")).to_have_count(1)
    carrier.wait_idle()
    assert [(call.form["From"], call.form["Body"]) for call in customer.inbound()] == [("+358401112299", "Join")]
    assert page.complaints == []


@pytest.mark.browser
def test_a_person_plays_a_volunteer(site: Site, client: Client, carrier: CarrierThread, customer: Customer) -> None:
    page = site.open()
    expect(page.get_by_text("No phone has had a text yet")).to_be_visible()
    text_to(client, carrier, PHONE)
    row = page.locator(".phone")
    expect(row).to_have_count(1)
    expect(row.locator(".badge")).to_contain_text("1")
    expect(page).to_have_title("(1) Phones · Doorstep")
    row.locator("a").click()
    expect(page.locator(".bubble.theirs")).to_contain_text("CARDIAC ARREST")
    expect(row.locator(".badge")).to_be_hidden()
    page.get_by_role("button", name="1 going").click()
    expect(page.locator(".bubble.mine")).to_have_count(1)
    page.get_by_label("Text from this phone").fill("on my way <b>")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.mine")).to_have_count(2)
    expect(page.get_by_text("played by hand")).to_be_visible()
    carrier.wait_idle()
    assert [call.form["Body"] for call in customer.inbound()] == ["1", "on my way <b>"]
    address = "https://maps.example/?q=60.17,24.94&z=15"
    text_to(client, carrier, PHONE, f"A: GO TO Kaivokatu 8, {address}. 3 = there")
    for _ in ("written by the script", "and by the server"):
        link = page.locator(".bubble.theirs a")
        expect(link).to_have_text(address)
        expect(link).to_have_attribute("href", address)
        page.reload()
    assert page.complaints == []


@pytest.mark.browser
def test_a_phone_that_is_pressed_stays_under_the_finger(site: Site, client: Client, carrier: CarrierThread) -> None:
    """A text to another phone puts that one above it meanwhile."""
    text_to(client, carrier, OTHER)
    page = site.open()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/phones/state*", hold)
    text_to(client, carrier, PHONE)
    page.locator(".phone a").hover()
    with page.expect_request("**/phones/state*"):
        pass
    page.mouse.down()
    with page.expect_response("**/phones/state*"):
        held.pop().continue_()
    page.wait_for_timeout(200)  # it would be drawn by now
    page.mouse.up()
    page.unroute("**/phones/state*")
    expect(page.locator("#talk .number")).to_have_text(OTHER)
    expect(page.locator(".phone")).to_have_count(2)
    assert page.complaints == []


@pytest.mark.browser
def test_it_can_be_used_by_keyboard_and_search(site: Site, client: Client, carrier: CarrierThread) -> None:
    text_to(client, carrier, PHONE)
    page = site.open()
    page.get_by_label("Only phones with texts").uncheck()
    expect(page.locator(".phone")).to_have_count(300)
    page.get_by_label("Search name or number").fill("aino")
    expect(page.locator(".phone")).to_have_count(1)
    page.locator(".phone a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#talk")).to_be_focused()
    page.get_by_label("Search name or number").fill("nobody")
    expect(page.get_by_text("No phone fits the search.")).to_be_visible()
    page.get_by_label("Volunteers answer by themselves").select_option("human")
    page.go_back()
    expect(page.get_by_text("Choose a phone to read and answer.")).to_be_visible()
    assert page.complaints == []


@pytest.mark.browser
def test_a_call_is_taken_and_answered_by_keyboard_alone(
    site: Site, client: Client, carrier: CarrierThread, customer: Customer
) -> None:
    page = site.open()
    ring(client, carrier, customer)
    row = page.locator(".phone")
    expect(row.locator(".rings")).to_be_visible()
    row.locator("a").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The phone rings")).to_be_visible()
    page.get_by_role("button", name="Pick up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#heard p")).to_have_count(2)
    page.get_by_role("button", name="Hang up").focus()
    page.keyboard.press("2")
    expect(page.locator("#heard p")).to_have_text([*["Can you go now? Press 1 or 2."] * 2, "[2]", "Thank you."])
    expect(page.get_by_text("The last call has ended")).to_be_visible()
    carrier.wait_idle()
    assert [called.form["Digits"] for called in customer.calls if "Digits" in called.form] == ["2"]
    assert page.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_a_call_fits_and_has_no_barriers(
    site: Site, client: Client, carrier: CarrierThread, customer: Customer, width: int, scheme: str
) -> None:
    ring(client, carrier, customer)
    ring(client, carrier, customer, OTHER)
    carrier.on_phone(OTHER, "answer")
    carrier.wait_idle()
    ringing, talking = f"?open=%2B{PHONE[1:]}", f"?open=%2B{OTHER[1:]}"
    for query in ("", ringing, talking):
        page: Any = site.open(width, 740 if width == 360 else 900, scheme, query)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scroll"
        found = barriers.found(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.complaints == []


@pytest.mark.browser
def test_a_carrier_that_goes_down_is_said_within_seconds(site: Site, carrier: CarrierThread) -> None:
    carrier.text(PHONE, "on my way")
    page = site.open()
    carrier.stop()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator(".phone .last")).to_have_text("→ on my way")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_it_fits_and_has_no_barriers(site: Site, client: Client, carrier: CarrierThread, width: int, scheme: str) -> None:
    for number in range(12):
        text_to(client, carrier, f"+4477009000{number:02d}")
    carrier.text(PHONE, "1")
    text_to(client, carrier, PHONE, "A: GO TO Mannerheimintie 5 B 12, door code 1234. 3 = there, 2 = cannot, 0 = ring me")
    for query in ("", f"?open=%2B{PHONE[1:]}"):
        page: Any = site.open(width, 740 if width == 360 else 900, scheme, query)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scroll"
        found = barriers.found(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.complaints == []
