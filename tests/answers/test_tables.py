"""What texts mean, row by row: one table a language, with everything that has been read wrongly by somebody somewhere."""

from __future__ import annotations

import pytest

from dispatch.answers.grammar import Answer, parse
from tests.answers.tables import LANGUAGES, rows


def said(answer: Answer) -> str:
    """An answer in the tables' notation."""
    words = [answer.meaning.value]
    if answer.letter:
        words.append(f"letter={answer.letter}")
    if answer.eta_s is not None:
        words.append(f"eta={answer.eta_s}")
    if answer.transport:
        words.append(f"transport={answer.transport}")
    if answer.off_for is not None:
        words.append(f"off={int(answer.off_for.total_seconds() // 3600)}h")
    if answer.asks_where:
        words.append("where")
    if answer.only_yes_no:
        words.append("yes_no")
    return " ".join(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_means_what_its_table_says(language: str) -> None:
    wrong = [
        f"{label}: {text!r} should be {expected!r}, is {said(parse(text))!r}"
        for label, text, expected in rows(language)
        if sorted(expected.split()) != sorted(said(parse(text)).split())
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_table_has_two_hundred_rows_and_no_row_twice(language: str) -> None:
    texts = [text for _, text, _ in rows(language)]
    assert len(texts) >= 200
    assert len(texts) == len(set(texts))
