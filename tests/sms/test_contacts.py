"""Phone numbers in every usual writing, and opting out and in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core import words
from sms import contacts
from sms.wire import Wire


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+358401234567", "+358401234567"),
        ("040 123 4567", "+358401234567"),
        ("040-1234567", "+358401234567"),
        ("00358 40 1234567", "+358401234567"),
        ("+358 (0)40 123 4567", "+358401234567"),
        (" (040) 123 4567 ", "+358401234567"),
        ("tel:+358-40-123-4567", "+358401234567"),
        ("＋３５８４０１２３４５６７", "+358401234567"),
        ("040\u00a0123\u00a04567", "+358401234567"),
        ("+46 70-123 45 67", "+46701234567"),
        ("+44 7700 900123", "+447700900123"),
        ("+1 (212) 555-0123", "+12125550123"),
    ],
)
def test_one_writing_for_each_number(written: str, e164: str) -> None:
    assert contacts.normalise(written, "FI") == e164


@pytest.mark.parametrize(
    "written",
    ["", " ", "-", "112", "abc", "040 FLOWERS", "+358", "+999 1234567", "+3584012345678901234", "040 1234567 ext 5", "\0"],
)
def test_what_is_no_phone_number_is_said_plainly(written: str) -> None:
    with pytest.raises(ValueError, match=r"number"):
        contacts.normalise(written, "FI")


@pytest.mark.parametrize(
    ("region", "number"), [("FI", "+358 41 2345678"), ("GB", "+44 7400 123456"), ("ZZ", "with its country, beginning with +")]
)
def test_how_to_write_one_is_shown_as_in_that_country(region: str, number: str) -> None:
    with pytest.raises(ValueError, match=re.escape(number)):
        contacts.normalise("+", region)


def test_what_is_wrong_with_one_can_be_said_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    swedish = {
        "no phone number has this many digits; {how}": "inget nummer har så många siffror; {how}",
        "write it with its country, beginning with +": "skriv det med land, med + först",
    }
    monkeypatch.setattr(words, "gettext", lambda sentence: swedish.get(sentence, sentence))
    with pytest.raises(ValueError, match="no phone number has this many digits; write it with its country") as refused:
        contacts.normalise("+358 12345678901234", "ZZ")
    assert words.translated(refused.value.args[0]) == "inget nummer har så många siffror; skriv det med land, med + först"


def test_a_possible_number_that_nobody_hands_out_is_only_a_warning() -> None:
    assert contacts.read_phone("+358401234567", "FI").valid
    assert not contacts.read_phone("+447700900123", "FI").valid


def test_a_contact_is_made_once(wire: Wire) -> None:
    with wire.services.write() as session:
        first = contacts.ensure(session, "+358401234567", "en", demo=True)
        again = contacts.ensure(session, "+358401234567", "sv")
        assert (again.id, again.language, again.demo) == (first.id, "sv", True)


def test_opting_out_and_in_is_told_once_each(wire: Wire, desk: Any) -> None:
    with wire.services.write() as session:
        contact = contacts.ensure(session, "+358401234567", "en")
        assert not contacts.opt_in(wire, session, contact)
        assert contacts.opt_out(wire, session, contact)
        assert not contacts.opt_out(wire, session, contact)
        assert contact.opted_out_at is not None
        assert contacts.opt_in(wire, session, contact)
        assert contact.opted_out_at is None
    assert desk.opted == [True, False]
    assert desk.events() == ["contact_opted_out", "contact_opted_in"]
