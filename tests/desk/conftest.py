"""The desk over an empty town with the shipped plans, once on each database."""

from __future__ import annotations

import pytest
from flask import Flask

from console.app import create_app
from core.services import Services
from tests.desk.signed_in import Desk
from tests.races.stage import Stage


@pytest.fixture
def stage(services: Services) -> Stage:
    """A stage without people."""
    return Stage(services)


@pytest.fixture
def app(services: Services, stage: Stage) -> Flask:
    """The application over the stage."""
    return create_app(services)


@pytest.fixture
def desk(app: Flask, services: Services) -> Desk:
    """A dispatcher."""
    return Desk(app, services)
