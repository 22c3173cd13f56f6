"""One clock: aware, in UTC, turned by hand in tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core import clock as clocks
from core import ids
from core.clock import HandClock, SystemClock

HELSINKI_SUMMER = timezone(timedelta(hours=3))


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_clock_by_hand_stands_until_it_is_turned(clock: HandClock) -> None:
    start = clocks.now()
    assert clocks.now() == start
    clock.turn(90.5)
    assert clocks.now() - start == timedelta(seconds=90.5)
    clock.set(datetime(2026, 6, 1, 3, 0, tzinfo=HELSINKI_SUMMER))
    assert clocks.now() == datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
    assert clocks.now().tzinfo is UTC


def test_use_gives_back_the_clock_before_it(clock: HandClock) -> None:
    other = HandClock(datetime(2030, 1, 1, tzinfo=UTC))
    assert clocks.use(other) is clock
    assert clocks.now().year == 2030
    assert clocks.use(clock) is other


def test_a_naive_start_is_read_as_the_machines_own_time_and_never_stays_naive() -> None:
    assert HandClock(datetime(2026, 1, 1)).now().tzinfo is UTC  # noqa: DTZ001 - what is tested


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 23, 1, 15, 25, 999_999, tzinfo=UTC), "2026-11-23T01:15:25Z"),
        (datetime(2026, 11, 23, 3, 15, 25, tzinfo=timezone(timedelta(hours=2))), "2026-11-23T01:15:25Z"),
        (None, None),
    ],
)
def test_the_api_writes_utc_with_z_and_whole_seconds(moment: datetime | None, written: str | None) -> None:
    assert clocks.rfc3339(moment) == written


def test_epoch_seconds_are_whole_and_of_any_zone() -> None:
    assert clocks.epoch_s(datetime(1970, 1, 1, 0, 1, 0, 900_000, tzinfo=UTC)) == 60
    assert clocks.epoch_s(datetime(1970, 1, 1, 3, 1, tzinfo=HELSINKI_SUMMER)) == 60


def test_the_monotonic_scale_never_goes_back() -> None:
    readings = [clocks.monotonic_s() for _ in range(1000)]
    assert readings == sorted(readings)


def test_ids_are_26_lower_hex_letters_that_need_no_escaping_and_sort_by_time(clock: HandClock) -> None:
    found = []
    for _ in range(50):
        found.append(ids.new_id())
        clock.turn(0.002)
    assert found == sorted(found)
    assert all(len(one) == 26 and set(one) <= set("0123456789abcdef") for one in found)


def test_ids_of_one_millisecond_differ(clock: HandClock) -> None:
    assert len({ids.new_id() for _ in range(2000)}) == 2000
