"""A hundred ways to write one phone number, and what looks like one: never guessed, for a stranger would be texted."""

from __future__ import annotations

import pytest

from sms import contacts

OURS = "+358401234567"
SPACES = {"plain": " ", "no-break": "\xa0", "thin": "\u2009", "narrow no-break": "\u202f", "figure": "\u2007", "tab": "\t"}
DASHES = {"hyphen": "-", "no-break hyphen": "\u2011", "en dash": "\u2013", "em dash": "\u2014", "minus": "\u2212"}
BETWEEN = SPACES | DASHES | {"none": "", "slash": "/", "point": ".", "two spaces": "  ", "hyphen and spaces": " - "}
BEGINNINGS = ("040", "(040)", "+35840", "+358 40", "0035840", "+358 (0)40", "tel:+358-40")
ODD = (
    *("0 4 0 1 2 3 4 5 6 7", " 0401234567 ", "040 123 4567.", "040 123 4567;", "401234567", "40 123 4567", "358401234567"),
    *("++358401234567", "+ 358 40 1234567", "+3580401234567", "00 358 40 1234567", "[040] 1234567", "'0401234567"),
    *('="0401234567"', "\u202a+358 40 123 4567\u202c", "\u2066+358401234567\u2069", "\u200e0401234567", "\ufeff0401234567"),
    *("+358\u200b401234567", "０４０１２３４５６７", "+３５８４０１２３４５６７", "٠٤٠١٢٣٤٥٦٧"),
)
WRITINGS = [f"{start}{gap}123{gap}4567" for start in BEGINNINGS for gap in BETWEEN.values()] + list(ODD)


def test_there_are_a_hundred() -> None:
    assert len(set(WRITINGS)) >= 100


@pytest.mark.parametrize("written", WRITINGS, ids=ascii)
def test_every_usual_writing_is_one_number(written: str) -> None:
    assert contacts.normalise(written, "FI") == OURS


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("0046701234567", "+46701234567"),
        ("+44 (0)7700 900 123", "+447700900123"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+372 5123 4567", "+37251234567"),
        ("09 123 4567", "+35891234567"),
    ],
)
def test_numbers_of_elsewhere(written: str, number: str) -> None:
    assert contacts.normalise(written, "FI") == number


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("358401234567.0", "a spreadsheet has made a decimal number of it"),
        ("401234567,0", "a spreadsheet has made a decimal number of it"),
        ("3.58401234567E+11", "letters in it"),
        ("040123456O", "letters in it"),
        ("040 1234567 (home)", "letters in it"),
        ("+35840 123 4567 or +358501234567", "letters in it"),
        ("0401234567 / 0507654321", "not a phone number"),
        ("040 1234567#5", "extension"),
        ("040 1234567,5", "extension"),
        ("040 1234567 x5", "letters in it"),
        ("1234", "this many digits"),
        ("112", "this many digits"),
        ("04012345678901", "this many digits"),
        ("", "not a phone number"),
        ("+", "not a phone number"),
        ("+358", "not a phone number"),
        ("\u202a\u202c", "not a phone number"),
    ],
)
def test_what_is_surely_no_number_of_somebody_is_refused(written: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        contacts.normalise(written, "FI")
