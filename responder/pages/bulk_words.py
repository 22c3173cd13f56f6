"""The words of what is done to many people at once. Each is translated where it is shown."""

from __future__ import annotations

from core.words import _
from responder.bulk import actions, deeds

DEEDS = {
    deeds.SUSPEND: _("Suspend at once"),
    deeds.REACTIVATE: _("Reactivate"),
    deeds.PAUSE: _("Pause"),
    deeds.ASK_PROOF: _("Ask for a newer certificate"),
}
EXPORT = _("Export as a CSV file")
MEANINGS = {
    deeds.SUSPEND: _("Asked for nothing until an admin reactivates them. Whoever is on a callout is taken off it at once."),
    deeds.REACTIVATE: _("Asked again when an emergency is near and the hour is right."),
    deeds.PAUSE: _("Off, as if they had said it; they can text ON at any time."),
    deeds.ASK_PROOF: _("A text with a link to send the new one, between 9 and 20. A text that has left cannot be taken back."),
}
BECOMES = {
    actions.DONE_TO: _("will be done"),
    deeds.ALREADY: _("left: it is so already"),
    deeds.ERASING: _("left: erased, or about to be"),
    deeds.OWN: _("left: nobody reactivates themselves"),
    deeds.INACTIVE: _("left: suspended or deactivated"),
    deeds.UNREACHED: _("left: wants no texts"),
    deeds.NO_CONSENT: _("left: has not agreed to be asked"),
    deeds.OVER: _("left: the end of the pause has passed"),
}
BECAME = BECOMES | {
    actions.DONE_TO: _("done"),
    actions.TAKEN_BACK: _("taken back"),
    deeds.CHANGED_SINCE: _("not taken back: changed since"),
    actions.FAILED: _("it broke here; it has been logged"),
}
STATES = {
    actions.LOOKED_AT: _("Looked at: nothing is done yet"),
    actions.WORKING: _("At work …"),
    actions.DONE: _("Done"),
    actions.UNDOING: _("Taking it back …"),
    actions.UNDONE: _("Taken back"),
}
