"""A wrong setting stops the start with its name and what is allowed; the right ones come from the environment or `.env`."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.carrier_settings import TWILIO_API
from core.settings import SIMULATED_SENDER, Settings, WrongSetting, load

SID = "AC" + "0" * 32
REAL = {"twilio_account_sid": SID, "twilio_auth_token": "secret", "twilio_from": "+358401234567"}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


WRONG = [
    ("DATABASE_URL", "mysql://x", "postgresql://"),
    ("PUBLIC_URL", "doorstep.example", "https://"),
    ("LIVE_URL", "live", "https://"),
    ("TWILIO_BASE_URL", "api.twilio.com", "https://"),
    ("GEOCODER_URL", "nominatim.example", "https://"),
    ("TWILIO_ACCOUNT_SID", "SK123", "AC"),
    ("TWILIO_AUTH_TOKEN", "a,b,c", "2"),
    ("EMERGENCY_NUMBER", "one one two", "2 to 6 digits"),
    ("EMERGENCY_NUMBER", "1", "2 to 6 digits"),
    ("DEFAULT_REGION", "Finland", "FI"),
    ("DEFAULT_REGION", "fi", "FI"),
    ("DEFAULT_LANGUAGE", "de", "en, sv, fi"),
    ("TIME_ZONE", "Helsinki", "Europe/Helsinki"),
    ("CONTACT_PHONE", "0400 123456, extension 789", "17"),
    ("CONTACT_PHONE", "1", "3"),
    ("SIMULATE", "perhaps", "boolean"),
]


@pytest.mark.parametrize(("name", "value", "allowed"), WRONG)
def test_a_wrong_setting_names_itself_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as caught:
        load()
    assert name in str(caught.value)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"twilio_account_sid": SID}, "TWILIO_AUTH_TOKEN"),
        ({"twilio_account_sid": SID, "twilio_auth_token": "secret"}, "TWILIO_FROM"),
        (REAL | {"twilio_api_key_sid": "SK1"}, "TWILIO_API_KEY_SECRET"),
        (REAL | {"twilio_api_key_secret": "s"}, "TWILIO_API_KEY_SID"),
        ({"android_gateway_url": "http://10.0.0.2:8080"}, "ANDROID_GATEWAY_USER"),
        ({"android_gateway_url": "10.0.0.2"}, "ANDROID_GATEWAY_URL"),
        ({"android_gateway_number": "0400"}, "ANDROID_GATEWAY_NUMBER"),
        (REAL | {"twilio_segments_per_s": 0}, "TWILIO_SEGMENTS_PER_S"),
    ],
)
def test_settings_that_go_together_name_the_missing_one(given: dict[str, object], named: str) -> None:
    with pytest.raises(WrongSetting, match=named):
        load(**given)


def test_several_wrong_ones_are_named_at_once() -> None:
    with pytest.raises(WrongSetting) as caught:
        load(time_zone="Mars", default_language="xx")
    assert "TIME_ZONE" in str(caught.value)
    assert "DEFAULT_LANGUAGE" in str(caught.value)


def test_a_secret_is_not_repeated_in_the_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "first-secret,second-secret,third-secret")
    with pytest.raises(WrongSetting) as caught:
        load()
    assert "secret" not in str(caught.value)


def test_env_file_and_environment_in_their_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ORGANISATION=From the file\nTIME_ZONE=Europe/Stockholm\nCOLOUR=red\n")
    monkeypatch.setenv("ORGANISATION", "From the environment")
    settings = load()
    assert (settings.organisation, settings.time_zone) == ("From the environment", "Europe/Stockholm")


def test_an_empty_setting_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.setenv("TIME_ZONE", "")
    settings = load()
    assert (settings.redis_url, settings.time_zone) == (None, "Europe/Helsinki")


def test_two_tokens_while_rotating_and_several_senders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", SID)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", " new , old ")
    monkeypatch.setenv("TWILIO_FROM", "+358401234567,+358401234568")
    carrier = load().carrier
    assert carrier.auth_tokens == ("new", "old")
    assert carrier.senders == ("+358401234567", "+358401234568")
    assert (carrier.account_sid, carrier.base_url) == (SID, TWILIO_API)


def test_without_an_account_the_carrier_is_the_simulated_one_and_shares_our_secret(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, secret_key="a")
    other = load(data_dir=tmp_path, secret_key="b")
    assert settings.simulating
    assert settings.carrier.senders == (SIMULATED_SENDER,)
    assert settings.carrier.account_sid.startswith("AC")
    assert settings.carrier.auth_tokens != other.carrier.auth_tokens


def test_simulate_wins_over_an_account(tmp_path: Path) -> None:
    assert not load(**REAL).simulating
    simulated = load(data_dir=tmp_path, secret_key="a", simulate=True, **REAL)
    assert simulated.simulating
    assert simulated.carrier.account_sid != SID


def test_addresses_lose_their_last_slash() -> None:
    assert load(public_url="https://doorstep.example/").public_url == "https://doorstep.example"


def test_the_database_is_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path).database == f"sqlite:///{tmp_path}/doorstep.sqlite3"
    assert load(database_url="postgresql://h/d").database == "postgresql://h/d"


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = load(data_dir=tmp_path / "new").secret
    assert load(data_dir=tmp_path / "new").secret == first
    assert len(first) == 64
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_end_with_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    together = threading.Barrier(6)

    def start() -> None:
        settings = load(data_dir=tmp_path)
        together.wait()
        found.append(settings.secret)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
