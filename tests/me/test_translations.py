"""What volunteers read on pages is there in every language, and says the same with the same gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from core.agency_settings import LANGUAGES
from core.translations import sentences, speaker
from tests.architecture.source import ROOT

FOLDERS = (ROOT / "responder" / "me", ROOT / "responder" / "templates" / "me")
SHARED = (ROOT / "responder" / "certificates" / "words.py",)
"""Read by admins too."""
OTHERS = tuple(language for language in LANGUAGES if language != "en")


def written() -> set[str]:
    """Every sentence that stands in the code or on a page of a volunteer."""
    paths = [*SHARED, *(path for folder in FOLDERS for path in sorted(folder.iterdir()))]
    return {sentence for path in paths for sentence in _in(path)}


def _in(path: Path) -> Iterator[str]:
    if path.suffix in (".py", ".html"):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        for _, sentence, _, _ in extract_from_file(method, path):
            yield sentence if isinstance(sentence, str) else sentence[0]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    assert len(written()) > 80
    assert set(sentences(language)) == written()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_gaps_of_its_sentence(language: str) -> None:
    gaps = re.compile(r"%\(\w+\)s|%")
    for sentence, other in sentences(language).items():
        assert sorted(gaps.findall(sentence)) == sorted(gaps.findall(other)), sentence


def test_a_sentence_is_said_with_its_gaps_filled_and_nothing_in_them_is_markup() -> None:
    say = speaker("sv")
    assert say("Language") == "Språk"
    assert say("No internet? Ring %(phone)s and we do it with you.", phone="<1>").endswith("&lt;1&gt; så gör vi det ihop.")
    assert speaker("en")("Language") == "Language"
