"""Cells that a spreadsheet would run are shown as text, and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import spreadsheet


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("=HYPERLINK(\"http://evil.example\")", "'=HYPERLINK(\"http://evil.example\")"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("＝1＋1", "'＝1＋1"),
        ("'=1", "''=1"),
        ("+358 (0)40 123-4567", "+358 (0)40 123-4567"),
        ("-24.9384", "-24.9384"),
        ("Aino", "Aino"),
        ("'Aino'", "'Aino'"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_begins_like_a_formula_is_marked_as_text(text: str, cell: str) -> None:
    assert spreadsheet.safe(text) == cell
    assert spreadsheet.plain(cell) == text


@given(st.text(alphabet="'=+-@\t\r1a ", max_size=6))
def test_everything_comes_back_as_it_was(text: str) -> None:
    assert spreadsheet.plain(spreadsheet.safe(text)) == text


def test_a_number_that_somebody_has_marked_as_text_is_a_number() -> None:
    assert spreadsheet.plain("'+358401234567") == "+358401234567"
