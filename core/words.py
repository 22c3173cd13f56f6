"""Sentences with gaps: filled in English where they arise, and once more in the reader's language where they are shown.

A translator's catalogue knows a sentence, not what stands in it. pybabel extracts with the keywords `fill`, `Problem:2`,
`field_problem:2`, `FieldProblem:2` and `not_found` besides its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext
from typing import Any


def _(sentence: str) -> str:
    """Marks a sentence to be translated where it is shown; one without gaps needs no more."""
    return sentence


class Filled(str):
    """A sentence whose gaps are filled, and which still knows both."""

    __slots__ = ("sentence", "values")

    sentence: str
    values: Mapping[str, object]


def fill(sentence: str, **values: object) -> str:
    """`sentence` with its `{names}` replaced, for programs as it is and for people by `translated`."""
    filled = Filled(sentence.format(**values))
    filled.sentence, filled.values = sentence, values
    return filled


def translated(text: str) -> str:
    """`text` in the reader's language, with its values (translated too, where they are sentences of ours) in it."""
    if not isinstance(text, Filled):
        return gettext(text) if text else text
    values = {name: translated(value) if isinstance(value, Filled) else value for name, value in text.values.items()}
    return gettext(text.sentence).format(**values)


def kept(text: str) -> Any:
    """`text` as JSON has it, for a row that somebody reads later in a language of theirs: the sentence and what stands in its
    gaps, or the text alone where it has none."""
    if not isinstance(text, Filled):
        return text
    return [text.sentence, {name: _plain(value) for name, value in text.values.items()}]


def told(given: Any) -> str:
    """The text that `kept` was given."""
    if isinstance(given, str):
        return given
    sentence, values = given
    return fill(sentence, **{name: told(value) if isinstance(value, list) else value for name, value in values.items()})


def _plain(value: object) -> Any:
    return kept(value) if isinstance(value, str) else value if isinstance(value, int) else str(value)
