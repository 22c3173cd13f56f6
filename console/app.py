"""The web shell: one application made of what every room brings, under one set of rules."""

from __future__ import annotations

from functools import partial

from flask import Flask

from console import access, health, joints, operators, pages
from console.accounts import rooms as accounts
from console.setup import rooms as setup
from console.shell import shell
from core import settings as settings_module
from core.services import Services, open_services
from dispatch import certificate_texts, desk_pages, ledger, opening
from dispatch.api import views as dispatch_api
from dispatch.desk import views as desk
from dispatch.retention import pages as retention
from dispatch.wiring import build_wire
from geo.geocoding import open_geocoder
from geo.pages import service_area, tiles
from responder import api as responder_api
from responder import me
from responder import pages as people_pages
from sms import android_webhooks, voice_webhooks, webhooks
from sms.simulated import phones


def create_app(services: Services | None = None) -> Flask:
    """The WSGI application. Without `services` it opens its own from the settings; WrongSetting names a wrong one.

    Raises console.access.UnmarkedRoute when a view does not say who may call it.
    """
    services = services or open_services(settings_module.load())
    app = shell(services)
    geocoder = open_geocoder(services)
    app.register_blueprint(pages.blueprint(services))
    accounts.register(app, services)
    setup.register(app, services)
    operators.register(app, services)
    app.register_blueprint(health.blueprint(services))
    app.register_blueprint(dispatch_api.blueprint(services, geocoder))
    app.register_blueprint(desk.blueprint(services, geocoder))
    app.register_blueprint(desk_pages.blueprint(services))
    app.register_blueprint(retention.blueprint(services))
    app.register_blueprint(responder_api.blueprint(services, geocoder, joints.is_bound))
    app.register_blueprint(
        people_pages.blueprint(
            services,
            geocoder,
            joints.is_bound,
            joints.plans_on,
            opening.set_opens,
            partial(certificate_texts.tell_rejected, services),
            partial(joints.suspend, services.settings),
            joints.alerts_since,
            partial(certificate_texts.ask_new, services),
            ledger.of_person,
        )
    )
    app.register_blueprint(me.blueprint(services, geocoder, joints.above_a_person(services)))
    app.register_blueprint(tiles.blueprint(services))
    app.register_blueprint(service_area.blueprint(services))
    wire = build_wire(services)
    app.register_blueprint(webhooks.blueprint(wire))
    app.register_blueprint(android_webhooks.blueprint(wire))
    app.register_blueprint(voice_webhooks.blueprint(wire))
    if services.settings.simulating:
        app.register_blueprint(phones.blueprint(services, lambda: joints.names_by_phone(services)))
    access.check_marks(app)
    return app
