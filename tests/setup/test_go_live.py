"""The go-live list: each line turns green by the real thing and by nothing else; the strip says what is missing everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import Message as Headers
from urllib.error import HTTPError

import pytest
from flask import Flask

from console.accounts import users
from console.app import create_app
from console.setup import carrier, golive
from core import milestones, words
from core.clock import HandClock
from core.services import Services
from dispatch.wiring import build_wire
from geo.models import SERVICE_AREA, Street, Zone
from sms import contacts, inbox
from sms.models import IN, Message
from tests.setup.conftest import PASSWORD, send, sign_in
from tests.stories.conftest import town  # noqa: F401  # a fixture
from tests.stories.town import Town

SID = "AC" + "0" * 32
REAL = {"twilio_account_sid": SID, "twilio_auth_token": ("x" * 32,), "twilio_from": ("+358401234567",)}


def _item(services: Services, key: str) -> golive.Item:
    with services.read() as session:
        return next(item for item in golive.items(session, services.settings) if item.key == key)


def _on_a_real_carrier(services: Services, **more: object) -> Services:
    return replace(services, settings=services.settings.model_copy(update=REAL | more))


def test_a_new_installation_has_everything_before_it(services: Services) -> None:
    with services.read() as session:
        listed = golive.items(session, services.settings)
    assert [item.key for item in listed] == ["area", "volunteers", "https", "carrier", "webhook", "admins", "backup", "drill"]
    assert not any(item.done for item in listed)


def test_area(services: Services) -> None:
    with services.write() as session:
        session.add(Street(name="Rue", other_names=[], lat=1.0, lon=1.0))
    item = _item(services, "area")
    assert item.done
    assert "No border" in item.words
    with services.write() as session:
        session.add(Zone(kind=SERVICE_AREA, name="Us", polygon={"type": "Polygon", "coordinates": []}))
    assert "border of your area" in _item(services, "area").words


def test_https(services: Services) -> None:
    assert _item(_on_a_real_carrier(services, public_url="https://help.example"), "https").done


def test_two_admins_count_and_demo_or_disabled_ones_do_not(services: Services) -> None:
    def add(name: str, **other: bool) -> int:
        with services.write() as session:
            return users.add(session, name, "admin", PASSWORD, "operator", given=False, **other).id

    add("ada")
    add("demo", demo=True)
    second = add("bo")
    assert _item(services, "admins").done
    with services.write() as session:
        users.switch(session, second, "operator", on=False)
    assert not _item(services, "admins").done


def test_a_backup_counts_for_seven_days(app: Flask, services: Services, clock: HandClock) -> None:
    with services.write() as session:
        milestones.reach(session, milestones.BACKUP, "operator", bytes=1, verified=True)
    assert _item(services, "backup").done
    clock.turn(timedelta(days=7, seconds=1).total_seconds())
    assert not _item(services, "backup").done


def test_the_carrier_counts_once_it_has_answered_and_only_that_account(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = _on_a_real_carrier(services)
    admin = sign_in(create_app(real), real, "admin")
    assert not _item(real, "carrier").done
    monkeypatch.setattr(carrier, "look", lambda _: carrier.Look(False, "it does not take TWILIO_ACCOUNT_SID"))
    refused = send(admin, "/admin", "/admin/look-at-carrier", {})
    assert refused.status_code == 502
    assert "does not take TWILIO_ACCOUNT_SID" in refused.text
    assert not _item(real, "carrier").done
    monkeypatch.setattr(carrier, "look", lambda _: carrier.Look(True))
    assert send(admin, "/admin", "/admin/look-at-carrier", {}).status_code == 303
    assert _item(real, "carrier").done
    assert not _item(_on_a_real_carrier(services, twilio_account_sid="AC" + "1" * 32), "carrier").done
    assert not _item(services, "carrier").done, "simulated is never a carrier"


def test_what_went_wrong_is_said_in_the_readers_language(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    swedish = {
        "{where} answers {code}: it does not take {names}": "{where} svarar {code} och tar inte {names}",
        "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key)": "TWILIO_ACCOUNT_SID och TWILIO_AUTH_TOKEN",
        "not a phone number: it has letters in it; {how}": "inget nummer, det har bokstäver; {how}",
        "write it like {number}": "skriv det som {number}",
    }
    monkeypatch.setattr(words, "gettext", lambda sentence: swedish.get(sentence, sentence))
    real = _on_a_real_carrier(services)
    admin = sign_in(create_app(real), real, "admin")

    def refuse(*_given: object) -> None:
        raise HTTPError("https://carrier.example", 401, "Unauthorized", Headers(), None)

    monkeypatch.setattr(carrier, "_ask", refuse)
    refused = send(admin, "/admin", "/admin/look-at-carrier", {})
    assert "svarar 401 och tar inte TWILIO_ACCOUNT_SID och TWILIO_AUTH_TOKEN<" in refused.text
    refused = send(admin, "/admin", "/admin/prove-webhook", {"number": "call me"})
    assert "inget nummer, det har bokstäver; skriv det som +" in refused.text


def test_the_webhook_is_proven_by_the_answer_to_the_text(town: Town) -> None:  # noqa: F811  # the fixture
    admin = sign_in(create_app(town.services), town.services, "admin")
    assert send(admin, "/admin", "/admin/prove-webhook", {"number": "not a number"}).status_code == 422
    assert send(admin, "/admin", "/admin/prove-webhook", {"number": "+44 7900 111222"}).status_code == 303
    town.settle()
    (text,) = town.carrier.messages_to("+447900111222")
    assert "HELLO" in text.body
    assert not any(digit in text.body.replace(text.body.split(":")[0], "") for digit in "12340"), "no digit is asked for"
    assert "on its way" in admin.get("/admin").text
    assert not _item(town.services, "webhook").done
    town.clock.turn(5)
    town.carrier.text("+447900111333", "hello")
    town.settle()
    assert "webhook" not in admin.get("/admin/api/go-live").json["done"], "an answer of another phone proves nothing"
    town.carrier.text("+447900111222", "Hello!")
    town.settle()
    assert "webhook" in admin.get("/admin/api/go-live").json["done"]
    assert _item(town.services, "webhook").done
    elsewhere = replace(
        town.services, settings=town.services.settings.model_copy(update={"public_url": "https://help.example"})
    )
    assert not _item(elsewhere, "webhook").done, "it was proven of another address"


def test_a_volunteer_who_tests_keeps_language_and_meaning(town: Town) -> None:  # noqa: F811
    ada = town.volunteer("Ada", language="sv")
    admin = sign_in(create_app(town.services), town.services, "admin")
    send(admin, "/admin", "/admin/prove-webhook", {"number": ada.phone})
    ada.gets("HELLO")
    town.emergency()
    first = ada.inbox()[-1]
    ada.gets(first)
    assert "HJ" in first or "HJÄRT" in first.upper(), "still in Swedish"
    town.clock.turn(1)
    ada.texts("1")
    assert ada.state == "accepted", "an answer to an emergency stays one"
    ada.read = len(ada.inbox())


def test_a_drill_counts_when_somebody_answered_and_it_was_closed(town: Town) -> None:  # noqa: F811
    ada = town.volunteer("Ada")
    town.emergency(drill=True)
    ada.gets("DRILL")
    town.close()
    ada.gets("DRILL")
    assert not _item(town.services, "drill").done, "nobody had answered"
    town.emergency(drill=True)
    ada.gets("DRILL")
    ada.texts("1")
    ada.gets("DRILL", "GO TO")
    assert not _item(town.services, "drill").done, "it is not closed"
    town.close()
    ada.gets("DRILL")
    assert _item(town.services, "drill").done
    assert _item(town.services, "volunteers").done


def test_a_real_emergency_does_not_count_as_a_drill(town: Town) -> None:  # noqa: F811
    ada = town.volunteer("Ada")
    town.emergency()
    ada.gets("CARDIAC ARREST")
    ada.texts("1")
    ada.gets("GO TO")
    town.close()
    ada.gets("over")
    assert not _item(town.services, "drill").done


@pytest.mark.parametrize("role", ["dispatcher", "admin", "auditor"])
def test_every_page_says_what_is_missing(app: Flask, services: Services, role: str) -> None:
    client = sign_in(app, services, role)
    page = client.get("/account").text
    assert "Not ready yet:" in page
    assert "second admin" in page
    assert 'href="/admin"' in page
    assert client.get("/admin").status_code == 200


def test_strangers_are_not_told(app: Flask) -> None:
    assert "Not ready yet" not in app.test_client().get("/sign-in").text


def test_with_demo_data_the_list_and_the_strip_say_so(app: Flask, services: Services) -> None:
    with services.write() as session:
        contacts.ensure(session, "+447700900001", "en", demo=True)
    client = sign_in(app, services, "admin")
    assert "demo town are in this data folder" in client.get("/admin").text
    assert "This is the demo town." in client.get("/account").text


def test_only_admins_press_the_buttons(app: Flask, services: Services) -> None:
    for role in ("dispatcher", "auditor"):
        client = sign_in(app, services, role)
        assert '<button class="button">' not in client.get("/admin").text.split("<main")[1]
        for path in ("/admin/prove-webhook", "/admin/backup", "/admin/look-at-carrier"):
            assert send(client, "/admin", path, {"number": "+447900111222"}).status_code == 403


def test_the_button_makes_a_verified_backup(app: Flask, services: Services) -> None:
    with services.database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0001')")
    try:
        admin = sign_in(app, services, "admin")
        answer = send(admin, "/admin", "/admin/backup", {})
        assert answer.status_code == 303, answer.text
        (file,) = (services.settings.data_dir / "backups").iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert _item(services, "backup").done
    finally:
        with services.database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")


def test_why_no_backup_was_made_stands_on_the_page_and_in_the_log(
    app: Flask, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = sign_in(app, services, "admin")
    answer = send(admin, "/admin", "/admin/backup", {})  # no migration has run over the database of a test
    assert answer.status_code == 500
    assert "No backup was made: " in answer.text
    assert "no migration" in answer.text
    assert "no migration" in "".join(capsys.readouterr())


def test_an_unsigned_text_proves_nothing(app: Flask, services: Services, clock: HandClock) -> None:
    admin = sign_in(app, services, "admin")
    send(admin, "/admin", "/admin/prove-webhook", {"number": "+44 7900 111222"})
    forged = app.test_client().post("/sms/inbound", data={"MessageSid": "SM1", "From": "+447900111222", "Body": "hello"})
    assert forged.status_code == 403
    inbox.handle_due(build_wire(services))
    with services.read() as session:
        assert session.query(Message).filter_by(direction=IN).count() == 0
    assert "webhook" not in admin.get("/admin/api/go-live").json["done"]
