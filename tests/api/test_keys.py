"""API keys: made once, kept as a hash, revoked at once."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from console import keys
from console.models import ApiKey
from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from tests.api.test_shell import with_room


def make(services: Services, name: str = "cad", *scopes: str) -> str:
    with services.write() as session:
        return keys.create(session, name, scopes or ("incidents",))


def test_a_key_is_known_by_its_secret_and_only_its_hash_is_kept(services: Services) -> None:
    secret = make(services, "cad", "read", "incidents", "read")
    assert secret.startswith("doorstep_")
    assert len(secret) >= 9 + 43
    with services.read() as session:
        key = keys.verify(session, secret)
        assert key is not None
        assert (key.name, key.scopes) == ("cad", ["incidents", "read"])
        stored = session.execute(select(ApiKey.__table__)).one()
        assert secret.removeprefix("doorstep_") not in repr(stored)
        assert secret not in repr(session.scalars(select(Event)).all()[0].data)


@pytest.mark.parametrize("wrong", ["", "doorstep_", "doorstep_x", "DOORSTEP_x", "é"])
def test_another_secret_is_nobody(services: Services, wrong: str) -> None:
    secret = make(services)
    with services.read() as session:
        assert keys.verify(session, wrong) is None
        assert keys.verify(session, secret[:-1]) is None
        assert keys.verify(session, secret + "x") is None


def test_a_revoked_key_ends_at_once_and_its_name_is_not_given_again(services: Services) -> None:
    secret = make(services)
    with services.write() as session:
        assert keys.revoke(session, "cad")
        assert not keys.revoke(session, "cad")
    with services.read() as session:
        assert keys.verify(session, secret) is None
    with pytest.raises(Problem, match="not given twice"):
        make(services)


@pytest.mark.parametrize("name", ["", " ", "-cad", "a b", "a" * 81, "käyttö", "a\n", "a:b"])
def test_names_that_would_blur_the_trail_are_refused(services: Services, name: str) -> None:
    with pytest.raises(Problem, match="/name"):
        make(services, name)


@pytest.mark.parametrize("scopes", [[], ["root"], ["incidents", "Read"]])
def test_scopes_that_do_not_exist_are_refused(services: Services, scopes: list[str]) -> None:
    with services.write() as session, pytest.raises(Problem, match="allowed are incidents, people, read"):
        keys.create(session, "cad", scopes)


def test_the_use_of_a_key_is_noted_about_once_an_hour(services: Services, clock: HandClock) -> None:
    client, secret = with_room(services).test_client(), make(services)

    def used_at(client: FlaskClient) -> object:
        # The note is written once the answer has left: that is, when it is closed.
        client.post("/api/v1/echo", json={}, headers={"Authorization": f"Bearer {secret}"}).close()
        with services.read() as session:
            return session.scalar(select(ApiKey.last_used_at))

    first = used_at(client)
    assert first == clock.now()
    clock.turn(1800)
    assert used_at(client) == first
    clock.turn(1801)
    assert used_at(client) == clock.now()


def test_a_use_that_cannot_be_noted_fails_nothing(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    client, secret = with_room(services).test_client(), make(services)
    with services.write():  # holds the only turn to write; on PostgreSQL the note simply goes through
        monkeypatch.setattr("core.database.WRITE_TURN_TIMEOUT_S", 0.0)
        answered = client.post("/api/v1/echo", json={"a": 1}, headers={"Authorization": f"Bearer {secret}"}, buffered=True)
    assert answered.get_json() == {"a": 1}
