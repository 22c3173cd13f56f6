"""The drafts for a lawyer: marked as such, linked, true to the settings; and the form for joining leads to the notice."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from console.app import create_app
from core.database import Database
from core.retention_settings import RetentionValues
from core.services import Services
from core.settings import WrongSetting, load
from responder.joining import consents
from tests.architecture.source import ROOT

PAPERS = sorted((ROOT / "docs" / "privacy").glob("*.md"))


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """Words do not ask which database it is."""
    return empty_sqlite


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)
def test_each_is_a_draft_and_the_readme_leads_to_it(paper: Path) -> None:
    assert "**Draft, for a lawyer to review.**" in paper.read_text(encoding="utf-8")
    assert f"docs/privacy/{paper.name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_assessment_says_of_every_time_what_it_is() -> None:
    words = (ROOT / "docs" / "privacy" / "dpia.md").read_text(encoding="utf-8")
    rows = [line for line in words.splitlines() if line.startswith("|")]
    for name, known in RetentionValues.model_fields.items():
        said = [line for line in rows if f"`{name.upper()}`" in line]
        assert said, name
        unit = name.rpartition("_")[2]
        assert all(f"{known.default} {unit}" in line for line in said), name


def test_the_agreement_is_of_the_terms_that_people_agree_to_now() -> None:
    words = (ROOT / "docs" / "privacy" / "volunteer-agreement.md").read_text(encoding="utf-8")
    assert re.findall(r"version (\d{4}-\d\d)", words) == [consents.VERSION]


def test_the_form_for_joining_leads_to_the_notice_where_there_is_one(services: Services) -> None:
    notice = "https://example.org/privacy"
    asked = create_app(services).test_client().get("/join?lang=sv")
    assert "dina rättigheter" not in asked.text
    settings = services.settings.model_copy(update={"privacy_notice_url": notice})
    told = create_app(replace(services, settings=settings)).test_client().get("/join?lang=sv").text
    assert f'<a href="{notice}">Vad vi vet om dig, hur länge, och dina rättigheter</a>' in told
    with pytest.raises(WrongSetting, match="PRIVACY_NOTICE_URL"):
        load(_env_file=None, privacy_notice_url="javascript:alert(1)")
