"""The timeline in plain sentences: one for every kind of event that can happen to an incident or on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext
from typing import Any

from core.events import Event
from dispatch.desk import loud, speech
from dispatch.desk.speech import mark as _
from sms.models import EXPIRED

SENTENCES: dict[str, str] = {
    "incident_opened": _("Emergency opened by {actor}: {type}"),
    "incident_corrected": _("Corrected by {actor}: {fields}"),
    "incident_covered": _("All roles are filled"),
    "incident_uncovered": _("A role is free again"),
    "incident_closed": _("Closed by {actor}: {outcome}"),
    "incident_reopened": _("Opened again by {actor}"),
    "incident_forgotten": _("What was known of caller and patient was erased by {actor}"),
    "closed_incident_opened": _("{actor} looked at the closed emergency"),
    "ambulance_eta": _("Ambulance in {minutes} min, says {actor}"),
    "asking_resumed": _("Volunteers are asked again"),
    "asked_by_hand": _("{actor} asked for {wanted} more; {people} asked"),
    "wave_asked": _("{people} asked"),
    "shortfall": _("{asked} of {wanted} asked: {why}"),
    "nobody_asked": _("NOBODY COULD BE ASKED"),
    "hazard_held": _("Nobody is asked because of {hazards}"),
    "hazards_overridden": _("{actor} said go in spite of {hazards}"),
    "stood_down": _("{actor} told volunteers that they need not go: {reason}"),
    "note_added": _("Note by {actor}: {note}"),
    "ran_late": _("Doorstep was stopped for {stopped}; what was due meanwhile happens late"),
    "alarm_raised": _("ALARM: {alarm}"),
    "alarm_cleared": _("Alarm settled by itself"),
    "alarm_acknowledged": _("Alarm acknowledged by {actor}"),
    "alarm_dismissed": _("Alarm dismissed by {actor}"),
    "alarm_placed": _("Refused report placed by {actor}"),
    "passed_over_explained": _("Reasons worked out for those who were not asked"),
    "callout_queued": _("{who} is asked: {distance} m away"),
    "callout_alerted": _("The carrier took the text to {who}"),
    "callout_unclear": _("{who} answered something that we could not read"),
    "callout_failed": _("The text to {who} did not get through"),
    "callout_expired": _("{who} did not answer in time"),
    "callout_accepted": _("{who} is going: {role}, there in {minutes} min"),
    "callout_declined": _("{who} cannot"),
    "callout_on_scene": _("{who} is at the door"),
    "callout_finished": _("{who} has left"),
    "callout_stood_down": _("{who} need not go: {reason}"),
    "text_heard": _("{who} {meaning}"),
    "text_failed": _("A text to {who} did not get through"),
    "text_refused": _("A text was not sent: its reader wants none"),
    "text_expired": _("A text was not sent: it had come too late to be of use"),
    "text_cancelled": _("A text was held back: it was right no more"),
    "text_unknown": _("Nobody knows yet whether a text has left; it is looked up"),
    "canary_came_back": _("The hourly test text came back"),
    "operators_told": _("Operators were told that something is wrong with the system"),
    "text_again": _("A text that did not get through is sent once more"),
    "carrier_failed_over": _("{carrier} fails: texts go by {instead} until it is well again"),
    "carrier_failing": _("{carrier} fails, and nothing can take its place: texts may be late"),
    "carrier_returned": _("{carrier} is well again and takes all texts"),
    "number_in_trouble": _("A volunteer's number does not work: {trouble}"),
    "number_works": _("A number that did not work takes texts again"),
    "rung_asked": _("{who} is rung: no answer to the text"),
    "rung_address": _("{who} is rung: the address has not reached them"),
    "rung_danger": _("{who} is rung: get away"),
    "address_arrived": _("The address has reached {who} now"),
    "call_failed": _("A call to {who} did not get through"),
    "call_refused": _("A call was not made: the carrier takes none"),
    "call_expired": _("A call was not made: it had come too late to be of use"),
    "call_cancelled": _("A call was held back: it was right no more"),
    "call_unknown": _("Nobody knows yet whether a phone rings; it is looked up"),
    "text_for_nobody": _("A text came for a number that is not ours"),
    "text_from_unknown_number": _("A text came from a number we do not know"),
    "plan_changed": _("{actor} changed whom a kind of emergency asks"),
    "certificate_asked": _("{who} was asked for a newer certificate"),
    "certification_reminded": _("{who} was reminded of a certificate that ends"),
    "join_asked": _("Somebody asked by text how to join"),
    "first_alarm": _("{who} was welcomed, with a test alarm"),
    "test_alarm": _("{who} tried out how an emergency sounds"),
    "text_not_handled": _("A text that came in could not be handled, and nothing came of it"),
    "status_not_handled": _("A word of the carrier could not be handled, and nothing came of it"),
    "outcome_not_handled": _("What became of a text could not be handled; it is tried again"),
    "answer_held_back": _("A volunteer's phone had too many answers; one was held back"),
    "text_recovered": _("A text was found at the carrier that had not been brought to us"),
    "opt_word_overtaken": _("An older STOP or START was found at the carrier; the newer word counts"),
    "answer_overtaken": _("An older answer of {who} was found; the newer one counts"),
    "texts_not_ours": _("Our account at the carrier sent texts that we do not know"),
    "carrier_log_not_read": _("The carrier cannot be asked for what we may have missed"),
    "carrier_log_read_again": _("The carrier can be asked again for what we may have missed"),
    "carrier_log_cut_short": _("The carrier has more texts than can be compared with ours"),
    "carrier_log_not_stored": _("Something that was found at the carrier could not be stored"),
    "texts_not_redacted": _("The carrier would not forget the words of texts; it is asked again in an hour"),
    "retention_failed": _("What had been kept for its time could not be erased; it is tried again"),
    "caller_data_searched": _("{actor} looked for what is known of a caller or patient"),
    "caller_data_exported": _("{actor} handed out what is known of a caller or patient"),
    "report_erased": _("{actor} erased a report that had become no emergency"),
    "texts_erased": _("{actor} erased texts from a number that is not a volunteer's"),
    "retention_done": _("What had been kept for its time was erased"),
    "spool_replayed": _("What the carrier had told while nothing could be stored is stored now"),
    "spool_set_aside": _("Something that the carrier told could not be stored and was set aside"),
    "words_kept": _("A volunteer wrote about no emergency"),
    "told_what_to_send": _("The volunteer was told what to send"),
    "gate_failed": _("A text could not be checked before it leaves; it is tried again"),
    "was_stopped": _("Doorstep had stood still for {stopped}"),
    "sender_failed": _("Sending texts stumbled; it goes on"),
    "contact_opted_in": _("A phone takes texts again"),
    "contact_opted_out": _("A phone takes no more texts"),
    "geocoder_failed": _("The address server did not answer; the built-in one did"),
}
"""By kind. Gaps are filled by `_values`; what is not known of an event reads as a plain word."""


def sentence(event: Event, who: str | None, note: str | None, said: str | None) -> str:
    """What happened, in one sentence. `who` is the person's name while the desk may show it, `note` the words of a note, `said`
    those of the person's text while they may be shown."""
    text = SENTENCES.get(event.kind)
    if text is None:
        return event.kind.replace("_", " ")
    if event.kind == "text_failed" and event.data.get("reason") == EXPIRED:
        return gettext("A text to {who} was not sent: it had come too late to be of use").format(**_values(event, who, note))
    if event.kind == "text_heard" and "among" in event.data:
        text = _("{who} wrote “{said}” to two emergencies or more: we ask which is meant")
        return gettext(text).format(who=who or gettext("a volunteer"), said=said or "…")
    if event.kind == "text_heard" and said:
        return gettext("{who} {meaning}: “{said}”").format(**_values(event, who, note), said=said)
    return gettext(text).format(**_values(event, who, note))


