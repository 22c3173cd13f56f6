"""Texts that are found in the carrier's log count in the log's order, whenever the others of their phone reached us."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.gateway import Logged
from sms.unheard import in_the_logs_order
from tests.conftest import MONDAY_NOON


def log(written: str) -> list[Logged]:
    """ "a0 b0 a5": texts in the log's order, each its phone's letter and the second in which it was said."""
    return [
        Logged(f"{number}", True, one[0], "1", "received", "", MONDAY_NOON + timedelta(seconds=int(one[1:])))
        for number, one in enumerate(written.split())
    ]


@pytest.mark.parametrize(
    ("written", "held", "order"),
    [
        ("a0 a5", {}, "01"),
        ("a0 a0 a0", {}, "012"),
        ("a0 a5", {"0": 30}, "01"),
        ("a0 a5", {"1": 6}, "01"),
        ("a0 a5 a9", {"0": 30, "2": 31}, "012"),
        ("a0 a5 a9", {"0": 30, "2": 10}, "120"),
        ("a0 b1 a2 b3", {"0": 30}, "0213"),
    ],
)
def test_what_was_said_last_counts_last(written: str, held: dict[str, int], order: str) -> None:
    logged = log(written)
    known = {carrier_id: MONDAY_NOON + timedelta(seconds=after_s) for carrier_id, after_s in held.items()}
    moments = in_the_logs_order(logged, known)
    assert set(moments) == {one.carrier_id for one in logged} - set(held)
    phones = {one.carrier_id: one.phone for one in logged}
    ordered = sorted(phones, key=lambda carrier_id: (phones[carrier_id], (moments | known)[carrier_id]))
    assert "".join(ordered) == "".join(sorted(order, key=lambda carrier_id: phones[carrier_id]))


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20)), max_size=8),
    st.dictionaries(st.integers(0, 7), st.integers(0, 60)),
)
def test_nothing_found_later_overtakes_what_its_phone_said_after_it(said: list[tuple[str, int]], held: dict[int, int]) -> None:
    logged = log(" ".join(f"{phone}{at}" for phone, at in sorted(said, key=lambda one: one[1])))
    known = {str(number): MONDAY_NOON + timedelta(seconds=at) for number, at in held.items() if number < len(logged)}
    moments = in_the_logs_order(logged, known)
    for number, one in enumerate(logged):
        later = [other.carrier_id for other in logged[number + 1 :] if other.phone == one.phone]
        if one.carrier_id in moments:
            assert all(moments[one.carrier_id] < (moments | known)[other] for other in later)
