"""How much is asked of one person, as moments: row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from responder.care.sparing import WEEK, Asked, Until, until

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
REST = 12 * HOUR


def alert(hours_ago: int, left_hours_ago: int | None = None, *, waits: bool = False) -> Asked:
    return Asked(NOW - hours_ago * HOUR, None if left_hours_ago is None else NOW - left_hours_ago * HOUR, waits)


@pytest.mark.parametrize(
    ("label", "asked", "own_most", "expected"),
    [
        ("nothing", [], None, Until(None, None)),
        ("one less than the most", [alert(1), alert(2)], None, Until(None, None)),
        ("as many as the most: until the oldest of them is a week old", [alert(1), alert(2), alert(9)], None, (-9, None)),
        ("one more: until the third newest is", [alert(1), alert(2), alert(9), alert(50)], None, (-9, None)),
        ("a scene is rested from since it was left", [alert(3, 2)], None, Until(NOW + 10 * HOUR, None)),
        ("the later of two rests", [alert(3, 2), alert(9, 8)], None, Until(NOW + 10 * HOUR, None)),
        ("the later of rest and cap", [alert(1, 1), alert(2), alert(9)], None, (-9, None)),
        ("an own limit", [alert(5), alert(60)], 1, (None, -5)),
        ("an own limit above the service's", [alert(1), alert(2), alert(9)], 4, (-9, None)),
        ("what waits for an answer fills no limit yet", [alert(0, waits=True)], 1, Until(None, None)),
        ("but counts for the service", [alert(0, waits=True), alert(2), alert(9)], 3, (-9, None)),
    ],
)
def test_until_when(
    label: str, asked: list[Asked], own_most: int | None, expected: Until | tuple[int | None, int | None]
) -> None:
    if not isinstance(expected, Until):
        ends = [None if hours is None else NOW + hours * HOUR + WEEK for hours in expected]
        expected = Until(*ends)
    assert until(asked, 3, REST, own_most) == expected, label


def test_without_a_rest_a_scene_spares_nobody() -> None:
    assert until([alert(3, 2)], 3, timedelta(), None) == Until(None, None)
