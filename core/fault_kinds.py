"""What can be wrong with the system, as data: what it is called, what it means, what to do, and how soon people are told.

Each kind has a section of its name in docs/runbook.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from gettext import gettext
from typing import Any

from core.words import _

URGENT, SOON = "urgent", "soon"
"""urgent: an emergency or an answer may be late, somebody gets up at night; soon: all goes on, see to it in the morning."""


@dataclass(frozen=True)
class FaultKind:
    """`title` says what is wrong, `words` what it means for the service, `do` the first thing to do, each in one line.

    People are told once it has stood for `tell_after_s` seconds: what mends itself wakes nobody.
    """

    title: str
    words: str
    do: str
    tell_after_s: int
    severity: str = URGENT


ALARM_UNANSWERED = "alarm_unanswered"
ALERT_FAILED = "alert_failed"
ANSWERS_WAITING = "answers_waiting"
BACKUP_OLD = "backup_old"
CANARY_MISSED = "canary_missed"
CARRIER_FAILING = "carrier_failing"
CARRIER_REFUSES = "carrier_refuses"
CARRIER_SLOW = "carrier_slow"
CLOCKS_APART = "clocks_apart"
CONDUCTOR_SILENT = "conductor_silent"
DATABASE_FAILING = "database_failing"
DISK_NEARLY_FULL = "disk_nearly_full"
REDIS_SILENT = "redis_silent"
SPOOL_SET_ASIDE = "spool_set_aside"
SPOOL_WAITING = "spool_waiting"
STREAM_SILENT = "stream_silent"
TEXTS_WAITING = "texts_waiting"
TIMERS_STUCK = "timers_stuck"
WEBHOOKS_REFUSED = "webhooks_refused"
WEB_SILENT = "web_silent"
WORKER_SILENT = "worker_silent"

KINDS: Mapping[str, FaultKind] = {
    ALARM_UNANSWERED: FaultKind(
        _("An alarm waits at the desk"),
        _("It stands red on the dispatchers' screen and nobody has acknowledged it."),
        _("Ring the dispatchers; if nobody answers, open the desk and do what the row says."),
        tell_after_s=0,
    ),
    ALERT_FAILED: FaultKind(
        _("An operator's address takes no alerts"),
        _("Somebody of OPERATOR_ALERT was not told what is wrong."),
        _("Run scripts/manage alert-test and mend the address."),
        tell_after_s=0,
    ),
    ANSWERS_WAITING: FaultKind(
        _("Answers of volunteers wait"),
        _("What volunteers have texted is stored, but has had no effect yet."),
        _("Look at worker-inbox and conductor in the log folder, then restart Doorstep."),
        tell_after_s=15,
    ),
    BACKUP_OLD: FaultKind(
        _("The newest backup is old"),
        _("If this machine is lost, everything since then is lost."),
        _("Run scripts/manage backup, and look at the timer doorstep-backup."),
        tell_after_s=0,
        severity=SOON,
    ),
    CANARY_MISSED: FaultKind(
        _("The hourly test text did not come back"),
        _("Two in a row went out and were not heard of again: real texts may be lost on the same way."),
        _("Send yourself a text from the Overview page; look at the carrier's status page and its number's webhook."),
        tell_after_s=0,
    ),
    CARRIER_FAILING: FaultKind(
        _("A carrier fails"),
        _("Its errors or its slowness are beyond what is bearable; another takes over where there is one."),
        _("Look at the carrier's status page; it is trusted again by itself, slowly."),
        tell_after_s=0,
    ),
    CARRIER_REFUSES: FaultKind(
        _("The carrier refuses texts for a reason that you must mend"),
        _("Texts with this error code do not leave by this carrier."),
        _("Look the code up in the runbook; mend the account, number or registration."),
        tell_after_s=0,
    ),
    CARRIER_SLOW: FaultKind(
        _("The carrier is slow or loses requests"),
        _("Texts are tried again and again, and may leave late."),
        _("Look at the carrier's status page and scripts/manage check; be ready to ring volunteers."),
        tell_after_s=20,
    ),
    CLOCKS_APART: FaultKind(
        _("Clocks of our machines differ"),
        _("Timers run early or late by as much, and answers can be put in the wrong order."),
        _("Run an NTP client on every machine, the database's included."),
        tell_after_s=60,
        severity=SOON,
    ),
    CONDUCTOR_SILENT: FaultKind(
        _("The conductor has stopped"),
        _("Nobody asks the next volunteers when the first are silent, and nothing late is caught up."),
        _("Look at conductor in the log folder and restart Doorstep."),
        tell_after_s=15,
    ),
    DATABASE_FAILING: FaultKind(
        _("The database fails or is slow"),
        _("Emergencies may not be taken; answers are kept aside where that is possible."),
        _("Look whether the disk is full and whether the database runs."),
        tell_after_s=15,
    ),
    DISK_NEARLY_FULL: FaultKind(
        _("A disk is nearly full"),
        _("When it is full, no emergency and no answer can be stored."),
        _("Make room: old backups and logs first."),
        tell_after_s=0,
    ),
    REDIS_SILENT: FaultKind(
        _("Redis does not answer"),
        _("Everything goes on; texts leave up to a second later."),
        _("Restart Redis, or Doorstep where it runs its own."),
        tell_after_s=60,
        severity=SOON,
    ),
    SPOOL_SET_ASIDE: FaultKind(
        _("Something the carrier told us could not be stored"),
        _("It lies in spool/set-aside of the data folder; an answer of a volunteer may be in it."),
        _("Read the file, look at the incident of that minute, and ring the volunteer."),
        tell_after_s=0,
    ),
    SPOOL_WAITING: FaultKind(
        _("Webhooks wait in the spool folder"),
        _("What the carrier told us is safe on disk and has had no effect yet."),
        _("See whether the database runs; the folder empties by itself once it does."),
        tell_after_s=0,
    ),
    STREAM_SILENT: FaultKind(
        _("The live stream has stopped"),
        _("Desks ask every few seconds instead; they say so."),
        _("Look at live in the log folder and restart Doorstep."),
        tell_after_s=60,
        severity=SOON,
    ),
    TEXTS_WAITING: FaultKind(
        _("Texts wait to leave"),
        _("Volunteers are asked late, or not at all."),
        _("Look at scripts/manage check: carrier, workers, conductor; be ready to ring volunteers."),
        tell_after_s=15,
    ),
    TIMERS_STUCK: FaultKind(
        _("The timers of an emergency do not run"),
        _("Nobody else is asked when volunteers there are silent, and nobody is rung."),
        _("See that emergency through by hand: ask more, ring people. Look for its id in conductor of the log folder."),
        tell_after_s=15,
    ),
    WEBHOOKS_REFUSED: FaultKind(
        _("Webhooks with a wrong signature"),
        _("Answers of volunteers are turned away, or a stranger tries to send some."),
        _("Compare TWILIO_AUTH_TOKEN and PUBLIC_URL with the carrier's console."),
        tell_after_s=0,
    ),
    WEB_SILENT: FaultKind(
        _("The console has stopped"),
        _("No emergency can be reported, and no answer arrives; the carrier keeps them for a while."),
        _("Look at web in the log folder and restart Doorstep."),
        tell_after_s=15,
    ),
    WORKER_SILENT: FaultKind(
        _("A worker has stopped"),
        _("The conductor does its work, up to a second later."),
        _("Look at the worker in the log folder and restart Doorstep."),
        tell_after_s=60,
        severity=SOON,
    ),
}


def of(kind: str) -> FaultKind:
    """A kind's words; one that nobody has written any for is told all the same."""
    return KINDS.get(kind) or FaultKind(kind.replace("_", " ").capitalize(), "", _("Look at the log folder."), tell_after_s=0)


def section(kind: str) -> str:
    """The name of the kind's section in docs/runbook.md, as an address writes it after the #."""
    return kind.replace("_", "-")


def heading(kind: str, subject: str, facts: Mapping[str, Any]) -> str:
    """What is wrong in one line of the reader's language, with what it is about: `facts["what"]`, or else the subject, and the
    `meaning` of a code."""
    meaning = facts.get("meaning")
    about = ", ".join(filter(None, (facts.get("what", subject), meaning and gettext(meaning))))
    title = gettext(of(kind).title)
    return f"{title}: {about}" if about else title
