"""Hours as people say them."""

from __future__ import annotations

import pytest

from responder.hours_words import Spoken, spoken

NAMES = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


@pytest.mark.parametrize(
    ("written", "said", "holidays"),
    [
        ("Mo-Fr 08:00-16:00", "Mo-Fr 08:00–16:00", None),
        ("Mo-Fr 08:00-16:00; PH off", "Mo-Fr 08:00–16:00", False),
        ("Mo-Fr 08:00-16:00; PH 10:00-12:00", "Mo-Fr 08:00–16:00", True),
        ("Mo,We 07:00-15:00; Fr 12:00-20:00", "Mo-Mo 07:00–15:00|We-We 07:00–15:00|Fr-Fr 12:00–20:00", None),
        ("Mo-Fr 08:00-12:00,13:00-17:00", "Mo-Fr 08:00–12:00, 13:00–17:00", None),
        ("Fr-Sa 20:00-04:00", "Fr-Sa 20:00–04:00", None),
        ("Su 22:00-06:00", "Su-Su 22:00–06:00", None),
        ("Mo-Su 14:00-24:00", "Mo-Su 14:00–24:00", None),
        ("24/7", "Mo-Su 00:00–24:00", None),
        ("Sa-Su 00:00-24:00", "Sa-Su 00:00–24:00", None),
    ],
)
def test_hours_in_words(written: str, said: str, holidays: bool | None) -> None:
    found: Spoken = spoken(written)
    assert "|".join(f"{NAMES[one.first]}-{NAMES[one.last]} {one.hours}" for one in found.days) == said
    assert found.holidays is holidays
