"""What people read can be said in another language: a translator's catalogue finds a sentence only where it stands whole."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOMS, Source, sources

SENTENCES = {
    "_": 0,
    "fill": 0,
    "gettext": 0,
    "ngettext": 0,
    "not_found": 0,
    "Problem": 1,
    "field_problem": 1,
    "FieldProblem": 1,
}
"""The calls that mark a sentence for pybabel (`core.words`), with its place among the arguments."""
GLUED = (ast.JoinedStr, ast.BinOp, ast.IfExp)


@pytest.mark.parametrize("source", sources(*ROOMS), ids=lambda source: source.name)
def test_a_sentence_stands_whole_where_it_is_marked(source: Source) -> None:
    marked = [(name, call) for name, call in source.calls if len(call.args) > SENTENCES.get(name, len(call.args))]
    glued = [ast.unparse(call) for name, call in marked if isinstance(call.args[SENTENCES[name]], GLUED)]
    assert glued == [], "what has gaps is a fill(…), and nothing is put together from parts"
