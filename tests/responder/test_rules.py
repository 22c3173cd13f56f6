"""The rules of eligibility, row by row."""

from __future__ import annotations

import timeit
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.clock import FOREVER, epoch_s
from responder import hours, rules
from responder.models import ReachablePlace
from responder.rules import NO_END_S, Moment, Reason

NOW_S = 1_795_435_200
DAY = Moment(NOW_S, 14 * 60, is_night=False, certified_s=NOW_S)
NIGHT = Moment(NOW_S, 3 * 60, is_night=True, certified_s=NOW_S)
GRACE = DAY._replace(certified_s=NOW_S - 7 * 86_400)
ANY_OF = ("cpr", "first_aid", "medical")
OFFICE = hours.parse("Mo-Fr 08:00-16:00", "FI").packed
NIGHT_SHIFT = hours.parse("Mo-Su 22:00-06:00", "FI").packed


def row(**values: Any) -> SimpleNamespace:
    plain = {
        "kind": "home",
        "transport": "foot",
        "night_alerts": False,
        "hours": None,
        "consented": True,
        "opted_out": False,
        "active": True,
        "off_until": 0,
        "certified": f"cpr:{NO_END_S}",
    }
    return SimpleNamespace(**plain | values)


TABLE = [
    ("nothing is against it", {}, DAY, None),
    ("no certificate at all", {"certified": ""}, DAY, Reason.NOT_CERTIFIED),
    ("another certificate", {"certified": f"identity:{NO_END_S}"}, DAY, Reason.NOT_CERTIFIED),
    ("lapsed a second ago", {"certified": f"cpr:{NOW_S - 1}"}, DAY, Reason.CERTIFICATION_LAPSED),
    ("its last second", {"certified": f"cpr:{NOW_S}"}, DAY, None),
    ("lapsed, in its last second of grace", {"certified": f"cpr:{NOW_S - 7 * 86_400}"}, GRACE, None),
    ("grace over", {"certified": f"cpr:{NOW_S - 7 * 86_400 - 1}"}, GRACE, Reason.CERTIFICATION_LAPSED),
    ("grace is for certificates alone", {"off_until": NOW_S + 1}, GRACE, Reason.OFF),
    ("one lapsed, another good", {"certified": f"cpr:{NOW_S - 1} medical:{NOW_S + 1}"}, DAY, None),
    ("no consent", {"consented": False}, DAY, Reason.NO_CONSENT),
    ("opted out", {"opted_out": True}, DAY, Reason.OPTED_OUT),
    ("suspended or deactivated", {"active": False}, DAY, Reason.INACTIVE),
    ("off for a second more", {"off_until": NOW_S + 1}, DAY, Reason.OFF),
    ("off until now", {"off_until": NOW_S}, DAY, None),
    ("off without an end", {"off_until": epoch_s(FOREVER)}, DAY, Reason.OFF),
    ("at work in office hours", {"kind": "work", "hours": OFFICE}, DAY, None),
    ("at work outside them", {"kind": "work", "hours": OFFICE}, NIGHT, Reason.OUTSIDE_HOURS),
    ("at home at night", {}, NIGHT, Reason.NIGHT),
    ("at home at night, willing", {"night_alerts": True}, NIGHT, None),
    ("at work on a night shift", {"kind": "work", "hours": NIGHT_SHIFT}, NIGHT, None),
    ("at home in hours that cover the night", {"hours": NIGHT_SHIFT}, NIGHT, Reason.NIGHT),
    ("not active is the first thing to say", {"active": False, "certified": ""}, DAY, Reason.INACTIVE),
    ("the gravest reason comes first", {"certified": "", "off_until": NOW_S + 1}, NIGHT, Reason.NOT_CERTIFIED),
]


@pytest.mark.parametrize(("values", "at", "expected"), [one[1:] for one in TABLE], ids=[one[0] for one in TABLE])
def test_reason_against(values: dict[str, Any], at: Moment, expected: Reason | None) -> None:
    assert rules.reason_against(row(**values), (), ANY_OF, at) is expected


CERTIFICATES = [
    # packed, all_of, any_of, expected
    ("", (), (), Reason.NOT_CERTIFIED),
    ("identity:300", (), (), None),
    ("identity:10", (), (), Reason.CERTIFICATION_LAPSED),
    ("cpr:10", ("cpr",), (), Reason.CERTIFICATION_LAPSED),
    ("cpr:300", ("cpr",), (), None),
    ("cpr:300", ("cpr", "identity"), (), Reason.NOT_CERTIFIED),
    ("cpr:300 identity:10", ("cpr", "identity"), (), Reason.CERTIFICATION_LAPSED),
    ("cpr:300 identity:300", ("cpr", "identity"), (), None),
    ("cpr:300 identity:300", ("identity",), ("medical", "first_aid"), Reason.NOT_CERTIFIED),
    ("cpr:300 identity:300", ("identity",), ("medical", "cpr"), None),
    ("cpr:10 first_aid:300", (), ("cpr", "first_aid"), None),
    ("cpr:10 first_aid:20", (), ("cpr", "first_aid"), Reason.CERTIFICATION_LAPSED),
]


@pytest.mark.parametrize(("packed", "all_of", "any_of", "expected"), CERTIFICATES)
def test_all_of_some_and_any_of_others(
    packed: str, all_of: tuple[str, ...], any_of: tuple[str, ...], expected: Reason | None
) -> None:
    assert rules.certified(packed, all_of, any_of, 100) is expected


def test_the_columns_are_those_of_the_table() -> None:
    assert set(rules.COLUMNS) <= set(ReachablePlace.__table__.columns.keys())
    assert set(rules.COLUMNS) == set(vars(row()))


def test_a_moment_knows_the_wall_clock() -> None:
    at = rules.moment(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), ZoneInfo("Europe/Helsinki"), "FI")
    assert at == Moment(1_795_386_600, 30, is_night=True, certified_s=1_795_386_600)  # 00:30 on Monday


def test_two_hundred_rows_fit_easily_into_a_choice() -> None:
    rows = [row(hours=OFFICE, kind="work", certified=f"cpr:{NOW_S + n}") for n in range(200)]

    def judge() -> None:
        for one in rows:
            rules.reason_against(one, (), ANY_OF, DAY)

    assert min(timeit.repeat(judge, number=1, repeat=20)) < 0.001  # measured 0.15 ms on an idle machine