def _values(event: Event, who: str | None, note: str | None) -> Mapping[str, Any]:
    data = event.data
    return {
        "actor": actor(event.actor),
        "who": who or gettext("a volunteer"),
        "type": speech.type_name(str(data.get("type", ""))),
        "fields": speech.listed(speech.FIELDS, data.get("fields", [])) or gettext("nothing"),
        "hazards": speech.listed(speech.HAZARDS, data.get("hazards", [])),
        "outcome": speech.say(speech.OUTCOMES, data.get("outcome", "")),
        "reason": speech.say(speech.REASONS, data.get("reason") or data.get("stood_down_as") or "not_needed"),
        "role": speech.say(speech.ROLES, data.get("role") or "direct"),
        "meaning": speech.say(speech.MEANINGS, data.get("meaning"))
        if data.get("meaning") in speech.MEANINGS
        else gettext("wrote"),
        "alarm": loud.heading(str(data.get("alarm", ""))),
        "minutes": -(-int(data.get("eta_s") or 0) // 60),
        "distance": data.get("distance_m", "?"),
        "people": data.get("people", 0),
        "asked": data.get("asked", 0),
        "why": speech.say(speech.SHORT, data.get("reason", "")),
        "wanted": data.get("wanted", 0),
        "note": note or gettext("erased"),
        "carrier": speech.say(speech.CARRIERS, data.get("carrier") or ""),
        "instead": speech.say(speech.CARRIERS, data.get("instead") or ""),
        "trouble": speech.say(speech.TROUBLES, data.get("trouble") or ""),
        "stopped": speech.minutes(int(data.get("stopped_s") or 0)),
    }


def actor(name: str) -> str:
    """Who did something, as a dispatcher says it."""
    kind, _colon, rest = name.partition(":")
    if kind in ("user", "key"):
        return rest
    known = {
        "system": _("Doorstep"),
        "carrier": _("the carrier"),
        "operator": _("the operator"),
        "responder": _("a volunteer"),
    }
    return gettext(known[kind]) if kind in known else name
