"""What a text does to the callout it is about: one deed a meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dispatch import alarms, callouts, coverage, following_up, standing_down, states, waves, writing
from dispatch.answers import arriving, over, too_late
from dispatch.answers.grammar import Meaning
from dispatch.answers.heard import Heard
from dispatch.models import OPEN, Callout
from dispatch.plans import of
from sms import purposes


def going(heard: Heard) -> None:
    """A 1: coming, while they are wanted; else a kind, true answer without the address."""
    callout, incident = heard.callout, heard.callout.incident
    if callout.state in states.BOUND:
        _own_estimate(heard, callout)
        if heard.answer.asks_where:
            where(heard)
        return
    if callout.state == states.FINISHED:
        too_late.tell_who_has_left(heard)
        return
    eta_s = heard.answer.eta_s or callout.eta_s
    rows = callouts.of_incident(heard.session, incident.id)
    role = coverage.next_role(of(incident.plan).roles, rows, callout.only_role)
    if role is not None and _is_wanted(heard, rows, eta_s) and _set_out(heard, role, eta_s):
        if callout.unsafe_since is not None:  # from a danger before: asked again, they are well and on their way
            following_up.is_away(heard.session, callout, heard.actor)
        writing.send_address(heard.session, heard.services.settings, callout)
    else:
        too_late.tell(heard)
    heard.touched.add(incident.id)


def _is_wanted(heard: Heard, rows: Sequence[Callout], eta_s: int) -> bool:
    callout, incident = heard.callout, heard.callout.incident
    if incident.state != OPEN or too_late.is_taken_off(heard):
        return False
    if callout.only_role is not None:  # sooner there than others is no help to a patient whom they may not touch
        return incident.asking == coverage.ASKING
    extra = callout.state in states.ASKED and coverage.may_be_asked(incident.asking, callout.extra)
    return extra or coverage.is_wanted(incident.asking, rows, eta_s, heard.now)


def _own_estimate(heard: Heard, callout: Callout) -> None:
    """A repeated 1 changes nothing but their own estimate, when they give a new one."""
    if heard.answer.eta_s is not None and callout.state == states.ACCEPTED:
        callout.eta_s, callout.answered_at, callout.asked_where_at = heard.answer.eta_s, heard.now, None
        heard.touched.add(callout.incident_id)


def _set_out(heard: Heard, role: str, eta_s: int) -> bool:
    """Bind the person to this incident, and free them from every other: whoever goes here is replaced there at once."""
    for other in heard.recent:
        if other.id != heard.callout.id and other.state in states.LIVE:
            _leave(heard, other)
    return callouts.move(
        heard.session,
        heard.callout,
        "accept",
        heard.actor,
        role=role,
        eta_s=eta_s,
        transport=heard.answer.transport or heard.callout.transport,
        answered_at=heard.now,
        stood_down_as=None,
        # Whoever comes and then drops out leaves a place free, whomever their silence or refusal had brought before.
        replaced_at=None,
        asked_where_at=None,
    )


def _leave(heard: Heard, other: Callout) -> None:
    """Leave another callout without a text: having been on scene there, they have finished; else their place is free again."""
    if coverage.is_there(other):
        callouts.move(heard.session, other, "finish", heard.actor, ended_at=heard.now)
    else:
        standing_down.cancel_unsent(heard.session, [other])
        callouts.move(heard.session, other, "stand_down", heard.actor, stood_down_as=waves.ELSEWHERE, answered_at=heard.now)
    heard.touched.add(other.incident_id)


def setting_off(heard: Heard) -> None:
    """ "Leaving now" is going before an answer or from an old address, and finished from someone on scene."""
    (finished if coverage.is_there(heard.callout) else going)(heard)


def cannot(heard: Heard) -> None:
    """A 2: cannot, or cannot any more. A bare "no" to a question of ours is an answer to that question and no drop-out; to "are
    you all right?" it is a call for help."""
    callout = heard.callout
    if heard.answer.only_yes_no and callout.state == states.ON_SCENE and callout.checked_at is not None:
        ring_me(heard)
    elif heard.answer.only_yes_no and callout.state in states.BOUND and (callout.on_scene_at or callout.asked_where_at):
        not_understood(heard)
    elif callout.at_old_address:
        arriving.goes_no_further(heard)
    else:
        _decline(heard, callout)


def _decline(heard: Heard, callout: Callout) -> None:
    standing_down.cancel_unsent(heard.session, [callout])
    taken_off = waves.TAKEN_OFF if callout.stood_down_as == waves.TAKEN_OFF else None
    if callouts.move(heard.session, callout, "decline", heard.actor, answered_at=heard.now, stood_down_as=taken_off):
        heard.touched.add(callout.incident_id)


