"""The agency's own values: the environment wins, the row comes next, and every process sees a change within two seconds."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core import agency
from core.agency_settings import AgencyValues
from core.events import Event
from core.queue import WakeUps
from core.services import Services
from core.settings import Settings, WrongSetting, load
from core.words import Filled


def _say(services: Services, **values: object) -> list[str]:
    with services.write() as session:
        given = AgencyValues(**values)  # type: ignore[arg-type]  # checked by pydantic itself
        return agency.store(session, given, services.settings, "user:ada")


def _other_process(services: Services) -> Services:
    return Services(services.settings, services.database, WakeUps(None))


def test_without_a_row_the_defaults_hold(services: Services) -> None:
    assert services.settings.organisation == "Doorstep"
    assert services.settings.languages == ("en", "sv", "fi")


def test_whoever_changes_a_value_sees_it_at_once(services: Services) -> None:
    assert services.settings.emergency_number == "112"
    _say(services, organisation="First Aid Monaco", emergency_number="18", languages=["en"], time_zone="Europe/Monaco")
    services.settings_changed()
    assert services.settings.organisation == "First Aid Monaco"
    assert services.settings.emergency_number == "18"
    assert services.settings.languages == ("en",)
    assert str(services.settings.zone_info) == "Europe/Monaco"


def test_another_process_looks_again_after_a_while_and_not_before(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr("core.clock.monotonic_s", lambda: moment[0])
    other = _other_process(services)
    assert other.settings.contact_phone == "0400 123456"
    _say(services, contact_phone="+377 93 15 00 00")
    moment[0] += agency.LOOK_EVERY_S - 0.1
    assert other.settings.contact_phone == "0400 123456"
    moment[0] += 0.2
    assert other.settings.contact_phone == "+377 93 15 00 00"
    assert agency.LOOK_EVERY_S < 2


def test_the_environment_wins_and_is_known_to(services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGANISATION", "From the environment")
    held = load(_env_file=None, data_dir=settings.data_dir, database_url=settings.database_url, secret_key="x")
    fixed = Services(held, services.database, WakeUps(None))
    _say(fixed, organisation="From the page", emergency_number="18")
    fixed.settings_changed()
    assert (fixed.settings.organisation, fixed.settings.emergency_number) == ("From the environment", "18")
    assert agency.fixed(fixed.settings) == {"organisation"}
    with services.read() as session:
        row = agency.row(session)
        assert row is not None
        assert row.organisation is None, "what the environment fixes is not stored by a page that cannot change it"


def test_a_database_without_the_table_changes_nothing(services: Services, settings: Settings) -> None:
    broken = Services(settings, type(services.database)("sqlite:////nowhere/at/all.sqlite3"), WakeUps(None))
    assert broken.settings.organisation == "Doorstep"


def test_a_change_is_an_event_that_names_fields_and_no_values(services: Services) -> None:
    assert "contact_phone" in _say(services, contact_phone="0401 999999")
    assert _say(services, contact_phone="0401 999999") == []
    with services.read() as session:
        events = session.query(Event).filter_by(kind="agency_changed").all()
        assert len(events) == 1
        assert "0401" not in str(events[0].data)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("organisation", "", "1 to 60"),
        ("organisation", "two\nlines", "one line"),
        ("organisation", "x" * 61, "1 to 60"),
        ("contact_phone", "0" * 18, "3 to 17"),
        ("contact_phone", "ring us", "phone number"),
        ("emergency_number", "nine", "2 to 6 digits"),
        ("default_region", "fi", "capital"),
        ("default_language", "de", "one of"),
        ("languages", [], "at least one"),
        ("languages", ["en", "xx"], "at least one"),
        ("time_zone", "Helsinki", "Europe/Helsinki"),
    ],
)
def test_page_and_environment_allow_the_same(field: str, value: object, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match=said) as refused:
        AgencyValues.model_validate({field: value})
    assert isinstance(refused.value.errors()[0]["ctx"]["error"].args[0], Filled), "it can be said in other languages"
    with pytest.raises(WrongSetting, match=said):
        load(_env_file=None, **{field: value})


def test_the_default_language_is_one_that_is_used() -> None:
    with pytest.raises(ValidationError, match="default_language"):
        AgencyValues(languages=["fi"], default_language="en")
    with pytest.raises(WrongSetting, match="DEFAULT_LANGUAGE"):
        load(_env_file=None, languages="sv,fi")
