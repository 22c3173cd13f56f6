"""The words of what the list of people can be narrowed to and sorted by. Each is translated where it is shown."""

from __future__ import annotations

from core.words import _
from responder.filters import Alerts, Availability, Certificate, Heard
from responder.listing import Sort

CERTIFICATES = {
    Certificate.WAITING: _("waits to be verified"),
    Certificate.ENDING: _("ends within 60 days"),
    Certificate.ENDED: _("has ended"),
    Certificate.REJECTED: _("was not accepted"),
    Certificate.NONE: _("none is noted"),
}
AVAILABLE = {
    Availability.ON: _("on"),
    Availability.OFF: _("off"),
    Availability.UNTIL_ON: _("off until they say ON"),
    Availability.NIGHT: _("also at night, at home"),
}
HEARD = {
    Heard.LAST_30: _("within 30 days"),
    Heard.NOT_30: _("not for 30 days"),
    Heard.NOT_90: _("not for 90 days"),
    Heard.NOT_182: _("not for half a year"),
}
ALERTS = {
    Alerts.NONE: _("never"),
    Alerts.SOME: _("at least once"),
    Alerts.MANY: _("five times or more"),
}
SORTS = {
    Sort.NAME: _("Name"),
    Sort.NEWEST: _("Newest here first"),
    Sort.UNHEARD: _("Longest unheard first"),
}
CHOICES = (
    ("certificate", _("A certificate"), CERTIFICATES),
    ("availability", _("Available"), AVAILABLE),
    ("heard", _("Last heard of"), HEARD),
    ("alerts", _("Asked in 30 days"), ALERTS),
)
"""By the name in the address: its label and what may be chosen."""
