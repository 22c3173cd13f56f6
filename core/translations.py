"""What people who are no staff read, in their own language: one file of sentences a language, the English being the key.

The files are gettext's (`translations/*.po`), so that translators use the tools they know; they are read as they are, for to
compile them would be one more step that somebody forgets. A sentence without a translation is shown in English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

from babel.messages.pofile import read_po
from markupsafe import Markup

FOLDER = Path(__file__).parent / "translations"

Speaker = Callable[..., str]
"""A sentence of ours in English, and what stands in its gaps (`%(name)s`), to the sentence in somebody's language."""


def speaker(language: str) -> Speaker:
    """What says our sentences in `language`; what it returns is markup, its gaps filled with text."""
    return partial(_say, language)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Every sentence translated into `language`; none for English, in which they are written."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=language) if one.id and one.string}


def _say(language: str, sentence: str, **values: object) -> str:
    # `%` fills the gaps of markup with text that is escaped first; a lone % is written %% as gettext has it.
    return Markup(sentences(language).get(sentence, sentence)) % values  # noqa: S704  # our own sentences
