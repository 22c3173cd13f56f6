"""Whatever comes to the carrier's addresses, signed or not: no fault, no traceback, and nothing kept of what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask
from hypothesis import strategies as st
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from core.events import Event
from core.services import Services
from dispatch.wiring import build_wire
from sms import inbox
from sms.models import Message, MessageStatus
from sms.spool import Spool
from tests.fuzz.budget import Budget, try_for
from tests.fuzz.people import raise_one, settle_somebody

NAMES = ["MessageSid", "From", "To", "Body", "MessageStatus", "ErrorCode", "OptOutType", "SmsStatus", "NumMedia", "AccountSid"]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
LIKELY = st.sampled_from(
    ["1", "2", "0", "3", "4", "A1", "1 4 bike", "STOP", "start", "where?", "off 8h", "delivered", "failed", "30003", "\0", "🚑"]
)
FORMS = st.dictionaries(st.sampled_from(NAMES) | ANY, ANY | LIKELY, max_size=14)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings", "Content-Type", "Content-Encoding", "X-Forwarded-Host"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)
    | st.sampled_from(["algorithm=HMAC_SHA256", "key=x,algorithm=none", "application/json", "multipart/form-data; boundary=x"]),
    max_size=4,
)
QUERIES = st.text(st.sampled_from("m=&%0aAf?/#;+é "), max_size=40)
BROKEN = ("text_not_handled", "status_not_handled", "outcome_not_handled", "gate_failed", "spool_set_aside")


class Site:
    """The whole application, with one volunteer who has been asked, and what it has kept."""

    def __init__(self, app: Flask, services: Services) -> None:
        self.client = app.test_client()
        self.services = services
        self.wire = build_wire(services)
        self.phone = settle_somebody(services)
        raise_one(services)
        with services.read() as session:
            self.message_id = session.scalars(select(Message.id)).first() or ""

    def kept(self) -> int:
        with self.services.read() as session:
            rows = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Message, MessageStatus, Event)]
        return sum(rows) + len(Spool(self.services.settings.data_dir).waiting())

    def signature(self, path: str, form: dict[str, str]) -> str:
        settings = self.services.settings
        return str(RequestValidator(settings.carrier.auth_tokens[0]).compute_signature(settings.public_url + path, form))

    def refuses(self, path: str, **request: Any) -> None:
        """Nothing is told and nothing is kept."""
        before = self.kept()
        answer = self.client.post(path, **request)
        assert answer.status_code in (400, 403, 404, 405, 413), (answer.status_code, path, request)
        assert answer.status_code in (404, 405) or answer.data == b""
        assert self.kept() == before


def test_what_nobody_signed(app: Flask, services: Services, budget: Budget) -> None:
    site = Site(app, services)
    bodies = st.binary(max_size=300) | FORMS.map(lambda form: urlencode(form).encode())
    unsigned = st.tuples(st.sampled_from(["/sms/inbound", "/sms/status"]), QUERIES, HEADERS, bodies)

    def refused(request: tuple[str, str, dict[str, str], bytes]) -> None:
        path, query, headers, body = request
        site.refuses(f"{path}?{query}", headers=headers, data=body)

    try_for(budget.part(1), unsigned, refused)


def test_what_was_changed_on_the_way(app: Flask, services: Services, budget: Budget) -> None:
    site = Site(app, services)
    changed = st.tuples(FORMS, st.sampled_from(NAMES), ANY.filter(bool))

    def refused(request: tuple[dict[str, str], str, str]) -> None:
        form, name, more = request
        headers = {"X-Twilio-Signature": site.signature("/sms/inbound", form)}
        sent = form | {name: form.get(name, "") + more}
        site.refuses("/sms/inbound", headers=headers, data=urlencode(sent), content_type="application/x-www-form-urlencoded")

    try_for(budget.part(1), changed, refused)


def test_what_the_carrier_signed(app: Flask, services: Services, budget: Budget) -> None:
    site = Site(app, services)
    theirs = st.fixed_dictionaries({"From": st.just(site.phone), "MessageSid": ANY, "Body": ANY | LIKELY})
    signed = st.tuples(st.booleans(), FORMS, st.none() | theirs)

    def taken(request: tuple[bool, dict[str, str], dict[str, str] | None]) -> None:
        is_text, form, more = request
        form = form | (more or {})
        path = "/sms/inbound" if is_text else f"/sms/status?m={site.message_id}"
        headers = {"X-Twilio-Signature": site.signature(path, form)}
        body = {"data": urlencode(form), "content_type": "application/x-www-form-urlencoded"}
        answer = site.client.post(path, headers=headers, **body)
        assert (answer.status_code, answer.data) == ((200, b"<Response/>") if is_text else (204, b"")), form
        inbox.handle_due(site.wire)
        with services.read() as session:
            assert session.scalar(select(Event.kind).where(Event.kind.in_(BROKEN)).limit(1)) is None, form

    try_for(budget.part(2), signed, taken)
