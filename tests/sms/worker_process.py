"""A worker process for tests: `worker_process.py TOPIC` with the settings in the environment; hears texts as events."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sqlalchemy.orm import Session

import console.tables  # noqa: F401 - every table, so that foreign keys resolve
from core import events, log
from core.services import open_services
from core.settings import load
from sms.models import Contact, Message
from sms.twilio_gateway import TwilioGateway
from sms.wire import TextHearer, Wire
from sms.worker import run


def take_up(session: Session, contacts: Sequence[Contact]) -> TextHearer:
    def hear(message: Message, contact: Contact) -> bool:
        events.record(session, "heard", message_id=message.id)
        return True

    return hear


log.setup("worker")
services = open_services(load(_env_file=None))
run(sys.argv[1], Wire(services, text_handlers=[take_up]), TwilioGateway(services.settings), place="here")
