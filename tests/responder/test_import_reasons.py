"""Why a row was refused, kept for whoever looks later, in whatever language they read."""

from __future__ import annotations

import json

import pytest

from core import words
from core.services import Services
from core.words import fill, translated
from responder.imports import jobs, reasons
from responder.imports.ledger import Ledger, Taken
from responder.imports.table import Refusal
from tests.responder.test_importing_resumed import begun

FINNISH = {"at most {most} of {what}": "enintään {most}: {what}", "{count} rows": "{count} riviä", "it is needed": "tarvitaan"}


@pytest.fixture(autouse=True)
def finnish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "gettext", lambda sentence: FINNISH.get(sentence, sentence))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (fill("at most {most} of {what}", most=7, what="{most} %"), "enintään 7: {most} %"),
        (fill("at most {most} of {what}", most=7, what=fill("{count} rows", count=2)), "enintään 7: 2 riviä"),
        ("it is needed", "tarvitaan"),
    ],
)
def test_a_reason_is_the_same_when_it_is_read_again(reason: str, said: str) -> None:
    for again in (words.told(json.loads(json.dumps(words.kept(reason)))), reasons.read(reasons.written(reason, 200))):
        assert (again, translated(again)) == (reason, said)


def test_one_that_is_too_long_to_be_kept_with_its_sentence_is_kept_in_english() -> None:
    reason = fill("at most {most} of {what}", most=7, what="x" * 80)
    assert reasons.read(reasons.written(reason, 90)) == reason[:90]


def test_whoever_goes_on_with_an_import_has_the_reasons_of_those_before(services: Services) -> None:
    import_id = begun(services, jobs.CHECKING)
    refusal = Refusal(3, "", fill("{count} rows", count=2))
    with services.write() as session:
        Ledger(services, import_id).note(session, Taken(3, refusals=[refusal]))
    (again,) = Ledger(services, import_id).so_far.refusals
    assert (again, translated(again.reason)) == (refusal, "2 riviä")
