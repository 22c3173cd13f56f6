"""The site for browser tests. See tests/browser/site.py for what it can do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.database import Database
from core.settings import Settings, load
from tests.browser.site import PATIENCE_MS, Site
from tests.browser.stage import Stage, open_stage
from tests.chromium import Browsers

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The served application, once for every browser test of this process."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "doorstep.sqlite3")
    url = f"sqlite:///{folder / 'doorstep.sqlite3'}"
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        settings = load(_env_file=None, data_dir=folder, database_url=url, secret_key="for tests only")
    database = Database(url)
    with open_stage(settings, database) as opened:
        yield opened
    database.close()


@pytest.fixture
def site(stage: Stage, browsers: Browsers) -> Iterator[Site]:
    """The site with its town as new. Whatever the browser complains of fails the test at its end."""
    opened = Site(stage, browsers)
    opened.begin()
    yield opened
    opened.end()
    opened.check()
