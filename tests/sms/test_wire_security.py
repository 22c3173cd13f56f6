"""What a stranger can send to the carrier's addresses, over a real connection: nothing is kept of it, whatever its form."""

from __future__ import annotations

import http.client
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator
from werkzeug.serving import WSGIRequestHandler, make_server

from sms import taking
from sms.models import Message, MessageStatus
from sms.signatures import LONGEST_BODY
from sms.spool import Spool
from sms.webhooks import blueprint
from sms.wire import Wire
from tests.stories.gone import database_gone

TEXT = {"MessageSid": "SM1", "From": "+358401234567", "Body": "1", "FromCity": ""}


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class Site:
    """The carrier's addresses on a port of their own."""

    def __init__(self, wire: Wire) -> None:
        app = Flask(__name__)
        app.register_blueprint(blueprint(wire))
        self.wire = wire
        self.spool = Spool(wire.services.settings.data_dir)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)

    def post(self, body: bytes | Iterable[bytes], *, sign: dict[str, str] | None = None, **headers: str) -> int:
        """POST a body, in chunks when it is given in parts; `sign` is the form that the signature is made for."""
        settings = self.wire.services.settings
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if sign is not None:
            validator = RequestValidator(settings.carrier.auth_tokens[0])
            given["X-Twilio-Signature"] = validator.compute_signature(f"{settings.public_url}/sms/inbound", sign)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=5)
        try:
            connection.request("POST", "/sms/inbound", body, given, encode_chunked=not isinstance(body, bytes))
            return connection.getresponse().status
        finally:
            connection.close()

    def kept(self) -> int:
        """Everything that is stored or spooled."""
        with self.wire.services.read() as session:
            stored = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Message, MessageStatus)]
        return sum(stored) + len(self.spool.waiting())


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One kind of database is enough for what never reaches it."""
    shutil.copy(sqlite_template, tmp_path / "doorstep.sqlite3")
    return f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"


@pytest.fixture
def site(wire: Wire) -> Iterator[Site]:
    opened = Site(wire)
    thread = threading.Thread(target=opened.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield opened
    opened.server.shutdown()
    thread.join()
    opened.server.server_close()


def chunks(body: bytes, size: int = 1000) -> Iterator[bytes]:
    for first in range(0, len(body), size):
        yield body[first : first + size]


def test_a_body_in_chunks_is_read_and_verified_like_any_other(site: Site) -> None:
    body = urlencode(TEXT).encode()
    assert site.post(chunks(body, 7), sign=TEXT, Transfer_Encoding="chunked") == 200
    assert site.kept() == 1
    assert site.post(chunks(body.replace(b"Body=1", b"Body=0"), 7), sign=TEXT, Transfer_Encoding="chunked") == 403
    assert site.kept() == 1


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_what_is_too_large_is_refused_unread_signed_or_not(site: Site, signed: bool, chunked: bool) -> None:
    form = TEXT | {"Body": "x" * LONGEST_BODY}
    body = urlencode(form).encode()
    given = {"Transfer_Encoding": "chunked"} if chunked else {}
    assert site.post(chunks(body) if chunked else body, sign=form if signed else None, **given) == 413
    assert site.kept() == 0


def test_the_largest_body_that_fits_in_chunks(site: Site) -> None:
    form = TEXT | {"Body": "x" * (LONGEST_BODY - 200)}
    assert site.post(chunks(urlencode(form).encode()), sign=form, Transfer_Encoding="chunked") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Twilio_Signature": ""},
        {"X_Twilio_Signature": "A" * 28},
        {"X_Twilio_Signature": "A" * 10_000},
        {"X_Twilio_Webhooks_Signature_Settings": "algorithm=HMAC_SHA256"},
        {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https", "Host": "evil.example"},
        {"Content_Type": "application/json"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"Content_Encoding": "gzip"},
        {"Authorization": "Basic QUM6dG9rZW4="},
    ],
)
def test_what_nobody_signed_is_refused_whatever_it_says_of_itself(site: Site, headers: dict[str, str]) -> None:
    assert site.post(urlencode(TEXT).encode(), **headers) == 403
    assert site.kept() == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The spool is used soon, and left alone."""
    monkeypatch.setattr(taking, "PATIENCE_S", 0.1)
    monkeypatch.setattr(taking, "REPLAY_EVERY_S", 1000)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the other server is everybody's: stories stop their own
@pytest.mark.usefixtures("impatient")
def test_a_stranger_fills_no_spool(site: Site) -> None:
    body = urlencode(TEXT).encode()
    with database_gone(site.wire.services.database, None):
        assert site.post(body) == 403
        assert site.post(body, sign=TEXT | {"Body": "0"}) == 403
        assert site.spool.is_empty()
        assert site.post(body, sign=TEXT) == 200
        assert len(site.spool.waiting()) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("impatient")
def test_a_replay_changes_nothing_whichever_way_it_comes(site: Site) -> None:
    body = urlencode(TEXT).encode()
    for _ in range(3):
        assert site.post(body, sign=TEXT) == 200
    with database_gone(site.wire.services.database, None):
        assert site.post(body, sign=TEXT) == 200
    assert site.kept() == 2
    assert taking.replay(site.wire.services, site.wire.services.settings.data_dir) == 1
    assert site.kept() == 1
