"""Proofs for tests: a small picture, somebody who sends it, and what is kept."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from pypdf import PdfWriter
from sqlalchemy import select

from core.services import Services
from responder.certificates import files, submitting
from responder.certificates.models import Evidence
from responder.pages.room import load

DAY_S = 86_400


def picture() -> io.BytesIO:
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(drawn, "JPEG")
    drawn.seek(0)
    return drawn


def paper() -> bytes:
    """A PDF of one empty page."""
    writer, written = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(written)
    return written.getvalue()


@pytest.fixture
def proof(services: Services) -> Callable[..., int]:
    """Somebody sends a proof; returns the row that then waits."""

    def sent(row: int, kind: str = "cpr") -> int:
        cleaned = files.cleaned(picture().read())
        with services.write() as session:
            return submitting.submit(session, load(session, row), kind, cleaned).id

    return sent


def kept(services: Services) -> list[Evidence]:
    with services.read() as session:
        return list(session.scalars(select(Evidence)))
