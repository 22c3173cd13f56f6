"""A volunteer's browser in a story: the link out of a text, the page behind it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.app import create_app
from tests.stories.town import Town


@dataclass
class Phone:
    """One browser, with its cookies."""

    town: Town
    client: FlaskClient = field(init=False)
    shown: str = ""

    def __post_init__(self) -> None:
        self.client = create_app(self.town.services).test_client()

    def sees(self, path: str, *parts: str, status: int = 200) -> str:
        """Load a page; it holds every one of `parts`. Returns its words."""
        return said(self.client.get(path), status, parts)

    def opens(self, link: str, *parts: str) -> str:
        """Follow a link and press the button; what then stands there holds every one of `parts`."""
        path = re.sub(r"https?://[^/]+", "", link)
        self.sees(path)
        return self.presses(path, path, *parts)

    def presses(self, page: str, action: str, *parts: str, status: int = 200, **fields: Any) -> str:
        """Send a form of `page` to `action`; the page that follows holds every one of `parts`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert token, f"there is no form on {page}"
        answer = self.client.post(action, data={"csrf_token": token[1]} | fields, follow_redirects=True)
        self.town.settle()
        self.shown = answer.text
        return said(answer, status, parts)

    def answers(self, action: str, *parts: str, status: int = 200, **fields: Any) -> str:
        """Send the form of the page that stands there, with what is hidden in it."""
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', self.shown))
        answer = self.client.post(action, data=hidden | fields, follow_redirects=True)
        self.town.settle()
        self.shown = answer.text
        return said(answer, status, parts)


def link_in(text: str) -> str:
    """The link that a text brings."""
    found = re.search(r"https?://\S+", text)
    assert found, text
    return found[0]


def said(answer: TestResponse, status: int, parts: tuple[str, ...]) -> str:
    """The words of a page without its markup, in which all `parts` are."""
    told = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
    assert answer.status_code == status, (answer.status_code, told)
    for part in parts:
        assert part in told, f"{part!r} is not in {told!r}"
    return told
