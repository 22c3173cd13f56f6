"""The tables of texts and what they mean, one a language."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = ("en", "sv", "fi")


def rows(language: str) -> list[tuple[str, str, str]]:
    """Label, text and expected answer of each row."""
    found, label = [], ""
    for line in (HERE / f"{language}.tsv").read_text("utf-8").split("\n"):
        if line.startswith("# "):
            label = line[2:]
        elif line:
            expected, _, text = line.partition("\t")
            found.append((label, text.replace("\\n", "\n"), expected))
    return found
