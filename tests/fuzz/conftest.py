"""What fuzzing stands on: the whole application over SQLite, keys, and a time. By hand: FUZZ_S=300 pytest tests/fuzz"""

from __future__ import annotations

import os

import pytest
from flask import Flask

from console import keys
from console.app import create_app
from core.access import SCOPES
from core.database import Database
from core.services import Services
from dispatch import plans
from tests.fuzz.budget import Budget


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """One kind of database: what is looked for is in our own code."""
    return empty_sqlite


@pytest.fixture
def app(services: Services) -> Flask:
    """The application with the shipped plans."""
    with services.write() as session:
        plans.ensure_shipped(session)
    return create_app(services)


@pytest.fixture
def secrets(services: Services) -> dict[str, str]:
    """One key of each scope."""
    with services.write() as session:
        return {scope: keys.create(session, f"only-{scope}", [scope]) for scope in SCOPES}


@pytest.fixture
def budget() -> Budget:
    """The time of all fuzzing together."""
    return Budget(float(os.environ.get("FUZZ_S", "20")))