def on_scene(heard: Heard) -> None:
    """A 3: there. Without a 1 before it, one question and never the address; nor the question once nobody is wanted."""
    callout = heard.callout
    if arriving.arrives(heard) or callout.state in (states.ON_SCENE, states.FINISHED) or _was_let_go(callout):
        return
    if over.is_over(callout.incident):
        heard.reply_once(over.told(callout.incident))
    else:
        heard.reply_once("GOING_FIRST")


def _was_let_go(callout: Callout) -> bool:
    """Whether this person was on their way when they were stood down: they know where they are; a question would confuse."""
    return callout.state == states.STOOD_DOWN and callout.role is not None


def finished(heard: Heard) -> None:
    """A 4: left the scene. From someone who was told to get away it also clears the red."""
    callout = heard.callout
    if callouts.move(heard.session, callout, "finish", heard.actor, ended_at=heard.now) or callout.unsafe_since is not None:
        if callout.unsafe_since is not None:
            following_up.is_away(heard.session, callout, heard.actor)
        heard.touched.add(callout.incident_id)
    elif callout.state in (*states.WAITING, states.EXPIRED):
        not_understood(heard)


def leaving(heard: Heard) -> None:
    """ "Leaving" is finished from someone on scene; before, it may mean setting out, so it is words."""
    if coverage.is_there(heard.callout):
        finished(heard)
    else:
        not_understood(heard)


def ring_me(heard: Heard) -> None:
    """A 0 or a cry for help: an alarm from which a dispatcher sees whom to ring, where they are and who else is there.

    While it sounds a second call needs no second alarm, and gets no second text: two machines must not talk for ever.
    """
    callout = heard.callout
    others = callouts.of_incident(heard.session, callout.incident_id)
    is_new = alarms.raise_once(
        heard.session,
        alarms.CALL_FOR_HELP,
        incident_id=callout.incident_id,
        callout_id=callout.id,
        responder_id=heard.person.id,
        others=[row.responder_id for row in others if row.state in states.BOUND and row.id != callout.id],
    )
    if is_new:
        heard.reply("T10", purposes.SAFETY)


def where(heard: Heard) -> None:
    """The address again, for whoever is going or there; for nobody else."""
    callout = heard.callout
    if callout.state in states.BOUND and callout.incident.state == OPEN:
        writing.send_address(heard.session, heard.services.settings, callout)
    elif over.is_over(callout.incident):
        over.tell(heard)
    elif callout.state in (*states.WAITING, states.EXPIRED):
        heard.reply_once("WHERE_FIRST")


def not_understood(heard: Heard) -> None:
    """Words we are not sure of. Before an answer the callout becomes unclear, which stops no timer; after a 1 they are a note.
    Either way a dispatcher reads them, and we say once what to send. Of what is over we say that it is."""
    callout = heard.callout
    if callout.state in states.BOUND:
        heard.reply_once("T9")
    elif over.is_over(callout.incident):
        over.tell(heard)
        return
    elif callout.state not in (*states.WAITING, states.EXPIRED, states.FAILED):
        return
    else:
        # They may come before we know that the text was taken: it is there, and their time runs from now.
        arrived_at = callout.alerted_at or heard.now
        if callouts.move(heard.session, callout, "not_understood", heard.actor, alerted_at=arrived_at):
            heard.touched.add(callout.incident_id)
        heard.reply_once("T8")
    alarms.raise_once(
        heard.session,
        alarms.UNCLEAR_WORDS,
        incident_id=callout.incident_id,
        callout_id=callout.id,
        responder_id=heard.person.id,
    )


def opted_out(heard: Heard) -> None:
    """STOP from someone on a callout: no text can reach them any more, so it counts as 2 to each, and a dispatcher rings."""
    for callout in heard.recent:
        if callout.state not in states.LIVE:
            continue
        alarms.raise_alarm(
            heard.session,
            alarms.RING_OPTED_OUT,
            incident_id=callout.incident_id,
            callout_id=callout.id,
            responder_id=heard.person.id,
        )
        _decline(heard, callout)


DEEDS: dict[Meaning, Callable[[Heard], None]] = {
    Meaning.GOING: going,
    Meaning.SETTING_OFF: setting_off,
    Meaning.CANNOT: cannot,
    Meaning.ON_SCENE: on_scene,
    Meaning.FINISHED: finished,
    Meaning.LEAVING: leaving,
    Meaning.RING_ME: ring_me,
    Meaning.CALL_ME: ring_me,
    Meaning.HELP: ring_me,
    Meaning.WHERE: where,
    Meaning.STOP_WORD: opted_out,
}
"""Every other meaning, about a callout, is words."""
