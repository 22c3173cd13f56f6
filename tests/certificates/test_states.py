"""Until when certificates count, as a table; every date is compared and nothing is a flag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from core import clock
from responder import rules
from responder.certificates import states
from responder.certificates.states import State

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LAST = datetime(2026, 11, 30, 21, 59, 59, tzinfo=UTC)


@dataclass
class Proof:
    type: str = "cpr"
    expires_at: datetime | None = LAST
    verified_at: datetime | None = NOW
    submitted_at: datetime | None = None
    rejected_at: datetime | None = None


def sent(at: datetime, **other: object) -> Proof:
    return Proof(**({"expires_at": None, "verified_at": None, "submitted_at": at} | other))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("proof", "state"),
    [
        (sent(NOW), State.SUBMITTED),
        (sent(NOW, rejected_at=NOW), State.REJECTED),
        (Proof(expires_at=None), State.VERIFIED),
        (Proof(expires_at=NOW + 60 * DAY), State.VERIFIED),
        (Proof(expires_at=NOW + 60 * DAY - timedelta(seconds=1)), State.EXPIRING),
        (Proof(expires_at=NOW), State.EXPIRING),
        (Proof(expires_at=NOW - timedelta(seconds=1)), State.LAPSED),
        (sent(NOW, expires_at=NOW - DAY), State.LAPSED),
    ],
)
def test_how_one_stands(proof: Proof, state: State) -> None:
    assert states.of(proof, NOW) == state


@pytest.mark.parametrize(
    ("proofs", "until"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([sent(NOW)], {}, id="never verified counts for nothing"),
        pytest.param([Proof()], {"cpr": LAST}, id="to its last second"),
        pytest.param([Proof(), Proof(expires_at=LAST + DAY)], {"cpr": LAST + DAY}, id="the later one"),
        pytest.param([Proof(expires_at=None), Proof()], {"cpr": None}, id="no end"),
        pytest.param([Proof(), sent(LAST)], {"cpr": LAST + 14 * DAY}, id="a new one sent in the last second"),
        pytest.param([Proof(), sent(LAST + timedelta(seconds=1))], {"cpr": LAST}, id="a second too late"),
        pytest.param([Proof(), sent(NOW, rejected_at=NOW)], {"cpr": LAST}, id="rejected"),
        pytest.param([Proof(), sent(NOW, type="first_aid")], {"cpr": LAST}, id="a new one of another kind"),
        pytest.param([Proof(), Proof(type="medical", expires_at=None)], {"cpr": LAST, "medical": None}, id="each kind alone"),
        pytest.param([Proof(expires_at=None), sent(NOW)], {"cpr": None}, id="what has no end needs no keeping"),
    ],
)
def test_until_when_they_count(proofs: list[Proof], until: dict[str, datetime | None]) -> None:
    assert {kind: one.until() for kind, one in states.counted(proofs).items()} == until


@pytest.mark.parametrize(
    ("sent_after", "grace_days", "kept"),
    [
        (0 * DAY, 0, True),
        (timedelta(seconds=1), 0, False),
        (0 * DAY, 5, True),
        (3 * DAY, 5, True),
        (5 * DAY, 5, True),
        (5 * DAY + timedelta(seconds=1), 5, False),
        (3 * DAY, 2, False),
    ],
)
def test_a_proof_sent_in_the_grace_was_sent_before_the_lapse(sent_after: timedelta, grace_days: int, kept: bool) -> None:
    """The rows and what choosing reads say the same. Either is compared with a moment that is earlier by the grace."""
    grace = grace_days * DAY
    (one,) = states.counted([Proof(), sent(LAST + sent_after)]).values()
    until = LAST + 14 * DAY if kept else LAST
    assert one.until(grace) == until
    assert one.sent is not None
    packed = rules.pack_certified({"cpr": clock.epoch_s(LAST)}, {"cpr": clock.epoch_s(one.sent)})
    assert rules.good_until(packed, (), ("cpr",), grace_days * 86_400) == clock.epoch_s(until)


def test_of_several_that_wait_the_first_counts() -> None:
    both = [Proof(), sent(LAST + DAY), sent(NOW)]
    assert states.counted(both)["cpr"] == states.Counted(LAST, NOW)
