"""The whole wire over the simulated carrier: out through its API, back through signed webhooks on a real socket."""

from __future__ import annotations

import threading

import pytest
from desk import Desk
from flask import Flask
from werkzeug.serving import make_server

from core.services import Services
from core.settings import Settings
from sms.inbox import handle_due
from sms.sender import Sender
from sms.simulated.thread import CarrierThread
from sms.twilio_gateway import TwilioGateway
from sms.webhooks import blueprint
from sms.wire import Wire

PHONE = "+447700900001"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_there_and_back(services: Services, settings: Settings) -> None:
    app = Flask(__name__)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    public = settings.model_copy(update={"public_url": f"http://127.0.0.1:{server.server_port}"})
    with CarrierThread(public) as carrier:
        reached = public.model_copy(update={"simulated_carrier_url": carrier.base_url})
        wire = Wire(Services(reached, services.database, services.wake_ups))
        app.register_blueprint(blueprint(wire))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        desk = Desk(wire)
        sender = Sender(wire, TwilioGateway(reached), threads=2)
        message_id = desk.put(PHONE, body="A: CARDIAC ARREST near you. Text 1 = going, 2 = cannot.")
        assert sender.run_once() == 1
        carrier.wait_idle()
        carrier.text(PHONE, "1 4")
        carrier.wait_idle()
        handle_due(wire)
        sender.stop(2.0)
        server.shutdown()
        thread.join()
        server.server_close()
    assert desk.message(message_id).carrier_status == "delivered"
    assert desk.outcomes == [("c1", "taken", ""), ("c1", "delivered", "")]
    assert desk.texts == ["1 4"]
