"""sms.segments against Twilio's own calculator (scripts/oracles/segments.mjs made the table) and by properties."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.segments import BASIC, EXTENSION, Segments, count, is_gsm7

ORACLE = Path(__file__).parent / "segments_oracle.json"


def text_of(pieces: list[str | list[object]]) -> str:
    return "".join(piece if isinstance(piece, str) else str(piece[0]) * int(str(piece[1])) for piece in pieces)


def test_counts_as_twilios_calculator_does() -> None:
    rows = json.loads(ORACLE.read_text(encoding="utf-8"))
    assert len(rows) >= 2000
    wrong = []
    for pieces, *expected in rows:
        found = count(text_of(pieces))
        if list(found) != expected:
            wrong.append((pieces, expected, found))
    assert wrong == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("", Segments("gsm7", 0, 1), id="nothing"),
        pytest.param("a" * 160, Segments("gsm7", 160, 1), id="exactly one"),
        pytest.param("a" * 161, Segments("gsm7", 161, 2), id="one septet more"),
        pytest.param("a" * 152 + "€" + "a" * 152, Segments("gsm7", 306, 3), id="an escape pair is not split"),
        pytest.param("ж" * 66 + "😀" + "ж" * 66, Segments("ucs2", 134, 3), id="a surrogate pair is not split"),
        pytest.param("å" * 160, Segments("gsm7", 160, 1), id="Swedish letters are GSM-7"),
        pytest.param("á" * 70, Segments("ucs2", 70, 1), id="a with an acute is not"),
        pytest.param("á" * 71, Segments("ucs2", 71, 2), id="one UCS-2 unit more"),
        pytest.param("\ud800", Segments("ucs2", 1, 1), id="half a pair, as JSON may carry it, is counted and not refused"),
    ],
)
def test_edges(body: str, expected: Segments) -> None:
    assert count(body) == expected


def test_the_tables_are_whole() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


@given(st.text(max_size=700), st.characters())
def test_more_text_never_takes_fewer_segments(body: str, more: str) -> None:
    assert count(body + more).segments >= count(body).segments


@given(st.text(max_size=700))
def test_segments_lie_between_their_bounds(body: str) -> None:
    encoding, units, segments = count(body)
    assert (encoding == "gsm7") == is_gsm7(body)
    alone, part = (160, 153) if encoding == "gsm7" else (70, 67)
    if units <= alone:
        assert segments == 1
    else:
        assert -(-units // part) <= segments <= -(-units // (part - 1))
