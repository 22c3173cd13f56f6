"""What the page says of each rule, and of what is forgotten by itself or never kept."""

from __future__ import annotations

from core.words import _, fill
from dispatch.retention.incidents import BY_REQUEST, BY_TIME

WHAT = {
    "incidents": (
        _("Caller, notes and exact place of an emergency"),
        _("After its close. Type, times, part of town, outcome and who was asked stay for the statistics."),
    ),
    "alarms": (
        _("Settled alarms with what was reported"),
        _("After somebody has settled them. One that still stands red stays."),
    ),
    "texts": (
        _("Words and numbers of texts"),
        _("After they were written. That a text left, when and how, stays."),
    ),
    "strangers": (
        _("Numbers that are no volunteer's"),
        _("After the last text from or to them. Who has said STOP stays, so that nobody texts them."),
    ),
    "care": (
        _("Calls with volunteers, and how they were"),
        _("After the call, or their answer. That they were asked and rung stays in the log, without a word of it."),
    ),
    "set_aside": (
        _("What the carrier told and could not be stored"),
        _("Files of this machine. One is an event, and somebody should have looked."),
    ),
    "carrier": (
        _("Words of texts at the carrier"),
        _("After the close of the emergency, or after a text about none. Numbers and times stay as long as the carrier wants."),
    ),
    "evidence": (
        _("Pictures of certificates"),
        _("After the verdict. The certificate with its dates stays."),
    ),
    "bulk": (
        _("What was done to several people at once"),
        _("After it was begun: why, to whom, and what each was before. So long it can be taken back."),
    ),
    "links": (
        _("Links to a volunteer's own page"),
        _("After they were sent. They open once, and only for hours (LINK_HOURS)."),
    ),
}
"""By rule: what it is about, and from when its time counts."""
BY_THEMSELVES = (
    (_("Where a volunteer's phone is"), _("Never known: nobody's phone is followed.")),
    (_("What somebody typed who has not proven their phone"), _("15 minutes; that a code went to a number, one day.")),
    (_("Lists of people that were imported"), _("One day; sooner where the page drops them.")),
    (_("What people were before an import changed them"), _("14 days, for as long as the import can be undone.")),
    (_("Sessions of staff"), _("90 days after their last use, when the next one signs in.")),
    (_("Logs"), _("The newest 20 MB of each process, with numbers masked and no words.")),
    (_("Backups"), _("In a folder the newest seven. What is erased is erased again after a restore.")),
    (_("Texts through a gateway phone"), _("Stay on that phone: it has no way to be told. Delete them there by hand.")),
)
"""What needs no rule: what it is, and how long."""
WHY = {BY_TIME: _("its time was over"), BY_REQUEST: _("somebody asked for it")}


def how_long(setting: str, days: float) -> str:
    """A time as the page says it, with the setting that makes it so."""
    if not setting:
        return fill("{count} days", count=round(days))
    if setting.endswith("_HOURS"):
        return fill("{count} hours ({setting})", count=round(days * 24), setting=setting)
    return fill("{count} days ({setting})", count=round(days), setting=setting)
